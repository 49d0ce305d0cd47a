from odoo import models


class HelpdeskTicket(models.Model):
    """A call or an SMS is noted by hand: received when the customer called, entered when saved."""

    _inherit = "helpdesk.ticket"

    def action_view_request(self):
        """Open the whole request, once what the customer said is noted."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "view_mode": "form",
            "res_id": self.id,
        }
