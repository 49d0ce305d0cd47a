from odoo import fields, models


class MaintenanceTier(models.Model):
    """A tier is invoiced as a product, which decides the account and the taxes."""

    _inherit = "maintenance.tier"

    billing_product_id = fields.Many2one(
        "product.product",
        string="Invoiced As",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        help="The product on the lines of invoices: it decides the account and the taxes. Empty: "
        "the one of the settings.",
    )
