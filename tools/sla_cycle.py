"""A cycle of an SLA clock: its figures and words at an instant (SEMANTICS §1, "Arithmetic").

Cycles come from `sla.replay`. One is made of stretches, in which nothing changes: those that count
use up the time promised, each along the timeline that was promised when it passed.

    consumed(t) = sum of the time that counts in the counted stretches up to t
    deadline = the t at which consumed(t) is the budget

>>> day = 24 * 3_600
>>> term = Term("calendar_hours", day)
>>> cycle = Cycle(1, term, 10**9, None, (Stretch("counted", 10**9, None, term),), day)
>>> cycle.deadline - cycle.started == day
True
>>> cycle.percent(10**9 + day // 3), cycle.remaining(10**9 + day // 3) // 3_600
(33, 16)
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Literal, NamedTuple

from .business_time import Instant, Timeline
from .sla_terms import Term

State = Literal[
    "pending", "running", "asleep", "paused", "met", "met_late", "overdue", "cancelled", "none"
]
Result = Literal["in_time", "late"]
StretchName = Literal["counted", "paused", "closed"]
NoteName = Literal["changed", "corrected", "reopened", "manual", "released"]


class Stretch(NamedTuple):
    """A part of the life of a cycle in which nothing changes.

    :param name: "counted", "paused", or "closed" from a stop to the re-opening
    :param end: None while it goes on
    :param term: what was promised, whose timeline counts
    :param event: of a pause, the place in the log (in the order of time) of the event
    """

    name: StretchName
    start: Instant
    end: Instant | None
    term: Term
    event: int | None = None


class Note(NamedTuple):
    """Something that happened to a cycle, to be told when it is explained.

    :param event: place of the event in the log, in the order of time
    :param value: the new budget of a change or correction; the deadline that was agreed
    """

    name: NoteName
    at: Instant
    event: int
    value: int | None = None


@dataclass(frozen=True)
class Cycle:
    """A clock from its start to its stop; re-opened or restarted, it may have several.

    The methods that take `now` expect an instant not before the last event: to know what was so at
    a date, replay the events up to that date.

    :param number: 1 for the first cycle of the clock
    :param term: the promise that applies, or applied last
    :param started: None as long as what starts it is awaited
    :param stopped: when it was stopped, cancelled or superseded; None while open
    :param stretches: its parts, in order and without gaps
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
    is_due_at_opening: bool = False
    manual_deadline: Instant | None = None
    reclassified: Instant | None = None
    superseded: bool = False
    cancelled: bool = False
    notes: tuple[Note, ...] = ()

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
        """Why there is no deadline, unless the cycle is only not started or suspended."""
        if self.deadline is not None:
            return None
        if not self.term.is_commitment:
            return "text" if self.term.unit == "text" else "no_commitment"
        return None if self.started is None or self.is_suspended else "no_opening"

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
        """Return the seconds used, each stretch counted as was promised when it passed."""
        return self._count(now, attrgetter("timeline"))

    def opened(self, now: Instant) -> int:
        """Return the opening hours used, in seconds, whatever the unit that was promised."""
        return self._count(now, attrgetter("opening"))

    def remaining(self, now: Instant) -> int | None:
        """Return the seconds left, 0 when there are none; None when no deadline is known.

        They do not change while paused. To an agreed deadline, which no pause moves, they are the
        time that counts until then.
        """
        if self.manual_deadline is None:
            return None if self.budget is None else max(0, self.budget - self.consumed(now))
        until = now if self.stopped is None else min(now, self.stopped)
        return max(0, self.term.timeline.between(until, self.manual_deadline))

    def overrun(self, now: Instant) -> int:
        """Return the seconds used after the deadline, up to the stop."""
        if self.deadline is None or now <= self.deadline:
            return 0
        return self.consumed(now) - self.consumed(self.deadline)

    def percent(self, now: Instant) -> int | None:
        """Return the part used of the time promised, rounded down, above 100 when overdue.

        None when there is no time to take a part of. With no time at all, what is not due yet is
        at 0 %.
        """
        if self.budget:
            return 100 * self.consumed(now) // self.budget
        if self.budget is None:
            return None
        return 100 if self.computed_deadline is not None and now >= self.computed_deadline else 0

    def state(self, now: Instant) -> State:
        """Return the state, in one word of SEMANTICS §1.

        What was stopped without having started was not needed, and is cancelled.
        """
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
        if self.cancelled or self.started is None or self.deadline is None:
            return None
        if self._is_late(now if self.stopped is None else self.stopped):
            return "late"
        return None if self.stopped is None or self.superseded else "in_time"

    def thresholds(self) -> tuple[tuple[int, Instant], ...]:
        """Return the percents at which to warn, each with its date, as far as they are known.

        Those after a pause that goes on are not; an agreed deadline has only its own, of 100 %;
        those after the stop never come.
        """
        return self._thresholds

    @cached_property
    def _thresholds(self) -> tuple[tuple[int, Instant], ...]:
        if self.manual_deadline is not None:
            dates = [(100, self.manual_deadline)]
        elif self.budget is not None:
            dates = [(percent, self._threshold(percent)) for percent in self.term.warnings]
        else:
            dates = []
        return tuple(
            (percent, at)
            for percent, at in dates
            if at is not None and (self.stopped is None or at <= self.stopped)
        )

    def next_change(self, now: Instant) -> Instant | None:
        """Return when time alone will next change something: a warning, or being overdue.

        The cycle is overdue from the second after the deadline on.
        """
        if self.stopped is not None or self.started is None or self.deadline is None:
            return None
        dates = [self.started, self.deadline + 1, *(at for _, at in self.thresholds())]
        return min((at for at in dates if at > now), default=None)

    def _threshold(self, percent: int) -> Instant | None:
        if percent == 100:
            return self.computed_deadline
        return self._reach(-(-self.budget * percent // 100))

    def _reach(
        self, seconds: int, at_opening: bool = False, resumed: Instant | None = None
    ) -> Instant | None:
        """Return when that many seconds are used, if nothing more happens.

        :param at_opening: whether it is then at the next opening that counts
        :param resumed: when a pause that goes on is taken to end
        """
        for stretch in self.stretches:
            if stretch.name != "counted":
                continue
            timeline, end = stretch.term.timeline, stretch.end
            at = _add(timeline, stretch.start, seconds, at_opening)
            if stretch is self.stretches[-1]:
                return at
            # At the very end is in the stretch, but for an opening, which is in the next one.
            if at is not None and (at < end or (at == end and seconds and not at_opening)):
                return at
            seconds = max(0, seconds - timeline.between(stretch.start, end))
        if resumed is None or not self.stretches:
            return None
        return _add(self.term.timeline, resumed, seconds, at_opening)

    def _count(self, now: Instant, get_timeline: Callable[[Term], Timeline]) -> int:
        return sum(
            get_timeline(term).between(start, now if end is None else min(end, now))
            for name, start, end, term, _ in self.stretches
            if name == "counted" and start < now
        )

    def _is_late(self, at: Instant) -> bool:
        return self.deadline is not None and at > self.deadline


def _add(timeline: Timeline, start: Instant, seconds: int, at_opening: bool) -> Instant | None:
    at = timeline.add(start, seconds)
    return timeline.next_open(at) if at_opening and at is not None else at
