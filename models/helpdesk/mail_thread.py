from odoo import api, models
from odoo.tools import email_normalize

from ...tools.inbound_mail import (
    AUTOMATIC_HEADERS,
    clean_filename,
    clean_identifier,
    clean_text,
    is_automatic,
    sender_verdict,
)
from .mail_mail import AUTOMATIC_MAIL

# Odoo looks these up in the database, or writes to it what it makes of them, as they are.
RAW_HEADERS = ("Message-Id", "In-Reply-To", "References", "Subject", "To", "Return-Path")


class MailThread(models.AbstractModel):
    """The mail gateway cleans what it reads and asks the ticket what a mail may do to it."""

    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Give also whether a program sent the mail, and whether its sender is unproven."""
        # EXTENDS 'mail'
        for name in RAW_HEADERS:
            value = str(message.get(name, ""))
            if value != clean_text(value):
                message.replace_header(name, " ".join(clean_text(value).split()))
        self._replace_unknown_charsets(message)
        values = super().message_parse(message, save_original=save_original)
        for name, value in values.items():
            if isinstance(value, str):
                values[name] = type(value)(clean_text(value))
        values["message_id"] = clean_identifier(values["message_id"])
        values["attachments"] = [
            self._clean_inbound_attachment(*attachment) for attachment in values["attachments"]
        ]
        values["is_automatic"] = self._is_automatic_mail(message)
        values["is_sender_unverified"] = self._is_sender_unverified(
            message.get_all("Authentication-Results", []), values["email_from"]
        )
        return values

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        # EXTENDS 'mail'
        routes = super().message_route(
            message,
            message_dict,
            model=model,
            thread_id=thread_id,
            custom_values=custom_values,
        )
        tickets = self.env["helpdesk.ticket"].sudo()
        return [
            guarded
            for route in routes
            if (
                guarded := tickets._guard_route(message_dict, route)
                if route[0] == tickets._name
                else route
            )
        ]

    @api.model
    def _message_parse_post_process(self, message, message_dict, routes):
        # EXTENDS 'mail': to be found by an address is not to be the author.
        values = super()._message_parse_post_process(message, message_dict, routes)
        if any(route[0] == "helpdesk.ticket" for route in routes):
            is_unverified = message_dict.get("is_sender_unverified")
            if is_unverified:
                values["author_id"] = False
            if is_unverified or message_dict.get("is_automatic"):
                values["partner_ids"] = []
        return values

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        # EXTENDS 'mail': a program gets no answer, and what answers says that it is one.
        if self._is_automatic_mail(message):
            return None
        mail_values.setdefault(
            "headers", repr({**AUTOMATIC_MAIL, "Auto-Submitted": "auto-replied"})
        )
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    @api.model
    def _is_automatic_mail(self, message):
        return is_automatic({name: message.get_all(name, []) for name in AUTOMATIC_HEADERS})

    def _get_message_create_valid_field_names(self):
        # EXTENDS 'mail'
        names = super()._get_message_create_valid_field_names()
        return names | {"is_automatic", "is_sender_unverified"}

    @api.model
    def _replace_unknown_charsets(self, message):
        """Read as UTF-8 what names a character set that Python does not know: else it is lost."""
        for part in message.walk():
            if part.get_content_maintype() == "text":
                try:
                    part.get_content()
                except (LookupError, ValueError):
                    part.set_param("charset", "utf-8")

    @api.model
    def _clean_inbound_attachment(self, name, content, info):
        text = clean_text(content) if isinstance(content, str) else content
        return self._Attachment(clean_filename(name), text, info)

    @api.model
    def _is_sender_unverified(self, results, email_from):
        """Whether our mail server denies the sender, or says nothing though it should.

        :param list[str] results: `Authentication-Results` headers of the mail
        """
        server = self._get_authentication_server()
        verdict = sender_verdict(results, email_normalize(email_from) or "", server)
        return verdict != "pass" if server else verdict == "fail"

    @api.model
    def _get_authentication_server(self):
        """The name with which our mail server signs its findings; empty when not set up."""
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("maintenance_contract.mail_authentication_server", "")
