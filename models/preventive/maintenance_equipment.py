from odoo import fields, models

from ..core.windows import open_window
from .visit import OPEN_STATES


class MaintenanceEquipment(models.Model):
    """Equipment that moves takes its open visits along; history stays where it was made."""

    _inherit = "maintenance.equipment"

    visit_ids = fields.One2many("maintenance.visit", "equipment_id", copy=False)
    visit_count = fields.Integer(compute="_compute_visit_count")

    def _compute_visit_count(self):
        counts = dict(
            self.env["maintenance.visit"]._read_group(
                [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"]
            )
        )
        for equipment in self:
            equipment.visit_count = counts.get(equipment, 0)

    def write(self, vals):
        moved = self.filtered(lambda e: "site_id" in vals and e.site_id.id != vals["site_id"])
        # The group stays at its site: equipment that leaves it leaves the group.
        groups = moved.sudo().coverage_ids.filtered(
            lambda c: (
                c.state in ("draft", "validated")
                and c.visit_group_id.site_id.id != vals.get("site_id")
            )
        )
        groups.write({"visit_group_id": False})
        result = super().write(vals)
        if moved:
            visits = moved.sudo().visit_ids.filtered(lambda v: v.state in OPEN_STATES)
            visits.write({"site_id": vals["site_id"], "group_id": False})
        if "customer_id" in vals:
            visits = self.sudo().visit_ids.filtered(lambda v: v.state in OPEN_STATES)
            visits.write({"customer_id": vals["customer_id"]})
        return result

    def action_view_visits(self):
        return open_window(
            self, "maintenance_visit_action", domain=[("equipment_id", "=", self.id)], context={}
        )
