from odoo import fields, models
from odoo.exceptions import ValidationError


class MaintenanceIdeaDecline(models.TransientModel):
    """Asks why an idea is declined: whoever had it is told."""

    _name = "maintenance.idea.decline"
    _description = "Decline an Idea"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Ideas", required=True)
    reason = fields.Text(required=True, help="Sent to the customer as you write it.")

    def action_decline(self):
        self.ensure_one()
        if not self.reason.strip():
            raise ValidationError(self.env._("Reason: the customer will want to know."))
        self.ticket_ids._move_idea("declined", self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
