"""The reminder ladder: when a customer who does not answer is reminded, and the request closed.

Seed 003: three reminders, so many working days after the request began to wait for the customer,
and one working day after the third it is closed. The ladder is read from the instant at which the
waiting began and from the reminders that *really left*; nothing else is remembered. An answer ends
the cycle: the next one starts from its own instant, with nothing sent (SEMANTICS §1).

A blocking request waits from Thursday 7 May 2026 at 11:00 in Paris; Friday 8 and Thursday 14 are
holidays, a weekend lies between:

>>> from datetime import date, datetime
>>> from zoneinfo import ZoneInfo
>>> from .working_calendar import Closing
>>> paris = ZoneInfo("Europe/Paris")
>>> office = WorkingCalendar.weekly(
...     "Europe/Paris",
...     {day: ((9 * 3600, 18 * 3600),) for day in range(5)},
...     [
...         Closing(date(2026, 5, 8), 0, 86_400, "Victory in Europe"),
...         Closing(date(2026, 5, 14), 0, 86_400, "Ascension"),
...     ],
... )
>>> def at(day, hour):
...     return int(datetime(2026, 5, day, hour, tzinfo=paris).timestamp())
>>> def told(step):
...     when = step.at and f"{datetime.fromtimestamp(step.at, paris):%d %b %H:%M}"
...     return f"{step.name} {step.rank} {when}"
>>> blocking = Ladder((1, 2, 3))
>>> for step in plan(blocking, at(7, 11), (), (office,), now=at(7, 11)):
...     print(told(step))
remind 1 11 May 11:00
remind 2 12 May 11:00
remind 3 13 May 11:00
close 4 15 May 11:00

The server was down until Wednesday: one reminder is due, the next waits for another working day.

>>> told(next_step(blocking, at(7, 11), (), (office,), now=at(13, 15)))
'remind 1 11 May 11:00'
>>> told(next_step(blocking, at(7, 11), (at(13, 15),), (office,), now=at(13, 15)))
'wait 2 15 May 15:00'
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .business_time import Timeline, timeline
from .numbers import check_integer
from .working_calendar import Instant, WorkingCalendar

REMINDERS = 3
CLOSING = REMINDERS + 1

_MOST_DAYS = 365


@dataclass(frozen=True)
class Ladder:
    """The working days of a severity.

    :param offsets: working days from the beginning of the waiting to each of the three reminders
    :param close_after: working days of silence from the third to the closing
    :raises ValueError: unless there are three days that increase, each from 1 to 365
    """

    offsets: tuple[int, int, int]
    close_after: int = 1

    def __post_init__(self) -> None:
        for days in self.offsets:
            check_integer("reminder", days, 1, _MOST_DAYS)
        check_integer("closing", self.close_after, 1, _MOST_DAYS)
        if len(self.offsets) != REMINDERS or list(self.offsets) != sorted(set(self.offsets)):
            raise ValueError(f"expected {REMINDERS} days that increase, got {self.offsets}")


@dataclass(frozen=True)
class Step:
    """A rung of the ladder.

    :param name: what to do now: ``remind``, ``close``, or ``wait`` for what is due later
    :param rank: the reminder, from 1 to 3, or 4 for the closing
    :param at: when it is due; None when the calendars do not open any more, and it never is
    """

    name: Literal["wait", "remind", "close"]
    rank: int
    at: Instant | None


def next_step(
    ladder: Ladder,
    waiting_since: Instant,
    sent: Sequence[Instant],
    calendars: tuple[WorkingCalendar, ...],
    now: Instant,
) -> Step:
    """Return the one thing to do at `now`.

    It is never more than one, whatever was missed: each reminder waits for a working day after the
    one before it really left, and the closing for the silence that follows the third (RM2, FM8).

    :param waiting_since: when the request began to wait for the customer
    :param sent: when the reminders of this waiting really left, in order. One that failed is not
        among them: it is due again, and nothing after it is (FM6).
    :param calendars: working days are those on which all of them open
    :raises ValueError: when more than three were sent, or not in order
    """
    rank, due = _next_due(ladder, waiting_since, sent, timeline(calendars, "open_hours"))
    if due is None or now < due:
        return Step("wait", rank, due)
    return Step(_action(rank), rank, due)


def plan(
    ladder: Ladder,
    waiting_since: Instant,
    sent: Sequence[Instant],
    calendars: tuple[WorkingCalendar, ...],
    now: Instant,
) -> tuple[Step, ...]:
    """Return what is left of the ladder if nobody answers: the countdown shown to the customer.

    Nothing is planned in the past: what is overdue is expected at `now`, and the rest follows from
    there (RM7). Without openings to come, nothing is.

    The arguments are those of `next_step`.
    """
    hours = timeline(calendars, "open_hours")
    sent = list(sent)
    steps: list[Step] = []
    while True:
        rank, due = _next_due(ladder, waiting_since, sent, hours)
        if due is None:
            return tuple(steps)
        step = Step(_action(rank), rank, max(due, now))
        steps.append(step)
        if rank == CLOSING:
            return tuple(steps)
        sent.append(step.at)


def _next_due(
    ladder: Ladder,
    waiting_since: Instant,
    sent: Sequence[Instant],
    hours: Timeline,
) -> tuple[int, Instant | None]:
    """Return the rank that follows what was sent, and when it is due: by the ladder, and by the
    silence since the reminder before it."""
    if len(sent) > REMINDERS or list(sent) != sorted(sent):
        raise ValueError(f"expected at most {REMINDERS} reminders in order, got {sent}")

    def after(start: Instant | None, days: int) -> Instant | None:
        """Return the same time so many working days later."""
        return None if start is None else hours.add_working_days(start, days, "same")

    rank = len(sent) + 1
    silence = 1
    due = after(waiting_since, ladder.offsets[min(rank, REMINDERS) - 1])
    if rank == CLOSING:
        # By the ladder too: it may have become longer, with the severity, since the third left.
        silence = ladder.close_after
        due = after(due, silence)
    if not sent or due is None:
        return rank, due
    planned = after(waiting_since, ladder.offsets[rank - 2])
    if _left_in_time(hours, planned, sent[-1]):
        return rank, due
    spaced = after(sent[-1], silence)
    return rank, None if spaced is None else max(due, spaced)


def _left_in_time(hours: Timeline, planned: Instant, left: Instant) -> bool:
    """Tell whether a reminder left as planned: then the ladder says when the next one is due.

    At the last closing of a day, a reminder is never in an opening, and a working day after it
    would be the one after the next.
    """
    is_same_day = hours.local_day(planned) == hours.local_day(left)
    return left >= planned and is_same_day and not hours.between(planned, left)


def _action(rank: int) -> Literal["remind", "close"]:
    return "close" if rank == CLOSING else "remind"
