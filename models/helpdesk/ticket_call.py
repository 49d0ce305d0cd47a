from odoo import api, models

from ..core.windows import open_form


class HelpdeskTicket(models.Model):
    """A call or an SMS is noted by hand: received when the customer called, entered when saved."""

    _inherit = "helpdesk.ticket"

    @api.model
    def default_get(self, fields):
        # EXTENDS 'helpdesk_mgmt', which knows a team of those only to whom it gives the request.
        if "team_id" in fields and self._is_done_by_staff():
            company = self.env.company
            is_own = company.helpdesk_mgmt_ticket_auto_assign and self.env.user.helpdesk_team_ids
            team = not is_own and company._get_request_team()
            if team and "default_team_id" not in self.env.context:
                self = self.with_context(default_team_id=team.id)
        return super().default_get(fields)

    def action_view_request(self):
        """Open the whole request, once what the customer said is noted."""
        return open_form(self)
