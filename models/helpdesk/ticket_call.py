from odoo import models

from ..core.windows import open_form


class HelpdeskTicket(models.Model):
    """A call or an SMS is noted by hand: received when the customer called, entered when saved."""

    _inherit = "helpdesk.ticket"

    def action_view_request(self):
        """Open the whole request, once what the customer said is noted."""
        return open_form(self)
