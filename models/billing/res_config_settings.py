from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The product that contracts are invoiced as is chosen in the settings."""

    _inherit = "res.config.settings"

    billing_product_id = fields.Many2one(related="company_id.billing_product_id", readonly=False)
