from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.remote_link import build_link
from ..core.checks import check_dates

# A session that lasts longer was forgotten.
MAX_LENGTH = timedelta(hours=24)


class MaintenanceRemoteSession(models.Model):
    """One remote session on a request: with which tool, from when to when, by whom, how it ended.

    Its start is what the clocks of the request were told: it does not change afterwards. Once it
    has ended and its request is closed, nothing of it does.
    """

    _name = "maintenance.remote.session"
    _description = "Remote Session"
    _order = "start desc, id desc"
    _rec_name = "tool_id"
    _check_company_auto = True
    # What the clocks of the request were told.
    _told_fields = frozenset({"ticket_id", "start", "user_id"})

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    tool_id = fields.Many2one("maintenance.remote.tool", required=True, ondelete="restrict")
    identifier = fields.Char(help="Of the customer's computer in this tool.")
    url = fields.Char("Link", compute="_compute_url")
    start = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    end = fields.Datetime()
    duration = fields.Float(
        compute="_compute_duration", store=True, help="Hours from start to end, once ended."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Technician",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    result = fields.Selection(
        [
            ("solved", "Solved"),
            ("not_solved", "Not solved"),
            ("interrupted", "Interrupted"),
        ],
    )
    note = fields.Text(help="What was seen and done. The customer does not see it.")

    _open_uniq = models.UniqueIndex(
        '(ticket_id, user_id) WHERE "end" IS NULL',
        "Remote session: this technician has an open one on this request already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("tool_id.url_template", "tool_id.identifier_format", "identifier")
    def _compute_url(self):
        for session in self:
            tool = session.tool_id
            session.url = bool(tool.url_template and session.identifier) and build_link(
                tool.url_template, tool.identifier_format, session.identifier
            )

    @api.depends("start", "end")
    def _compute_duration(self):
        for session in self:
            is_ended = session.start and session.end
            length = session.end - session.start if is_ended else timedelta()
            session.duration = length.total_seconds() / 3600

    # === CONSTRAINTS === #

    @api.constrains("tool_id", "identifier")
    def _check_identifier(self):
        for session in self:
            session.tool_id._check_identifier(session.identifier)

    @api.constrains("start", "end")
    def _check_period(self):
        check_dates(self, "start", "end")
        now = fields.Datetime.now()
        for session in self:
            start, end = session.start, session.end
            if start > now:
                raise ValidationError(self.env._("Start: a session is noted once it has started."))
            # People enter minutes.
            if start < session.ticket_id.received_at.replace(second=0):
                raise ValidationError(
                    self.env._("Start: it is before the request was received, correct one of them.")
                )
            if end and end < start:
                raise ValidationError(self.env._("End: it is before the start of the session."))
            if end and end > now:
                raise ValidationError(self.env._("End: it is in the future."))
            if end and end - start > MAX_LENGTH:
                raise ValidationError(
                    self.env._("End: a session lasts 24 hours at most. Enter when it ended.")
                )

    @api.constrains("end", "result")
    def _check_result(self):
        for session in self:
            if bool(session.end) != bool(session.result):
                raise ValidationError(
                    self.env._("Result: a session that has ended has one, an open one has none.")
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        sessions = super().create(vals_list)
        for session in sessions.sorted("start"):
            session.ticket_id._take_remote_start(session.start)
        sessions.filtered("end")._log_end()
        return sessions

    def write(self, vals):
        if not self.env.su:
            self._check_not_final(vals)
        ending = self.filtered(lambda session: vals.get("end") and not session.end)
        result = super().write(vals)
        ending._log_end()
        return result

    def _check_not_final(self, vals):
        """Refuse to change what the clocks were told, and what is over.

        :raises UserError: naming the field, or the request
        """
        if told := self._told_fields & vals.keys():
            labels = [self._fields[name]._description_string(self.env) for name in sorted(told)]
            raise UserError(
                self.env._(
                    "%s: the clocks of the request were told, it does not change any more.",
                    ", ".join(labels),
                )
            )
        if final := self.filtered(lambda session: session.end and session.ticket_id.closed):
            raise UserError(
                self.env._(
                    "%s is closed: its remote sessions are final.",
                    ", ".join(final.ticket_id.mapped("number")),
                )
            )

    # === ACTIONS === #

    def action_open(self):
        """Open the tool on the customer's computer, in another tab, where the tool can do so."""
        self.ensure_one()
        self.check_access("read")
        if not self.url:
            return {"type": "ir.actions.act_window_close"}
        return {"type": "ir.actions.act_url", "url": self.url, "target": "new", "close": True}

    def action_end_solved(self):
        return self._end("solved")

    def action_end_not_solved(self):
        return self._end("not_solved")

    def action_end_interrupted(self):
        return self._end("interrupted")

    # === BUSINESS METHODS === #

    def _end(self, result):
        """End open sessions now, and close the dialog they are shown in.

        :raises UserError: when one has ended already, a double click included
        """
        self.check_access("write")
        if self.filtered("end"):
            raise UserError(self.env._("This remote session has ended already."))
        self.write({"end": fields.Datetime.now(), "result": result})
        return {"type": "ir.actions.act_window_close"}

    def _log_end(self):
        """Tell the request, to the staff only, what a session came to."""
        results = dict(self._fields["result"]._description_selection(self.env))
        for session in self:
            minutes = round(session.duration * 60)
            session.ticket_id.message_post(
                body=self.env._(
                    "Remote session with %(tool)s, %(minutes)s min by %(user)s: %(result)s.",
                    tool=session.tool_id.name,
                    minutes=minutes,
                    user=session.user_id.name,
                    result=results[session.result],
                )
            )
