from odoo import fields, models

from ..core.windows import open_window


class MaintenanceContract(models.Model):
    """The contract counts its interventions."""

    _inherit = "maintenance.contract"

    intervention_ids = fields.One2many("maintenance.intervention", "contract_id")
    intervention_count = fields.Integer(compute="_compute_intervention_count")

    def _compute_intervention_count(self):
        counts = dict(
            self.env["maintenance.intervention"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.intervention_count = counts.get(contract, 0)

    def action_view_interventions(self):
        return open_window(
            self,
            "maintenance_intervention_action",
            domain=[("contract_id", "=", self.id)],
            context={
                "default_contract_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_site_id": self.site_ids[:1].id,
            },
        )
