from odoo import models

# RFC 3834, and what Microsoft's programs heed.
AUTOMATIC_MAIL = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class MailMail(models.Model):
    """What a program wrote to a customer says so, and no other program answers it."""

    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        if self.model == "helpdesk.ticket" and self.message_type not in ("comment", "email"):
            for email in emails:
                email["headers"] = {**AUTOMATIC_MAIL, **email["headers"]}
        return emails
