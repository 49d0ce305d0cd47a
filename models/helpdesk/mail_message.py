from odoo import SUPERUSER_ID, fields, models


class MailMessage(models.Model):
    """A message remembers how far the mail it came from can be believed."""

    _inherit = "mail.message"

    is_automatic = fields.Boolean(
        string="Automatic",
        groups="base.group_user",
        help="A program sent it: an absence notice, a mailing list, a notice of delivery.",
    )
    is_sender_unverified = fields.Boolean(
        string="Sender Not Verified",
        groups="base.group_user",
        help="Nothing proves that the mail comes from the address it shows.",
    )

    def _get_forbidden_access(self, operation):
        # EXTENDS 'mail', which hides from a customer the notes typed in, not those sent by mail.
        forbidden = super()._get_forbidden_access(operation)
        if self.env.user._is_internal():
            return forbidden
        notes = self.sudo().filtered(
            lambda message: message.model == "helpdesk.ticket" and message._is_note()
        )
        return forbidden | notes.sudo(False)

    def _is_note(self):
        """Whether the customer does not see this message."""
        self.ensure_one()
        return self.is_internal or not self.subtype_id or self.subtype_id.internal

    def _is_written_by_staff(self):
        """Whether one of our own users wrote this in his session."""
        self.ensure_one()
        author = self.create_uid
        return (
            self.message_type == "comment"
            and not author.share
            and author.id != SUPERUSER_ID
            and self.author_id == author.partner_id
        )

    def _is_of_employee(self):
        """Whether one of our own users is the author."""
        self.ensure_one()
        return any(not user.share for user in self.author_id.user_ids)
