from collections import defaultdict
from itertools import product

from odoo import api, fields, models

from ...tools.sla import replay
from ..core.bulk_insert import insert_records
from ..core.bulk_update import update_records
from .const import KINDS
from .instants import to_instant
from .sla_clock import OPEN_STATES, get_clock_vals
from .sla_event import is_promised

# From the worst: what the request as a whole shows.
STATES_BY_GRAVITY = ("overdue", "met_late", "running", "pending", "paused", "met", "none")


class HelpdeskTicket(models.Model):
    """The clocks of a request, and what they make of it as a whole.

    All they show is recomputed from the log of events: what is stored is a cache, for lists.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"sla_clock_ids", "sla_deadline", "sla_state"})

    sla_clock_ids = fields.One2many(
        "maintenance.sla.clock", "ticket_id", string="Clocks", readonly=True
    )
    sla_deadline = fields.Datetime(
        "Next Deadline",
        readonly=True,
        copy=False,
        help="The earliest deadline of the clocks that run.",
    )
    sla_state = fields.Selection(
        [
            ("overdue", "Overdue"),
            ("met_late", "Late"),
            ("running", "Running"),
            ("pending", "Pending"),
            ("paused", "Paused"),
            ("met", "Met"),
            ("none", "No commitment"),
        ],
        "SLA",
        readonly=True,
        copy=False,
        index=True,
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue",
        help="A deadline has passed and what was promised is still to be done.",
    )
    sla_badge = fields.Json(compute="_compute_sla_badge", exportable=False)

    # What presses most comes first in our lists.
    _deadline_order_index = models.Index("(sla_deadline, id DESC)")

    # === COMPUTE METHODS === #

    @api.depends("sla_deadline")
    def _compute_is_overdue(self):
        """By the deadline itself, whenever the cron ran."""
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_overdue = bool(ticket.sla_deadline) and ticket.sla_deadline < now

    @api.depends("sla_clock_ids.state", "sla_clock_ids.deadline", "sla_deadline", "sla_state")
    @api.depends_context("lang", "tz")
    def _compute_sla_badge(self):
        """The badge of the clock that presses most: open before closed, the earliest first."""
        for ticket in self:
            pressing = ticket.sla_clock_ids.sorted(lambda clock: clock._get_urgency())[:1]
            badge = pressing.badge or False
            if badge and ticket.sla_state in ("overdue", "met_late"):
                badge = {**badge, "is_late": True}
            ticket.sla_badge = badge

    def _get_open_clocks(self):
        return self.sla_clock_ids.filtered(lambda clock: clock.state in OPEN_STATES)

    # === FIGURES FROM THE LOG === #

    def _replay_clocks(self):
        """What the log says of each clock.

        :return: cycle and log by request, kind and number of the cycle
        :rtype: dict[tuple[int, str, int], tuple[Cycle, list[Event]]]
        """
        logs = self.env["maintenance.sla.event"].sudo()._get_logs(self)
        return {
            (ticket_id, kind, cycle.number): (cycle, log)
            for ticket_id, kind in product(self.ids, dict(KINDS))
            if is_promised(log := logs[ticket_id, kind])
            for cycle in replay(log)
        }

    def _get_clocks(self):
        """The stored clocks of these requests by key, with all their fields in the cache.

        :rtype: dict[tuple[int, str, int], maintenance.sla.clock]
        """
        clocks = self.env["maintenance.sla.clock"].sudo().search([("ticket_id", "in", self.ids)])
        clocks.fetch()
        return {clock._get_key(): clock for clock in clocks}

    def _refresh_clocks(self):
        """Write what the log says of the clocks of these requests, in a few statements."""
        cycles = self._replay_clocks()
        self._write_clocks(cycles, self._get_clocks(), self._get_due_thresholds(cycles))

    def _write_clocks(self, cycles, existing, due):
        """Write the figures of cycles on their clocks, creating those that are missing.

        :param cycles: as `_replay_clocks` gives them
        :param existing: as `_get_clocks` gives them
        :param due: the warnings still to give, by key of the clock
        """
        self.invalidate_recordset(["sla_clock_ids", "sla_event_ids"], flush=False)
        clocks = self.env["maintenance.sla.clock"].sudo()
        now = to_instant(fields.Datetime.now())
        figures = {
            key: get_clock_vals(cycle, due[key], now) for key, (cycle, _log) in cycles.items()
        }
        companies = {ticket.id: ticket.company_id.id for ticket in self}
        without_deadline = self.browse(
            {
                key[0]
                for key, vals in figures.items()
                if vals["has_no_deadline"] and not existing.get(key, clocks).has_no_deadline
            }
        )
        insert_records(
            clocks,
            [
                {
                    **dict(zip(("ticket_id", "kind", "cycle"), key, strict=True)),
                    "company_id": companies[key[0]],
                    **vals,
                }
                for key, vals in figures.items()
                if key not in existing
            ],
        )
        update_records(
            clocks,
            {
                existing[key].id: existing[key]._get_differences(vals)
                for key, vals in figures.items()
                if key in existing
            },
        )
        # Written even when they are the same: of two transactions that each know their own event
        # only, the second one fails here, and Odoo tries it again.
        update_records(self.env["helpdesk.ticket"].sudo(), self._get_summaries(figures))
        clocks._wake_cron([vals["next_change_at"] for vals in figures.values()])
        without_deadline._warn_of_no_deadline()

    def _get_summaries(self, figures):
        """The earliest deadline and the worst state of each request, kept on it for lists."""
        by_ticket = defaultdict(list)
        for (ticket_id, _kind, _cycle), vals in figures.items():
            by_ticket[ticket_id].append(vals)
        return {
            ticket_id: {
                "sla_deadline": min(
                    (
                        vals["deadline"]
                        for vals in clocks
                        if vals["state"] in ("running", "overdue") and vals["deadline"]
                    ),
                    default=False,
                ),
                "sla_state": next(
                    (
                        state
                        for state in STATES_BY_GRAVITY
                        if any(vals["state"] == state for vals in clocks)
                    ),
                    False,
                ),
            }
            for ticket_id, clocks in by_ticket.items()
        }
