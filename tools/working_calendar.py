"""Working calendars: what is written on the door, and the instants at which it opens and closes.

A calendar lives in its own time zone (SEMANTICS §1, "Time zone and DST"). The openings of each day
are built on the local clock, and both ends are turned into instants; nothing ever adds 86 400
seconds to walk the days. Here is the last week-end of March, when Zurich loses an hour:

>>> office = ((9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR))
>>> geneva = WorkingCalendar.weekly(
...     "Europe/Zurich",
...     {weekday: office for weekday in range(5)},
...     [Closing(date(2026, 4, 3), 0, DAY, "Good Friday")],
... )
>>> geneva.hours(date(2026, 3, 27)) == office, geneva.hours(date(2026, 4, 3))
(True, ())
>>> for start, end in geneva.openings(date(2026, 3, 27), date(2026, 3, 30)):
...     print(datetime.fromtimestamp(start, timezone.utc), (end - start) // HOUR)
2026-03-27 08:00:00+00:00 3
2026-03-27 12:00:00+00:00 4
2026-03-30 07:00:00+00:00 3
2026-03-30 11:00:00+00:00 4

Units: an instant is a whole number of seconds since 1970-01-01 00:00 UTC; the time of a day is a
whole number of seconds from 0 to 86 400 on the local clock, and 86 400 is 24:00.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .numbers import check_integer

Instant = int
Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]

HOUR = 3_600
DAY = 86_400

_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()


class Closing(NamedTuple):
    """Hours of one day in which a calendar is closed although its week opens.

    :param start: time of the day, in seconds on the local clock
    :param end: the same, excluded; (0, 86 400) closes the whole day
    :param name: what people call it, such as that of a public holiday
    """

    day: date
    start: int = 0
    end: int = DAY
    name: str = ""


@dataclass(frozen=True)
class WorkingCalendar:
    """When a team works: a value, so that two calendars that open alike are equal.

    :param zone: name of the time zone, as "Europe/Zurich"
    :param weeks: the hours of the seven days, Monday first, in the weeks of Odoo's type 0 and in
        those of type 1 (see `OpenDays`). Hours are half-open, in any order, and may overlap
    :param closings: holidays and other closings, in any order; they may overlap too
    :raises ValueError: on an unknown zone, weeks of another shape, and hours or closings that are
        reversed, of no length, or outside the day
    """

    zone: str
    weeks: tuple[Week, Week]
    closings: tuple[Closing, ...] = ()

    def __post_init__(self) -> None:
        _check_zone(self.zone)
        if len(self.weeks) != 2 or any(len(week) != 7 for week in self.weeks):
            raise ValueError(f"expected two weeks of seven days, got {self.weeks!r}")
        for week in self.weeks:
            for hours in week:
                for start, end in hours:
                    _check_span("opening", start, end)
        for closing in self.closings:
            _check_span(f"closing of {closing.day}", closing.start, closing.end)

    @classmethod
    def weekly(
        cls,
        zone: str,
        hours: Mapping[int, Iterable[Span]],
        closings: Iterable[Closing] = (),
    ) -> "WorkingCalendar":
        """Return a calendar whose weeks are all alike, from the hours of its days (Monday is 0)."""
        week = tuple(tuple(hours.get(weekday, ())) for weekday in range(7))
        return cls(zone, (week, week), tuple(closings))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Ninety holidays take longer to hash than a deadline to compute.
        return hash((self.zone, self.weeks, self.closings))

    @cached_property
    def _closings_by_day(self) -> dict[date, list[Closing]]:
        closings: dict[date, list[Closing]] = {}
        for closing in self.closings:
            closings.setdefault(closing.day, []).append(closing)
        return closings

    def week_hours(self, day: date) -> tuple[Span, ...]:
        """Return the hours of a day by its week alone, on the local clock.

        Two-week calendars are numbered from the ordinal of the date, as in `OpenDays.is_open`.
        """
        return self.weeks[(day.toordinal() - 1) // 7 % 2][day.weekday()]

    def hours(self, day: date) -> tuple[Span, ...]:
        """Return the hours of a day that its closings leave, on the local clock, in order."""
        hours = self.week_hours(day)
        for closing in self._closings_by_day.get(day, ()):
            hours = [
                part
                for start, end in hours
                for part in ((start, min(end, closing.start)), (max(start, closing.end), end))
                if part[0] < part[1]
            ]
        return tuple(sorted(hours))

    def openings(self, first: date, last: date, whole_days: bool = False) -> list[Span]:
        """Return the openings from `first` to `last`, both included, as instants, in order.

        Those that touch are one: 00:00 to 24:00 every day is a single opening.

        :param whole_days: take all the hours of each day that has an opening left
        """
        zone = ZoneInfo(self.zone)
        openings: list[Span] = []
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            hours = self.hours(date.fromordinal(ordinal))
            if whole_days and hours:
                hours = ((0, DAY),)
            for start, end in hours:
                opens, closes = instant(zone, ordinal, start), instant(zone, ordinal, end)
                if openings and opens <= openings[-1][1]:
                    opens, closes = openings[-1][0], max(openings.pop()[1], closes)
                # The hour that the clocks skip in spring is no opening.
                if opens < closes:
                    openings.append((opens, closes))
        return openings

    def named_closings(self, start: Instant, end: Instant) -> list[tuple[Instant, Instant, str]]:
        """Return what has a name and closes a day of work between two instants, in order."""
        zone = ZoneInfo(self.zone)
        first, last = (local_time(zone, at)[0] for at in (start, end))
        spans = (
            (
                max(start, instant(zone, closing.day.toordinal(), closing.start)),
                min(end, instant(zone, closing.day.toordinal(), closing.end)),
                closing.name,
            )
            for closing in self.closings
            if closing.name
            and first <= closing.day.toordinal() <= last
            and self.week_hours(closing.day)
        )
        return sorted(span for span in spans if span[0] < span[1])


def instant(zone: ZoneInfo | timezone, ordinal: int, second: int) -> Instant:
    """Return the instant when the clocks of a zone first show a time of a day, or a later one.

    A time that does not exist, in spring, thus moves forward to the first one that does, and one
    that exists twice, in autumn, is the first of the two (SEMANTICS §1).

    >>> zurich = ZoneInfo("Europe/Zurich")
    >>> def show(day, second):
    ...     at = instant(zurich, day.toordinal(), second)
    ...     print(datetime.fromtimestamp(at, zurich))
    >>> show(date(2026, 3, 29), 5 * HOUR // 2)
    2026-03-29 03:00:00+02:00
    >>> show(date(2026, 10, 25), 5 * HOUR // 2)
    2026-10-25 02:30:00+02:00
    >>> show(date(2026, 10, 25), DAY)
    2026-10-26 00:00:00+01:00

    :param ordinal: of the day, as `date.toordinal` gives it
    :param second: time of the day on the local clock
    """
    local = (ordinal - _EPOCH_DAY) * DAY + second
    wall = _EPOCH + timedelta(seconds=local)
    offset, other = _seconds(zone.utcoffset(wall)), _seconds(zone.utcoffset(wall.replace(fold=1)))
    if offset >= other:
        return local - offset
    # The clocks jump over it, somewhere between the two instants that the two offsets make of it.
    candidates = range(local - other, local - offset + 1)
    return candidates[bisect_left(candidates, other, key=lambda at: _offset(zone, at))]


def local_time(zone: ZoneInfo | timezone, at: Instant) -> tuple[int, int]:
    """Return the ordinal of the day and the time of the day that the clocks of a zone show.

    >>> local_time(ZoneInfo("Europe/Zurich"), 0) == (date(1970, 1, 1).toordinal(), HOUR)
    True
    """
    days, second = divmod(at + _offset(zone, at), DAY)
    return _EPOCH_DAY + days, second


def _offset(zone, at):
    return _seconds(datetime.fromtimestamp(at, zone).utcoffset())


def _seconds(offset):
    return offset.days * DAY + offset.seconds


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def _check_span(name: str, start: int, end: int) -> None:
    check_integer(f"start of {name}", start, 0, DAY)
    check_integer(f"end of {name}", end, start + 1, DAY)
