from odoo import fields, models
from odoo.exceptions import UserError


class MaintenanceContinuation(models.TransientModel):
    """Asks why a contract that was to end goes on after all."""

    _name = "maintenance.continuation"
    _description = "Contract That Goes On"

    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    date_terminated = fields.Date(related="contract_id.date_terminated", string="Was to End On")
    reason = fields.Char(required=True, help="Told in the chatter.")

    def action_continue(self):
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Reason: say why it goes on."))
        self.contract_id._continue(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}

    def action_continue_and_write(self):
        """Take the end back, and open the message that tells the customer."""
        self.action_continue()
        return self.contract_id._compose("continuation")
