from odoo import models

ACTIVITY = "maintenance_contract.mail_activity_ended_visit"


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
                ACTIVITY,
                user_id=intervention.user_id.id or self.env.uid,
                summary=self.env._("The coverage has ended: keep or cancel this visit?"),
                note=", ".join(visits.mapped("display_name")),
            )
        return super()._after_end()

    def _after_restore(self):
        # EXTENDS preventive: nothing is left to decide.
        planned = self.sudo().visit_ids.filtered(
            lambda visit: (
                visit.state == "planned" and visit.coverage_id._is_in_force(visit.nominal_date)
            )
        )
        planned.intervention_id.activity_unlink([ACTIVITY])
        return super()._after_restore()
