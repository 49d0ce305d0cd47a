from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The policy of requests out of contract is chosen in the settings."""

    _inherit = "res.config.settings"

    sla_policy_id = fields.Many2one(related="company_id.sla_policy_id", readonly=False)
