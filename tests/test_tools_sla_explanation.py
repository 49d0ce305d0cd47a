"""Why this deadline: the lines add up to the figures, and read as what happened."""

from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given

from ..tools.business_time import Closing
from ..tools.sla import Event, Term, replay
from ..tools.sla_explanation import explain
from .tools_common import PROPERTY, PureCase
from .tools_time_common import DAY, HOUR, NEVER, OFFICE, delays, local, logs

ZURICH = ZoneInfo("Europe/Zurich")
SPANS = ("counted", "asleep", "holiday", "paused", "closed")
ASCENSION = Closing(date(2026, 5, 14), 0, DAY, "Ascension")
PATIENT = frozenset({"customer"})
OFFICE_IN_MAY = replace(OFFICE, closings=(ASCENSION,))
EIGHT_HOURS = Term("open_hours", 8 * HOUR, (OFFICE_IN_MAY,), pause_reasons=PATIENT)


def at(text):
    """An instant of May 2026 in Zurich, as "11T09:00"; the 11th is a Monday."""
    return local("Europe/Zurich", f"2026-05-{text}")


def spans_of(lines):
    return [line for line in lines if line.name in SPANS]


class TestProperties(PureCase):
    @PROPERTY
    @given(logs, delays)
    def test_spans_follow_each_other_until_the_deadline(self, log, delay):
        now = log[-1].at + delay
        for cycle in replay(log):
            lines = explain(cycle, now)
            self.assertEqual([line.start for line in lines], sorted(line.start for line in lines))
            spans = spans_of(lines)
            for one, next_one in pairwise(spans):
                self.assertEqual(one.end, next_one.start)
            for line in spans:
                self.assertLess(line.start, line.end)
            last = now if cycle.stopped is None else cycle.stopped
            if cycle.deadline is not None:
                last = cycle.deadline if cycle.stopped is None else min(last, cycle.deadline)
            if spans:
                self.assertEqual((spans[0].start, spans[-1].end), (cycle.started, last))
            else:
                self.assertLessEqual(last, cycle.started)

    @PROPERTY
    @given(logs, delays)
    def test_seconds_add_up_to_the_figures(self, log, delay):
        now = log[-1].at + delay
        cycle = replay(log)[-1]
        lines = explain(cycle, now)
        counted = [line for line in lines if line.name == "counted"]
        until = now if cycle.deadline is None else min(now, cycle.deadline)
        past = sum(line.seconds for line in counted if line.end <= until)
        self.assertEqual(past, cycle.consumed(until))
        if cycle.deadline is not None and cycle.manual_deadline is None:
            self.assertEqual(sum(line.seconds for line in counted), cycle.budget)
        ends = [line for line in lines if line.name in ("left", "overrun")]
        for line in ends:
            self.assertEqual(
                line.seconds, cycle.remaining(now) if line.name == "left" else cycle.overrun(now)
            )
        late = cycle.deadline is not None and now > cycle.deadline
        self.assertEqual([line.name for line in ends], ["overrun" if late else "left"])


class TestLines(PureCase):
    def assertTold(self, log, now, *expected, cycle=-1):
        """The lines in words: name, start, end if it is another, hours if any, detail, event."""
        told = []
        for line in explain(replay(log)[cycle], at(now)):
            words = [line.name]
            for when in (line.start, line.end)[: 1 + (line.end != line.start)]:
                words.append(datetime.fromtimestamp(when, ZURICH).strftime("%d %H:%M"))
            if line.seconds:
                words.append(f"{line.seconds / HOUR:g} h")
            if line.detail:
                words.append(line.detail)
            if line.event is not None:
                words.append(f"#{line.event}")
            told.append(" ".join(words))
        self.assertEqual(told, list(expected))

    def test_a_holiday_in_the_night(self):
        self.assertTold(
            [Event(at("13T16:00"), "start", EIGHT_HOURS)],
            "15T10:00",
            "received 13 16:00 8 h",
            "counted 13 16:00 13 17:00 1 h",
            "asleep 13 17:00 14 00:00",
            "holiday 14 00:00 15 00:00 Ascension",
            "asleep 15 00:00 15 09:00",
            "counted 15 09:00 15 10:00 1 h",
            "left 15 10:00 6 h",
            "counted 15 10:00 15 16:00 6 h",
            "due 15 16:00",
        )

    def test_holidays_in_a_row(self):
        closings = (Closing(date(2026, 5, 15), 0, DAY, "Bridge"), ASCENSION)
        calendar = replace(OFFICE, closings=closings)
        log = [Event(at("13T16:00"), "start", replace(EIGHT_HOURS, calendars=(calendar,)))]
        lines = explain(replay(log)[0], at("14T12:00"))
        self.assertEqual(
            [line.detail or line.name for line in lines if line.name in ("asleep", "holiday")],
            ["asleep", "Ascension", "Ascension", "Bridge", "asleep"],
        )

    def test_at_the_very_second_of_the_deadline(self):
        log = [Event(at("11T09:00"), "start", replace(EIGHT_HOURS, amount=HOUR))]
        self.assertTold(
            log,
            "11T10:00",
            "received 11 09:00 1 h",
            "counted 11 09:00 11 10:00 1 h",
            "left 11 10:00",
            "due 11 10:00",
        )

    def test_two_calendars_with_the_same_holiday(self):
        other = replace(OFFICE, closings=(ASCENSION._replace(name="Auffahrt"),))
        log = [
            Event(at("13T16:00"), "start", replace(EIGHT_HOURS, calendars=(OFFICE_IN_MAY, other)))
        ]
        holidays = [line for line in explain(replay(log)[0], at("13T16:00")) if line.detail]
        self.assertEqual(
            [(line.start, line.end) for line in holidays], [(at("14T00:00"), at("15T00:00"))]
        )

    def test_outside_of_hours(self):
        """One line for the nights and the days of a week-end."""
        self.assertTold(
            [Event(at("08T18:00"), "start", replace(EIGHT_HOURS, amount=HOUR, allowance=HOUR))],
            "08T19:00",
            "received 08 18:00 11 09:00 2 h",
            "allowance 08 18:00 1 h",
            "asleep 08 18:00 08 19:00",
            "left 08 19:00 2 h",
            "asleep 08 19:00 11 09:00",
            "counted 11 09:00 11 11:00 2 h",
            "due 11 11:00",
        )

    def test_a_pause(self):
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("11T10:00"), "pause", reason="nobody"),
            Event(at("11T11:00"), "pause", reason="customer"),
        ]
        paused = (
            "received 11 09:00 8 h",
            "counted 11 09:00 11 11:00 2 h",
        )
        self.assertTold(
            log,
            "11T12:00",
            *paused,
            "paused 11 11:00 11 12:00 1 h #2",
            "left 11 12:00 6 h",
        )
        log.append(Event(at("12T10:00"), "resume"))
        self.assertTold(
            log,
            "12T10:00",
            *paused,
            "paused 11 11:00 12 10:00 7 h #2",
            "left 12 10:00 6 h",
            "counted 12 10:00 12 16:00 6 h",
            "due 12 16:00",
        )

    def test_a_pause_from_before_the_start(self):
        log = [
            Event(at("11T08:00"), "await", EIGHT_HOURS),
            Event(at("11T09:00"), "pause", reason="customer"),
            Event(at("11T10:00"), "start"),
        ]
        self.assertTold(
            log,
            "11T12:00",
            "received 11 10:00 8 h",
            "paused 11 10:00 11 12:00 2 h #1",
            "left 11 12:00 8 h",
        )
        self.assertTold(log[:2], "11T12:00")

    def test_a_change(self):
        short = replace(EIGHT_HOURS, amount=4 * HOUR)
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("11T11:00"), "change", short, rule="carry"),
        ]
        rest = (
            "counted 11 09:00 11 11:00 2 h",
            "changed 11 11:00 4 h #1",
            "left 11 11:00 2 h",
            "counted 11 11:00 11 13:00 2 h",
            "due 11 13:00",
        )
        self.assertTold(log, "11T11:00", "received 11 09:00 8 h", *rest)
        log[1] = replace(log[1], rule="retro")
        self.assertTold(log, "11T11:00", "received 11 09:00 4 h", *rest)
        log[1] = replace(log[1], name="amend", rule=None)
        rest = (rest[0], rest[1].replace("changed", "corrected"), *rest[2:])
        self.assertTold(log, "11T11:00", "received 11 09:00 4 h", *rest)

    def test_a_restart(self):
        short = replace(EIGHT_HOURS, amount=4 * HOUR)
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("11T11:00"), "change", short, rule="restart"),
        ]
        self.assertTold(
            log,
            "11T12:00",
            "received 11 09:00 8 h",
            "counted 11 09:00 11 11:00 2 h",
            "stopped 11 11:00 6 h cancelled",
            "due 11 17:00",
            cycle=0,
        )
        self.assertTold(
            log,
            "11T12:00",
            "received 11 11:00 4 h",
            "changed 11 11:00 4 h #1",
            "counted 11 11:00 11 12:00 1 h",
            "left 11 12:00 3 h",
            "counted 11 12:00 11 15:00 3 h",
            "due 11 15:00",
        )

    def test_stopped_and_reopened(self):
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("11T11:00"), "stop"),
        ]
        self.assertTold(
            log,
            "20T12:00",
            "received 11 09:00 8 h",
            "counted 11 09:00 11 11:00 2 h",
            "stopped 11 11:00 6 h met",
            "due 11 17:00",
        )
        log.append(Event(at("11T13:00"), "reopen"))
        self.assertTold(
            log,
            "11T13:00",
            "received 11 09:00 8 h",
            "counted 11 09:00 11 11:00 2 h",
            "closed 11 11:00 11 13:00 2 h",
            "reopened 11 13:00 #2",
            "left 11 13:00 6 h",
            "counted 11 13:00 11 17:00 4 h",
            "asleep 11 17:00 12 09:00",
            "counted 12 09:00 12 11:00 2 h",
            "due 12 11:00",
        )

    def test_late(self):
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("12T09:30"), "pause", reason="customer"),
        ]
        late = (
            "received 11 09:00 8 h",
            "counted 11 09:00 11 17:00 8 h",
            "due 11 17:00",
        )
        self.assertTold(log, "12T12:00", *late, "overrun 11 17:00 12 12:00 0.5 h")
        log[1] = Event(at("12T10:00"), "stop")
        self.assertTold(
            log,
            "20T12:00",
            *late,
            "overrun 11 17:00 12 10:00 1 h",
            "stopped 12 10:00 met_late",
        )

    def test_an_agreed_deadline(self):
        log = [
            Event(at("11T09:00"), "start", EIGHT_HOURS),
            Event(at("11T11:00"), "manual", deadline=at("12T10:00")),
        ]
        told = (
            "received 11 09:00 8 h",
            "counted 11 09:00 11 11:00 2 h",
            "manual 11 11:00 12 10:00 #1",
        )
        self.assertTold(
            log,
            "11T16:00",
            *told,
            "counted 11 11:00 11 16:00 5 h",
            "left 11 16:00 2 h",
            "counted 11 16:00 11 17:00 1 h",
            "asleep 11 17:00 12 09:00",
            "counted 12 09:00 12 10:00 1 h",
            "due 12 10:00",
        )
        log.append(Event(at("11T12:00"), "release"))
        self.assertTold(
            log,
            "11T12:00",
            *told,
            "counted 11 11:00 11 12:00 1 h",
            "released 11 12:00 #2",
            "left 11 12:00 5 h",
            "counted 11 12:00 11 17:00 5 h",
            "due 11 17:00",
        )

    def test_no_deadline(self):
        for term, reason in (
            (Term("none"), "no_commitment"),
            (Term("text"), "text"),
            (Term("open_hours", HOUR, (NEVER,)), "no_opening"),
        ):
            span = "asleep" if term.calendars else "counted"
            budget = " 1 h" if term.calendars else ""
            told = (
                f"received 11 09:00{budget}",
                f"{span} 11 09:00 11 11:00{'' if term.calendars else ' 2 h'}",
            )
            log = [Event(at("11T09:00"), "start", term)]
            self.assertTold(log, "11T11:00", *told, f"no_deadline 11 11:00 {reason}")
            log.append(Event(at("11T11:00"), "stop"))
            state = "met" if term.calendars else "none"
            left = " 1 h" if term.calendars else ""
            self.assertTold(
                log,
                "20T11:00",
                *told,
                f"stopped 11 11:00{left} {state}",
                f"no_deadline 11 11:00 {reason}",
            )
