import base64
import io

from PIL import Image

from odoo.fields import Command

from .common import MaintenanceCommon


def draw(width=60, height=40, image_format="PNG", mode="RGB", **options):
    """A picture, as the bytes of its file."""
    file = io.BytesIO()
    Image.new(mode, (width, height), "navy").save(file, image_format, **options)
    return file.getvalue()


class InventoryCommon(MaintenanceCommon):
    """An inventory that the dispatcher gave to a technician, to be made on 4 January 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {"name": "Nadia Keller", "parent_id": cls.customer.id}
        )
        cls.inventory = (
            cls.env["maintenance.inventory"]
            .with_user(cls.dispatcher)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "site_ids": [Command.set((cls.site | cls.site_2).ids)],
                    "contact_id": cls.contact.id,
                    "user_id": cls.technician.id,
                    "surveyed_on": "2027-01-04",
                }
            )
            .with_user(cls.technician)
        )

    @classmethod
    def _get_line_vals(cls, name="Compressor", **values):
        """What a complete report says of one equipment."""
        return {
            "name": name,
            "site_id": cls.site.id,
            "condition": "good",
            "criticality": "high",
            "feasibility": "yes",
            "warranty_type_id": cls.warranty_type.id,
            **values,
        }

    def _find(self, *equipment, inventory=None):
        """Note equipment found, as the technician."""
        inventory = inventory or self.inventory
        lines = inventory.line_ids
        inventory.write({"line_ids": [Command.create(vals) for vals in equipment]})
        return inventory.line_ids - lines

    def _upload(self, raw=None, name="photo.png", user=None, **values):
        """A file as a phone uploads it, before the line exists."""
        return (
            self.env["ir.attachment"]
            .with_user(user or self.technician)
            .create({"name": name, "raw": draw() if raw is None else raw, **values})
        )

    def _sign(self, inventory=None, name="Nadia Keller"):
        """Close the survey and have it signed, as who makes the inventory."""
        inventory = inventory or self.inventory
        inventory.action_close()
        window = inventory.action_sign()
        signing = (
            self.env[window["res_model"]]
            .with_user(inventory.env.user)
            .with_context(**window["context"])
            .create({"signed_by": name, "signature": base64.b64encode(draw())})
        )
        signing.action_sign()
        return inventory
