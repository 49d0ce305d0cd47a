"""SLA clocks: what was promised, what happened since, and what follows from both (SEMANTICS §1).

A clock is the log of its events, and nothing else: every figure is computed from it, as often as
one likes, and comes out the same. Eight open hours were promised on Monday at 09:00; the customer
was waited for from 11:00 to Tuesday 10:00:

>>> from datetime import datetime
>>> from zoneinfo import ZoneInfo
>>> from .working_calendar import HOUR, WorkingCalendar
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

from collections.abc import Hashable, Iterable
from operator import attrgetter

from .business_time import Instant
from .sla_cycle import Cycle, Note, NoteName, Result, Stretch, StretchName
from .sla_terms import (
    CHANGE_RULES,
    EVENT_NAMES,
    KINDS,
    REOPEN_RULES,
    UNITS,
    ChangeRule,
    Event,
    Term,
    stops_with,
)

__all__ = [
    "CHANGE_RULES",
    "EVENT_NAMES",
    "KINDS",
    "REOPEN_RULES",
    "UNITS",
    "Cycle",
    "Event",
    "Term",
    "preview_change",
    "replay",
    "stops_with",
    "worst",
]


def replay(events: Iterable[Event]) -> tuple[Cycle, ...]:
    """Return the cycles of a clock from its log, in order; none for an empty log.

    The events are taken in the order of their instants, those of the same second as they come. One
    that does not apply is ignored: a second stop, a resume without pause, what comes after the
    end. A resume ends the waiting for its reason; without one, for whatever reasons: the customer
    has answered.

    :raises ValueError: on a log that promises nothing
    """
    log = sorted(events, key=attrgetter("at"))
    if not log:
        return ()
    clock = _Clock(next((event.term for event in log if event.term), None))
    for place, event in enumerate(log):
        clock.take(event, place)
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
    return next((result for result in ("late", "in_time") if result in results), None)


class _Clock:
    """A clock while its log is read, one method for each name of event."""

    def __init__(self, term: Term | None):
        if term is None:
            raise ValueError("the log promises nothing: no event has a term")
        self.term = term
        self.place = 0
        self.past: list[Cycle] = []
        self.manual: Instant | None = None
        # The reasons for which somebody is waited for, honoured by the term or not, with the place
        # of the pause in the log.
        self.waiting: dict[Hashable, int] = {}
        # A promise that changes while the clock is stopped applies when it is re-opened.
        self.next_term: Term | None = None
        self._clear()

    def _clear(self) -> None:
        self.started: Instant | None = None
        self.stopped: Instant | None = None
        self.budget: int | None = None
        self.is_due_at_opening = False
        self.reclassified: Instant | None = None
        self.superseded = self.cancelled = False
        self.stretches: list[Stretch] = []
        self.notes: list[Note] = []

    def take(self, event: Event, place: int) -> None:
        """Read one event, which stands at this place in the log."""
        self.place = place
        getattr(self, f"_{event.name}")(event)

    def cycles(self) -> tuple[Cycle, ...]:
        """Return what the events read so far make."""
        return (*self.past, self._cycle())

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
            tuple(self.notes),
        )

    # Events

    def _await(self, event: Event) -> None:
        if self.started is None:
            self.term = event.term

    def _start(self, event: Event) -> None:
        if self.started is None:
            self._begin(event.at, event.term or self.term)
            if self.stopped is not None:
                # Done before it was asked: done at once.
                self._close(event.at)

    def _pause(self, event: Event) -> None:
        self.waiting.setdefault(event.reason, self.place)
        self._go_on(event.at)

    def _resume(self, event: Event) -> None:
        if event.reason is None:
            self.waiting.clear()
        else:
            self.waiting.pop(event.reason, None)
        self._go_on(event.at)

    def _stop(self, event: Event) -> None:
        if self.stopped is None:
            self._close(event.at)

    def _cancel(self, event: Event) -> None:
        if self.stopped is None:
            self.cancelled = True
            self._close(event.at)

    def _change(self, event: Event) -> None:
        if self._keeps_for_later(event.term):
            return
        if event.rule == "restart":
            self.superseded = True
            self._close(event.at)
            self._begin_another(event.at, event.term)
            self._note("changed", event.at, self.budget)
        else:
            self._reclassify(event)

    def _amend(self, event: Event) -> None:
        if not self._keeps_for_later(event.term):
            self._promise(event.term)
            self._rewrite()
            self._go_on(event.at)
            self._note("corrected", event.at, self.budget)

    def _reopen(self, event: Event) -> None:
        if self.stopped is None:
            return
        rule = event.rule or self.term.reopen_rule
        term, self.next_term = self.next_term or self.term, None
        self.waiting.clear()
        if self.started is None:
            self.stopped, self.cancelled, self.term = None, False, term
            return
        if rule == "new_cycle":
            self._begin_another(event.at, term)
            self.manual = None
        else:
            gap = "closed" if rule == "resume" else "counted"
            self.stretches.append(Stretch(gap, self.stopped, event.at, self.term))
            self.stopped, self.cancelled = None, False
            self._promise(term)
            self._append(event.at)
        self._note("reopened", event.at)

    def _manual(self, event: Event) -> None:
        if self.stopped is None:
            self.manual = event.deadline
            self._note("manual", event.at, event.deadline)

    def _release(self, event: Event) -> None:
        if self.stopped is None and self.manual is not None:
            self.manual = None
            self._note("released", event.at)

    # What they do

    def _begin(self, at: Instant, term: Term) -> None:
        self.started = at
        self._promise(term)
        self._append(at)

    def _begin_another(self, at: Instant, term: Term) -> None:
        self.past.append(self._cycle())
        self._clear()
        self._begin(at, term)

    def _promise(self, term: Term) -> None:
        self.term = term
        self.budget, self.is_due_at_opening = term.budget(self.started)

    def _keeps_for_later(self, term: Term) -> bool:
        """Keep a new promise for a clock that does not run; tell whether that is the case."""
        if self.stopped is not None:
            self.next_term = term
            return True
        if self.started is None:
            self.term = term
            return True
        return False

    def _reclassify(self, event: Event) -> None:
        was_late = self._is_late(event.at)
        self._promise(event.term)
        if event.rule == "retro":
            self._rewrite()
        self._go_on(event.at)
        if not was_late and self._is_late(event.at):
            self.reclassified = event.at
        self._note("changed", event.at, self.budget)

    def _rewrite(self) -> None:
        """Take the current term for that of the whole cycle; the pauses are kept."""
        self.stretches = [stretch._replace(term=self.term) for stretch in self.stretches]

    def _go_on(self, at: Instant) -> None:
        """Go on in another stretch, if it differs from the current one."""
        if not self.stretches or self.stopped is not None:
            return
        name, event = self._now()
        last = self.stretches[-1]
        if (name, self.term, event) != (last.name, last.term, last.event):
            self._end(at)
            self._append(at)

    def _append(self, at: Instant) -> None:
        name, event = self._now()
        self.stretches.append(Stretch(name, at, None, self.term, event))

    def _now(self) -> tuple[StretchName, int | None]:
        """Return what a stretch is called now, and the event that paused it."""
        pauses = [
            place for reason, place in self.waiting.items() if reason in self.term.pause_reasons
        ]
        return ("paused", min(pauses)) if pauses else ("counted", None)

    def _close(self, at: Instant) -> None:
        self.stopped = at
        self._end(at)

    def _end(self, at: Instant) -> None:
        if self.stretches:
            self.stretches[-1] = self.stretches[-1]._replace(end=at)

    def _is_late(self, at: Instant) -> bool:
        deadline = self._cycle().computed_deadline
        return deadline is not None and deadline < at

    def _note(self, name: NoteName, at: Instant, value: int | None = None) -> None:
        self.notes.append(Note(name, at, self.place, value))
