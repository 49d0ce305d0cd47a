from datetime import timedelta

from odoo import fields, models

AUTOMATIC_MAILS_PER_DAY = 3
RECEIPTS_PER_DAY = 10
# With a button that opens the request.
MAIL_LAYOUT = "mail.mail_notification_layout"


class HelpdeskTicket(models.Model):
    """What a program writes to a customer: little, and to known contacts only (R29, FM24)."""

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"is_receipt_sent"})

    is_receipt_sent = fields.Boolean(readonly=True, copy=False)

    def _may_send_automatic_mail(self):
        """Whether a program may write to the contact of this request now.

        Three mails a day end any exchange between two programs; the company has a switch that
        stops all of them; a sender who is not verified gets none.
        """
        self.ensure_one()
        ticket = self.sudo()
        return bool(
            ticket.company_id.is_automatic_ticket_mail
            and ticket.partner_id.active
            and ticket.partner_id.email_normalized
            and not ticket.is_sender_unverified
            and ticket._count_automatic_mails([("res_id", "=", ticket.id)])
            < AUTOMATIC_MAILS_PER_DAY
        )

    def _count_automatic_mails(self, domain):
        """How many mails a program wrote on requests in the last 24 hours.

        :param list domain: of mail.message
        """
        return (
            self.env["mail.message"]
            .sudo()
            .search_count(
                [
                    ("model", "=", self._name),
                    ("message_type", "=", "auto_comment"),
                    # A customer who passes his own words for a program's stops no reminder.
                    ("author_id", "not any", [("user_ids", "any", [("share", "=", True)])]),
                    ("date", ">", fields.Datetime.now() - timedelta(days=1)),
                    *domain,
                ]
            )
        )

    def _send_automatic_mail(self, template, **post_values):
        """Write to the contact by a template, if a program may write to him now.

        :param template: mail.template of the request
        :param post_values: as of ``message_post_with_source``
        :return: the message, empty when nothing was written
        :rtype: mail.message
        """
        self.ensure_one()
        if not self._may_send_automatic_mail():
            return self.env["mail.message"]
        values = {
            **self._prepare_automatic_sender(),
            "message_type": "auto_comment",
            "subtype_xmlid": "mail.mt_comment",
            "email_layout_xmlid": MAIL_LAYOUT,
            "notify_skip_followers": True,
            **post_values,
        }
        return self.sudo().message_post_with_source(template, **values)

    def _prepare_automatic_sender(self):
        """The company writes, not the colleague or the program that happens to run."""
        company = self.company_id.sudo()
        if not company.email:
            return {}
        return {"author_id": company.partner_id.id, "email_from": company.email_formatted}

    def _send_receipt(self):
        """Tell the contact, once, that the request has arrived and how it is numbered."""
        template = self.env.ref("maintenance_contract.mail_template_receipt", False)
        for ticket in self:
            if ticket.is_receipt_sent or ticket.closed:
                continue
            of_contact = [("partner_ids", "in", ticket.sudo().partner_id.ids)]
            if template and self._count_automatic_mails(of_contact) < RECEIPTS_PER_DAY:
                ticket.sudo().is_receipt_sent = bool(ticket._send_automatic_mail(template))

    def _tell_customer(self, text):
        # OVERRIDE service_level: a warning is a program's mail, allowed and counted as such.
        self.ensure_one()
        if self._may_send_automatic_mail():
            self.message_post(
                body=text,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.partner_id.ids,
                notify_skip_followers=True,
                **self._prepare_automatic_sender(),
            )

    def _message_post_after_hook(self, message, msg_values):
        # EXTENDS 'mail': the mail that opened the request stands before its receipt.
        result = super()._message_post_after_hook(message, msg_values)
        if message.message_type == "email" and message.subtype_id == self._creation_subtype():
            self._send_receipt()
        return result

    def _track_template(self, changes):
        # EXTENDS 'helpdesk_mgmt': mail of a stage is a program's too.
        templates = super()._track_template(changes)
        if "stage_id" in templates and not self[:1]._may_send_automatic_mail():
            del templates["stage_id"]
        return templates
