"""The arithmetic of calendar dates on which the other rules are built.

A date here is a local day of the calendar, never an instant: no time zone and no change of clock
can move it. Months are added from the date given, and the day is clamped to the end of a shorter
month (SEMANTICS §2, §6); adding to the *anchor* each time is what keeps a series from drifting:

>>> anchor = date(2026, 1, 31)
>>> print(*(add_months(anchor, k) for k in range(4)))
2026-01-31 2026-02-28 2026-03-31 2026-04-30
"""

from calendar import monthrange
from datetime import date, datetime, timedelta

MIN_DATE = date(1990, 1, 1)
MAX_DATE = date(2100, 12, 31)

ONE_DAY = timedelta(days=1)

_MAX_ORDINAL = MAX_DATE.toordinal()


def check_date(day: date) -> date:
    """Return `day`, or raise ValueError if it is no plain date from MIN_DATE to MAX_DATE.

    A typing error such as 0206 or 20260 for the year is caught here, before it generates ten
    thousand visits.

    >>> print(check_date(date(2028, 2, 29)))
    2028-02-29
    >>> check_date(date(206, 1, 1))
    Traceback (most recent call last):
    ...
    ValueError: expected a date from 1990-01-01 to 2100-12-31, got 0206-01-01
    """
    plain = isinstance(day, date) and not isinstance(day, datetime)
    if not plain or not MIN_DATE <= day <= MAX_DATE:
        raise ValueError(f"expected a date from {MIN_DATE} to {MAX_DATE}, got {day}")
    return day


def add_months(day: date, months: int) -> date:
    """Return `day` moved by `months` (negative: back), clamped to the end of the month.

    >>> print(add_months(date(2024, 2, 29), 12), add_months(date(2024, 2, 29), 48))
    2025-02-28 2028-02-29
    >>> print(add_months(date(2027, 2, 28), -3))
    2026-11-28

    :raises ValueError: outside the years 1 to 9999
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    # No month is shorter than 28 days: most dates need no look at the calendar.
    last = 28 if day.day <= 28 else monthrange(year, month)[1]
    return date(year, month, min(day.day, last))


def months_after(day: date, months: int) -> date | None:
    """Return `add_months(day, months)`, or None when that is after MAX_DATE.

    >>> print(months_after(date(2100, 11, 30), 1), months_after(date(2100, 11, 30), 2))
    2100-12-30 None
    """
    if months > 12 * (MAX_DATE.year - day.year + 1):
        return None
    later = add_months(day, months)
    return later if later <= MAX_DATE else None


def days_after(day: date, days: int) -> date | None:
    """Return `day` moved by `days` (negative: before), or None when that is after MAX_DATE.

    >>> print(days_after(date(2100, 12, 30), 1), days_after(date(2100, 12, 30), 2))
    2100-12-31 None
    """
    ordinal = day.toordinal() + days
    return date.fromordinal(ordinal) if ordinal <= _MAX_ORDINAL else None
