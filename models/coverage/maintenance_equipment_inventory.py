from odoo import fields, models

from ..core.windows import open_window


class MaintenanceEquipment(models.Model):
    """Equipment knows the inventories in which it was found."""

    _inherit = "maintenance.equipment"

    inventory_line_ids = fields.One2many("maintenance.inventory.line", "equipment_id", copy=False)
    inventory_count = fields.Integer(compute="_compute_inventory_count")

    def _compute_inventory_count(self):
        counts = dict(
            self.env["maintenance.inventory.line"]._read_group(
                [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"]
            )
        )
        for equipment in self:
            equipment.inventory_count = counts.get(equipment, 0)

    def action_view_inventories(self):
        return open_window(
            self,
            "maintenance_inventory_action",
            domain=[("line_ids.equipment_id", "=", self.id)],
            context={},
        )
