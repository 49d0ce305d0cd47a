"""Dates of a contract: term, notice, tacit renewal (SEMANTICS §6).

The worked example: a contract that ends on 28 February 2027 with three months of notice must be
ended by 28 November 2026. That is a Saturday, so somebody has to act on the Friday before.

>>> deadline = last_notice(date(2027, 2, 28), 3)
>>> print(deadline, last_working_day(deadline, OpenDays.weekly(range(5))))
2026-11-28 2026-11-27
"""

from datetime import date

from .dates import MAX_DATE, MIN_DATE, ONE_DAY, add_months, check_date
from .numbers import check_integer
from .open_days import OpenDays

__all__ = [
    "LONGEST_TERM",
    "MAX_DATE",
    "MIN_DATE",
    "check_date",
    "end_of_term",
    "last_notice",
    "last_working_day",
    "nth_term",
    "term_containing",
]

# In months: a century.
LONGEST_TERM = 1_200


def end_of_term(start: date, months: int) -> date:
    """Return the last day of a term of `months` months: the day before the next one starts.

    >>> print(end_of_term(date(2026, 3, 1), 12), end_of_term(date(2026, 8, 31), 6))
    2027-02-28 2027-02-27

    :raises ValueError: unless `months` is an integer from 1 to LONGEST_TERM
    """
    check_integer("term in months", months, 1, LONGEST_TERM)
    return add_months(start, months) - ONE_DAY


def last_notice(end: date, notice_months: int) -> date:
    """Return the last day on which notice can be given for the contract to stop at `end`.

    >>> print(last_notice(date(2026, 5, 31), 3), last_notice(date(2026, 5, 31), 0))
    2026-02-28 2026-05-31

    :raises ValueError: unless `notice_months` is an integer from 0 to LONGEST_TERM
    """
    check_integer("notice in months", notice_months, 0, LONGEST_TERM)
    return add_months(end, -notice_months)


def last_working_day(on: date, open_days: OpenDays) -> date | None:
    """Return the last open day up to `on`, `on` included; None if the calendar never opens."""
    return open_days.previous_open(on)


def nth_term(start: date, months: int, index: int, renewal_months: int) -> tuple[date, date]:
    """Return the first and last day of the term with this number; the first one has the number 0.

    The first term lasts `months`, each one after it `renewal_months`. All are counted from the
    start of the contract, so that no number of renewals moves their days.

    >>> for index in range(3):
    ...     print(*nth_term(date(2024, 2, 29), 36, index, 12))
    2024-02-29 2027-02-27
    2027-02-28 2028-02-28
    2028-02-29 2029-02-27

    :raises ValueError: on a term as in `end_of_term`, or when `index` is not from 0 to LONGEST_TERM
    """
    check_integer("term in months", months, 1, LONGEST_TERM)
    check_integer("renewal in months", renewal_months, 1, LONGEST_TERM)
    check_integer("number of the term", index, 0, LONGEST_TERM)
    ends = months + index * renewal_months
    starts = ends - renewal_months if index else 0
    return add_months(start, starts), add_months(start, ends) - ONE_DAY


def term_containing(start: date, months: int, on: date) -> tuple[int, date, date]:
    """Return the term of a tacitly renewed contract that contains `on`: number, first, last day.

    The first term has the number 0. Each is counted from the start of the contract, so that no
    number of renewals moves its dates; neither a day between two terms nor a day in two of them.

    >>> index, first, last = term_containing(date(2024, 2, 29), 12, date(2026, 2, 28))
    >>> print(index, first, last)
    2 2026-02-28 2027-02-27
    >>> index, first, last = term_containing(date(2024, 2, 29), 12, date(2028, 2, 28))
    >>> print(index, first, last)
    3 2027-02-28 2028-02-28

    :raises ValueError: when `on` is before `start`, or on a term as in `end_of_term`
    """
    check_integer("term in months", months, 1, LONGEST_TERM)
    if on < start:
        raise ValueError(f"{on} is before the contract, which starts on {start}")
    index = (12 * (on.year - start.year) + on.month - start.month) // months
    if add_months(start, index * months) > on:
        index -= 1
    first = add_months(start, index * months)
    return index, first, add_months(start, (index + 1) * months) - ONE_DAY
