"""What SLA clocks are made of: the kinds of delays, the promise, and the facts of the log.

A promise is a snapshot: the clock keeps it, whatever the policy and the calendar become.

>>> answer = Term("calendar_hours", 4 * 3_600)
>>> Event(1_780_000_000, "start", answer).term.is_commitment
True
>>> Term("open_hours", 3_600)
Traceback (most recent call last):
...
ValueError: open_hours needs a calendar

Units: instants are whole seconds since 1970-01-01 00:00 UTC, durations whole seconds.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from .business_time import Counting, DayRule, Instant, Timeline, WorkingCalendar, timeline
from .numbers import check_integer

Kind = Literal[
    "acknowledge",
    "first_answer",
    "remote_start",
    "workaround",
    "on_site",
    "resolution",
    "part_delivery",
    "report",
]
Unit = Literal[
    "open_hours",
    "open_day_24h",
    "calendar_hours",
    "working_days_close",
    "working_days_same",
    "text",
    "none",
]
ChangeRule = Literal["carry", "retro", "restart"]
ReopenRule = Literal["resume", "new_cycle", "continuous"]
EventName = Literal[
    "await",
    "start",
    "pause",
    "resume",
    "stop",
    "change",
    "amend",
    "reopen",
    "manual",
    "release",
    "cancel",
]

KINDS: tuple[Kind, ...] = get_args(Kind)
UNITS: tuple[Unit, ...] = get_args(Unit)
CHANGE_RULES: tuple[ChangeRule, ...] = get_args(ChangeRule)
REOPEN_RULES: tuple[ReopenRule, ...] = get_args(ReopenRule)
EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)

WARNINGS = (50, 75, 90, 100, 125)

# In seconds or days: far more than the calendars last, and an amount that Python counts exactly.
_LARGEST = 10**12

_COUNTINGS: dict[Unit, Counting] = {
    "open_hours": "open_hours",
    "open_day_24h": "open_day_24h",
    "calendar_hours": "calendar_hours",
    "working_days_close": "open_hours",
    "working_days_same": "open_hours",
}
_DAY_RULES: dict[Unit, DayRule] = {"working_days_close": "close", "working_days_same": "same"}

# Being on site restores nothing: of the earlier stages, it leaves the workaround open.
_EARLIER: dict[Kind, tuple[Kind, ...]] = {
    "first_answer": ("acknowledge",),
    "remote_start": ("acknowledge", "first_answer"),
    "workaround": ("acknowledge", "first_answer", "remote_start"),
    "on_site": ("acknowledge", "first_answer", "remote_start"),
    "resolution": ("acknowledge", "first_answer", "remote_start", "workaround", "on_site"),
}


def stops_with(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds that are reached with a kind, itself included, in the order of KINDS.

    >>> stops_with("workaround")
    ('acknowledge', 'first_answer', 'remote_start', 'workaround')
    >>> stops_with("report")
    ('report',)

    :raises ValueError: on another kind
    """
    _check_one_of("kind", kind, KINDS)
    return (*_EARLIER.get(kind, ()), kind)


@dataclass(frozen=True)
class Term:
    """What was promised: the snapshot that a clock keeps, whatever the policy becomes.

    :param unit: how the time is counted; "text" and "none" (NC) promise no date
    :param amount: in seconds, or in days for the two units of working days
    :param calendars: those that must all be open; the first one gives the days their zone
    :param allowance: seconds more, counted as the unit counts (after the N-th working day, in
        open hours)
    :param pause_reasons: the reasons that suspend this clock; a pause for another is ignored
    :param warnings: the percents of the time at which to warn
    :param key: what the caller knows it by; promises that differ in nothing else are equal
    :raises ValueError: on a unit or a rule that does not exist, a negative number, or a unit that
        needs a calendar and has none
    """

    unit: Unit
    amount: int = 0
    calendars: tuple[WorkingCalendar, ...] = ()
    allowance: int = 0
    pause_reasons: frozenset[Hashable] = frozenset()
    reopen_rule: ReopenRule = "resume"
    warnings: tuple[int, ...] = WARNINGS
    key: Hashable = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_one_of("unit", self.unit, UNITS)
        _check_one_of("rule of re-opening", self.reopen_rule, REOPEN_RULES)
        check_integer("amount", self.amount, 0, _LARGEST)
        check_integer("allowance", self.allowance, 0, _LARGEST)
        for percent in self.warnings:
            check_integer("warning in percent", percent, 1, 1_000)
        if _COUNTINGS.get(self.unit, "calendar_hours") != "calendar_hours" and not self.calendars:
            raise ValueError(f"{self.unit} needs a calendar")

    @property
    def is_commitment(self) -> bool:
        """Whether a date was promised."""
        return self.unit in _COUNTINGS

    @cached_property
    def timeline(self) -> Timeline:
        """The time that counts. Without a promised date, time is still told in open hours."""
        if self.unit not in _COUNTINGS:
            return self.opening
        return timeline(self.calendars, _COUNTINGS[self.unit])

    @cached_property
    def opening(self) -> Timeline:
        """Opening hours, whatever the unit: what delays of several units are compared in."""
        return timeline(self.calendars, "open_hours" if self.calendars else "calendar_hours")

    def budget(self, start: Instant) -> tuple[int | None, bool]:
        """Return the seconds that a clock started then has, and whether it is due at an opening.

        Working days are turned into the open time from the start to their deadline, so that
        pauses and percents work alike for all units. A deadline at the same time of a later day
        may be 09:00, an opening, which in open time is one with the closing of the day before.

        :return: None for the seconds when no date was promised or can be computed
        """
        if self.unit not in _DAY_RULES:
            return (self.amount + self.allowance if self.is_commitment else None), False
        due = self.timeline.add_working_days(start, self.amount, _DAY_RULES[self.unit])
        if due is None:
            return None, False
        seconds = self.timeline.between(start, due)
        is_opening = not self.allowance and self.timeline.add(start, seconds) != due
        return seconds + self.allowance, is_opening


@dataclass(frozen=True)
class Event:
    """A fact of the log of one clock.

    ========  ====================================================================================
    await     the promise is made, what starts the clock is still to come (`term`)
    start     the clock starts (`term`, unless awaited)
    pause     somebody is waited for (`reason`)
    resume    nobody is waited for any more: for one `reason`, else whatever the reasons
    stop      what was promised is done
    change    another promise applies (`term`): of severity, level or contract (`rule`)
    amend     the promise was wrong and is corrected from the start (`term`): a calendar, a policy
    reopen    it was not done after all (`rule`, or else that of the term)
    manual    a deadline was agreed with the customer (`deadline`)
    release   that agreement is given up
    cancel    the clock should not have run: a duplicate, a mistake
    ========  ====================================================================================

    :param key: what the caller knows it by; facts that differ in nothing else are equal
    :raises ValueError: on another name, an instant that is no integer, or a missing detail
    """

    at: Instant
    name: EventName
    term: Term | None = None
    reason: Hashable = None
    rule: ChangeRule | ReopenRule | None = None
    deadline: Instant | None = None
    key: Hashable = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_one_of("event", self.name, EVENT_NAMES)
        if type(self.at) is not int:
            raise ValueError(f"{self.name}: expected an instant in whole seconds, got {self.at!r}")
        if self.name in ("await", "change", "amend") and self.term is None:
            raise ValueError(f"{self.name}: expected a term")
        if self.name == "manual" and type(self.deadline) is not int:
            raise ValueError(f"manual: expected a deadline, got {self.deadline!r}")
        if self.name == "change":
            _check_one_of("rule of change", self.rule, CHANGE_RULES)
        if self.name == "reopen" and self.rule is not None:
            _check_one_of("rule of re-opening", self.rule, REOPEN_RULES)


def _check_one_of(name: str, value: Any, values: tuple[str, ...]) -> None:
    if value not in values:
        raise ValueError(f"{name}: expected one of {', '.join(values)}, got {value!r}")
