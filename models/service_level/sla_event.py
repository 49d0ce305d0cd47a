from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.sla import Event, stops_with
from .const import CHANGE_RULES, KINDS
from .instants import to_instant

# What an event without a kind concerns.
ALL_KINDS = tuple(dict(KINDS))


def get_concerned_kinds(name, kind):
    """The kinds of the clocks that have to know of an event."""
    if name == "stop":
        return stops_with(kind)
    return (kind,) if kind else ALL_KINDS


def is_promised(log):
    """Whether the clock of this log exists: others only hear what happens to the request."""
    return any(event.name in ("start", "await") for event in log)


class MaintenanceSlaEvent(models.Model):
    """Something that happened to the clocks of a request: the log they are counted from.

    Rows are only ever added. Whatever the clocks show can be recomputed from them.
    """

    _name = "maintenance.sla.event"
    _description = "SLA Event"
    _order = "at, id"
    _rec_name = "name"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade", string="Request"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="restrict")
    name = fields.Selection(
        [
            ("await", "Promised"),
            ("start", "Started"),
            ("pause", "Paused"),
            ("resume", "Resumed"),
            ("stop", "Reached"),
            ("change", "Changed"),
            ("reopen", "Re-opened"),
            ("manual", "Deadline agreed"),
            ("release", "Agreed deadline given up"),
            ("amend", "Corrected"),
            ("cancel", "Cancelled"),
        ],
        string="Event",
        required=True,
        readonly=True,
    )
    kind = fields.Selection(KINDS, "Clock", readonly=True, help="Empty: all clocks of the request.")
    at = fields.Datetime("When", required=True, readonly=True)
    term_id = fields.Many2one(
        "maintenance.sla.term", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    reason_id = fields.Many2one("maintenance.pause.reason", readonly=True, ondelete="restrict")
    rule = fields.Selection(CHANGE_RULES, readonly=True)
    deadline = fields.Datetime(readonly=True, help="The deadline agreed with the customer.")
    note = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Who", readonly=True, ondelete="restrict")
    create_date = fields.Datetime("Recorded", readonly=True)

    _ticket_at_index = models.Index("(ticket_id, at, id)")
    # The indicators follow the resolutions alone.
    _resolution_index = models.Index(
        "(ticket_id, at, id) WHERE kind = 'resolution' AND name IN ('stop', 'reopen')"
    )

    _allow_sudo_commands = False

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The log of the clocks does not change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of the clocks is kept."))

    @api.model
    def _get_logs(self, tickets):
        """The logs of the clocks of these requests, in one query.

        An event without a kind is in the log of each kind, be it promised or not.

        :return: events by request and kind, in order; the key of each is its row
        :rtype: dict[tuple[int, str], list[Event]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ticket_id, kind, id, name, at, term_id, reason_id, rule, deadline
                  FROM maintenance_sla_event
                 WHERE ticket_id IN %s
                 ORDER BY ticket_id, at, id
                """,
                tuple(tickets.ids) or (0,),
            )
        )
        terms = self.env["maintenance.sla.term"].browse({row[5] for row in rows if row[5]})
        promises = {None: None, **{term.id: term._get_value() for term in terms}}
        logs = defaultdict(list)
        for ticket_id, kind, id_, name, at, term_id, reason_id, rule, deadline in rows:
            event = Event(
                to_instant(at),
                name,
                term=promises[term_id],
                reason=reason_id,
                rule=rule,
                deadline=to_instant(deadline),
                key=id_,
            )
            for concerned in get_concerned_kinds(name, kind):
                logs[ticket_id, concerned].append(event)
        return logs
