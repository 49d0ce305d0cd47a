from odoo import models


class ResPartner(models.Model):
    """A customer's requests are those of all its contacts."""

    _name = "res.partner"
    _inherit = ["res.partner", "maintenance.request.count.mixin"]

    _request_field = "commercial_partner_id"

    def _get_request_owner(self):
        # EXTENDS: of the company a contact belongs to.
        return self.commercial_partner_id

    def _get_request_defaults(self):
        # OVERRIDE: the contact calls.
        return {"default_partner_id": self.id}
