from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request
from odoo.tools import escape_psql

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from ..tools.inbound_mail import clean_filename, clean_line, clean_text

FILES_PER_REQUEST = 20
MAX_UPLOAD = 25 * 1024 * 1024
SEARCH_LENGTH = 200


def find_own_ticket(ticket_id):
    """The request that the user may read as himself, of his own company.

    :raises NotFound: for one that does not exist as for one of somebody else
    """
    text = str(ticket_id)
    ticket = request.env["helpdesk.ticket"].browse(int(text) if text.isdecimal() else ())
    if not ticket.exists() or not ticket.has_access("read"):
        raise request.not_found()
    if not ticket._is_customer(request.env.user):
        raise request.not_found()
    return ticket


def back_to(ticket, notice=None):
    """Show the request again, with what there is to say about the last step."""
    request.session["ticket_notice"] = notice
    return request.redirect(f"/my/ticket/{ticket.id}")


class TicketActions(HelpdeskTicketController):
    """What a customer does to his requests: by POST only, and to his own."""

    @http.route(methods=["POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **_kw):
        ticket = find_own_ticket(ticket_id)
        stage = ticket._get_portal_closing_stages().filtered(
            lambda stage: str(stage.id) == stage_id
        )
        if not stage:
            raise request.not_found()
        try:
            with request.env.cr.savepoint():
                ticket.sudo().stage_id = stage
        except UserError as error:
            return back_to(ticket, str(error))
        return back_to(ticket)

    @http.route(methods=["POST"], max_content_length=MAX_UPLOAD)
    def submit_ticket(self, **kw):
        problem = self._get_submission_problem(kw)
        if problem:
            values = self._get_create_new_ticket_values(**kw)
            values.update(problem=problem, given=kw)
            return request.render("helpdesk_mgmt.portal_create_ticket", values, status=422)
        vals = self._prepare_submit_ticket_vals(**kw)
        ticket = request.env["helpdesk.ticket"].sudo().create(vals)
        ticket.message_subscribe(partner_ids=request.env.user.partner_id.ids)
        self._attach_files(ticket)
        ticket._send_receipt()
        return request.redirect(f"/my/ticket/{ticket.id}")

    def _prepare_submit_ticket_vals(self, **kw):
        """Take the fields of the form, and nothing else of what was posted.

        :raises NotFound: for a team or a category that the customer may not choose
        """
        team = self._read_choice(self._get_teams(), kw.get("team"))
        category = self._read_choice(self._get_categories(), kw.get("category"))
        return super()._prepare_submit_ticket_vals(
            subject=clean_line(kw.get("subject", "")),
            description=clean_text(kw.get("description", "")),
            team=team and str(team.id),
            category=category and str(category.id),
        )

    def _read_choice(self, choices, value):
        """The one of the records offered that was chosen; empty when nothing was."""
        if not value:
            return choices and choices.browse()
        choice = choices and choices.filtered(lambda record: str(record.id) == value)
        if not choice:
            raise request.not_found()
        return choice

    def _get_submission_problem(self, values):
        """What the customer has to correct before the request can be taken, if anything."""
        files = self._get_files()
        if not clean_line(values.get("subject", "")):
            return request.env._("Subject: tell in a few words what the request is about.")
        if not clean_text(values.get("description", "")).strip():
            return request.env._("Description: tell what happens.")
        if len(files) > FILES_PER_REQUEST:
            return request.env._("Attachments: send %s files at most.", FILES_PER_REQUEST)
        if any(not content for _name, content in files):
            return request.env._("Attachments: one of the files is empty.")
        return None

    def _get_files(self):
        """Names and contents of the files sent with the form, read once."""
        files = []
        for file in request.httprequest.files.getlist("attachment"):
            if file.filename:
                files.append((clean_filename(file.filename), file.read()))
                file.seek(0)
        return files

    def _attach_files(self, ticket):
        # In superuser mode, but as the customer: what a browser would run is then stored as text.
        request.env["ir.attachment"].sudo().create(
            [
                {"name": name, "raw": content, "res_model": ticket._name, "res_id": ticket.id}
                for name, content in self._get_files()
            ]
        )


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
        return super().portal_my_tickets(
            page=page,
            date_begin=self._read_date(date_begin),
            date_end=self._read_date(date_end),
            sortby=sortby if sortby in self._ticket_get_searchbar_sortings() else None,
            filterby=filterby,
            search=clean_line(search, SEARCH_LENGTH) if search else None,
            search_in=search_in if search_in in self._ticket_get_searchbar_inputs() else None,
            groupby=groupby if groupby in self._ticket_get_searchbar_groupby() else None,
        )

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
            ticket = self._document_check_access("helpdesk.ticket", ticket_id, access_token)
        except (AccessError, MissingError) as error:
            if request.env.user._is_public():
                raise http.SessionExpiredException("Log in to see the request") from error
            raise request.not_found() from error
        allowed = {name: kw[name] for name in ("pid", "hash") if kw.get(name)}
        values = self._ticket_get_page_view_values(ticket, access_token, **allowed)
        response = request.render("maintenance_contract.portal_ticket_page", values)
        # The address may hold the token of the link.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        may_close = ticket._is_customer(request.env.user) and not ticket.closed
        return {
            **values,
            "closing_stages": may_close and ticket._get_portal_closing_stages(),
            "attachments": ticket._get_portal_attachments(),
            "notice": request.session.pop("ticket_notice", None),
        }
