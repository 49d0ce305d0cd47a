from odoo import api, fields, models

from ..core.checks import check_dates


class MaintenanceVisitPlanDate(models.Model):
    """One date of a plan that follows a list of dates."""

    _name = "maintenance.visit.plan.date"
    _description = "Date of a Visit Plan"
    _order = "date, id"

    plan_id = fields.Many2one(
        "maintenance.visit.plan",
        string="Visit Plan",
        required=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Date(required=True)

    _plan_date_uniq = models.Constraint("UNIQUE (plan_id, date)", "This date is there already.")

    @api.constrains("date")
    def _check_date(self):
        check_dates(self, "date")
