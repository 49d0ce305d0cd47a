from odoo import models


class MaintenanceCoverage(models.Model):
    """A coverage that ends early leaves its planned visits to the dispatcher."""

    _inherit = "maintenance.coverage"

    def _after_end(self):
        # EXTENDS preventive: the customer may have agreed on the day of a planned visit.
        planned = self.sudo().visit_ids.filtered(
            lambda visit: (
                visit.state == "planned"
                and (
                    visit.coverage_id.state == "cancelled"
                    or visit.nominal_date > visit.coverage_id.date_end
                )
            )
        )
        for intervention, visits in planned.grouped("intervention_id").items():
            intervention.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=intervention.user_id.id or self.env.uid,
                summary=self.env._("The coverage has ended: keep or cancel this visit?"),
                note=", ".join(visits.mapped("display_name")),
            )
        return super()._after_end()
