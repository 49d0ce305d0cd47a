from odoo import fields, models

from ..core.windows import open_window

READERS = "maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager"


class ResPartner(models.Model):
    """A customer's inventories."""

    _inherit = "res.partner"

    maintenance_inventory_count = fields.Integer(
        compute="_compute_maintenance_inventory_count", groups=READERS
    )

    def _compute_maintenance_inventory_count(self):
        counts = dict(
            self.env["maintenance.inventory"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.maintenance_inventory_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_maintenance_inventories(self):
        return open_window(
            self,
            "maintenance_inventory_action",
            domain=[("commercial_partner_id", "=", self.commercial_partner_id.id)],
            context={"default_partner_id": self.id},
        )
