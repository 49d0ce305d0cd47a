from odoo import fields, models


class ResCompany(models.Model):
    """Whether customers see each other's ideas."""

    _inherit = "res.company"

    are_ideas_shared = fields.Boolean(
        "Ideas for All Customers",
        help="Every customer sees the title, the state and the votes of the ideas of all, once "
        "they have been studied, and may vote. Never who had them, nor their description.",
    )
