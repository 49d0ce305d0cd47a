from odoo import models

# What says that the address is wrong; anything else may be better the next time.
_WRONG_ADDRESS = ("mail_email_invalid", "mail_email_missing")


class MailMail(models.Model):
    """A mail that leaves, or does not, is told to the reminder it carries."""

    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # EXTENDS 'mail': before the mails that left are deleted.
        self.env["maintenance.reminder"]._note_departure(
            self.mail_message_id,
            success_pids,
            failure_reason or self[:1].failure_reason,
            failure_type in _WRONG_ADDRESS,
        )
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )
