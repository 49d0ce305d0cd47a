"""Deadlines and clocks against the minute-by-minute oracle: not one may differ.

A few thousand random cases run each time. For a longer comparison, give the number of rounds:

    MINUTE_ORACLE_ROUNDS=2000 ./dev test tools tests/test_tools_minute_oracle.py
"""

import os
from calendar import isleap
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from ..tools.business_time import Closing, WorkingCalendar, timeline
from ..tools.sla import CHANGE_RULES, Event, Term, replay
from .minute_oracle import MINUTE, MinuteClock, walls_of
from .tools_common import PureCase

ROUNDS = int(os.environ.get("MINUTE_ORACLE_ROUNDS", "20"))
CASES = 25

HOUR = 3_600
DAY = 86_400
# How far the oracle walks from the start: what is due later must not be found by it.
HORIZON = 25 * DAY

ZONES = (
    *("Europe/Zurich", "Europe/Paris", "Europe/London", "America/New_York"),
    # By half an hour; at midnight; a day that was skipped; twice a year, for Ramadan; never.
    *("Australia/Lord_Howe", "America/Havana", "America/Asuncion", "Asia/Beirut"),
    *("Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "UTC"),
)
REASONS = ("customer", "access", "parts")


@lru_cache
def switches(zone):
    """The days on which the clocks of a zone change, from 2010 to 2032."""
    zone, found, day = ZoneInfo(zone), [], datetime(2010, 1, 1, tzinfo=timezone.utc)
    while day.year < 2033:
        if day.astimezone(zone).utcoffset() != (day + timedelta(1)).astimezone(zone).utcoffset():
            found.append(day.date())
        day += timedelta(1)
    return found or [date(2026, 3, 29)]


class Draw:
    """Random calendars, instants and logs, around the days that hurt."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.zone = self.random.choice(ZONES)
        year = self.random.randint(2011, 2031)
        self.day = self.random.choice(
            [
                *[self.random.choice(switches(self.zone))] * 6,
                date(2011, 12, 30),
                date(year, 2, 28 + isleap(year)),
                date(year, 12, 31),
                date(year, 1, 1) + timedelta(self.random.randrange(365)),
            ]
        ) - timedelta(self.random.randint(0, 6))

    def minute(self):
        return self.random.choice(
            (
                self.random.randint(0, 1440),
                self.random.randint(0, 16) * 15,
                self.random.choice((0, 120, 150, 180, 540, 720, 1020, 1440)),
            )
        )

    def span(self):
        while True:
            start, end = sorted((self.minute() * 60, self.minute() * 60))
            if start < end:
                return start, end

    def hours(self):
        return self.random.choice(
            (
                lambda: ((9 * HOUR, 17 * HOUR),),
                lambda: ((8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR + 1800)),
                lambda: ((0, DAY),),
                lambda: ((22 * HOUR, DAY), (0, 6 * HOUR)),
                lambda: ((HOUR, 5 * HOUR // 2), (5 * HOUR // 2, 4 * HOUR)),
                lambda: (),
                lambda: tuple(self.span() for _ in range(self.random.randint(1, 3))),
            )
        )()

    def week(self):
        shapes = (
            [self.hours()] * 5 + [(), ()],
            [self.hours()] * 7,
            [self.hours() for _ in range(7)],
            [((0, DAY),)] * 7,
        )
        return tuple(self.random.choice(shapes))

    def calendar(self, zone=None):
        week = self.week()
        weeks = (week, self.week() if self.random.random() < 0.3 else week)
        closings = []
        for _ in range(self.random.choice((0, 0, 1, 3, 8))):
            day = self.day + timedelta(self.random.randint(-2, 20))
            span = (0, DAY) if self.random.random() < 0.6 else self.span()
            closings.append(Closing(day, *span))
        return WorkingCalendar(zone or self.zone, weeks, tuple(closings))

    def calendars(self):
        calendars = [self.calendar()]
        if self.random.random() < 0.15:
            calendars.append(self.calendar(self.random.choice(ZONES)))
        return tuple(calendars)

    def instant(self, days=6):
        midnight = datetime(*self.day.timetuple()[:3], tzinfo=ZoneInfo(self.zone)).timestamp()
        at = int(midnight) + self.random.randrange(days * DAY)
        return self.random.choice((at, at // MINUTE * MINUTE, at // 1800 * 1800))

    def seconds(self):
        size = self.random.choice((2 * HOUR, DAY, 5 * DAY))
        seconds = self.random.randrange(size)
        return self.random.choice((0, seconds, seconds // 60 * 60, seconds // 1800 * 1800))

    def term(self, calendars):
        unit = self.random.choice(
            (
                "open_hours",
                "open_day_24h",
                "calendar_hours",
                "working_days_close",
                "working_days_same",
            )
        )
        amount = self.random.randint(0, 6) if unit.startswith("working") else self.seconds()
        allowance = self.random.choice((0, 0, HOUR, self.seconds()))
        reasons = frozenset(self.random.sample(REASONS, self.random.randint(0, 3)))
        return Term(unit, amount, calendars, allowance, reasons)

    def log(self, calendars):
        """A log of one cycle: whatever happens, to a clock that may be stopped and re-opened."""
        log = [Event(self.instant(), "start", self.term(calendars))]
        at, stopped = log[0].at, False
        for _ in range(self.random.choice((0, 1, 2, 4, 8))):
            at += self.random.choice((0, self.random.randrange(3 * DAY), self.seconds()))
            if stopped:
                rule = self.random.choice(("resume", "continuous"))
                log.append(Event(at, "reopen", rule=rule))
                stopped = False
                continue
            name = self.random.choice(
                ("pause", "pause", "pause", "resume", "resume", "change", "amend", "stop")
            )
            term = reason = rule = None
            if name == "pause":
                reason = self.random.choice(REASONS)
            elif name in ("change", "amend"):
                term = self.term(calendars if self.random.random() < 0.7 else self.calendars())
                rule = self.random.choice(CHANGE_RULES[:2]) if name == "change" else None
            log.append(Event(at, name, term, reason, rule))
            stopped = name == "stop"
        return log


class TestMinuteOracle(PureCase):
    def assertAgree(self, found, walked, until):
        """The oracle sees nothing at the end of its walk and after."""
        self.assertEqual(found if found is not None and found < until else None, walked)

    def test_time(self):
        for seed in range(ROUNDS):
            draw = Draw(f"time {seed}")
            calendars = draw.calendars()
            for counting in ("open_hours", "open_day_24h"):
                line, walls = timeline(calendars, counting), walls_of(calendars, counting)
                for case in range(CASES):
                    with self.subTest(seed=seed, counting=counting, case=case):
                        self.compare_time(draw, line, walls)
            walls_of.cache_clear()

    def compare_time(self, draw, line, walls):
        start, seconds = draw.instant(), draw.seconds()
        end = start + draw.random.randrange(10 * DAY)
        until = start + HORIZON
        self.assertEqual(line.is_open(start), walls.is_open(start))
        self.assertEqual(line.between(start, end), walls.between(start, end))
        self.assertAgree(line.next_open(start), walls.next_open(start, until), until)
        self.assertEqual(line.intervals(start, end), joined(walls.open_minutes(start, end)))
        due = line.add(start, seconds)
        if due is not None and due < until:
            self.assertEqual(walls.between(start, due), seconds)
            if seconds:
                self.assertTrue(walls.is_open(due - 1))

    def test_working_days(self):
        for seed in range(ROUNDS):
            draw = Draw(f"days {seed}")
            calendars = draw.calendars()
            line, walls = timeline(calendars, "open_hours"), walls_of(calendars, "open_hours")
            for case in range(CASES):
                start, days = draw.instant(), draw.random.randint(0, 8)
                rule = draw.random.choice(("close", "same"))
                until = start + HORIZON
                with self.subTest(seed=seed, case=case, rule=rule):
                    walked = walls.add_working_days(start, days, rule, until)
                    found = line.add_working_days(start, days, rule)
                    # The walk must have seen the day to its end.
                    if walked is None:
                        self.assertTrue(found is None or found > until - DAY)
                    else:
                        self.assertEqual(found, walked)
            walls_of.cache_clear()

    def test_clocks(self):
        for seed in range(ROUNDS):
            draw = Draw(f"clocks {seed}")
            calendars = draw.calendars()
            for case in range(CASES):
                log = draw.log(calendars)
                with self.subTest(seed=seed, case=case):
                    self.compare_clock(draw, log)
            walls_of.cache_clear()

    def compare_clock(self, draw, log):
        until = log[0].at + HORIZON
        clock = MinuteClock(log, until)
        [cycle] = replay(draw.random.sample(log, len(log)) if is_ordered(log) else log)
        if clock.budget is None:
            # The walk was too short for the working days.
            self.assertTrue(cycle.deadline is None or cycle.deadline > until - DAY)
            return
        self.assertEqual(cycle.budget, clock.budget)
        self.assertAgree(cycle.deadline, clock.deadline(), until)
        now = max(log[-1].at, log[0].at + draw.random.randrange(10 * DAY))
        used = clock.consumed(now)
        self.assertEqual(cycle.consumed(now), used)
        self.assertEqual(cycle.remaining(now), max(0, clock.budget - used))


def joined(spans):
    """Spans that touch are one."""
    result = []
    for start, end in spans:
        if result and result[-1][1] == start:
            start = result.pop()[0]
        result.append((start, end))
    return result


def is_ordered(log):
    """Whether the order of the log is told by its instants alone."""
    return len({event.at for event in log}) == len(log)
