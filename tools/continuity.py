"""Whether days are covered without a gap: what a subscription "since delivery" asks for.

>>> covered = [(date(2026, 3, 1), date(2027, 2, 28)), (date(2027, 3, 15), None)]
>>> print(*first_gap(covered, date(2026, 3, 1), date(2028, 1, 1)))
2027-03-01 2027-03-14
>>> first_gap(covered, date(2026, 3, 1), date(2027, 2, 28)) is None
True
"""

from collections.abc import Sequence
from datetime import date

from .dates import ONE_DAY

__all__ = ["first_gap"]


def first_gap(
    covered: Sequence[tuple[date, date | None]], first: date, last: date
) -> tuple[date, date] | None:
    """Return the first days from `first` to `last` that no span covers, None when there are none.

    Spans include both of their days, may overlap, and come in any order.

    >>> print(*first_gap([], date(2026, 1, 1), date(2026, 1, 31)))
    2026-01-01 2026-01-31

    :param covered: first and last day of each span; None for one without an end
    :return: first and last day of the gap; None as well when `last` is before `first`
    """
    day = first
    for start, end in sorted(covered, key=lambda span: span[0]):
        if start > day:
            break
        if end is None:
            return None
        day = max(day, end + ONE_DAY)
    if day > last:
        return None
    later = (start for start, _end in covered if start > day)
    return day, min([last, *(start - ONE_DAY for start in later)])
