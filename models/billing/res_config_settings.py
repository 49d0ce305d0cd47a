from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What contracts are invoiced as, and what follows when they are not paid."""

    _inherit = "res.config.settings"

    billing_product_id = fields.Many2one(related="company_id.billing_product_id", readonly=False)
    service_stop = fields.Selection(related="company_id.service_stop", readonly=False)
    payment_notice_days = fields.Integer(related="company_id.payment_notice_days", readonly=False)
    stopped_requests = fields.Selection(related="company_id.stopped_requests", readonly=False)
