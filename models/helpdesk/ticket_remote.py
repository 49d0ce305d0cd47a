from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.windows import open_dialog, open_window
from .stage import OPEN_STEPS


class HelpdeskTicket(models.Model):
    """Remote first: the request keeps the log of its remote sessions."""

    _inherit = "helpdesk.ticket"

    remote_session_ids = fields.One2many("maintenance.remote.session", "ticket_id")
    remote_session_count = fields.Integer(compute="_compute_remote_session_count")
    has_my_remote_session = fields.Boolean(
        compute="_compute_has_my_remote_session",
        help="The user has a remote session open on this request.",
    )

    @api.depends("remote_session_ids")
    def _compute_remote_session_count(self):
        counts = dict(
            self.env["maintenance.remote.session"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.remote_session_count = counts.get(ticket._origin, 0)

    @api.depends("remote_session_ids.end")
    @api.depends_context("uid")
    def _compute_has_my_remote_session(self):
        open_sessions = self.env["maintenance.remote.session"].search_fetch(
            [("ticket_id", "in", self.ids), ("user_id", "=", self.env.uid), ("end", "=", False)],
            ["ticket_id"],
        )
        for ticket in self:
            ticket.has_my_remote_session = ticket._origin in open_sessions.ticket_id

    # === ACTIONS === #

    def action_start_remote_session(self):
        """Ask for the tool and the identifier, then note the session."""
        self.ensure_one()
        self._check_takes_work()
        return open_dialog(
            self,
            self.env._("Start Remote Session"),
            "maintenance.remote.start",
            default_ticket_id=self.id,
        )

    def action_end_remote_session(self):
        """Show the user's open session: how it ended, and what was done."""
        self.ensure_one()
        session = self.remote_session_ids.filtered(
            lambda session: session.user_id == self.env.user and not session.end
        )
        return {
            **open_dialog(self, self.env._("End Remote Session"), "maintenance.remote.session"),
            "res_id": session.id,
        }

    def action_view_remote_sessions(self):
        return open_window(
            self,
            "maintenance_remote_session_action",
            domain=[("ticket_id", "=", self.id)],
            context={},
        )

    # === BUSINESS METHODS === #

    def _check_takes_work(self):
        """Refuse work on what is resolved or closed, and on ideas, where nothing has failed.

        :raises UserError: naming the request
        """
        self.check_access("write")
        self._check_step(*OPEN_STEPS)
        for ticket in self:
            if ticket.request_kind == "idea":
                raise UserError(
                    self.env._("%s is an improvement idea: nothing is broken.", ticket.number)
                )

    def _get_last_identifier(self, tool):
        """What was last used with a tool for the same equipment, else for the same contact.

        :param maintenance.remote.tool tool: with which identifiers make sense
        :rtype: str | bool
        """
        for name in ("equipment_id", "partner_id"):
            if not self[name]:
                continue
            # The last session may be on the request of a colleague.
            last = (
                self.env["maintenance.remote.session"]
                .sudo()
                .search(
                    [
                        ("tool_id", "=", tool.id),
                        ("company_id", "=", self.company_id.id),
                        (f"ticket_id.{name}", "=", self[name].id),
                        ("identifier", "!=", False),
                    ],
                    limit=1,
                )
            )
            if last:
                return last.identifier
        return False

    def _take_remote_start(self, at):
        """Tell the clocks that somebody has begun to help from afar.

        :param datetime at: naive UTC; people enter minutes, so it may be some seconds early
        """
        self.ensure_one()
        self._check_takes_work()
        at = max(at, self.received_at)
        self._reach("acknowledge", at)
        self._reach("remote_start", at)
        self._begin()
