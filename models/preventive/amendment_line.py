from odoo import api, fields, models


class MaintenanceAmendmentLine(models.Model):
    """A change shows how many visits it concerns."""

    _inherit = "maintenance.amendment.line"

    visit_count = fields.Integer(
        "Visits Left",
        compute="_compute_visit_count",
        compute_sudo=True,
        help="Visits not made from the date of the amendment on. They move to the new coverage, "
        "are made anew by its plans, or are cancelled with it.",
    )

    @api.depends("coverage_id", "amendment_id.date")
    def _compute_visit_count(self):
        for line in self:
            day = line.amendment_id.date
            visits = line.coverage_id._get_remaining_visits(day) if day else ()
            line.visit_count = len(visits)
