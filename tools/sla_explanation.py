"""Why this deadline? The life of a clock, told line by line (SEMANTICS §1).

Four open hours were promised on a Wednesday at 16:00, on the eve of Ascension Day:

>>> from datetime import date, datetime
>>> from zoneinfo import ZoneInfo
>>> from .sla import Event, Term, replay
>>> from .working_calendar import DAY, HOUR, Closing, WorkingCalendar
>>> week = {weekday: [(9 * HOUR, 17 * HOUR)] for weekday in range(5)}
>>> ascension = Closing(date(2026, 5, 14), 0, DAY, "Ascension Day")
>>> office = WorkingCalendar.weekly("Europe/Zurich", week, [ascension])
>>> zurich = ZoneInfo("Europe/Zurich")
>>> def at(text):
...     return int(datetime.fromisoformat("2026-05-" + text).replace(tzinfo=zurich).timestamp())
>>> [cycle] = replay([Event(at("13T16:00"), "start", Term("open_hours", 4 * HOUR, (office,)))])
>>> def tell(now):
...     for line in explain(cycle, now):
...         start, end = (datetime.fromtimestamp(t, zurich) for t in (line.start, line.end))
...         hours = f"{line.seconds / HOUR:g} h" if line.seconds else ""
...         print(f"{start:%a %H:%M} - {end:%a %H:%M} {line.name} {hours}{line.detail}".strip())
>>> tell(at("13T16:30"))
Wed 16:00 - Wed 16:00 received 4 h
Wed 16:00 - Wed 16:30 counted 0.5 h
Wed 16:30 - Wed 16:30 left 3.5 h
Wed 16:30 - Wed 17:00 counted 0.5 h
Wed 17:00 - Thu 00:00 asleep
Thu 00:00 - Fri 00:00 holiday Ascension Day
Fri 00:00 - Fri 09:00 asleep
Fri 09:00 - Fri 12:00 counted 3 h
Fri 12:00 - Fri 12:00 due
"""

from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Literal, NamedTuple

from .business_time import Instant, Timeline
from .sla_cycle import Cycle, Stretch

LineName = Literal[
    "received",
    "allowance",
    "counted",
    "asleep",
    "holiday",
    "paused",
    "closed",
    "changed",
    "corrected",
    "reopened",
    "manual",
    "released",
    "stopped",
    "left",
    "due",
    "overrun",
    "no_deadline",
]


class Line(NamedTuple):
    """A line of the explanation.

    =============  ===============================================================================
    received       what starts the clock; `end` is when it begins to count, `seconds` the budget
    allowance      the part of the budget that is the allowance of the contract
    counted        the time of an opening counts, or will
    asleep         it does not between two openings: nights and week-ends
    holiday        nor on a holiday or another named closing: `detail` is its name
    paused         nor in a pause, since `event`; `seconds` would have counted
    closed         nor from a stop to the re-opening; `seconds` would have counted
    changed        another promise applies since `event`; `seconds` is the new budget
    corrected      the same, for a calendar or a policy that was wrong
    reopened       by `event`
    manual         a deadline, `end`, was agreed by `event`
    released       it was given up by `event`
    left           now, or at the stop: the seconds left
    stopped        the stop
    due            the deadline
    overrun        the time used after the deadline, up to now or to the stop
    no_deadline    there is none: `detail` says why, as `Cycle.no_deadline_reason`
    =============  ===============================================================================

    :param event: place of the event in the log, in the order of time
    """

    name: LineName
    start: Instant
    end: Instant
    seconds: int = 0
    detail: str = ""
    event: int | None = None


def explain(cycle: Cycle, now: Instant) -> tuple[Line, ...]:
    """Return the lines that lead from the start of a cycle to its deadline, in order of time.

    Those of a span of time follow each other without a gap until the deadline, past now when it is
    still to come. None are told of a cycle that is not started.

    :param now: not before the last event
    """
    if cycle.started is None:
        return ()
    # In this order where they begin at the same second: what happens, then what lasts.
    lines = [*_beginning(cycle), *_notes(cycle), *_end(cycle, now), *_life(cycle, now)]
    return tuple(sorted(lines, key=attrgetter("start")))


def _beginning(cycle: Cycle) -> Iterator[Line]:
    start, term = cycle.started, cycle.stretches[0].term
    opening = term.timeline.next_open(start)
    budget, _ = term.budget(start)
    yield Line("received", start, start if opening is None else opening, budget or 0)
    if term.allowance:
        yield Line("allowance", start, start, term.allowance)


def _notes(cycle: Cycle) -> Iterator[Line]:
    for name, at, event, value in cycle.notes:
        if name == "manual":
            yield Line("manual", at, value, event=event)
        else:
            yield Line(name, at, at, value or 0, event=event)


def _end(cycle: Cycle, now: Instant) -> Iterator[Line]:
    deadline, last = cycle.deadline, now if cycle.stopped is None else cycle.stopped
    if cycle.stopped is not None:
        yield Line("stopped", last, last, cycle.remaining(last) or 0, cycle.state(now))
    elif cycle.is_suspended or (deadline is not None and last <= deadline):
        yield Line("left", last, last, cycle.remaining(last))
    if cycle.no_deadline_reason:
        yield Line("no_deadline", last, last, detail=cycle.no_deadline_reason)
    if deadline is not None:
        yield Line("due", deadline, deadline)
        if deadline < last:
            yield Line("overrun", deadline, last, cycle.overrun(last))


def _life(cycle: Cycle, now: Instant) -> Iterator[Line]:
    """Yield the spans of time from the start to the deadline, cut where something happened."""
    until = now if cycle.stopped is None else cycle.stopped
    if cycle.deadline is not None and (cycle.stopped is None or cycle.deadline < until):
        until = cycle.deadline
    cuts = sorted({now, *(note.at for note in cycle.notes)})
    for stretch in cycle.stretches:
        start, end = stretch.start, until if stretch.end is None else min(stretch.end, until)
        for span in pairwise((start, *(cut for cut in cuts if start < cut < end), end)):
            if span[0] < span[1]:
                yield from _part(stretch, *span)


def _part(stretch: Stretch, start: Instant, end: Instant) -> Iterator[Line]:
    timeline = stretch.term.timeline
    if stretch.name != "counted":
        counted = timeline.between(start, end)
        yield Line(stretch.name, start, end, counted, event=stretch.event)
        return
    for opens, closes in timeline.intervals(start, end):
        yield from _gap(timeline, start, opens)
        yield Line("counted", opens, closes, closes - opens)
        start = closes
    yield from _gap(timeline, start, end)


def _gap(timeline: Timeline, start: Instant, end: Instant) -> Iterator[Line]:
    for closes, opens, name in timeline.named_closings(start, end):
        if start < closes:
            yield Line("asleep", start, closes)
        # Two calendars may be closed at the same time, each with a name for it.
        if max(start, closes) < opens:
            yield Line("holiday", max(start, closes), opens, detail=name)
        start = max(start, opens)
    if start < end:
        yield Line("asleep", start, end)
