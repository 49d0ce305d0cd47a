from odoo import fields, models

from ..core.windows import open_form


class MaintenanceContract(models.Model):
    """A contract knows the inventory that it was made from, which makes one contract only."""

    _inherit = "maintenance.contract"

    _guarded_fields = frozenset({"inventory_id"})

    inventory_id = fields.Many2one(
        "maintenance.inventory",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
        help="What was found at the customer's before this contract.",
    )

    _inventory_uniq = models.UniqueIndex(
        "(inventory_id) WHERE inventory_id IS NOT NULL",
        "Inventory: it has its contract already.",
    )

    def action_view_inventory(self):
        return open_form(self, "inventory_id")
