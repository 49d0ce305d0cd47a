from odoo import fields, models


class ResCompany(models.Model):
    """How this company writes to the customers who asked it something."""

    _name = "res.company"
    _inherit = ["res.company", "maintenance.finite.mixin"]
    _number_ranges = {"ticket_reopen_days": (0, 3650)}

    is_automatic_ticket_mail = fields.Boolean(
        string="Automatic Mail to Customers",
        default=True,
        help="Receipts, reminders and notices of closing leave by themselves. "
        "Off: nothing leaves but what people write.",
    )
    ticket_reopen_days = fields.Integer(
        string="Days to Re-open a Request",
        default=30,
        help="A customer's message re-opens a request closed for this many days at most. "
        "Later, it opens a new request, linked to the closed one.",
    )
