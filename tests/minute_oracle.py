"""What SEMANTICS §1 says of time and clocks, done the slow way: minute by minute.

The oracle shares nothing with `tools/` but the values that it is given. It walks in UTC, asks
zoneinfo what the clocks on the wall show at each minute, and looks on the door. No table of
openings, no bisection, no conversion from local time: an hour that is skipped is never shown, and
one that comes twice has been shown before.

Calendars open and close at whole minutes; instants may fall in between.
"""

from datetime import datetime, timezone
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

MINUTE = 60
CHUNK = 10 * 1440 * MINUTE


class Walls:
    """The minutes of one or several calendars that must all be open."""

    def __init__(self, calendars, counting):
        self.calendars = calendars if counting != "calendar_hours" else ()
        self.whole_days = counting == "open_day_24h"
        self.zone = ZoneInfo(calendars[0].zone) if calendars else timezone.utc
        self._chunks = {}
        self._working = {}

    def is_open(self, t):
        """Whether the minute of `t` counts."""
        return bool(self._flags(t // CHUNK)[t % CHUNK // MINUTE])

    def open_minutes(self, start, until):
        """Yield the minutes that count, as instants; the first and the last one are cut."""
        for chunk in range(start // CHUNK, -(-until // CHUNK)):
            begin = chunk * CHUNK
            for place, counts in enumerate(self._flags(chunk)):
                minute = begin + place * MINUTE
                if counts and start < minute + MINUTE and minute < until:
                    yield max(start, minute), min(until, minute + MINUTE)

    def _flags(self, chunk):
        if chunk not in self._chunks:
            self._chunks[chunk] = self._walk(chunk * CHUNK)
        return self._chunks[chunk]

    def _walk(self, start):
        flags = bytearray(b"\1" * (CHUNK // MINUTE))
        for calendar in self.calendars:
            zone, day, latest = ZoneInfo(calendar.zone), None, 0
            # From two days before, to know what the walls have shown of the day that goes on.
            for t in range(start - 2880 * MINUTE, start + CHUNK, MINUTE):
                wall = datetime.fromtimestamp(t, zone)
                if wall.date() != day:
                    day, latest = wall.date(), 0
                    doors = self._doors(calendar, day)
                # The door obeys the first time that the wall shows an hour.
                latest = max(latest, wall.hour * 60 + wall.minute)
                if t >= start and not doors[latest]:
                    flags[(t - start) // MINUTE] = 0
        return flags

    def _doors(self, calendar, day):
        """For each minute of a day as the walls show it: is it written on the door?"""
        if (id(calendar), day) not in self._working:
            week = calendar.weeks[(day.toordinal() - 1) // 7 % 2][day.weekday()]
            closings = [closing for closing in calendar.closings if closing.day == day]
            doors = [
                any(start <= minute < end for start, end in week)
                and not any(closing.start <= minute < closing.end for closing in closings)
                for minute in range(0, 86_400, MINUTE)
            ]
            if self.whole_days:
                doors = [any(doors)] * 1440
            self._working[id(calendar), day] = doors
        return self._working[id(calendar), day]

    def between(self, start, end):
        return sum(b - a for a, b in self.open_minutes(start, end))

    def next_open(self, start, until):
        return next((a for a, _ in self.open_minutes(start, until)), None)

    def add_working_days(self, start, days, rule, until):
        """Walk to the first opening, then to the day on which that many others have opened."""
        start = self.next_open(start, until)
        if start is None:
            return None
        openings = {}
        for a, _ in self.open_minutes(start, until):
            openings.setdefault(self._wall(a).date(), []).append(a)
            if len(openings) > days + 1:
                break
        # The day must have been seen to its end.
        openings.pop(self._wall(until).date(), None)
        if len(openings) <= days:
            return None
        day, opened = list(openings.items())[days]
        closing = opened[-1] // MINUTE * MINUTE + MINUTE
        if rule == "close":
            return closing
        return self._at_same_time(start, day, closing) if days else start

    def _at_same_time(self, start, day, closing):
        begun = self._wall(start)
        time = begun.hour * 3600 + begun.minute * 60 + begun.second
        shown = None
        for t in range(closing - 2880 * MINUTE, closing, MINUTE):
            wall = self._wall(t)
            if wall.date() != day:
                continue
            minute = wall.hour * 3600 + wall.minute * 60
            if shown is None and minute + 59 >= time:
                shown = t + max(0, time - minute)
            if shown is not None and self.is_open(t):
                return max(t, shown)
        return closing

    def _wall(self, t):
        return datetime.fromtimestamp(t, self.zone)


class MinuteClock:
    """One cycle of a clock, whose log is read again at every minute.

    :param log: events in order: start, pause, resume, change (carry or retro), amend, stop, reopen
        (resume or continuous)
    :param until: where to stop walking
    """

    def __init__(self, log, until):
        self.log, self.until = log, until
        self.start = log[0].at
        self.terms = [event for event in log if event.term]
        self._walls = {}
        self.budget, self.due = self._promise(self.terms[-1].term)

    def walls(self, term):
        counting = term.unit if term.unit in ("open_day_24h", "calendar_hours") else "open_hours"
        key = term.calendars, counting
        if key not in self._walls:
            self._walls[key] = walls_of(*key)
        return self._walls[key]

    def _promise(self, term):
        """The seconds promised, and the deadline without pauses when it is at an opening."""
        if not term.unit.startswith("working_days"):
            return term.amount + term.allowance, None
        walls, rule = self.walls(term), term.unit.removeprefix("working_days_")
        due = walls.add_working_days(self.start, term.amount, rule, self.until)
        if due is None:
            return None, None
        return walls.between(self.start, due) + term.allowance, due

    def _happened(self, t):
        return [event for event in self.log if event.at <= t]

    def _counting_term(self, t):
        """What counts at `t`, be it decided later that it does."""
        rewritten = max(
            place
            for place, event in enumerate(self.terms)
            if not place or event.name == "amend" or event.rule == "retro"
        )
        first, *others = self.terms[rewritten:]
        return [first, *(event for event in others if event.at <= t)][-1].term

    def _is_paused(self, t):
        waiting = set()
        for event in self._happened(t):
            if event.name == "pause":
                waiting.add(event.reason)
            elif event.name in ("resume", "reopen"):
                waiting.clear()
        in_force = [event.term for event in self._happened(t) if event.term][-1]
        return bool(waiting & in_force.pause_reasons)

    def _gap(self, t):
        """How the re-opening decided on the time from a stop to it; None out of such a gap."""
        last = [event for event in self._happened(t) if event.name in ("stop", "reopen")][-1:]
        later = [event for event in self.log if event.at > t and event.name == "reopen"]
        if not last or last[0].name == "reopen" or not later:
            return None
        return later[0].rule

    def _counts(self, t, stopped):
        gap = self._gap(t)
        if gap is not None:
            return gap == "continuous"
        return (stopped is not None and t >= stopped) or not self._is_paused(t)

    def _parts(self, start, until, stopped):
        """Yield the open and counted parts of minutes in which nothing changes."""
        cuts = sorted({start, until, *(event.at for event in self.log)})
        for a, b in pairwise(cut for cut in cuts if start <= cut <= until):
            if self._counts(a, stopped):
                yield from self.walls(self._counting_term(a)).open_minutes(a, b)

    @property
    def stopped(self):
        last = [event for event in self.log if event.name in ("stop", "reopen")][-1:]
        return last[0].at if last and last[0].name == "stop" else None

    def consumed(self, now):
        end = now if self.stopped is None else min(now, self.stopped)
        return sum(b - a for a, b in self._parts(self.start, end, self.stopped))

    def deadline(self):
        """The first instant at which the time promised is used; None within the walk."""
        if self.budget is None:
            return None
        used = 0
        at_opening = self._is_due_at_opening()
        for a, b in self._parts(self.start, self.until, self.stopped):
            if used >= self.budget:
                return a
            used += b - a
            if used > self.budget or (used == self.budget and not at_opening):
                return b - (used - self.budget)
        return None

    def _is_due_at_opening(self):
        term = self.terms[-1].term
        if not self.budget:
            return True
        if self.due is None or term.allowance:
            return False
        # At an opening, the second before does not count.
        walls = self.walls(term)
        return walls.is_open(self.due) and not walls.is_open(self.due - 1)


@lru_cache
def walls_of(calendars, counting):
    return Walls(calendars, counting)
