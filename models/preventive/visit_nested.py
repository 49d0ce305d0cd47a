from odoo import fields, models


class MaintenanceVisitNested(models.Model):
    """A visit of lower rank that is made with another one: it has no row of its own.

    Its place in the series is taken, and it is done when the visit that contains it is.
    """

    _name = "maintenance.visit.nested"
    _description = "Visit Made With Another"
    _inherit = ["maintenance.finite.mixin"]
    _order = "plan_id, rank"

    visit_id = fields.Many2one("maintenance.visit", required=True, index=True, ondelete="cascade")
    coverage_id = fields.Many2one(
        "maintenance.coverage", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True, index=True)
    plan_id = fields.Many2one(
        "maintenance.visit.plan", string="Visit Plan", required=True, ondelete="restrict"
    )
    rank = fields.Integer(required=True)

    _series_uniq = models.Constraint(
        "UNIQUE (coverage_id, plan_id, rank)", "This visit of the series is contained already."
    )
