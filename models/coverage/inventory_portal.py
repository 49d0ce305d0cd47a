import hashlib
import json

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

    def _get_fingerprint(self):
        """What tells one report from another: a customer signs the one that he has read.

        :rtype: str
        """
        self.ensure_one()
        lines = self.line_ids
        stored = [
            name
            for name, field in lines._fields.items()
            if field.store and name not in models.MAGIC_COLUMNS
        ]
        report = {
            "head": self.read(sorted(self._final_fields), load=False),
            "lines": lines.read(stored, load=False),
            "photos": lines.photo_ids.mapped("checksum"),
        }
        text = json.dumps(report, default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_portal_url(self):
        self.ensure_one()
        return f"/my/inventories/{self.id}"
