"""The promise meter: visits promised in a contract year, and those that cannot fit any more.

SEMANTICS §2: "warn when promised visits of a contract year cannot fit any more". Four visits were
promised, at least 30 days apart, and one was done on 10 January; the contract year ends on
28 February. One more can take place, from 9 February on, and two are lost:

>>> index, first, last = next(contract_years(date(2026, 3, 1), date(2028, 2, 29)))
>>> print(index, first, last)
0 2026-03-01 2027-02-28
>>> room = fits(3, date(2027, 1, 15), last, 30, date(2027, 1, 10))
>>> meter = Promise(promised=4, done=1, room=room)
>>> meter.to_plan, meter.lost
(1, 2)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from .dates import MAX_DATE, ONE_DAY, add_months, months_after


def contract_years(start: date, end: date | None = None) -> Iterator[tuple[int, date, date]]:
    """Yield the years of a contract: number from 0, first day, last day.

    They partition the contract: each starts on an anniversary of `start`, and the last one is
    clipped to `end`. A contract with no end goes on until MAX_DATE; one that ends before it starts
    has no year.

    >>> for index, first, last in contract_years(date(2024, 2, 29), date(2026, 8, 31)):
    ...     print(index, first, last)
    0 2024-02-29 2025-02-27
    1 2025-02-28 2026-02-27
    2 2026-02-28 2026-08-31
    """
    end = MAX_DATE if end is None else min(end, MAX_DATE)
    for index in count():
        first = months_after(start, 12 * index)
        if first is None or first > end:
            return
        yield index, first, min(add_months(start, 12 * (index + 1)) - ONE_DAY, end)


def fits(
    open_count: int, today: date, year_last: date, spacing_days: int, last_done: date | None
) -> int:
    """Return how many of the `open_count` open visits can still take place in the contract year.

    These are visits of one plan on one equipment: from `today` to `year_last`, both included, at
    least `spacing_days` apart, and as far from `last_done`, the last visit done if there is one.
    Before the contract year begins, pass its first day as `today`.

    >>> fits(9, date(2026, 12, 1), date(2026, 12, 31), 15, None)
    3
    >>> fits(9, date(2026, 12, 1), date(2026, 12, 31), 15, date(2026, 11, 30))
    2

    :raises ValueError: on a negative count, or a spacing of less than one day
    """
    if open_count < 0 or spacing_days < 1:
        raise ValueError(f"expected a count and a spacing, got {open_count} and {spacing_days}")
    days_left = (year_last - today).days
    if last_done is not None:
        days_left = min(days_left, (year_last - last_done).days - spacing_days)
    return min(open_count, days_left // spacing_days + 1) if days_left >= 0 else 0


@dataclass(frozen=True)
class Promise:
    """The visits promised in a contract year, each counted once.

    promised = done + planned + excused + to plan + lost, always.

    :param promised: visits that the contract promises in the year
    :param done: those done
    :param planned: those with an appointment, or in progress
    :param excused: those skipped for a reason of the customer
    :param room: how many more can take place, from `fits`
    :raises ValueError: on a negative number, or parts that exceed the promise
    """

    promised: int
    done: int = 0
    planned: int = 0
    excused: int = 0
    room: int = 0

    def __post_init__(self) -> None:
        parts = (self.done, self.planned, self.excused)
        if min(*parts, self.room, self.open) < 0:
            raise ValueError(f"{self.promised} promised visits cannot be split into {parts}")

    @property
    def open(self) -> int:
        """Visits that are neither done, nor planned, nor excused."""
        return self.promised - self.done - self.planned - self.excused

    @property
    def to_plan(self) -> int:
        """Open visits that can still take place."""
        return min(self.open, self.room)

    @property
    def lost(self) -> int:
        """Open visits that cannot take place any more: what to warn about."""
        return self.open - self.to_plan
