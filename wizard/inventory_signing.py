from odoo import api, fields, models


class MaintenanceInventorySigning(models.TransientModel):
    """The customer signs the expertise report on the phone of who made the inventory."""

    _name = "maintenance.inventory.signing"
    _description = "Signature of an Inventory"

    inventory_id = fields.Many2one("maintenance.inventory", required=True, ondelete="cascade")
    signed_by = fields.Char(
        "Name",
        compute="_compute_signed_by",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Who signs for the customer.",
    )
    signature = fields.Image(attachment=False, required=True, max_width=1024, max_height=1024)

    @api.depends("inventory_id")
    def _compute_signed_by(self):
        for wizard in self:
            wizard.signed_by = wizard.signed_by or wizard.inventory_id.contact_id.name

    def action_sign(self):
        self.ensure_one()
        self.inventory_id._sign(self.signed_by, self.signature)
        return {"type": "ir.actions.act_window_close"}
