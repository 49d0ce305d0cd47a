from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of improvement ideas."""

    _inherit = "res.config.settings"

    are_ideas_shared = fields.Boolean(related="company_id.are_ideas_shared", readonly=False)
