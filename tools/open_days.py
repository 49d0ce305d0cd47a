"""Open and closed days of a calendar, as a value.

`OpenDays` is what the rules need to know of a working calendar of Odoo: on which days of the week
it opens, in each of the two weeks of a two-week calendar, and its holidays.

>>> office = OpenDays.weekly(range(5), closed=[date(2026, 12, 25)])
>>> office.is_open(date(2026, 12, 24)), office.is_open(date(2026, 12, 25))
(True, False)
>>> print(office.next_open(date(2026, 12, 25)), office.previous_open(date(2026, 12, 27)))
2026-12-28 2026-12-24
>>> office.count(date(2026, 12, 21), date(2026, 12, 31))
8
>>> print(office.add(date(2026, 12, 24), 2))
2026-12-29
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .dates import ONE_DAY

# A calendar with no opening for four years has none: this ends every walk along the days.
REACH = 1_500

_ALL_WEEK = frozenset(range(7))
_FORTNIGHT = 14
_FIRST_ORDINAL = date.min.toordinal()
_LAST_ORDINAL = date.max.toordinal()


@dataclass(frozen=True)
class OpenDays:
    """The open days of a calendar.

    :param weekdays: the days of the week that open (Monday is 0), in the weeks of Odoo's type 0
        and in those of type 1. A one-week calendar has the same days in both: `OpenDays.weekly`.
    :param closed: the holidays, and any other day that is closed as a whole
    :raises ValueError: unless there are two sets of days of the week
    """

    weekdays: tuple[frozenset[int], frozenset[int]]
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.weekdays) != 2 or not all(days <= _ALL_WEEK for days in self.weekdays):
            raise ValueError(f"expected two sets of weekdays from 0 to 6, got {self.weekdays!r}")

    @classmethod
    def weekly(cls, weekdays: Iterable[int], closed: Iterable[date] = ()) -> "OpenDays":
        """Return the open days of a calendar whose weeks are all alike."""
        days = frozenset(weekdays)
        return cls((days, days), frozenset(closed))

    def is_open(self, day: date) -> bool:
        """Tell whether the calendar opens on `day`.

        Odoo numbers the two kinds of weeks from the ordinal of the date, so that two weeks of the
        same type never follow one another, not even at New Year in a year of 53 weeks:

        >>> every_other_monday = OpenDays((frozenset({0}), frozenset()))
        >>> [every_other_monday.is_open(date(2026, 12, day)) for day in (14, 21, 28)]
        [False, True, False]
        >>> every_other_monday.is_open(date(2027, 1, 4))
        True
        """
        return self._opens_by_week(day) and day not in self.closed

    def next_open(self, day: date) -> date | None:
        """Return the first open day from `day` on, itself included; None if there is none."""
        return self._first_open(range(day.toordinal(), _LAST_ORDINAL + 1)[:REACH])

    def previous_open(self, day: date) -> date | None:
        """Return the last open day up to `day`, itself included; None if there is none."""
        return self._first_open(range(day.toordinal(), _FIRST_ORDINAL - 1, -1)[:REACH])

    def count(self, first: date, last: date) -> int:
        """Return the number of open days from `first` to `last`, both included.

        Takes the same time for a week and for a century; 0 when `last` is before `first`.
        """
        if last < first:
            return 0
        before, end = first.toordinal() - 1, last.toordinal()
        by_week = sum(
            (end - place) // _FORTNIGHT - (before - place) // _FORTNIGHT
            for place in range(1, _FORTNIGHT + 1)
            if self._opens_by_week(date.fromordinal(place))
        )
        return by_week - sum(
            first <= day <= last and self._opens_by_week(day) for day in self.closed
        )

    def add(self, day: date, count: int) -> date | None:
        """Return the `count`-th open day after `day`; None if the calendar does not open enough.

        `day` is not counted, open or not, and 0 gives it back (working days of SEMANTICS §1).

        :raises ValueError: on a negative count
        """
        if count < 0:
            raise ValueError(f"expected a count of days, got {count}")
        for _ in range(count):
            opening = None if day == date.max else self.next_open(day + ONE_DAY)
            if opening is None:
                return None
            day = opening
        return day

    def _opens_by_week(self, day: date) -> bool:
        week_type = (day.toordinal() - 1) // 7 % 2
        return day.weekday() in self.weekdays[week_type]

    def _first_open(self, ordinals: Iterable[int]) -> date | None:
        days = map(date.fromordinal, ordinals)
        return next(filter(self.is_open, days), None)


EVERY_DAY = OpenDays.weekly(_ALL_WEEK)
