from odoo import fields, http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from odoo.tools import escape_psql

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from ..models.helpdesk.ticket_portal import KINDS_WITH_SEVERITY
from ..tools.inbound_mail import clean_line
from .own_ticket import act_on, find_own_ticket, read_id

SEARCH_LENGTH = 200


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
        return act_on(ticket, lambda ticket: ticket.write({"stage_id": stage.id}))


class TicketPortal(CustomerPortalHelpdesk):
    """The customer's requests, listed, counted and shown by one rule."""

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
        response.qcontext["severity_kinds"] = KINDS_WITH_SEVERITY
        return response

    def _read_date(self, text):
        try:
            return fields.Datetime.to_string(fields.Datetime.to_datetime(text or False)) or None
        except ValueError:
            return None

    def _ticket_get_search_domain(self, search_in, search):
        # The customer searches for text: % and _ are no wildcards to him.
        return super()._ticket_get_search_domain(search_in, escape_psql(search))

    @http.route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        """Show a request to its customer, or to whom the link in its mail was sent.

        The link works without a log-in as long as the request is open (see ``_revoke_link``).
        """
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
            "may_act": is_customer,
            "notice": request.session.pop("ticket_notice", None),
        }
