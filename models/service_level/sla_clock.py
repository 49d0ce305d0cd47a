from operator import itemgetter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.batch import process_in_batches, tell_failure
from .const import KINDS
from .instants import to_datetime, to_instant

# Most of the time of a batch goes into telling people.
CLOCKS_PER_BATCH = 250

# What a person notes, once it is delivered.
REACHED_BY_HAND = ("part_delivery", "report")

OPEN_STATES = ("pending", "running", "paused", "overdue", "none")

# Icon and colour of each state: never the colour alone.
LOOKS = {
    "pending": ("fa-hourglass-o", "muted"),
    "running": ("fa-play-circle-o", "info"),
    "asleep": ("fa-moon-o", "secondary"),
    "paused": ("fa-pause-circle-o", "warning"),
    "met": ("fa-check-circle", "success"),
    "met_late": ("fa-exclamation-circle", "danger"),
    "overdue": ("fa-exclamation-triangle", "danger"),
    "cancelled": ("fa-ban", "muted"),
    "none": ("fa-minus-circle", "muted"),
}
# A clock with less than this part of its delay left is shown in amber.
PRESSING_PART = 0.2


# After one of these, what lay behind it is not warned of any more: it was counted otherwise.
RECKONING_EVENTS = ("start", "change", "amend", "manual", "release", "reopen")


def get_clock_vals(cycle, due, now):
    """The stored figures of a cycle of a clock.

    They change with the log and at the clock's own thresholds, not with every second.

    :param cycle: of `tools.sla`
    :param due: its warnings that are to be given
    :param int now: instant
    """
    state = cycle.state(now)
    is_closed = cycle.stopped is not None
    return {
        "term_id": cycle.term.key,
        "state": "running" if state == "asleep" else state,
        "started_at": to_datetime(cycle.started),
        "stopped_at": to_datetime(cycle.stopped),
        "deadline": to_datetime(cycle.deadline),
        "computed_deadline": to_datetime(cycle.computed_deadline),
        "manual_deadline": to_datetime(cycle.manual_deadline),
        "budget": cycle.budget or 0,
        "remaining": cycle.remaining(now) if cycle.is_suspended else 0,
        "elapsed": (cycle.consumed(now) or 0) if is_closed else 0,
        "open_elapsed": cycle.opened(now) if is_closed else 0,
        "overrun": (cycle.overrun(now) or 0) if is_closed else 0,
        "result": cycle.result(now) or False,
        "is_reclassified_late": cycle.reclassified_late,
        "has_no_deadline": cycle.no_deadline_reason == "no_opening",
        "next_change_at": to_datetime(due[0][1] if due else cycle.next_change(now)),
    }


def get_due_thresholds(cycle, log, given, now):
    """The warnings of an open cycle whose time has come, and which nobody was given yet.

    A deadline that moves arms again only the thresholds that lie ahead of the change.

    :param list[Event] log: of the clock
    :param given: percents and instants of the warnings that were given
    :param int now: instant
    :return: percents and instants, in the order of time
    """
    if cycle.stopped is not None or cycle.deadline is None:
        return []
    passed = [
        (percent, at)
        for percent, at in cycle.thresholds()
        if at <= now and (percent, at) not in given
    ]
    if not passed:
        return []
    armed = max(event.at for event in log if event.name in RECKONING_EVENTS)
    return sorted((due for due in passed if due[1] > armed), key=itemgetter(1))


class MaintenanceSlaClock(models.Model):
    """One delay of one request, counted.

    Its figures are a cache of what the log says (`maintenance.sla.event`): the cron only refreshes
    them and gives the warnings. It is late from its deadline on, whenever the cron ran.
    """

    _name = "maintenance.sla.clock"
    _description = "SLA Clock"
    _order = "ticket_id, id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade", string="Request"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    cycle = fields.Integer(default=1, readonly=True, help="Counted anew after a re-opening.")
    term_id = fields.Many2one(
        "maintenance.sla.term", required=True, readonly=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("overdue", "Overdue"),
            ("met", "Met"),
            ("met_late", "Met late"),
            ("cancelled", "Cancelled"),
            ("none", "No commitment"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    started_at = fields.Datetime(readonly=True)
    stopped_at = fields.Datetime("Reached", readonly=True)
    deadline = fields.Datetime(
        readonly=True, index=True, help="The one that binds; empty while the clock is paused."
    )
    computed_deadline = fields.Datetime(readonly=True)
    manual_deadline = fields.Datetime("Agreed Deadline", readonly=True)
    budget = fields.Integer("Delay (s)", readonly=True, help="Counted seconds.")
    remaining = fields.Integer("Left (s)", readonly=True, help="Counted seconds, while paused.")
    elapsed = fields.Integer("Taken (s)", readonly=True, help="Counted seconds, once reached.")
    open_elapsed = fields.Integer(
        "Taken in Opening Hours (s)", readonly=True, help="Whatever the unit, once reached."
    )
    overrun = fields.Integer("Overrun (s)", readonly=True, help="Counted seconds, once reached.")
    result = fields.Selection([("in_time", "In time"), ("late", "Late")], readonly=True)
    is_reclassified_late = fields.Boolean(
        "Late by Reclassification",
        readonly=True,
        help="A change of severity or contract put the deadline into the past.",
    )
    has_no_deadline = fields.Boolean(
        "No Deadline Computable", readonly=True, help="Its calendar never opens."
    )
    next_change_at = fields.Datetime(
        readonly=True, help="When a warning or the deadline is next due."
    )
    alert_ids = fields.One2many("maintenance.sla.alert", "clock_id", readonly=True)

    # What a reader sees at this moment
    display_state = fields.Selection(
        [
            ("pending", "Pending"),
            ("running", "Running"),
            ("asleep", "Asleep"),
            ("paused", "Paused"),
            ("overdue", "Overdue"),
            ("met", "Met"),
            ("met_late", "Met late"),
            ("cancelled", "Cancelled"),
            ("none", "No commitment"),
        ],
        "Status",
        compute="_compute_reading",
    )
    remaining_now = fields.Integer("Left", compute="_compute_reading", help="Counted seconds.")
    badge = fields.Json(compute="_compute_reading", exportable=False)

    _ticket_kind_cycle_uniq = models.Constraint(
        "UNIQUE (ticket_id, kind, cycle)", "This request has this clock already."
    )
    _next_change_index = models.Index("(next_change_at) WHERE next_change_at IS NOT NULL")

    _allow_sudo_commands = False

    @api.depends("kind", "ticket_id.number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for clock in self:
            clock.display_name = f"{clock.ticket_id.number} – {clock._get_kind_name()}"

    @api.depends("state", "deadline", "remaining", "term_id")
    @api.depends_context("lang", "tz")
    def _compute_reading(self):
        now = fields.Datetime.now()
        for clock in self:
            clock.display_state, clock.remaining_now = clock._read_at(now)
            clock.badge = clock._get_badge()

    def _read_at(self, now):
        """State and counted seconds left at an instant after the last event.

        :param datetime now: naive UTC
        """
        self.ensure_one()
        if self.state == "paused" and not self.deadline:
            return "paused", self.remaining
        if self.state not in ("running", "paused", "overdue") or not self.deadline:
            return self.state, 0
        if now > self.deadline:
            return "overdue", 0
        time = self.term_id.sudo()._get_value().timeline
        left = time.between(to_instant(now), to_instant(self.deadline))
        if self.state == "paused":
            # No pause moves a deadline that was agreed.
            return "paused", left
        return ("running" if time.is_open(to_instant(now)) else "asleep"), left

    def _get_badge(self):
        """The clock in one badge: word, icon, colour, what is left, the clause in the tooltip."""
        self.ensure_one()
        state = self.display_state
        icon, color = LOOKS[state]
        if state in ("running", "asleep") and self.remaining_now < PRESSING_PART * self.budget:
            color = "warning"
        states = dict(self._fields["display_state"]._description_selection(self.env))
        return {
            "state": state,
            "kind": self._get_kind_name(),
            "word": self.env._("No deadline computable") if self.has_no_deadline else states[state],
            "icon": icon,
            "color": "danger" if self.has_no_deadline else color,
            "remaining": self._get_remaining_text(),
            "deadline": fields.Datetime.to_string(self.deadline) or False,
            "reached": fields.Datetime.to_string(self.stopped_at) or False,
            "is_agreed": bool(self.manual_deadline),
            "promise": self.term_id.sudo()._get_promise(),
            "tooltip": self.term_id.sudo().display_name,
        }

    def _get_remaining_text(self):
        if self.display_state not in ("running", "asleep", "paused"):
            return ""
        hours, minutes = divmod(self.remaining_now // 60, 60)
        return self.env._("%(hours)s h %(minutes)s left", hours=hours, minutes=f"{minutes:02}")

    def _get_kind_name(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _get_urgency(self):
        """Key that sorts first the clock that presses most; once all are closed, the last one."""
        self.ensure_one()
        order = ("overdue", "running", "paused", "pending", "met_late", "met", "none", "cancelled")
        due = to_instant(self.deadline or fields.Datetime.now())
        sign = 1 if self.state in OPEN_STATES else -1
        return (order.index(self.state), sign * due, sign * self.id)

    def _get_key(self):
        self.ensure_one()
        return self.ticket_id.id, self.kind, self.cycle

    def _get_stored(self, name):
        """The stored value as `get_clock_vals` gives it."""
        value = self[name]
        return value.id if self._fields[name].relational else value

    def _get_differences(self, vals):
        """Those of these values that are others than the stored ones, which were just fetched.

        Read from the cache as it is: going through the fields would take most of the cron's time.
        """
        stored = self._cache
        return {
            name: value
            for name, value in vals.items()
            if (stored[name] or False) != (value or False)
        }

    def _compare(self, vals, vals_before):
        """Where the stored values are neither what they should be nor what they were before.

        :return: for each difference: the clock, the field, what is stored, what should be
        """
        return [
            (self, name, self._get_stored(name), value)
            for name, value in vals.items()
            if self._get_stored(name) not in (value, vals_before[name])
        ]

    # === ACTIONS === #

    def action_reach(self):
        """Note that a part or a report was delivered: no other step of the request tells."""
        for clock in self:
            clock.ticket_id.check_access("write")
            if clock.kind not in REACHED_BY_HAND:
                raise UserError(
                    self.env._("%s: a step of the request reaches it.", clock._get_kind_name())
                )
            clock.ticket_id._reach(clock.kind)

    # === WARNINGS === #

    @api.model
    def _cron_refresh(self):
        """Refresh the clocks whose threshold or deadline has come, and give the warnings."""
        if process_in_batches(
            self.sudo(),
            Domain("next_change_at", "<=", fields.Datetime.now())
            & Domain("ticket_id.active", "=", True),
            CLOCKS_PER_BATCH,
            lambda clocks: clocks.ticket_id._give_warnings(),
            lambda clock, error: tell_failure(clock.ticket_id, error),
        ):
            self._wake_cron(
                self.sudo()
                .search(
                    [("next_change_at", "!=", False), ("ticket_id.active", "=", True)],
                    order="next_change_at",
                    limit=1,
                )
                .mapped("next_change_at")
            )

    @api.model
    def _wake_cron(self, moments):
        """Let the cron run at the first of these moments; empty ones do not count."""
        if moments := [moment for moment in moments if moment]:
            self.env.ref("maintenance_contract.ir_cron_refresh_clocks")._trigger(at=min(moments))
