from odoo import fields, models

from ..core.windows import open_window


class MaintenanceEquipment(models.Model):
    """The equipment's history: the interventions made on it."""

    _inherit = "maintenance.equipment"

    intervention_line_ids = fields.One2many(
        "maintenance.intervention.line", "equipment_id", copy=False
    )
    intervention_count = fields.Integer(compute="_compute_intervention_count")

    def _compute_intervention_count(self):
        counts = dict(
            self.env["maintenance.intervention.line"]._read_group(
                [("equipment_id", "in", self.ids)], ["equipment_id"], ["__count"]
            )
        )
        for equipment in self:
            equipment.intervention_count = counts.get(equipment, 0)

    def action_view_interventions(self):
        return open_window(
            self,
            "maintenance_intervention_action",
            domain=[("line_ids.equipment_id", "=", self.id)],
            context={},
        )
