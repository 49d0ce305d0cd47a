"""Business time: adding and measuring time that counts only while a team works (SEMANTICS §1).

>>> week = {weekday: [(9 * HOUR, 17 * HOUR)] for weekday in range(5)}
>>> office = WorkingCalendar.weekly("Europe/Zurich", week)
>>> hours = timeline(office, "open_hours")
>>> zurich = ZoneInfo("Europe/Zurich")
>>> def at(text):
...     return int(datetime.fromisoformat(text).replace(tzinfo=zurich).timestamp())
>>> def show(instant):
...     print(datetime.fromtimestamp(instant, zurich).strftime("%a %d %H:%M"))

Eight open hours from a Friday afternoon end on Monday, at the same time:

>>> friday = at("2026-06-05T16:30")
>>> show(hours.add(friday, 8 * HOUR))
Mon 08 16:30
>>> hours.between(friday, at("2026-06-08T16:30")) // HOUR
8

Openings are half-open, what happens outside happens at the next opening, and time that runs out
at closing time is due at that closing, never the next morning:

>>> show(hours.add(at("2026-06-06T11:00"), 8 * HOUR))
Mon 08 17:00
>>> show(hours.add(at("2026-06-06T11:00"), 0))
Mon 08 09:00

Time is counted in one of three ways, and working days in one of two:

>>> show(timeline(office, "open_day_24h").add(friday, 8 * HOUR))
Mon 08 00:30
>>> show(timeline((), "calendar_hours").add(friday, 8 * HOUR))
Sat 06 00:30
>>> show(hours.add_working_days(friday, 2, "close"))
Tue 09 17:00
>>> show(hours.add_working_days(friday, 2, "same"))
Tue 09 16:30

A calendar that never opens has no deadline, and no loop:

>>> never = WorkingCalendar.weekly("Europe/Zurich", {})
>>> print(timeline(never, "open_hours").add(friday, 1))
None

Units: instants are whole seconds since 1970-01-01 00:00 UTC, durations whole seconds.
"""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timezone
from functools import cached_property, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from .dates import MAX_DATE, MIN_DATE
from .numbers import check_integer
from .working_calendar import (
    DAY,
    HOUR,
    Closing,
    Instant,
    Span,
    WorkingCalendar,
    instant,
    local_time,
)

__all__ = ["DAY", "HOUR", "Closing", "Instant", "Timeline", "WorkingCalendar", "timeline"]

Counting = Literal["open_hours", "open_day_24h", "calendar_hours"]
DayRule = Literal["close", "same"]

# Tables hold whole local years, and none outside of these.
_FIRST_YEAR, _LAST_YEAR = MIN_DATE.year, MAX_DATE.year
_EARLIEST = int(datetime(_FIRST_YEAR - 1, 12, 31, tzinfo=timezone.utc).timestamp())
_LATEST = int(datetime(_LAST_YEAR + 1, 1, 2, tzinfo=timezone.utc).timestamp())


class _Table:
    """The openings of some years, for bisection.

    The first opening is an empty one at the start, so that there is always one before.

    :ivar start: first instant of the table
    :ivar end: its last instant, excluded
    :ivar before: the open seconds before each opening, and last, those of the whole table
    """

    def __init__(self, zone: ZoneInfo | timezone, years: Span, openings: list[Span], span: Span):
        self.zone = zone
        self.years = years
        self.start, self.end = span
        self.opens, self.closes, self.before = [self.start], [self.start], [0]
        total = 0
        for opens, closes in openings:
            self.opens.append(opens)
            self.closes.append(closes)
            self.before.append(total)
            total += closes - opens
        self.before.append(total)

    def position(self, t: Instant) -> int:
        """Return the open seconds from the start of the table to `t`."""
        place = bisect_right(self.opens, t) - 1
        closes = self.closes[place]
        return self.before[place] + (t if t < closes else closes) - self.opens[place]

    @cached_property
    def working_days(self) -> tuple[list[int], list[Instant]]:
        """The ordinals of the days that have an opening, and the last closing of each."""
        ordinals: list[int] = []
        closings: list[Instant] = []
        for opens, closes in zip(self.opens[1:], self.closes[1:], strict=True):
            while opens < closes:
                ordinal, _ = local_time(self.zone, opens)
                opens = min(closes, instant(self.zone, ordinal + 1, 0))
                if ordinals and ordinals[-1] == ordinal:
                    closings[-1] = opens
                else:
                    ordinals.append(ordinal)
                    closings.append(opens)
        return ordinals, closings


class Timeline:
    """The time that counts, along which instants are moved and distances measured.

    It lasts from 1990 to 2100 and is computed as far as it was asked for: the first question about
    a year costs a millisecond, the next ones a microsecond, whatever the distance. Several threads
    may ask: a table is complete before it replaces another.

    :param calendars: those that must all be open; the first one gives the days their zone
    :param counting: "open_hours", the openings; "open_day_24h", all hours of the days that have an
        opening left by the closings; "calendar_hours", every second, whatever the calendars
    :raises ValueError: on another way of counting, or one that needs a calendar and has none
    """

    def __init__(self, calendars: tuple[WorkingCalendar, ...], counting: Counting):
        if counting not in ("open_hours", "open_day_24h", "calendar_hours"):
            raise ValueError(f"unknown way of counting time {counting!r}")
        if counting != "calendar_hours" and not calendars:
            raise ValueError(f"{counting} needs a calendar")
        self.calendars = () if counting == "calendar_hours" else calendars
        self._whole_days = counting == "open_day_24h"
        self._zone = ZoneInfo(calendars[0].zone) if self.calendars else timezone.utc
        self._table = _Table(self._zone, (_LAST_YEAR, _FIRST_YEAR), [], (_LATEST, _LATEST))

    def add(self, t: Instant, seconds: int) -> Instant | None:
        """Return the instant when `seconds` of time that counts have passed since `t`.

        Exactly at closing time, that closing; with no seconds, the next opening.

        :return: None when the time does not suffice until the end of 2100
        :raises ValueError: on negative seconds, numbers that are no integers, and instants outside
            of 1990 to 2100
        """
        _check_whole("seconds", seconds)
        if not seconds:
            return self.next_open(t)
        table = self._table_holding(t, t)
        target = table.position(t) + seconds
        while target > table.before[-1]:
            table = self._extended(table, forward=True) if seconds < _LATEST - t else None
            if table is None:
                return None
        place = bisect_left(table.before, target) - 1
        return table.opens[place] + target - table.before[place]

    def subtract(self, t: Instant, seconds: int) -> Instant | None:
        """Return the instant from which `seconds` of time that counts pass until `t`.

        The mirror of `add`: exactly at an opening, that opening; with no seconds, `t` if it is in
        an opening or at its end, and else the last closing.

        >>> nights = WorkingCalendar.weekly("UTC", {weekday: [(0, HOUR)] for weekday in range(7)})
        >>> noon = 10**9 // DAY * DAY + 12 * HOUR
        >>> line = timeline(nights, "open_hours")
        >>> [(noon - line.subtract(noon, seconds)) // HOUR for seconds in (0, HOUR)]
        [11, 12]

        :return: None when the time does not suffice back to the start of 1990
        :raises ValueError: as in `add`
        """
        _check_whole("seconds", seconds)
        table = self._table_holding(t, t)
        while table.position(t) < max(seconds, 1):
            table = self._extended(table, forward=False) if seconds < t - _EARLIEST else None
            if table is None:
                return None
        target = table.position(t) - seconds
        find = bisect_right if seconds else bisect_left
        place = find(table.before, target) - 1
        return table.opens[place] + target - table.before[place]

    def between(self, a: Instant, b: Instant) -> int:
        """Return the seconds that count from `a` to `b`, negative when `b` is before `a`.

        :raises ValueError: as in `add`
        """
        table = self._table_holding(a, b)
        return table.position(b) - table.position(a)

    def is_open(self, t: Instant) -> bool:
        """Tell whether the second that starts at `t` counts."""
        table = self._table_holding(t, t)
        return t < table.closes[bisect_right(table.opens, t) - 1]

    def next_open(self, t: Instant) -> Instant | None:
        """Return `t` if it is in an opening, else the next opening; None if there is none."""
        table = self._table_holding(t, t)
        while t >= table.closes[-1]:
            table = self._extended(table, forward=True)
            if table is None:
                return None
        return max(t, table.opens[bisect_right(table.closes, t)])

    def local_day(self, t: Instant) -> int:
        """Return the ordinal of the day at `t`, in the zone of the days."""
        return local_time(self._zone, t)[0]

    def intervals(self, a: Instant, b: Instant) -> list[Span]:
        """Return the openings between two instants, cut at both, in order."""
        if b <= a:
            return []
        table = self._table_holding(a, b)
        places = range(bisect_right(table.closes, a), bisect_left(table.opens, b))
        return [(max(a, table.opens[place]), min(b, table.closes[place])) for place in places]

    def named_closings(self, a: Instant, b: Instant) -> list[tuple[Instant, Instant, str]]:
        """Return the holidays and other named closings between two instants, cut at both."""
        found = {span for calendar in self.calendars for span in calendar.named_closings(a, b)}
        return sorted(found)

    def add_working_days(self, t: Instant, days: int, rule: DayRule) -> Instant | None:
        """Return when the `days`-th working day after that of `t` makes something due.

        A working day has an opening, be it an hour. What happens outside the openings happens at
        the next one, whose day is day 0 and is not counted (CO 77).

        :param rule: "close", at the last closing of that day; "same", at the local time of the
            start (the next opening of that day when it is closed then, its last closing if there
            is none)
        :return: None when there are not so many working days until the end of 2100
        :raises ValueError: on another rule, a negative number of days, and as in `add`
        """
        if rule not in ("close", "same"):
            raise ValueError(f"unknown rule of working days {rule!r}")
        _check_whole("working days", days)
        start = self.next_open(t)
        if start is None:
            return None
        day_0, time = local_time(self._zone, start)
        table = self._table_holding(t, start)
        ordinals, closings = table.working_days
        place = bisect_left(ordinals, day_0) + days
        while place >= len(ordinals):
            table = self._extended(table, forward=True)
            if table is None:
                return None
            ordinals, closings = table.working_days
        closing = closings[place]
        if rule == "close":
            return closing
        opening = self.next_open(instant(self._zone, ordinals[place], time))
        # Only with no day to add, on the night of an hour that comes twice, is that before.
        return max(start, closing if opening is None else min(opening, closing))

    def _table_holding(self, a: Instant, b: Instant) -> _Table:
        """Return a table that holds both instants."""
        table = self._table
        start, end = table.start, table.end
        if type(a) is type(b) is int and start <= a < end and start <= b < end:
            return table
        for at in (a, b):
            check_integer("instant", at, _EARLIEST, _LATEST)
        years = [datetime.fromtimestamp(at, self._zone).year for at in (a, b)]
        if min(years) < _FIRST_YEAR or max(years) > _LAST_YEAR:
            raise ValueError(f"expected instants from {_FIRST_YEAR} to {_LAST_YEAR}")
        return self._build(min(*years, table.years[0]), max(*years, table.years[1]))

    def _extended(self, table: _Table, forward: bool) -> _Table | None:
        """Return a table twice as long as one that was too short; None at the end of time."""
        first, last = table.years
        length = last - first + 1
        if forward:
            return self._build(first, last + length) if last < _LAST_YEAR else None
        return self._build(first - length, last) if first > _FIRST_YEAR else None

    def _build(self, first: int, last: int) -> _Table:
        first, last = max(first, _FIRST_YEAR), min(last, _LAST_YEAR)
        # Two days more on both sides: the zones of two calendars may be 25 hours apart.
        days = date(first - 1, 12, 30), date(last + 1, 1, 2)
        start, end = (
            instant(self._zone, date(year, 1, 1).toordinal(), 0) for year in (first, last + 1)
        )
        openings = [(start, end)]
        for calendar in self.calendars:
            openings = _common(openings, calendar.openings(*days, self._whole_days))
        self._table = _Table(self._zone, (first, last), openings, (start, end))
        return self._table


@lru_cache(maxsize=512)
def _timeline(calendars: tuple[WorkingCalendar, ...], counting: Counting) -> Timeline:
    return Timeline(calendars, counting)


def timeline(
    calendars: WorkingCalendar | tuple[WorkingCalendar, ...], counting: Counting
) -> Timeline:
    """Return the timeline of a calendar, or of several that must all be open: one per value.

    :raises ValueError: as in `Timeline`
    """
    return _timeline(calendars if isinstance(calendars, tuple) else (calendars,), counting)


def _check_whole(name: str, value: int) -> None:
    if type(value) is not int or value < 0:
        raise ValueError(f"expected a whole number of {name} from 0 on, got {value!r}")


def _common(ours: list[Span], theirs: list[Span]) -> list[Span]:
    """Return the spans common to two lists, each in order and apart from one another."""
    common, our, their = [], 0, 0
    while our < len(ours) and their < len(theirs):
        (start, end), (opens, closes) = ours[our], theirs[their]
        if max(start, opens) < min(end, closes):
            common.append((max(start, opens), min(end, closes)))
        if end < closes:
            our += 1
        else:
            their += 1
    return common
