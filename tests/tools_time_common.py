"""What the tests of business time and clocks share: calendars and instants that hurt."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ..tools.business_time import Closing, WorkingCalendar, timeline
from ..tools.sla import Event, Term
from .tools_common import days

HOUR = 3_600
DAY = 24 * HOUR

# Clocks that change at night, by half an hour, at midnight, by a day, twice more for Ramadan, and
# never.
ZONES = (
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "UTC",
)
NINE_TO_FIVE = ((9 * HOUR, 17 * HOUR),)
HOURS = (
    NINE_TO_FIVE,
    ((8 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR + 1_800)),
    ((0, 6 * HOUR), (22 * HOUR, DAY)),
    ((0, DAY),),
    # Around the hour that is skipped or comes twice.
    ((HOUR, 5 * HOUR // 2), (5 * HOUR // 2, 4 * HOUR)),
)
FIVE_DAYS = [(hours,) * 5 + ((), ()) for hours in HOURS]
SEVEN_DAYS = [(hours,) * 7 for hours in HOURS]


def _calendar(place):
    """The calendar at a place of the pool: of one week or two, with or without closings."""
    random = Random(place)
    weeks = FIVE_DAYS + SEVEN_DAYS
    week = weeks[place % len(weeks)]
    other = random.choice(weeks) if place % 3 == 0 else week
    first = date(2000, 1, 1)
    closings = (
        Closing(
            first + timedelta(random.randrange(61 * 365)),
            *random.choice(((0, DAY), (0, DAY), (12 * HOUR, 18 * HOUR))),
        )
        for _ in range(random.choice((0, 600)))
    )
    return WorkingCalendar(ZONES[place % len(ZONES)], (week, other), tuple(closings))


@lru_cache
def warm(calendars, counting):
    """The timeline of these calendars; computed at once for all the instants of the tests."""
    line = timeline(calendars, counting)
    line.between(local("UTC", "1999-06-01T00:00"), local("UTC", "2061-06-01T00:00"))
    return line


NEVER = WorkingCalendar.weekly("Europe/Zurich", {})
OFFICE = WorkingCalendar.weekly("Europe/Zurich", dict.fromkeys(range(5), NINE_TO_FIVE))
# A pool, because the table of a calendar takes long to compute, once.
POOL = tuple(map(_calendar, range(10)))

timelines = st.builds(
    lambda calendar, counting: warm((calendar,), counting),
    st.sampled_from(POOL),
    st.sampled_from(("open_hours", "open_day_24h")),
)
seconds = st.one_of(
    st.integers(0, 200 * HOUR), st.integers(0, 80).map(lambda number: number * HOUR // 2)
)


def local(zone, text):
    """The instant of a local time, as "2026-03-29T09:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def _instant(zone, day, second):
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return int((midnight + timedelta(seconds=second)).timestamp())


def _switch(year, month, sunday):
    """Days on which clocks change somewhere: the last Sundays of March and October, and others."""
    first = date(year, month, 1)
    return first + timedelta((6 - first.weekday()) % 7 + 7 * sunday)


instants = st.builds(
    _instant,
    st.sampled_from(ZONES),
    st.one_of(
        days(),
        st.builds(
            _switch,
            st.integers(2000, 2060),
            st.sampled_from((3, 4, 10, 11)),
            st.integers(0, 4),
        ),
    ),
    st.one_of(
        st.integers(0, DAY - 1),
        st.sampled_from((0, 2, 3, 9, 12, 13, 17, 22)).flatmap(
            lambda hour: st.sampled_from((hour * HOUR - 1, hour * HOUR, hour * HOUR + 1))
        ),
    ),
)

COUNTINGS = {"open_day_24h": "open_day_24h", "calendar_hours": "calendar_hours"}
TIMED_UNITS = (
    "open_hours",
    "open_day_24h",
    "calendar_hours",
    "working_days_close",
    "working_days_same",
)
REASONS = ("customer", "access", "parts")


def _term(place):
    """The promise at a place of the pool; for one calendar, and in whole half hours or not."""
    random = Random(place)
    unit = TIMED_UNITS[place % len(TIMED_UNITS)]
    is_days = unit.startswith("working_days")
    amount = random.randrange(9) if is_days else random.choice((0, 1_801, HOUR, 8 * HOUR, 2 * DAY))
    first = random.randrange(len(POOL))
    reasons = random.sample(REASONS, random.randrange(1, 4))
    allowance = random.choice((0, 0, HOUR))
    return Term(unit, amount, POOL[first : first + 1], allowance, frozenset(reasons))


def _warmed(term):
    warm(term.calendars, COUNTINGS.get(term.unit, "open_hours"))
    return term


TERMS = tuple(map(_term, range(60)))
ACTIONS = (
    *(("pause", {"reason": reason}) for reason in REASONS * 2),
    *[("resume", {})] * 4,
    ("change", {"rule": "carry"}),
    ("change", {"rule": "retro"}),
    ("change", {"rule": "restart"}),
    ("amend", {}),
    ("manual", {}),
    ("release", {}),
)

terms = st.sampled_from(TERMS).map(_warmed)
delays = st.integers(0, 8 * DAY)


def _log(start, term, steps):
    log = [Event(start, "start", term)]
    for delay, (name, details), other in steps:
        at = log[-1].at + delay
        if name in ("change", "amend"):
            details = {**details, "term": other}
        elif name == "manual":
            details = {"deadline": at + 30 * HOUR}
        log.append(Event(at, name, **details))
    return log


def _logs(actions):
    steps = st.tuples(delays, st.sampled_from(actions), terms)
    return st.builds(_log, instants, terms, st.lists(steps, max_size=6))


# Whatever happens to a clock until it is stopped, and its pauses alone.
logs, pause_logs = _logs(ACTIONS), _logs(ACTIONS[:10])
