from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .stage import FINAL_STEPS

# Nobody rewrites them by hand: the portal goes by the customer, and mail by the number. They are
# no guarded fields, as helpdesk_mgmt gives the number at creation, in the mode of the user.
SETTLED_FIELDS = frozenset({"number", "commercial_partner_id", "last_stage_update", "access_token"})


class HelpdeskTicket(models.Model):
    """A request is seen by its customer, that is by the contacts of one commercial partner.

    To follow a request is to receive its mail; it gives no right. The link in that mail opens the
    request without a log-in, until the request is closed or leaves the customer, or the contact
    is archived.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "maintenance.portal.fields.mixin"]

    # By what he finds and sorts his requests, what he asked, and what mail about them goes by.
    _portal_fields = frozenset(
        {
            "id",
            "display_name",
            "number",
            "name",
            "description",
            "request_kind",
            "severity_id",
            "severity_definition",
            "equipment_id",
            "category_id",
            "team_id",
            "stage_id",
            "user_id",
            "company_id",
            "partner_id",
            "commercial_partner_id",
            "active",
            "priority",
            "sequence",
            "create_date",
            "received_at",
            "last_stage_update",
            "closed_date",
            "access_url",
            "message_ids",
            "website_message_ids",
        }
    )

    # A customer searches his requests by the messages he reads, not by the notes of the staff.
    message_ids = fields.One2many(bypass_search_access=False)
    website_message_ids = fields.One2many(bypass_search_access=False)

    def write(self, vals):
        self._check_guarded(vals, SETTLED_FIELDS)
        self._check_may_archive(vals)
        customers = {ticket: ticket.commercial_partner_id for ticket in self}
        still_open = self.filtered(lambda ticket: not ticket.closed)
        result = super().write(vals)
        if "partner_id" in vals:
            for ticket, customer in customers.items():
                if ticket.commercial_partner_id != customer:
                    ticket._leave_customer(customer)
        if "stage_id" in vals:
            still_open.filtered("closed")._revoke_link()
        return result

    def _check_may_archive(self, vals):
        """Keep in sight what is still promised: the indicators do not count what is archived open.

        :raises UserError: naming the requests
        """
        if self.env.su or vals.get("active", True):
            return
        if kept := self.filtered(
            lambda ticket: (
                ticket.active
                and not ticket.is_sender_unverified
                and ticket.maintenance_step not in FINAL_STEPS
            )
        ):
            raise UserError(
                self.env._(
                    "A request is archived once it is closed or cancelled: %(requests)s is not.",
                    requests=", ".join(kept.mapped("number")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_request(self):
        if kept := self.filtered(lambda ticket: not ticket.is_sender_unverified):
            raise UserError(
                self.env._(
                    "A request is archived, not deleted: %(requests)s. "
                    "Only mail from an unverified sender may be deleted.",
                    requests=", ".join(kept.mapped("number")),
                )
            )

    def _leave_customer(self, customer):
        """Cut off the former customer, to whom this request was given by mistake."""
        self.ensure_one()
        self._revoke_link()
        leaving = self.sudo().message_partner_ids.filtered(
            lambda partner: partner.partner_share and partner.commercial_partner_id == customer
        )
        self.sudo().message_unsubscribe(leaving.ids)

    def _revoke_link(self):
        """Make the links sent until now worthless; the next mail makes a new one."""
        self.sudo().filtered("access_token").access_token = False

    def _sign_token(self, pid):
        # EXTENDS 'portal': who writes to the others has their links signed, and reads none.
        return super(HelpdeskTicket, self.sudo())._sign_token(pid)

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        # EXTENDS 'portal': a customer who is logged in needs no link that opens without a log-in.
        share_token = share_token and (self.env.su or not self.env.user.share)
        return super()._get_share_url(redirect, signup_partner, pid, share_token)

    def _is_customer(self, user):
        """Whether ``user`` is a contact of this request's customer."""
        self.ensure_one()
        customer = self.sudo().commercial_partner_id
        return bool(customer) and user.sudo().commercial_partner_id == customer

    def _get_portal_attachments(self):
        """Files that the customer may see: those of messages that he sees, and those he sent.

        A file of an internal note is not among them, nor one that the staff left on the request.
        """
        self.ensure_one()
        messages = self.env["mail.message"].sudo()
        of_ticket = Domain("model", "=", self._name) & Domain("res_id", "=", self.id)
        seen = messages.search(of_ticket & messages._get_search_domain_share()).attachment_ids
        in_messages = messages.search(of_ticket & Domain("attachment_ids", "!=", False))
        files = self.env["ir.attachment"].sudo()
        sent = files.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("id", "not in", in_messages.attachment_ids.ids),
                ("create_uid.share", "=", True),
            ]
        )
        return (seen | sent).sorted("id")
