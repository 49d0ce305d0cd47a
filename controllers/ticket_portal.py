from odoo import fields, http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import escape_psql

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk
from odoo.addons.portal.controllers.portal import pager

from ..models.helpdesk.stage import OPEN_STEPS
from ..models.helpdesk.ticket_portal import KINDS_WITH_SEVERITY
from ..tools.inbound_mail import clean_line, clean_text
from .own_ticket import TEXT_LENGTH, act_on, back_to, find_own_ticket, read_id

SEARCH_LENGTH = 200
# The filter of requests that wait for the customer, in the address of the list.
AWAITED = "awaited"
# What changes something is sent, with a token against other sites' forms.
ACTION = {"type": "http", "auth": "user", "methods": ["POST"], "website": True}


class TicketActions(HelpdeskTicketController):
    """What a customer does to his requests: by POST only, and to his own."""

    @http.route(methods=["POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **_kw):
        ticket = find_own_ticket(ticket_id)
        stage = ticket._get_portal_closing_stages().filtered(
            lambda stage: stage.id == read_id(stage_id)
        )
        if not stage:
            raise request.not_found()
        contact = request.env.user.partner_id
        return act_on(ticket, lambda ticket: ticket._close_for_customer(stage, contact))

    @http.route("/my/ticket/<int:ticket_id>/confirm", **ACTION)
    def portal_confirm(self, ticket_id, **_kw):
        """It works: tested and in production."""
        contact = request.env.user.partner_id
        return act_on(find_own_ticket(ticket_id), lambda ticket: ticket._confirm(contact))

    @http.route("/my/ticket/<int:ticket_id>/reopen", **ACTION)
    def portal_reopen(self, ticket_id, text=None, **_kw):
        """It does not work, or not any more."""
        ticket, user = find_own_ticket(ticket_id), request.env.user
        words = clean_text(text or "")[:TEXT_LENGTH].strip()
        if not words:
            return back_to(ticket, request.env._("What does not work? Please tell us."))
        return act_on(ticket, lambda ticket: ticket._reopen_for_customer(user, words))

    @http.route("/my/ticket/<int:ticket_id>/accept_workaround", **ACTION)
    def portal_accept_workaround(self, ticket_id, **_kw):
        """The workaround will do."""
        contact = request.env.user.partner_id
        return act_on(find_own_ticket(ticket_id), lambda ticket: ticket._accept_workaround(contact))


class TicketPortal(CustomerPortalHelpdesk):
    """The customer's requests, listed, counted and shown by one rule."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        tickets = request.env["helpdesk.ticket"]
        if "awaited_count" in counters and tickets.has_access("read"):
            values["awaited_count"] = len(tickets._get_portal_awaited())
        return values

    @http.route()
    def portal_my_tickets(
        self,
        page=1,
        date_begin=None,
        date_end=None,
        sortby=None,
        filterby=None,
        search=None,
        search_in=None,
        groupby=None,
        **kw,
    ):
        """List the requests; what the address holds but the page does not offer is ignored."""
        response = super().portal_my_tickets(
            page=page,
            date_begin=self._read_date(date_begin),
            date_end=self._read_date(date_end),
            sortby=sortby if sortby in self._ticket_get_searchbar_sortings() else None,
            filterby=filterby,
            search=clean_line(search, SEARCH_LENGTH) if search else None,
            search_in=search_in if search_in in self._ticket_get_searchbar_inputs() else None,
            groupby=groupby if groupby in self._ticket_get_searchbar_groupby() else None,
        )
        if response.qcontext:
            response.qcontext["severity_kinds"] = KINDS_WITH_SEVERITY
            self._offer_awaited(response.qcontext)
        return response

    def _offer_awaited(self, values):
        """Add the filter of what waits for the customer; there are few: they stand on one page."""
        filters = values["searchbar_filters"]
        filters[AWAITED] = {"label": request.env._("Waiting for you")}
        if values["filterby"] != AWAITED:
            return
        tickets = request.env["helpdesk.ticket"]
        domain = Domain("id", "in", tickets._get_portal_awaited().ids)
        if values["search"]:
            domain &= Domain(self._ticket_get_search_domain(values["search_in"], values["search"]))
        order = values["searchbar_sortings"][values["sortby"]]["order"]
        tickets = tickets.search(domain, order=order)
        request.session["my_tickets_history"] = tickets.ids[:100]
        values.update(
            grouped_tickets=[tickets] if tickets else [],
            groupby="none",
            pager=pager("/my/tickets", len(tickets), step=len(tickets) or 1),
        )

    def _read_date(self, text):
        try:
            return fields.Datetime.to_string(fields.Datetime.to_datetime(text or False)) or None
        except ValueError:
            return None

    def _ticket_get_searchbar_sortings(self):
        sortings = super()._ticket_get_searchbar_sortings()
        # Newest by when the customer said it, as the list shows.
        sortings["date"]["order"] = "received_at DESC, id DESC"
        return sortings

    def _ticket_get_search_domain(self, search_in, search):
        # The customer searches for text: % and _ are no wildcards to him.
        return super()._ticket_get_search_domain(search_in, escape_psql(search))

    @http.route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        """Show a request to its customer, or to whom the link in its mail was sent.

        The link works without a log-in as long as the request is open (see ``_revoke_link``).
        """
        if not (access_token or "").isascii():
            # No token of ours, and not comparable with one.
            access_token = None
        try:
            self._document_check_access("helpdesk.ticket", ticket_id, access_token)
        except (AccessError, MissingError) as error:
            if request.env.user._is_public():
                raise http.SessionExpiredException("Log in to see the request") from error
            raise request.not_found() from error
        allowed = {name: kw[name] for name in ("pid", "hash") if kw.get(name)}
        ticket = request.env["helpdesk.ticket"].browse(ticket_id)._as_reader()
        values = self._ticket_get_page_view_values(ticket, access_token, **allowed)
        response = request.render("maintenance_contract.portal_ticket_page", values)
        # The address may hold the token of the link.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        is_customer = ticket._is_customer(request.env.user)
        return {
            **super()._ticket_get_page_view_values(ticket, access_token, **kwargs),
            "attachments": ticket._get_portal_attachments(),
            "clocks": ticket._get_portal_clocks(),
            "severity_kinds": KINDS_WITH_SEVERITY,
            "open_steps": OPEN_STEPS,
            "may_act": is_customer,
            "notice": request.session.pop("ticket_notice", None),
        }
