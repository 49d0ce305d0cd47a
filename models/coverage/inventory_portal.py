from odoo import models


class MaintenanceInventory(models.Model):
    """The customer reads his inventories on the portal once they are closed, and signs them."""

    _name = "maintenance.inventory"
    _inherit = ["maintenance.inventory", "maintenance.portal.fields.mixin"]

    _portal_fields = frozenset(
        {
            "id",
            "active",
            "display_name",
            "name",
            "version",
            "state",
            "commercial_partner_id",
            "surveyed_on",
            "signed_by",
            "signed_at",
            "is_superseded",
        }
    )

    def _get_portal_url(self):
        self.ensure_one()
        return f"/my/inventories/{self.id}"
