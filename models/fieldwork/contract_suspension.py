from odoo import models

ACTIVITY = "maintenance_contract.mail_activity_suspended_visit"


class MaintenanceContract(models.Model):
    """A suspension leaves the visits planned with the customer to the dispatcher."""

    _inherit = "maintenance.contract"

    def _after_suspension(self):
        # EXTENDS preventive
        planned = (
            self.env["maintenance.visit"]
            .sudo()
            .search([("contract_id", "in", self.ids), ("state", "=", "planned")])
        )
        for intervention, visits in planned.grouped("intervention_id").items():
            asked = intervention.activity_search([ACTIVITY])
            if not any(visit._is_planned_in_suspension() for visit in visits):
                asked.unlink()
            elif not asked:
                intervention.activity_schedule(
                    ACTIVITY,
                    user_id=intervention.user_id.id or self.env.uid,
                    summary=self.env._("The contract is suspended: keep or cancel this visit?"),
                    note=", ".join(visits.mapped("display_name")),
                )
        return super()._after_suspension()
