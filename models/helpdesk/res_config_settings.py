from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of requests and of the mail gateway that receives them."""

    _inherit = "res.config.settings"

    is_automatic_ticket_mail = fields.Boolean(
        related="company_id.is_automatic_ticket_mail", readonly=False
    )
    ticket_reopen_days = fields.Integer(related="company_id.ticket_reopen_days", readonly=False)
    request_team_id = fields.Many2one(
        related="company_id.request_team_id",
        readonly=False,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    mail_authentication_server = fields.Char(
        string="Mail Server that Verifies Senders",
        config_parameter="maintenance_contract.mail_authentication_server",
        help="The name at the beginning of the Authentication-Results header that your mail "
        "server adds to what it receives, such as mx.example.com. It must remove those that come "
        "from outside. Without it, a customer is known by the address alone, and mail that shows "
        "the address of a colleague becomes an internal note.",
    )
