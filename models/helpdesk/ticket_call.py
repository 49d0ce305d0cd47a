from odoo import api, models

from ..core.windows import open_form


class HelpdeskTicket(models.Model):
    """A call or an SMS is noted by hand: received when the customer called, entered when saved."""

    _inherit = "helpdesk.ticket"

    @api.model
    def default_get(self, fields):
        # EXTENDS 'helpdesk_mgmt', which gives a request to who enters it, by his team.
        if self._is_done_by_staff() and "default_team_id" not in self.env.context:
            self = self.with_context(default_team_id=self._get_entering_team().id)
        return super().default_get(fields)

    @api.model
    def _get_entering_team(self):
        """The team of a request that is noted: that of who has it at once, else the default."""
        company = self.env.company
        team = company._get_request_team()
        if company.helpdesk_mgmt_ticket_auto_assign:
            own = self.env.user.helpdesk_team_ids.filtered(
                lambda own: own.company_id in (company, own.company_id.browse())
            )
            team = own & team or own[:1] or team
        return team

    def action_view_request(self):
        """Open the whole request, once what the customer said is noted."""
        return open_form(self)
