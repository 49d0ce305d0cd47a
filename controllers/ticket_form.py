from uuid import uuid4

from psycopg2.errors import UniqueViolation

from odoo import http
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from ..models.helpdesk.ticket_portal import KINDS_WITH_SEVERITY
from ..tools.inbound_mail import clean_filename, clean_line, clean_text, digest
from .own_ticket import TEXT_LENGTH, read_id

FILES_PER_REQUEST = 20
MAX_UPLOAD = 25 * 1024 * 1024
# The fields of the form; what else is posted is not read.
FIELDS = (
    "kind",
    "severity",
    "severity_reason",
    "equipment",
    "team",
    "category",
    "subject",
    "description",
    "about",
    "form_key",
)


class TicketForm(HelpdeskTicketController):
    """A customer opens a request: first its kind, then what this kind needs.

    The server decides whose it is, of which company and how it is covered; the form only says what
    it is about (RELIABILITY R9).
    """

    # === PAGES === #

    @http.route()
    def create_new_ticket(self, **kw):
        values = self._get_create_new_ticket_values(**kw)
        if not values["kind"]:
            return request.render("maintenance_contract.portal_request_kinds", values)
        return request.render("maintenance_contract.portal_request_form", values)

    def _get_create_new_ticket_values(self, **kw):
        tickets = request.env["helpdesk.ticket"]
        given = self._read_form(kw)
        kinds = tickets._get_portal_kinds()
        kind = given["kind"] if given["kind"] in dict(kinds) else None
        equipments = tickets._get_portal_equipment(request.env.user)
        known = equipments if len(equipments) == 1 else equipments.browse()
        if given["about"] == "training" and not given["subject"]:
            given["subject"] = request.env._("Training")
            given["description"] = request.env._(
                "Please tell us when the next training takes place."
            )
        return {
            **super()._get_create_new_ticket_values(**kw),
            "page_name": "new_request",
            "given": given,
            "refusal": kind
            and tickets._get_portal_refusal(
                request.env.user, kind, self._find(equipments, given["equipment"]) or known
            ),
            "kind": kind,
            "kinds": kinds,
            "severities": kind in KINDS_WITH_SEVERITY and tickets._get_portal_severities(),
            "equipments": equipments,
            "form_key": given["form_key"] or uuid4().hex,
        }

    def _read_form(self, posted):
        """The fields of the form as clean texts."""
        return {
            name: clean_text(str(posted.get(name) or ""))[:TEXT_LENGTH].strip() for name in FIELDS
        }

    # === SUBMISSION === #

    @http.route(methods=["POST"], max_content_length=MAX_UPLOAD)
    def submit_ticket(self, **kw):
        given, files = self._read_form(kw), self._read_files()
        given["kind"] = given["kind"] or "support"
        vals = self._prepare_submit_ticket_vals(**given)
        if sent := self._find_sent(vals["origin_key"]):
            return request.redirect(sent.access_url)
        values = self._get_create_new_ticket_values(**given)
        values["problem"] = self._get_problem(given, files)
        if values["problem"] or values["refusal"]:
            return request.render("maintenance_contract.portal_request_form", values, status=422)
        try:
            with request.env.cr.savepoint():
                ticket = self._open_request(vals, files)
        except UniqueViolation:
            # The other click of a double click was first.
            return request.redirect("/my/tickets")
        return request.redirect(ticket.access_url)

    def _open_request(self, vals, files):
        """Create the request in superuser mode from values that the server chose.

        A customer has no right to create: whoever may read requests may ask, which
        `_prepare_submit_ticket_vals` has checked.
        """
        ticket = request.env["helpdesk.ticket"].sudo().create(vals)
        ticket.message_subscribe(partner_ids=request.env.user.partner_id.ids)
        # The user remains the customer: what a browser would run is then stored as text.
        request.env["ir.attachment"].sudo().create(
            [
                {"name": name, "raw": content, "res_model": ticket._name, "res_id": ticket.id}
                for name, content in files
            ]
        )
        ticket._send_receipt()
        return ticket

    def _prepare_submit_ticket_vals(self, **given):
        """What the request is created with.

        :raises AccessError: for who may not read requests
        :raises NotFound: for a choice that the form does not offer to this customer
        """
        tickets = request.env["helpdesk.ticket"]
        tickets.check_access("read")
        kind = given["kind"]
        if kind not in dict(tickets._get_portal_kinds()):
            raise request.not_found()
        severity = tickets._get_portal_severities().browse()
        if kind in KINDS_WITH_SEVERITY:
            severity = self._pick(tickets._get_portal_severities(), given["severity"])
        equipment = self._pick(tickets._get_portal_equipment(request.env.user), given["equipment"])
        team = self._pick(self._get_teams(), given["team"])
        category = self._pick(self._get_categories(), given["category"])
        vals = super()._prepare_submit_ticket_vals(
            subject=clean_line(given["subject"]),
            description=given["description"],
            team=team and str(team.id),
            category=category and str(category.id),
        )
        if severity:
            vals["severity_id"] = severity.id
            vals["severity_reason"] = clean_line(given["severity_reason"]) or False
        if not vals.get("team_id") and (team := request.env.company._get_request_team().sudo()):
            vals.update(team_id=team.id, stage_id=team._get_applicable_stages()[:1].id)
        key = given["form_key"]
        return {
            **vals,
            "request_kind": kind,
            "equipment_id": equipment.id,
            "origin_key": digest("form", str(request.env.uid), key) if key else False,
        }

    def _pick(self, choices, value):
        """The one of the records offered that was chosen; empty when nothing was."""
        if not value:
            return choices and choices.browse()
        choice = choices and self._find(choices, value)
        if not choice:
            raise request.not_found()
        return choice

    def _find(self, choices, value):
        return choices.filtered(lambda record: record.id == read_id(value))

    def _find_sent(self, origin_key):
        """The request that the same form has opened already, sent again by a lost connection.

        The key is not the customer's to search by: what he sent himself and may still read is.
        """
        tickets = request.env["helpdesk.ticket"]
        if not origin_key:
            return tickets
        own = [("create_uid", "=", request.env.uid), ("origin_key", "=", origin_key)]
        return tickets.sudo().search(own, limit=1).with_env(request.env)._filtered_access("read")

    def _get_problem(self, given, files):
        """What the customer has to correct before the request can be taken, if anything."""
        tell = request.env._
        if not clean_line(given["subject"]):
            return tell("Subject: tell in a few words what the request is about.")
        if not given["description"]:
            return tell("Description: tell what happens.")
        if given["kind"] in KINDS_WITH_SEVERITY and not given["severity"]:
            return tell("Severity: choose how much it hinders you.")
        if self._lacks_reason(given):
            return tell("Why: tell why it hinders you that much.")
        if len(files) > FILES_PER_REQUEST:
            return tell("Files: send %s files at most.", FILES_PER_REQUEST)
        if any(not content for _name, content in files):
            return tell("Files: one of them is empty.")
        if request.env["helpdesk.ticket"]._has_too_many_requests(request.env.user):
            return tell("You have sent many requests within an hour. Try again later, or call us.")
        return None

    def _lacks_reason(self, given):
        if given["kind"] not in KINDS_WITH_SEVERITY:
            return False
        offered = request.env["helpdesk.ticket"]._get_portal_severities()
        severity = self._find(offered, given["severity"])
        return severity and severity._lacks_reason(clean_line(given["severity_reason"]))

    def _read_files(self):
        """Names and contents of the files sent with the form."""
        return [
            (clean_filename(file.filename), file.read())
            for file in request.httprequest.files.getlist("attachment")
            if file.filename
        ]
