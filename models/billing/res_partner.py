from odoo import models


class ResPartner(models.Model):
    """A customer whose address has to be complete on his invoices."""

    _inherit = "res.partner"

    def _get_missing_address_fields(self):
        """The fields of the postal address that are empty, of those that a QR-bill needs."""
        self.ensure_one()
        missing = [name for name in ("zip", "city", "country_id") if not self[name]]
        return missing if self.street or self.street2 else ["street", *missing]
