from odoo import models


class ResPartner(models.Model):
    """A contact who has left opens no request by an old link."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
            tickets.search([("partner_id", "in", self.ids)])._revoke_link()
        return result
