from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..service_level.const import KINDS
from ..service_level.reading import format_moment
from .stage import OPEN_STEPS

# The others get the severity that requests have without one.
KINDS_WITH_SEVERITY = ("breakdown", "support")
REQUESTS_PER_HOUR = 20


class HelpdeskTicket(models.Model):
    """A request as its customer opens it and reads it on the portal.

    These methods read in superuser mode what the customer's user may not search: each bounds what
    it reads by the customer it was asked for.
    """

    _inherit = "helpdesk.ticket"

    # === WHAT THE FORM OFFERS === #

    @api.model
    def _get_portal_kinds(self):
        """Kinds of request with their names, in the reader's language."""
        return self._fields["request_kind"]._description_selection(self.env)

    @api.model
    def _get_portal_severities(self):
        return self.env["maintenance.severity"].search(
            [("company_id", "in", (self.env.company.id, False))]
        )

    @api.model
    def _get_portal_equipment(self, user):
        """The equipment that this user's company uses or houses."""
        customer = user.sudo().commercial_partner_id
        of_customer = Domain("customer_id", "child_of", customer.id) | Domain(
            "site_id", "child_of", customer.id
        )
        of_company = Domain("company_id", "in", (self.env.company.id, False))
        return self.env["maintenance.equipment"].sudo().search(of_customer & of_company)

    @api.model
    def _get_portal_refusal(self, user, kind, equipment):
        """Why this user may not open such a request, in his language; False when he may.

        :param maintenance.equipment equipment: what it is about; empty: not known
        """
        draft = self.sudo().new(
            {
                "company_id": self.env.company.id,
                "partner_id": user.partner_id.id,
                "request_kind": kind,
                "equipment_id": equipment.id,
            }
        )
        return draft._get_training_refusal()

    @api.model
    def _has_too_many_requests(self, user):
        """Whether this user has opened so many requests that a program may be at work."""
        since = self.env.cr.now() - timedelta(hours=1)
        opened = self.sudo().search_count(
            [("create_uid", "=", user.id), ("create_date", ">", since)], limit=REQUESTS_PER_HOUR
        )
        return opened >= REQUESTS_PER_HOUR

    # === WHAT THE PAGE SHOWS === #

    @api.model
    def _get_portal_awaited(self):
        """Requests of this user that wait for him: for an answer, or that he says it works.

        What they wait for is not his to search by: it is searched for him, among his own.
        """
        self.check_access("read")
        own = self.env["ir.rule"]._compute_domain(self._name, "read")
        awaited = Domain("maintenance_step", "=", "resolved") | (
            Domain("maintenance_step", "=", "waiting")
            & Domain("pause_reason_id.is_waiting_for_customer", "=", True)
        )
        return self.sudo().search(Domain(own) & awaited).with_env(self.env)

    def _as_reader(self):
        """This request in superuser mode, told in the language and time zone of the reader.

        Who is not logged in, or has no time zone, reads the hours of the company that answers.
        """
        self.ensure_one()
        ticket = self.sudo()
        zone = self.env.user.tz or ticket.company_id.resource_calendar_id.tz
        return ticket.with_company(ticket.company_id).with_context(tz=zone)

    def _tell_moment(self, moment):
        """A naive UTC datetime in the zone of the reader, which is named."""
        return format_moment(self.env, moment)

    def _get_portal_clocks(self):
        """The present cycle of each clock, in the order in which they are reached."""
        self.ensure_one()
        present = {
            clock.kind: clock
            for clock in self.sudo().sla_clock_ids.sorted("cycle")
            if clock.state != "cancelled"
        }
        clocks = self.env["maintenance.sla.clock"].sudo()
        return clocks.union(*(present[kind] for kind, _name in KINDS if kind in present)).with_env(
            self.env
        )

    # === WHAT THE CUSTOMER DOES === #

    def _get_portal_closing_stages(self):
        """Stages to which the customer may close this request by himself."""
        self.ensure_one()
        ticket = self.sudo().with_company(self.sudo().company_id)
        return ticket.team_id._get_applicable_stages().filtered("close_from_portal")

    def _is_reopenable(self):
        """Whether the customer may say that it does not work."""
        self.ensure_one()
        if self.maintenance_step == "closed":
            return not self._is_past_reopening()
        return self.maintenance_step == "resolved"

    def _close_for_customer(self, stage, contact):
        """Close the request as its customer asks: it works, or he needs it no more.

        :param helpdesk.ticket.stage stage: one of `_get_portal_closing_stages`
        :param res.partner contact: who asks
        """
        self.ensure_one()
        if stage.maintenance_step == "cancelled":
            self._cancel("withdrawn")
        elif self.maintenance_step == "resolved":
            self._confirm(contact)
        else:
            self._check_step(*OPEN_STEPS)
            self._close("confirmed")
        self.stage_id = stage

    def _reopen_for_customer(self, user, text):
        """Open the request again, with the customer's words for what does not work.

        :param res.users user: who says so
        :param str text: what he says
        :raises UserError: when it was closed too long ago
        """
        self.ensure_one()
        if not self._is_reopenable():
            raise UserError(
                self.env._("%s cannot be opened again: open a new request.", self.number)
            )
        self._reopen()
        self.with_user(user).message_post(
            body=text, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
