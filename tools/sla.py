"""SLA clocks: what was promised, what happened since, and what follows from both (SEMANTICS §1).

A clock is the log of its events, and nothing else: every figure is computed from it, as often as
one likes, and comes out the same. Eight open hours were promised on Monday at 09:00; the customer
was waited for from 11:00 to Tuesday 10:00:

>>> from datetime import datetime
>>> from zoneinfo import ZoneInfo
>>> HOUR = 3_600
>>> week = {weekday: [(9 * HOUR, 17 * HOUR)] for weekday in range(5)}
>>> office = WorkingCalendar.weekly("Europe/Zurich", week)
>>> promise = Term("open_hours", 8 * HOUR, (office,), pause_reasons=frozenset({"customer"}))
>>> zurich = ZoneInfo("Europe/Zurich")
>>> def at(text):
...     return int(datetime.fromisoformat("2026-06-" + text).replace(tzinfo=zurich).timestamp())
>>> def show(instant):
...     print(datetime.fromtimestamp(instant, zurich).strftime("%a %H:%M"))
>>> log = [
...     Event(at("08T09:00"), "start", promise),
...     Event(at("08T11:00"), "pause", reason="customer"),
... ]
>>> [cycle] = replay(log)
>>> cycle.state(at("08T20:00")), cycle.deadline, cycle.remaining(at("08T20:00")) // HOUR
('paused', None, 6)
>>> log.append(Event(at("09T10:00"), "resume"))
>>> [cycle] = replay(log)
>>> show(cycle.deadline)
Tue 16:00
>>> [cycle.state(at(text)) for text in ("09T16:00", "09T16:01", "09T23:00")]
['running', 'overdue', 'overdue']

What happens at the very second of the deadline is in time:

>>> [cycle] = replay([*log, Event(at("09T16:00"), "stop")])
>>> cycle.state(at("10T09:00")), cycle.result(at("10T09:00"))
('met', 'in_time')

Units: instants are whole seconds since 1970-01-01 00:00 UTC, durations whole seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Literal, NamedTuple, get_args

from .business_time import Counting, DayRule, Instant, Timeline, WorkingCalendar, timeline
from .numbers import check_integer

Kind = Literal[
    "acknowledge",
    "first_answer",
    "remote_start",
    "workaround",
    "on_site",
    "resolution",
    "part_delivery",
    "report",
]
Unit = Literal[
    "open_hours",
    "open_day_24h",
    "calendar_hours",
    "working_days_close",
    "working_days_same",
    "text",
    "none",
]
ChangeRule = Literal["carry", "retro", "restart"]
ReopenRule = Literal["resume", "new_cycle", "continuous"]
State = Literal[
    "pending", "running", "asleep", "paused", "met", "met_late", "overdue", "cancelled", "none"
]
Result = Literal["in_time", "late"]
EventName = Literal[
    "await",
    "start",
    "pause",
    "resume",
    "stop",
    "change",
    "amend",
    "reopen",
    "manual",
    "release",
    "cancel",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
UNITS: tuple[Unit, ...] = get_args(Unit)
CHANGE_RULES: tuple[ChangeRule, ...] = get_args(ChangeRule)
REOPEN_RULES: tuple[ReopenRule, ...] = get_args(ReopenRule)
EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)

WARNINGS = (50, 75, 90, 100, 125)

# In seconds or days: far more than the calendars last, and an amount that Python counts exactly.
_LARGEST = 10**12

_COUNTINGS: dict[Unit, Counting] = {
    "open_hours": "open_hours",
    "open_day_24h": "open_day_24h",
    "calendar_hours": "calendar_hours",
    "working_days_close": "open_hours",
    "working_days_same": "open_hours",
}
_DAY_RULES: dict[Unit, DayRule] = {"working_days_close": "close", "working_days_same": "same"}

# Being on site restores nothing: of the earlier stages, it leaves the workaround open.
_EARLIER: dict[Kind, tuple[Kind, ...]] = {
    "first_answer": ("acknowledge",),
    "remote_start": ("acknowledge", "first_answer"),
    "workaround": ("acknowledge", "first_answer", "remote_start"),
    "on_site": ("acknowledge", "first_answer", "remote_start"),
    "resolution": ("acknowledge", "first_answer", "remote_start", "workaround", "on_site"),
}


def stops_with(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds that are reached with a kind, itself included, in the order of KINDS.

    >>> stops_with("workaround")
    ('acknowledge', 'first_answer', 'remote_start', 'workaround')
    >>> stops_with("report")
    ('report',)

    :raises ValueError: on another kind
    """
    _check_one_of("kind", kind, KINDS)
    return (*_EARLIER.get(kind, ()), kind)


@dataclass(frozen=True)
class Term:
    """What was promised: the snapshot that a clock keeps, whatever the policy becomes.

    :param unit: how the time is counted; "text" and "none" (NC) promise no date
    :param amount: in seconds, or in days for the two units of working days
    :param calendars: those that must all be open; the first one gives the days their zone
    :param allowance: seconds more, counted as the unit counts (after the N-th working day, in
        open hours)
    :param pause_reasons: the reasons that suspend this clock; a pause for another is ignored
    :param warnings: the percents of the time at which to warn
    :raises ValueError: on a unit or a rule that does not exist, a negative number, or a unit that
        needs a calendar and has none
    """

    unit: Unit
    amount: int = 0
    calendars: tuple[WorkingCalendar, ...] = ()
    allowance: int = 0
    pause_reasons: frozenset[str] = frozenset()
    reopen_rule: ReopenRule = "resume"
    warnings: tuple[int, ...] = WARNINGS

    def __post_init__(self) -> None:
        _check_one_of("unit", self.unit, UNITS)
        _check_one_of("rule of re-opening", self.reopen_rule, REOPEN_RULES)
        check_integer("amount", self.amount, 0, _LARGEST)
        check_integer("allowance", self.allowance, 0, _LARGEST)
        for percent in self.warnings:
            check_integer("warning in percent", percent, 1, 1_000)
        if _COUNTINGS.get(self.unit, "calendar_hours") != "calendar_hours" and not self.calendars:
            raise ValueError(f"{self.unit} needs a calendar")

    @property
    def is_commitment(self) -> bool:
        """Whether a date was promised."""
        return self.unit in _COUNTINGS

    @cached_property
    def timeline(self) -> Timeline:
        """The time that counts. Without a promised date, time is still told in open hours."""
        default = "open_hours" if self.calendars else "calendar_hours"
        return timeline(self.calendars, _COUNTINGS.get(self.unit, default))

    def budget(self, start: Instant) -> tuple[int | None, bool]:
        """Return the seconds that a clock started then has, and whether it is due at an opening.

        Working days are turned into the open time from the start to their deadline, so that
        pauses and percents work alike for all units. A deadline at the same time of a later day
        may be 09:00, an opening, which in open time is one with the closing of the day before.

        :return: None for the seconds when no date was promised or can be computed
        """
        if self.unit not in _DAY_RULES:
            return (self.amount + self.allowance if self.is_commitment else None), False
        due = self.timeline.add_working_days(start, self.amount, _DAY_RULES[self.unit])
        if due is None:
            return None, False
        seconds = self.timeline.between(start, due)
        is_opening = not self.allowance and self.timeline.add(start, seconds) != due
        return seconds + self.allowance, is_opening


@dataclass(frozen=True)
class Event:
    """A fact of the log of one clock.

    ========  ====================================================================================
    await     the promise is made, what starts the clock is still to come (`term`)
    start     the clock starts (`term`, unless awaited)
    pause     somebody is waited for (`reason`)
    resume    nobody is waited for any more, whatever the reasons: the customer has answered
    stop      what was promised is done
    change    another promise applies (`term`): of severity, level or contract (`rule`)
    amend     the promise was wrong and is corrected from the start (`term`): a calendar, a policy
    reopen    it was not done after all (`rule`, or else that of the term)
    manual    a deadline was agreed with the customer (`deadline`)
    release   that agreement is given up
    cancel    the clock should not have run: a duplicate, a mistake
    ========  ====================================================================================

    :raises ValueError: on another name, an instant that is no integer, or a missing detail
    """

    at: Instant
    name: EventName
    term: Term | None = None
    reason: str | None = None
    rule: ChangeRule | ReopenRule | None = None
    deadline: Instant | None = None

    def __post_init__(self) -> None:
        _check_one_of("event", self.name, EVENT_NAMES)
        if type(self.at) is not int:
            raise ValueError(f"{self.name}: expected an instant in whole seconds, got {self.at!r}")
        if self.name in ("await", "change", "amend") and self.term is None:
            raise ValueError(f"{self.name}: expected a term")
        if self.name == "manual" and type(self.deadline) is not int:
            raise ValueError(f"manual: expected a deadline, got {self.deadline!r}")
        if self.name == "change":
            _check_one_of("rule of change", self.rule, CHANGE_RULES)
        if self.name == "reopen" and self.rule is not None:
            _check_one_of("rule of re-opening", self.rule, REOPEN_RULES)


class Stretch(NamedTuple):
    """A part of the life of a cycle in which nothing changes.

    :param name: "counted", "paused", or "closed" from a stop to the re-opening
    :param end: None when it goes on
    :param event: place, in the log in order of time, of the event that began it
    """

    name: Literal["counted", "paused", "closed"]
    start: Instant
    end: Instant | None
    term: Term
    event: int


@dataclass(frozen=True)
class Cycle:
    """A clock from its start to its stop; re-opened or restarted, it may have several.

    The methods that take `now` expect an instant not before the last event: to know what was so at
    a date, replay the events up to that date.

    :param started: None as long as what starts it is awaited
    :param stopped: when it was stopped, cancelled or superseded; None while open
    :param budget: seconds promised; None when no date was promised or can be computed
    :param is_due_at_opening: see `Term.budget`
    :param manual_deadline: agreed with the customer; it binds as long as it is not released
    :param reclassified: when a change made it late at once, if one did
    :param superseded: whether a change started another cycle in its place
    """

    number: int
    term: Term
    started: Instant | None
    stopped: Instant | None
    stretches: tuple[Stretch, ...]
    budget: int | None
    is_due_at_opening: bool
    manual_deadline: Instant | None
    reclassified: Instant | None
    superseded: bool
    cancelled: bool

    @cached_property
    def computed_deadline(self) -> Instant | None:
        """When the time is used up, with the pauses known so far.

        None while suspended, and when none can be computed. A cycle closed during a pause shows
        the deadline that it would have had, resumed at that instant.
        """
        return self.deadline_if_resumed(self.stopped)

    @property
    def deadline(self) -> Instant | None:
        """The deadline that binds: the one agreed, else the computed one."""
        return self.computed_deadline if self.manual_deadline is None else self.manual_deadline

    @property
    def no_deadline_reason(self) -> Literal["no_commitment", "text", "no_opening"] | None:
        """Why there is no deadline, unless it is only not started or suspended."""
        if self.deadline is not None:
            return None
        if not self.term.is_commitment:
            return "text" if self.term.unit == "text" else "no_commitment"
        waits = self.started is None or (self.is_paused and self.budget is not None)
        return None if waits else "no_opening"

    @property
    def reclassified_late(self) -> bool:
        """Whether it is late because a change said so, and not because time went by."""
        if self.reclassified is None or self.computed_deadline is None:
            return False
        return self.computed_deadline < self.reclassified

    @property
    def is_paused(self) -> bool:
        """Whether it is open and somebody is waited for."""
        return self.stopped is None and bool(self.stretches) and self.stretches[-1].name == "paused"

    @property
    def is_suspended(self) -> bool:
        """Whether its deadline is to be shown as what remains, and not as a date.

        A pause that begins after the deadline suspends nothing: red stays red.
        """
        return self.is_paused and self.deadline is None and self.budget is not None

    def deadline_if_resumed(self, at: Instant | None) -> Instant | None:
        """Return the computed deadline; if it is suspended, what it is when resumed then."""
        if self.budget is None:
            return None
        return self._reach(self.budget, self.is_due_at_opening, at)

    def consumed(self, now: Instant) -> int:
        """Return the seconds used, each part counted as was promised when it passed."""
        total = 0
        for name, start, end, term, _ in self.stretches:
            if name == "counted" and start < now:
                total += term.timeline.between(start, now if end is None else min(end, now))
        return total

    def remaining(self, now: Instant) -> int | None:
        """Return the seconds left, 0 when there are none; None when no deadline is known."""
        if self.manual_deadline is not None:
            until = now if self.stopped is None else min(now, self.stopped)
            return max(0, self.term.timeline.between(until, self.manual_deadline))
        return None if self.budget is None else max(0, self.budget - self.consumed(now))

    def overrun(self, now: Instant) -> int:
        """Return the seconds used after the deadline, as far as the cycle went on."""
        if self.deadline is None:
            return 0
        return max(0, self.consumed(now) - self.consumed(self.deadline))

    def percent(self, now: Instant) -> int | None:
        """Return the part used of the time promised, rounded down; above 100 when it is over."""
        if not self.budget:
            return None if self.budget is None else 100 * self._is_reached(now)
        return 100 * self.consumed(now) // self.budget

    def state(self, now: Instant) -> State:
        """Return the state, one word each of SEMANTICS §1."""
        if self.cancelled or self.superseded or (self.started is None and self.stopped is not None):
            return "cancelled"
        if self.deadline is None and not self.term.is_commitment:
            return "none"
        if self.stopped is not None:
            return "met_late" if self._is_late(self.stopped) else "met"
        if self.started is None or now < self.started:
            return "pending"
        if self._is_late(now):
            return "overdue"
        if self.is_paused:
            return "paused"
        return "running" if self.term.timeline.is_open(now) else "asleep"

    def result(self, now: Instant) -> Result | None:
        """Return what counts in the rate; None when it is excluded, or not known yet.

        Open after the deadline counts as late. A cycle that a restart superseded is excluded,
        unless it was late by then.
        """
        if self.cancelled or self.deadline is None or self.started is None:
            return None
        if self._is_late(now if self.stopped is None else self.stopped):
            return "late"
        return None if self.stopped is None or self.superseded else "in_time"

    def thresholds(self) -> tuple[tuple[int, Instant], ...]:
        """Return the percents at which to warn, each with its date, as far as they are known.

        Those after a pause that goes on are not; an agreed deadline has only its own, of 100 %.
        """
        if self.manual_deadline is not None:
            dates = [(100, self.manual_deadline)]
        else:
            dates = [(percent, self._threshold(percent)) for percent in self.term.warnings]
        last = self.stopped
        return tuple(
            (percent, at)
            for percent, at in dates
            if at is not None and (last is None or at <= last)
        )

    def next_change(self, now: Instant) -> Instant | None:
        """Return when time alone will next change something: a warning, or being overdue.

        The cycle is overdue from the second after the deadline on.
        """
        if self.stopped is not None or self.started is None or self.deadline is None:
            return None
        dates = [at for _, at in self.thresholds()] + [self.deadline + 1]
        return min((at for at in dates if at > now), default=None)

    def _threshold(self, percent: int) -> Instant | None:
        if percent == 100 or self.budget is None:
            return self.computed_deadline
        return self._reach(-(-self.budget * percent // 100))

    def _reach(
        self, seconds: int, at_opening: bool = False, resumed: Instant | None = None
    ) -> Instant | None:
        """Return when that many seconds are used, if nothing more happens.

        :param at_opening: whether it is at the next opening that counts, when it is at a closing
        :param resumed: when a pause that goes on is taken to end
        """
        for stretch in self.stretches:
            if stretch.name != "counted":
                continue
            line, end = stretch.term.timeline, stretch.end
            at = line.add(stretch.start, seconds)
            needs_opening = at_opening or not seconds
            if at is not None and needs_opening:
                at = line.next_open(at)
            if stretch is self.stretches[-1]:
                return at
            if at is not None and (at < end or (at == end and not needs_opening)):
                return at
            seconds = max(0, seconds - line.between(stretch.start, end))
        if resumed is None or not self.stretches:
            return None
        at = self.term.timeline.add(resumed, seconds)
        return self.term.timeline.next_open(at) if at is not None and at_opening else at

    def _is_late(self, at: Instant) -> bool:
        return self.deadline is not None and at > self.deadline

    def _is_reached(self, at: Instant) -> bool:
        return self.deadline is not None and at >= self.deadline


def replay(events: Iterable[Event]) -> tuple[Cycle, ...]:
    """Return the cycles of a clock from its log, in order; none for an empty log.

    The events are taken in the order of their instants, those of the same second as they come. One
    that does not apply is ignored: a second stop, a resume without pause, what comes after the
    end. One resume ends the waiting as a whole, for whatever reasons: the customer has answered.

    :raises ValueError: on a log that promises nothing
    """
    log = sorted(events, key=attrgetter("at"))
    if not log:
        return ()
    clock = _Clock(next((event.term for event in log if event.term), None))
    for place, event in enumerate(log):
        clock.place = place
        getattr(clock, f"_{event.name}")(event)
    return clock.cycles()


def preview_change(events: Iterable[Event], at: Instant, term: Term) -> dict[ChangeRule, Cycle]:
    """Return what each rule would make of a change at `at`, to be shown before choosing."""
    events = list(events)
    return {
        rule: replay([*events, Event(at, "change", term, rule=rule)])[-1] for rule in CHANGE_RULES
    }


def worst(cycles: Iterable[Cycle], now: Instant) -> Result | None:
    """Return the result of a clock for the rate, that of its worst cycle."""
    results = {cycle.result(now) for cycle in cycles}
    return "late" if "late" in results else "in_time" if "in_time" in results else None


class _Clock:
    """A clock while its log is read, one method for each name of event."""

    def __init__(self, term: Term | None):
        if term is None:
            raise ValueError("the log promises nothing: no event has a term")
        self.place = 0
        self.past: list[Cycle] = []
        self.term = term
        self.next_term: Term | None = None
        self.waiting_for: set[str | None] = set()
        self.manual: Instant | None = None
        self._clear()

    def cycles(self) -> tuple[Cycle, ...]:
        return (*self.past, self._cycle())

    def _clear(self):
        self.started = self.stopped = self.reclassified = self.budget = None
        self.is_due_at_opening = self.cancelled = self.superseded = False
        self.stretches: list[Stretch] = []

    def _cycle(self) -> Cycle:
        return Cycle(
            len(self.past) + 1,
            self.term,
            self.started,
            self.stopped,
            tuple(self.stretches),
            self.budget,
            self.is_due_at_opening,
            self.manual,
            self.reclassified,
            self.superseded,
            self.cancelled,
        )

    def _begin(self, at, term):
        """Start the cycle."""
        self.started, self.term = at, term
        self.budget, self.is_due_at_opening = term.budget(at)
        self._append(at)

    def _append(self, at):
        """Begin a stretch, paused or not."""
        name = "paused" if self.waiting_for & self.term.pause_reasons else "counted"
        self.stretches.append(Stretch(name, at, None, self.term, self.place))

    def _end(self, at):
        """End the current stretch."""
        if self.stretches:
            self.stretches[-1] = self.stretches[-1]._replace(end=at)

    def _next(self, at):
        """Go on in another stretch."""
        if self.started is not None and self.stopped is None:
            self._end(at)
            self._append(at)

    def _await(self, event):
        if self.started is None:
            self.term = event.term

    def _start(self, event):
        if self.started is None and not self.cancelled:
            self._begin(event.at, event.term or self.term)
            if self.stopped is not None:
                # Done before it was asked: done at once.
                self.stopped = event.at
                self._end(event.at)

    def _pause(self, event):
        self.waiting_for.add(event.reason)
        self._next(event.at)

    def _resume(self, event):
        self.waiting_for.clear()
        self._next(event.at)

    def _stop(self, event):
        if self.stopped is None:
            self.stopped = event.at
            self._end(event.at)

    def _cancel(self, event):
        if self.stopped is None:
            self.cancelled = True
            self._stop(event)

    def _change(self, event):
        if self.stopped is not None:
            self.next_term = event.term
        elif self.started is None:
            self.term = event.term
        elif event.rule == "restart":
            self.superseded = True
            self._stop(event)
            self._new_cycle(event.at, event.term)
        else:
            self._reclassify(event)

    def _reclassify(self, event):
        was_late = self._is_late(event.at)
        if event.rule == "retro":
            self._amend(event)
        else:
            self._promise(event.term)
            self._next(event.at)
        if not was_late and self._is_late(event.at):
            self.reclassified = event.at

    def _is_late(self, at):
        deadline = self._cycle().computed_deadline
        return deadline is not None and deadline < at

    def _amend(self, event):
        if self.stopped is not None:
            self.next_term = event.term
            return
        self._promise(event.term)
        self.stretches = [stretch._replace(term=event.term) for stretch in self.stretches]
        self._next(event.at)

    def _promise(self, term):
        self.term = term
        if self.started is not None:
            self.budget, self.is_due_at_opening = term.budget(self.started)

    def _reopen(self, event):
        if self.stopped is None:
            return
        rule = event.rule or self.term.reopen_rule
        term, self.next_term = self.next_term or self.term, None
        self.waiting_for.clear()
        if self.started is None:
            self.stopped, self.cancelled, self.term = None, False, term
        elif rule == "new_cycle":
            self._new_cycle(event.at, term)
            self.manual = None
        else:
            name = "closed" if rule == "resume" else "counted"
            self.stretches.append(Stretch(name, self.stopped, event.at, self.term, self.place))
            self.stopped, self.cancelled = None, False
            self._promise(term)
            self._append(event.at)

    def _new_cycle(self, at, term):
        self.past.append(self._cycle())
        self._clear()
        self._begin(at, term)

    def _manual(self, event):
        if self.stopped is None:
            self.manual = event.deadline

    def _release(self, event):
        if self.stopped is None:
            self.manual = None


def _check_one_of(name, value, values):
    if value not in values:
        raise ValueError(f"{name}: expected one of {', '.join(values)}, got {value!r}")
