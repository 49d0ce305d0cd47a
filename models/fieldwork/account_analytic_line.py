from odoo import fields, models


class AccountAnalyticLine(models.Model):
    """Time booked on the way is told apart from time booked on site."""

    _inherit = "account.analytic.line"

    is_field_travel = fields.Boolean("Travel", help="Time spent on the way to a site and back.")
