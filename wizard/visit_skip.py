from odoo import fields, models


class MaintenanceVisitSkip(models.TransientModel):
    """Asks why visits are skipped."""

    _name = "maintenance.visit.skip"
    _description = "Skip Visits"

    visit_ids = fields.Many2many("maintenance.visit", required=True)
    reason_id = fields.Many2one("maintenance.skip.reason", required=True, ondelete="cascade")
    is_excused = fields.Boolean(related="reason_id.is_excused")
    note = fields.Char()

    def action_skip(self):
        self.ensure_one()
        self.visit_ids._skip(self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
