from odoo import fields, models


class ProductTemplate(models.Model):
    """A product that is sold with a warranty: delivering it starts the coverage."""

    _inherit = "product.template"

    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        check_company=True,
        ondelete="restrict",
        help="Delivering a serial number of this product creates the equipment at the delivery "
        "address, covered by this type of warranty.",
    )
