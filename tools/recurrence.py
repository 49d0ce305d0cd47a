"""Rules of recurrence: on which dates a series of visits falls (SEMANTICS §2, "Series").

A rule knows no state. It gives the date of a *rank* of the series that starts at an *anchor*:
rank 0 is the first date on or after the anchor. Every date is computed from the anchor, not from
the one before it, so that a series never drifts, can be continued at any rank, and comes out the
same whether it is generated once for ten years or day by day:

>>> monthly = Every(1, "month")
>>> print(*(monthly.date_at(date(2026, 1, 31), k) for k in range(5)))
2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31

All rules share `date_at(anchor, k)`: `k` is 0 or more, and the answer is None when the rule has
no such date, among others when it would be after MAX_DATE. The dates of a rule strictly increase
with `k`.
"""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from .dates import MAX_DATE, add_months, days_after, months_after
from .numbers import check_integer

# The longest period of each unit: 120 years, more than lies between MIN_DATE and MAX_DATE.
LONGEST = {"day": 43_830, "week": 6_261, "month": 1_440, "year": 120}

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Every:
    """Every `count` units from the anchor, which is itself the first date.

    Months and years are clamped to the end of the month, and find their own day again in the next
    month that has it:

    >>> yearly = Every(1, "year")
    >>> print(*(yearly.date_at(date(2024, 2, 29), k) for k in (0, 1, 4)))
    2024-02-29 2025-02-28 2028-02-29
    >>> print(Every(90, "day").date_at(date(2026, 12, 1), 1))
    2027-03-01

    :param unit: `day`, `week`, `month` or `year`
    :raises ValueError: on another unit, or a count that is no integer from 1 to `LONGEST[unit]`
    """

    count: int
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in LONGEST:
            raise ValueError(f"unit: expected one of {', '.join(LONGEST)}, got {self.unit!r}")
        check_integer(f"period in {self.unit}s", self.count, 1, LONGEST[self.unit])

    def date_at(self, anchor: date, k: int) -> date | None:
        """Return the date of rank `k`, `k` periods after the anchor."""
        periods = k * self.count
        if self.unit in _MONTHS:
            return months_after(anchor, periods * _MONTHS[self.unit])
        return days_after(anchor, periods * _DAYS[self.unit])


@dataclass(frozen=True)
class NthWeekday:
    """The n-th weekday of every `months`-th month, such as each first Monday of a quarter.

    The months are counted from the anchor's own, as RFC 5545 does: where that day is already past
    in the month of the anchor, the series begins `months` months later. A yearly visit anchored
    in March so stays one of March.

    >>> first_monday = NthWeekday(1, 0, months=3)
    >>> print(*(first_monday.date_at(date(2026, 1, 1), k) for k in range(3)))
    2026-01-05 2026-04-06 2026-07-06
    >>> print(first_monday.date_at(date(2026, 1, 6), 0))
    2026-04-06

    A month with no fifth weekday gives its last one: a promised visit is never left out. The fifth
    and the last (-1) are therefore the same rule.

    >>> print(*(NthWeekday(5, 4, months=1).date_at(date(2026, 1, 1), k) for k in range(2)))
    2026-01-30 2026-02-27

    :param nth: 1 to 5, or -1 for the last one
    :param weekday: 0 (Monday) to 6
    :param months: period in months
    :raises ValueError: outside these bounds
    """

    nth: int
    weekday: int
    months: int = 1

    def __post_init__(self) -> None:
        if self.nth != -1:
            check_integer("n-th weekday", self.nth, 1, 5)
        check_integer("weekday", self.weekday, 0, 6)
        check_integer("period in months", self.months, 1, LONGEST["month"])

    def date_at(self, anchor: date, k: int) -> date | None:
        """Return the date of rank `k`."""
        start = anchor.replace(day=1)
        if self._in_month_of(start) < anchor:
            k += 1
        month = months_after(start, k * self.months)
        return None if month is None else self._in_month_of(month)

    def _in_month_of(self, day: date) -> date:
        first_weekday, length = monthrange(day.year, day.month)
        weeks = 4 if self.nth == -1 else self.nth - 1
        number = 1 + (self.weekday - first_weekday) % 7 + 7 * weeks
        return day.replace(day=number if number <= length else number - 7)


@dataclass(frozen=True)
class IsoWeek:
    """A weekday of one ISO week, every ISO year; the first on or after the anchor.

    A year that has no week 53 uses its last week, 52: the visit stays at the end of the year.

    >>> last_friday = IsoWeek(53, 4)
    >>> print(*(last_friday.date_at(date(2026, 1, 3), k) for k in range(2)))
    2027-01-01 2027-12-31

    :param week: 1 to 53
    :param weekday: 0 (Monday) to 6
    :raises ValueError: outside these bounds
    """

    week: int
    weekday: int

    def __post_init__(self) -> None:
        check_integer("ISO week", self.week, 1, 53)
        check_integer("weekday", self.weekday, 0, 6)

    def date_at(self, anchor: date, k: int) -> date | None:
        """Return the date of rank `k`."""
        year = anchor.isocalendar().year
        if self._in_year(year) < anchor:
            k += 1
        if k > MAX_DATE.year - year:
            return None
        return days_after(self._in_year(year + k), 0)

    def _in_year(self, year: int) -> date:
        last_week = date(year, 12, 28).isocalendar().week
        return date.fromisocalendar(year, min(self.week, last_week), self.weekday + 1)


@dataclass(frozen=True)
class Dates:
    """A list of dates, those on or after the anchor. Order and duplicates do not matter.

    >>> agreed = Dates((date(2026, 9, 14), date(2026, 3, 2), date(2026, 9, 14)))
    >>> print(*(agreed.date_at(date(2026, 1, 1), k) for k in range(3)))
    2026-03-02 2026-09-14 None
    """

    dates: tuple[date, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", tuple(sorted(set(self.dates))))

    def date_at(self, anchor: date, k: int) -> date | None:
        """Return the date of rank `k`, None past the end of the list."""
        place = bisect_left(self.dates, anchor) + k
        return days_after(self.dates[place], 0) if place < len(self.dates) else None


@dataclass(frozen=True)
class PerYear:
    """`count` visits per contract year, spread evenly.

    The contract years start at the anchor and at its anniversaries. Each is cut into `count`
    slices that differ by one day at most, and a visit falls on the first day of its slice, so the
    first one on the anchor itself.

    >>> print(*(PerYear(4).date_at(date(2026, 3, 1), k) for k in range(5)))
    2026-03-01 2026-05-31 2026-08-30 2026-11-29 2027-03-01

    :raises ValueError: unless `count` is an integer from 1 to 365, one visit a day
    """

    count: int

    def __post_init__(self) -> None:
        check_integer("visits per year", self.count, 1, 365)

    def date_at(self, anchor: date, k: int) -> date | None:
        """Return the date of rank `k`."""
        year, visit = divmod(k, self.count)
        start = months_after(anchor, 12 * year)
        if start is None:
            return None
        length = (add_months(anchor, 12 * (year + 1)) - start).days
        return days_after(start, visit * length // self.count)


Rule = Every | NthWeekday | IsoWeek | Dates | PerYear


def ranks_until(
    rule: Rule, anchor: date, first_rank: int, until: date
) -> Iterator[tuple[int, date]]:
    """Yield the ranks from `first_rank` on, with their dates, up to `until` included.

    Bounded whatever the arguments: ends at the end of the rule, and at MAX_DATE. Going on later,
    from the rank after the last one, gives what a longer first run would have given.

    >>> for rank, day in ranks_until(Every(1, "month"), date(2026, 1, 31), 1, date(2026, 3, 31)):
    ...     print(rank, day)
    1 2026-02-28
    2 2026-03-31

    :raises ValueError: on a negative rank
    """
    if first_rank < 0:
        raise ValueError(f"expected a rank of 0 or more, got {first_rank}")
    for rank in count(first_rank):
        day = rule.date_at(anchor, rank)
        if day is None or day > until:
            return
        yield rank, day
