"""The billing periods of a covered equipment, and the day on which each is invoiced.

A *cycle* cuts time into *full periods* of so many months, counted from the start of the contract
or from 1 January. A *period* is what one row of the billing schedule stands for: the days of one
full period on which the equipment is covered. It is short where the coverage begins or ends inside:

>>> quarters = Cycle(date(2026, 3, 15), 3, "calendar")
>>> for period in billing_periods(quarters, date(2026, 3, 15), date(2026, 8, 31), MAX_DATE):
...     print(period, "of", period.full_first, period.full_last)
2026-03-15..2026-03-31 of 2026-01-01 2026-03-31
2026-04-01..2026-06-30 of 2026-04-01 2026-06-30
2026-07-01..2026-08-31 of 2026-07-01 2026-09-30

Every boundary is counted from the anchor of the cycle, so that none drifts, and all equipment of a
contract is invoiced for the same days, whenever its own coverage begins:

>>> monthly = Cycle(date(2026, 1, 31), 1)
>>> print(*billing_periods(monthly, date(2026, 2, 10), None, date(2026, 4, 1)))
2026-02-10..2026-02-27 2026-02-28..2026-03-30 2026-03-31..2026-04-29

Days are local days of the calendar, and first and last days are both included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from .contract_dates import term_containing
from .dates import MAX_DATE, ONE_DAY, add_months, check_date, days_after
from .numbers import check_integer

Alignment = Literal["contract", "calendar"]
Timing = Literal["advance", "arrears"]

# In months: ten years.
LONGEST_PERIOD = 120
# In days: an invoice is not made more than a year ahead.
LONGEST_LEAD = 366


@dataclass(frozen=True)
class Cycle:
    """How a contract is cut into full periods.

    Aligned on the calendar, the months are counted from 1 January of the year in which the
    contract starts. Periods that divide the year then begin on the same days every year; others,
    such as of 5 months, go on over the new year.

    >>> print(*Cycle(date(2026, 3, 15), 6).full_period(date(2026, 12, 31)))
    2026-09-15 2027-03-14
    >>> print(*Cycle(date(2026, 3, 15), 5, "calendar").full_period(date(2027, 1, 1)))
    2026-11-01 2027-03-31

    :param start: first day of the contract
    :param months: length of a full period
    :raises ValueError: on a date that `check_date` refuses, months that are no integer from 1 to
        LONGEST_PERIOD, or another alignment
    """

    start: date
    months: int
    alignment: Alignment = "contract"

    def __post_init__(self) -> None:
        check_date(self.start)
        check_integer("billing period in months", self.months, 1, LONGEST_PERIOD)
        if self.alignment not in get_args(Alignment):
            raise ValueError(f"alignment: expected contract or calendar, got {self.alignment!r}")

    @property
    def anchor(self) -> date:
        """The day from which the boundaries are counted."""
        return self.start if self.alignment == "contract" else date(self.start.year, 1, 1)

    def full_period(self, on: date) -> tuple[date, date]:
        """Return the first and last day of the full period that contains `on`.

        :raises ValueError: when `on` is before the contract
        """
        if on < self.start:
            raise ValueError(f"{on} is before the contract, which starts on {self.start}")
        _index, first, last = term_containing(self.anchor, self.months, on)
        return first, last

    def starts_a_month(self, on: date) -> bool:
        """Tell whether a month of the cycle begins on that day."""
        return add_months(self.anchor, months_between(self.anchor, on)) == on


@dataclass(frozen=True)
class Period:
    """One row of the billing schedule: the days from `first` to `last` of a full period.

    The full period is part of the value, because the price is agreed for it: it stays what it was
    when the periodicity of the contract changes later.

    :param continued: an earlier row, or the coverage that this one replaces, holds the days of the
        same full period before `first`. Where nothing is prorated, the full period was due there.
    :raises ValueError: unless full_first <= first <= last <= full_last
    """

    first: date
    last: date
    full_first: date
    full_last: date
    continued: bool = False

    def __post_init__(self) -> None:
        if not self.full_first <= self.first <= self.last <= self.full_last:
            raise ValueError(f"{self} is no part of {self.full_first}..{self.full_last}")

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @property
    def full_months(self) -> int:
        """Length of the full period."""
        return months_between(self.full_first, self.full_last + ONE_DAY)

    def is_of(self, full_period: tuple[date, date]) -> bool:
        """Tell whether this is a part of that full period."""
        return (self.full_first, self.full_last) == full_period


def billing_periods(
    cycle: Cycle, start: date, end: date | None, until: date, after: Period | None = None
) -> Iterator[Period]:
    """Yield the periods of a coverage that begin on or before `until`.

    They partition the days from `start` to `end`: no gap, no overlap, never a last day before its
    first. Without an end they go on, until MAX_DATE at the latest; a coverage that ends before it
    starts has none.

    Only some of the rows may change when the term or the periodicity does: those up to `after`
    are kept, and the partition goes on behind them. So it does when the schedule is extended,
    and gives what a longer first run would have given.

    >>> monthly, quarterly = (Cycle(date(2026, 1, 15), months) for months in (1, 3))
    >>> *_rest, invoiced = billing_periods(monthly, monthly.start, None, date(2026, 8, 1))
    >>> print(invoiced)
    2026-07-15..2026-08-14
    >>> for period in billing_periods(
    ...     quarterly, monthly.start, None, date(2026, 11, 1), after=invoiced
    ... ):
    ...     print(period, period.full_months)
    2026-08-15..2026-10-14 2
    2026-10-15..2027-01-14 3

    The boundaries stay those of the contract. What is left of the quarter is a full period of two
    months, and no part of three: the customer pays the same for a year, however it is cut.

    :param start: first day covered
    :param end: last day covered, None for no end
    :param after: the last row that is kept
    :raises ValueError: on days before the contract
    """
    first = start if after is None else max(start, after.last + ONE_DAY)
    end = MAX_DATE if end is None else min(end, MAX_DATE)
    while first <= min(until, end):
        full_first, full_last = cycle.full_period(first)
        continued = after is not None and after.is_of((full_first, full_last))
        if after is not None and not continued and cycle.starts_a_month(first):
            full_first = first
        after = Period(first, min(full_last, end), full_first, full_last, continued)
        yield after
        first = after.last + ONE_DAY


def invoice_day(period: Period, timing: Timing, lead_days: int = 0) -> date:
    """Return the day from which a period can be invoiced.

    In advance, that is `lead_days` before its first day. In arrears, it is its last day, and there
    is no lead: the service is not rendered earlier, and an invoice of the next day would be one of
    the next month or year, for a service of this one.

    >>> january = Period(*Cycle(date(2026, 1, 1), 1).full_period(date(2026, 1, 1)) * 2)
    >>> print(invoice_day(january, "advance", 15), invoice_day(january, "arrears"))
    2025-12-17 2026-01-31

    :raises ValueError: on another timing, or a lead that is no integer from 0 to LONGEST_LEAD
    """
    if timing not in get_args(Timing):
        raise ValueError(f"timing: expected advance or arrears, got {timing!r}")
    check_integer("lead in days", lead_days, 0, LONGEST_LEAD)
    return period.last if timing == "arrears" else days_after(period.first, -lead_days)


def months_between(first: date, second: date) -> int:
    """Return the difference of the months of two dates, whatever their days.

    Between two boundaries of a cycle that is their distance, even where one of them was clamped.

    >>> months_between(date(2026, 1, 31), date(2027, 2, 28))
    13
    """
    return 12 * (second.year - first.year) + second.month - first.month
