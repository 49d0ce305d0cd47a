from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What is quoted out of contract is chosen in the settings."""

    _inherit = "res.config.settings"

    quote_labour_product_id = fields.Many2one(
        related="company_id.quote_labour_product_id", readonly=False
    )
    quote_travel_product_id = fields.Many2one(
        related="company_id.quote_travel_product_id", readonly=False
    )
    quote_tariff_id = fields.Many2one(related="company_id.quote_tariff_id", readonly=False)
