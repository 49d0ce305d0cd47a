from odoo import api, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """A severity that moves everything else asks whoever chooses it for a reason.

    People are asked, by whatever door. A program has nothing to tell, and a mail arrives as it is.
    """

    _inherit = "helpdesk.ticket"

    # Another value of one of these may ask for a reason, or take it away.
    _justified_fields = frozenset({"request_kind", "severity_id", "severity_reason"})

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._check_reason()
        return tickets

    def write(self, vals):
        result = super().write(vals)
        if self._justified_fields & vals.keys():
            self._check_reason()
        return result

    def _check_reason(self):
        """Refuse a severity that asks for a reason, without one.

        :raises ValidationError: naming the severity
        """
        if self.env.su:
            return
        for ticket in self:
            severity = ticket.severity_id if ticket.request_kind != "idea" else False
            if severity and severity._lacks_reason(ticket.severity_reason):
                raise ValidationError(
                    self.env._("Justification: tell why the severity is “%s”.", severity.name)
                )
