from odoo import models


class MaintenanceEquipment(models.Model):
    """Equipment knows what its users reported."""

    _name = "maintenance.equipment"
    _inherit = ["maintenance.equipment", "maintenance.request.count.mixin"]

    _request_field = "equipment_id"

    def _get_request_defaults(self):
        # EXTENDS: the customer is the one at whom it stands.
        return {
            **super()._get_request_defaults(),
            "default_partner_id": (self.site_id or self.customer_id).id,
        }
