from odoo import fields, models


class MaintenanceChecklistLine(models.Model):
    """One action of a checklist."""

    _name = "maintenance.checklist.line"
    _description = "Maintenance Checklist Action"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    checklist_id = fields.Many2one(
        "maintenance.checklist", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Action", required=True, translate=True)
    instructions = fields.Text(translate=True)
