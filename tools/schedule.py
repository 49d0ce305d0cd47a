"""The preventive schedule: from a rule of recurrence to visits and their figures (SEMANTICS §2).

The *nominal* date of a visit is where the series puts it. What a visit done early or late does to
the next ones is the `Shift` of its plan, from 0 % (fixed) to 100 % (floating):

>>> def following(shift):
...     series = Series(Every(12, "month"), date(2026, 3, 15))
...     print(series.after(Done(0, date(2026, 3, 15), date(2026, 4, 20)), shift).nominal(1))
>>> following(FIXED)
2027-03-15
>>> following(FLOATING)
2027-04-20
>>> following(Shift(late=50, tolerance=10))
2027-04-02

Two settings look alike and are not: the *tolerance* says which deviation shifts the series, the
*window* judges whether the visit was on time.

Units: dates are days, percents are integers from 0 to 100, rates are exact fractions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Literal, NamedTuple

from .dates import days_after
from .numbers import check_integer
from .open_days import EVERY_DAY, OpenDays
from .recurrence import Every, Rule

ClosedDayRule = Literal["keep", "next", "previous", "skip"]
_OPPOSITE: dict[ClosedDayRule, ClosedDayRule] = {"next": "previous", "previous": "next"}

DueState = Literal["upcoming", "to_plan", "missed"]

# In days: no window, horizon nor tolerance is longer than ten years.
LONGEST_MARGIN = 3_660


# Series


@dataclass(frozen=True)
class Shift:
    """How much of a deviation the rest of the series follows.

    :param late: percent of the days by which a visit was late; 100 re-anchors the series on the
        date done
    :param early: the same for a visit done early
    :param tolerance: days; a deviation up to it, in either direction, shifts nothing
    :raises ValueError: on a percent outside 0 to 100, or a tolerance outside 0 to LONGEST_MARGIN
    """

    late: int = 0
    early: int = 0
    tolerance: int = 0

    def __post_init__(self) -> None:
        check_integer("late shift in percent", self.late, 0, 100)
        check_integer("early shift in percent", self.early, 0, 100)
        check_integer("tolerance in days", self.tolerance, 0, LONGEST_MARGIN)

    def percent(self, deviation: int) -> int:
        """Return the percent that applies to a visit done `deviation` days late (< 0: early).

        On the day itself counts as late by nothing. With no tolerance the percent applies even
        then, so that a floating series starts again from *each* date done.
        """
        if self.tolerance and abs(deviation) <= self.tolerance:
            return 0
        return self.late if deviation >= 0 else self.early

    def days(self, deviation: int) -> int:
        """Return the days by which the series moves; halves are rounded away from zero.

        >>> [Shift(late=50, early=50).days(deviation) for deviation in (-5, -4, 0, 4, 5)]
        [-3, -2, 0, 2, 3]
        """
        size = (self.percent(deviation) * abs(deviation) + 50) // 100
        return size if deviation >= 0 else -size


FIXED = Shift()
FLOATING = Shift(late=100, early=100)


@dataclass(frozen=True)
class Done:
    """A fact: the visit of that rank, planned by the series for `nominal`, was done `on` a date."""

    rank: int
    nominal: date
    on: date

    @property
    def deviation(self) -> int:
        """Days late, negative when early."""
        return (self.on - self.nominal).days


@dataclass(frozen=True)
class Series:
    """The nominal dates of a plan, as known so far.

    A value: a visit done gives another series, and the same facts always give the same one. The
    dates after the last visit done are therefore provisional in a series that shifts.

    :param anchor_rank: the rank that falls on the first date of the rule from the anchor on
    :param offset: days added to each date of the rule, the sum of the partial shifts
    """

    rule: Rule
    anchor: date
    anchor_rank: int = 0
    offset: int = 0

    def nominal(self, rank: int) -> date | None:
        """Return the nominal date of a rank.

        None before the rank of the anchor, whose dates another series gave, and where the rule
        has none.
        """
        if rank < self.anchor_rank:
            return None
        day = self.rule.date_at(self.anchor, rank - self.anchor_rank)
        return days_after(day, self.offset) if day and self.offset else day

    def anchored(self, rank: int, on: date) -> "Series":
        """Return the series that starts again at `rank` from the date `on`, as after a stop."""
        return replace(self, anchor=on, anchor_rank=rank, offset=0)

    def after(self, done: Done, shift: Shift) -> "Series":
        """Return the series as the visit done leaves it.

        With a percent of 100, the next visit is exactly one period after the date done, months
        counted from that date; with a smaller one, the dates move by days. Facts are taken in the
        order of their ranks, as `replay` does.

        >>> monthly = Series(Every(1, "month"), date(2026, 1, 31))
        >>> late = Done(1, date(2026, 2, 28), date(2026, 3, 2))
        >>> print(monthly.after(late, FLOATING).nominal(2))
        2026-04-02
        >>> print(monthly.after(late, Shift(late=50)).nominal(2))
        2026-04-01

        :raises ValueError: when a shift is asked of a rule other than `Every`, whose dates are
            those of the calendar and cannot move
        """
        _check_can_shift(self.rule, shift)
        percent = shift.percent(done.deviation)
        if percent == 100:
            return self.anchored(done.rank, done.on)
        return replace(self, offset=self.offset + shift.days(done.deviation)) if percent else self


def replay(rule: Rule, anchor: date, facts: Iterable[Done], shift: Shift) -> Series:
    """Return the series that the visits done so far leave, in whatever order they are given.

    >>> facts = [
    ...     Done(1, date(2026, 4, 20), date(2026, 4, 10)),
    ...     Done(0, date(2026, 3, 15), date(2026, 3, 20)),
    ... ]
    >>> print(replay(Every(1, "month"), date(2026, 3, 15), facts, FLOATING).nominal(2))
    2026-05-10

    :raises ValueError: as in `Series.after`, even with no fact
    """
    _check_can_shift(rule, shift)
    series = Series(rule, anchor)
    for done in sorted(facts, key=lambda fact: (fact.rank, fact.on)):
        series = series.after(done, shift)
    return series


def next_nominal(nominal: date, next_nominal: date, done: date, shift: Shift) -> date:
    """Return the next nominal date, moved by what the visit of `nominal` done on `done` shifts.

    The shift between two given dates, where no rule gives them: the days between the two are kept.

    >>> shift = Shift(late=50, tolerance=9)
    >>> print(next_nominal(date(1998, 6, 1), date(1998, 9, 1), date(1998, 6, 15), shift))
    1998-09-08
    >>> print(next_nominal(date(1998, 6, 1), date(1998, 9, 1), date(1998, 6, 8), shift))
    1998-09-01
    """
    return next_nominal + timedelta(days=shift.days((done - nominal).days))


def _check_can_shift(rule: Rule, shift: Shift) -> None:
    if (shift.late or shift.early) and not isinstance(rule, Every):
        raise ValueError(f"only a fixed period can shift, not {rule}")


# Dates of one visit


@dataclass(frozen=True)
class Window:
    """The days, first and last included, on which a visit is on time.

    >>> spring = Window(date(2027, 3, 1), date(2027, 3, 31))
    >>> spring & Window(date(2027, 3, 15), date(2027, 4, 14))
    Window(earliest=datetime.date(2027, 3, 15), latest=datetime.date(2027, 3, 31))
    >>> spring & Window(date(2027, 4, 1), date(2027, 4, 1)) is None
    True

    :raises ValueError: when `latest` is before `earliest`
    """

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"a window cannot end on {self.latest}, before {self.earliest}")

    def contains(self, day: date) -> bool:
        """Tell whether `day` is in the window."""
        return self.earliest <= day <= self.latest

    def overlaps(self, other: "Window") -> bool:
        """Tell whether the two windows have a day in common."""
        return self.earliest <= other.latest and other.earliest <= self.latest

    def __and__(self, other: "Window") -> "Window | None":
        if not self.overlaps(other):
            return None
        return Window(max(self.earliest, other.earliest), min(self.latest, other.latest))


def window(nominal: date, before: int, after: int) -> Window:
    """Return the due window, from `before` days before the nominal date to `after` days after.

    >>> due = window(date(2027, 3, 15), 15, 30)
    >>> print(due.earliest, due.latest)
    2027-02-28 2027-04-14

    :raises ValueError: on a margin outside 0 to LONGEST_MARGIN
    """
    check_integer("days before", before, 0, LONGEST_MARGIN)
    check_integer("days after", after, 0, LONGEST_MARGIN)
    return Window(nominal - timedelta(days=before), nominal + timedelta(days=after))


def to_plan_on(nominal: date, horizon: int) -> date:
    """Return the day on which the visit becomes one to plan, `horizon` days before its date.

    >>> print(to_plan_on(date(2027, 3, 15), 60))
    2027-01-14

    :raises ValueError: on a horizon outside 0 to LONGEST_MARGIN
    """
    check_integer("horizon in days", horizon, 0, LONGEST_MARGIN)
    return nominal - timedelta(days=horizon)


def due_state(today: date, to_plan: date, latest: date) -> DueState:
    """Return the state of a visit not planned yet, by the day alone.

    >>> states = (due_state(date(2027, 3, day), date(2027, 3, 2), date(2027, 3, 3))
    ...     for day in (1, 2, 3, 4))
    >>> print(*states)
    upcoming to_plan to_plan missed
    """
    if today > latest:
        return "missed"
    return "to_plan" if today >= to_plan else "upcoming"


def on_open_day(nominal: date, rule: ClosedDayRule, open_days: OpenDays) -> date | None:
    """Return the date to aim at when the nominal one may be closed; None to skip the visit.

    The series keeps the nominal date: moving one visit off a Sunday moves no other.

    >>> office = OpenDays.weekly(range(5))
    >>> print(*(on_open_day(date(2027, 3, 13), rule, office)
    ...     for rule in ("keep", "next", "previous", "skip")))
    2027-03-13 2027-03-15 2027-03-12 None

    :return: None also when the calendar has no open day in that direction
    :raises ValueError: on another rule
    """
    if rule not in ("keep", "next", "previous", "skip"):
        raise ValueError(f"closed days: expected keep, next, previous or skip, got {rule!r}")
    if rule == "keep" or open_days.is_open(nominal):
        return nominal
    if rule == "skip":
        return None
    return open_days.next_open(nominal) if rule == "next" else open_days.previous_open(nominal)


class Occurrence(NamedTuple):
    """A visit to create: its rank, its nominal date, and the open day to aim at."""

    rank: int
    nominal: date
    on: date


def occurrences(
    series: Series,
    first_rank: int,
    first: date,
    last: date,
    rule: ClosedDayRule = "keep",
    open_days: OpenDays = EVERY_DAY,
) -> Iterator[Occurrence]:
    """Yield the visits of a series from `first_rank` on whose nominal date is in a term.

    Both dates of a visit are in the term, `first` and `last` included: where the closed days rule
    leads out of it, the nearest open day in the other direction is taken. The dates strictly
    increase: when two ranks aim at the same day, as Saturday and Sunday do in a daily plan, only
    the lower one is a visit. Neither depends on where the generation starts or stopped before.

    >>> office = OpenDays.weekly(range(5))
    >>> weekly = Series(Every(1, "week"), date(2026, 12, 19))
    >>> term = date(2026, 12, 1), date(2027, 1, 2)
    >>> for rank, nominal, on in occurrences(weekly, 0, *term, "next", office):
    ...     print(rank, nominal, on)
    0 2026-12-19 2026-12-21
    1 2026-12-26 2026-12-28
    2 2027-01-02 2027-01-01
    """
    taken = None
    # One rank earlier, to know the day that it takes.
    for rank in count(max(first_rank - 1, series.anchor_rank)):
        nominal = series.nominal(rank)
        if nominal is None or nominal > last:
            return
        on = _in_term(nominal, first, last, rule, open_days) if nominal >= first else None
        if rank >= first_rank and on not in (None, taken):
            yield Occurrence(rank, nominal, on)
        taken = on


def _in_term(
    nominal: date, first: date, last: date, rule: ClosedDayRule, open_days: OpenDays
) -> date | None:
    for direction in (rule, _OPPOSITE.get(rule)):
        on = on_open_day(nominal, direction, open_days) if direction else None
        if on and first <= on <= last:
            return on
    return None
