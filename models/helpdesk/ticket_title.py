from odoo import api, models

from ...tools.inbound_mail import clean_line


class HelpdeskTicket(models.Model):
    """The title of a request is one short line of text, whoever writes it (RELIABILITY FM19).

    It is shown in lists, on cards and in the subject of mails.
    """

    _inherit = "helpdesk.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_title(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_title(vals))

    @api.model
    def _clean_title(self, vals):
        if not vals.get("name"):
            return vals
        return {**vals, "name": clean_line(str(vals["name"])) or self.env._("No subject")}
