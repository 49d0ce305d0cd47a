from odoo import fields, models

from ..core.windows import open_window


class MaintenanceContract(models.Model):
    """A contract changes in the middle of a term by amendments."""

    _inherit = "maintenance.contract"

    amendment_ids = fields.One2many("maintenance.amendment", "contract_id")
    amendment_count = fields.Integer(compute="_compute_amendment_count")

    def _compute_amendment_count(self):
        counts = dict(
            self.env["maintenance.amendment"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.amendment_count = counts.get(contract, 0)

    def action_view_amendments(self):
        return open_window(
            self,
            "maintenance_amendment_action",
            domain=[("contract_id", "=", self.id)],
            context={"default_contract_id": self.id},
        )
