import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, email_split, html2plaintext

from ...tools.inbound_mail import clean_line, digest, fingerprint

_logger = logging.getLogger(__name__)

DUPLICATE_WINDOW = timedelta(minutes=10)
# A mail that was on its way for longer counts from here: its date is only what its sender says.
LONGEST_TRANSFER = timedelta(days=1)


class HelpdeskTicket(models.Model):
    """What mail may do to a request.

    The address in From is written by the sender and proves nothing. A mail adds to a request when
    it comes from somebody who takes part in it, and opens a new one otherwise; it never speaks for
    the staff, and what a program sends is a note at most (RELIABILITY R28–R30, FM23–FM25).
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset(
        {
            "is_sender_unverified",
            "possible_duplicate_id",
            "previous_ticket_id",
            "next_ticket_ids",
            "mail_fingerprint",
            "origin_key",
        }
    )

    # Odoo's own loop detection counts the requests opened by this address.
    _primary_email = "partner_email"

    is_sender_unverified = fields.Boolean(
        string="Sender Not Verified",
        readonly=True,
        copy=False,
        tracking=True,
        help="Opened by a mail of which nothing proves the sender. No automatic mail answers it.",
    )
    possible_duplicate_id = fields.Many2one(
        "helpdesk.ticket",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The same sender wrote the same within ten minutes.",
    )
    previous_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Previous Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="A closed request that the customer wrote to when it could not be re-opened any more.",
    )
    next_ticket_ids = fields.One2many(
        "helpdesk.ticket", "previous_ticket_id", string="Following Requests"
    )
    mail_fingerprint = fields.Char(readonly=True, copy=False, index="btree_not_null")
    origin_key = fields.Char(
        readonly=True,
        copy=False,
        help="Digest of the mail or the form that opened the request.",
    )

    # Two mailboxes fetched at once may hold the same mail; a form may be sent twice.
    _origin_key_uniq = models.UniqueIndex(
        "(origin_key) WHERE origin_key IS NOT NULL", "This mail has opened a request already."
    )

    def action_verify_sender(self):
        """Vouch for the sender: the contact of the request wrote its first mail."""
        self.check_access("write")
        for ticket in self:
            if not ticket.partner_id:
                raise UserError(
                    self.env._("%s: give the contact who sent this mail first.", ticket.number)
                )
        self.sudo().is_sender_unverified = False

    # === PREDICATES === #

    def _is_customer_message(self, message):
        """Whether this message of the request is the customer's own word.

        It is written by a contact of the request's customer, in the portal or by a mail whose
        sender is not in doubt. An absence notice or a note is not.
        """
        self.ensure_one()
        message = message.sudo()
        customer = self.sudo().commercial_partner_id
        is_own = bool(customer) and message.author_id.commercial_partner_id == customer
        if not is_own or message.is_automatic or message._is_note():
            return False
        if message.message_type == "email":
            return not message.is_sender_unverified and not message._is_of_employee()
        return message.message_type == "comment" and message.create_uid.share

    def _is_staff_answer(self, message):
        """Whether this message of the request is a person of the staff answering the customer.

        It goes to the customer, and was written by a user logged in or by a mail whose sender is
        proven. A mail that only shows the address of a colleague is no answer, neither is what a
        program writes.
        """
        self.ensure_one()
        message = message.sudo()
        if message._is_note() or message.is_automatic:
            return False
        is_mail = message.message_type == "email"
        is_own = self._is_mail_of_staff(message) if is_mail else message._is_written_by_staff()
        return is_own and self._goes_to_customer(message)

    def _is_mail_of_staff(self, message):
        """Whether our mail server vouches that a user wrote this mail who may write here, too."""
        return not message.is_sender_unverified and any(
            not user.share and self.with_user(user).has_access("write")
            for user in message.author_id.user_ids
        )

    def _goes_to_customer(self, message):
        """Whether this message of the request is sent to its customer, who can get it.

        He gets it by mail or, with a portal user, on his page. Who is notified is known only after
        the message: it is told here by whom it is sent to and who follows.
        """
        self.ensure_one()
        ticket, message = self.sudo(), message.sudo()
        followers = ticket.message_follower_ids.filtered(
            lambda follower: message.subtype_id in follower.subtype_ids
        )
        told = (followers.partner_id | message.partner_ids).filtered(
            lambda partner: (
                partner.active
                and partner.partner_share
                and (partner.email_normalized or partner.user_ids)
            )
        )
        sender = email_normalize(ticket.partner_email)
        return ticket.commercial_partner_id in told.commercial_partner_id or (
            bool(sender) and sender in told.mapped("email_normalized")
        )

    # === ROUTES === #

    @api.model
    def _guard_route(self, msg_dict, route):
        """Decide what a mail does: add to its request, open a new one, or nothing.

        It is processed as the gateway, not as the user whose address it shows. Fills in what the
        request knows of the author, and makes a note of what is not the author's word.

        :param dict msg_dict: the mail as parsed
        :param tuple route: model, record, values, user and alias, as Odoo found them
        :return: the route to follow, or None
        """
        _model, ticket_id, values, _user_id, alias = route
        self._clamp_date(msg_dict)
        self._doubt_employee(msg_dict)
        ticket = self.browse(ticket_id or []).exists()
        is_staff = self._is_employee(msg_dict["email_from"])
        is_note = msg_dict.get("is_automatic") or (is_staff and msg_dict["is_sender_unverified"])
        if ticket and (is_staff or ticket._recognise(msg_dict)):
            if is_note:
                msg_dict["is_internal"] = True
            if is_note or is_staff or not ticket._is_past_reopening():
                return self._name, ticket.id, values, self.env.uid, alias
            values = {**(values or {}), "previous_ticket_id": ticket.id}
        elif ticket:
            msg_dict["named_ticket"] = ticket
        if msg_dict.get("is_automatic"):
            _logger.info("Automatic mail %s opens no request.", msg_dict["message_id"])
            return None
        return (
            self._name,
            0,
            self._complete_route_values(values or {}, ticket, alias, msg_dict["message_id"]),
            self.env.uid,
            alias,
        )

    @api.model
    def _clamp_date(self, msg_dict):
        """Nobody writes in the future; the past is as the sender tells."""
        now = fields.Datetime.now()
        if not msg_dict.get("date") or fields.Datetime.to_datetime(msg_dict["date"]) > now:
            msg_dict["date"] = fields.Datetime.to_string(now)

    @api.model
    def _doubt_employee(self, msg_dict):
        """An employee's address is taken at its word only when our mail server vouches for it."""
        msg_dict.setdefault("is_sender_unverified", False)
        has_server = bool(self.env["mail.thread"]._get_authentication_server())
        if not has_server and self._is_employee(msg_dict["email_from"]):
            msg_dict["is_sender_unverified"] = True

    @api.model
    def _is_employee(self, email):
        normalized = email_normalize(email)
        return bool(normalized) and bool(
            self.env["res.users"]
            .sudo()
            .search_count(
                [("partner_id.email_normalized", "=", normalized), ("share", "=", False)], limit=1
            )
        )

    def _recognise(self, msg_dict):
        """Whether the sender takes part in this request; as its customer, he is its author."""
        self.ensure_one()
        normalized = email_normalize(msg_dict["email_from"])
        if not normalized:
            return False
        if not self.commercial_partner_id:
            return normalized == email_normalize(self.partner_email)
        if msg_dict["is_sender_unverified"]:
            return False
        contacts = self.env["res.partner"].search([("email_normalized", "=", normalized)])
        own = contacts.filtered(
            lambda partner: partner.commercial_partner_id == self.commercial_partner_id
        )
        if own:
            msg_dict["author_id"] = (own & self.partner_id or own[0]).id
        in_copy = [email_normalize(address) for address in email_split(self.email_cc or "")]
        return bool(own or contacts & self.message_partner_ids) or normalized in in_copy

    def _is_past_reopening(self):
        """Whether the request has been closed for longer than it can be re-opened."""
        self.ensure_one()
        days = timedelta(days=self.company_id.ticket_reopen_days)
        return (
            self.closed
            and bool(self.closed_date)
            and self.closed_date + days < fields.Datetime.now()
        )

    @api.model
    def _complete_route_values(self, values, ticket, alias, message_id):
        """Give a new request the team and the company of its alias, or of the request it names."""
        values = {"team_id": ticket.team_id.id, **values} if ticket else dict(values)
        team = self.env["helpdesk.ticket.team"].browse(values.get("team_id") or [])
        company = (
            team.company_id
            or self.env["res.company"].browse(values.get("company_id") or [])
            or ticket.company_id
            or (alias and alias.sudo().alias_domain_id.company_ids[:1])
            or self.env.company
        )
        alias_name = (alias and alias.sudo().alias_full_name) or ""
        return {
            **values,
            "company_id": company.id,
            "team_id": (team or company._get_request_team()).id,
            "origin_key": digest("mail", message_id, alias_name),
        }

    # === NEW AND FOLLOWING MAIL === #

    @api.model
    def message_new(self, msg, custom_values=None):
        # EXTENDS 'helpdesk_mgmt'
        named = msg.pop("named_ticket", None)
        values = {**self._prepare_mail_vals(msg), **(custom_values or {})}
        company = self.env["res.company"].browse(values.get("company_id") or self.env.company.id)
        self = self.with_company(company)
        values["possible_duplicate_id"] = self._find_duplicate(values, company).id
        ticket = super().message_new(msg, values)
        ticket._drop_foreign_followers(self.env["res.partner"])
        if named:
            ticket._message_log(
                body=self.env._(
                    "This mail answers %s, in which its sender takes no part.",
                    named._get_html_link(),
                )
            )
        return ticket

    def message_update(self, msg, update_vals=None):
        # EXTENDS 'helpdesk_mgmt'
        followers = self.message_partner_ids
        result = super().message_update(msg, update_vals=update_vals)
        self._drop_foreign_followers(followers)
        return result

    @api.model
    def _prepare_mail_vals(self, msg):
        now = fields.Datetime.now()
        is_unverified = bool(msg.get("is_sender_unverified") or not msg.get("author_id"))
        sender = msg.get("email_from") or ""
        body = msg.get("body") or ""
        return {
            "name": clean_line(msg.get("subject") or "") or self.env._("No subject"),
            "description": body if body.strip() else self.env._("The mail has no text."),
            "partner_id": False if is_unverified else msg["author_id"],
            "partner_email": clean_line(sender),
            "user_id": False,
            "received_at": max(fields.Datetime.to_datetime(msg["date"]), now - LONGEST_TRANSFER),
            "channel_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email", False).id,
            "is_sender_unverified": is_unverified,
            "mail_fingerprint": fingerprint(
                email_normalize(sender) or sender, msg.get("subject") or "", html2plaintext(body)
            ),
        }

    @api.model
    def _find_duplicate(self, values, company):
        """The request that the same words of the same sender opened just before, if any."""
        since = self.env.cr.now() - DUPLICATE_WINDOW
        return self.sudo().search(
            Domain("mail_fingerprint", "=", values["mail_fingerprint"])
            & Domain("company_id", "=", company.id)
            & Domain("create_date", ">=", since),
            order="id",
            limit=1,
        )

    def _drop_foreign_followers(self, before):
        """Of those whom a mail had in copy, only the customer's and our own people follow."""
        for ticket in self:
            foreign = (ticket.message_partner_ids - before).filtered(
                lambda partner, ticket=ticket: (
                    partner.partner_share
                    and partner.commercial_partner_id != ticket.commercial_partner_id
                )
            )
            ticket.message_unsubscribe(foreign.ids)
