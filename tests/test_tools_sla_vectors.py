"""The worked cases of SLA deadlines come out to the second."""

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..tools.business_time import Closing, WorkingCalendar, timeline
from ..tools.sla import CHANGE_RULES, REOPEN_RULES, Event, Term, preview_change, replay
from .tools_common import PureCase

VECTORS = json.loads((Path(__file__).parent / "vectors" / "sla.json").read_text())

HOUR = 3_600
WAITING = "waiting for the customer"

# Those of 2026, the year of all the cases.
HOLIDAYS = {
    "CH-GE": ("01-01", "04-03", "04-06", "05-14", "05-25", "08-01", "09-10", "12-25", "12-31"),
    "FR": (
        *("01-01", "04-06", "05-01", "05-08", "05-14", "05-25"),
        *("07-14", "08-15", "11-01", "11-11", "12-25"),
    ),
}


def read_calendar(content):
    def second(text):
        hours, minutes = map(int, text.split(":"))
        return hours * HOUR + minutes * 60

    hours = [tuple(map(second, span)) for span in content["hours"]]
    country = "-".join(filter(None, content["holidays"] or ()))
    closed = (date.fromisoformat(f"2026-{day}") for day in HOLIDAYS.get(country, ()))
    return WorkingCalendar.weekly(
        content["tz"], dict.fromkeys(content["days"], hours), map(Closing, closed)
    )


CALENDARS = {name: read_calendar(content) for name, content in VECTORS["calendars"].items()}


class TestSlaVectors(PureCase):
    def instant(self, case, text, key="calendar"):
        zone = ZoneInfo(CALENDARS[case[key]].zone)
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())

    def assertDue(self, case, deadline, expected, key="calendar"):
        zone = ZoneInfo(CALENDARS[case[key]].zone)
        due = datetime.fromtimestamp(deadline, zone).replace(tzinfo=None)
        self.assertEqual(due.isoformat(timespec="minutes"), expected)

    def test_hours(self):
        for case in VECTORS["hours"]:
            with self.subTest(case["id"]):
                calendar = CALENDARS[case["calendar"]]
                term = Term(
                    "open_hours",
                    case["hours"] * HOUR,
                    (calendar,),
                    pause_reasons=frozenset({WAITING}),
                )
                log = [Event(self.instant(case, case["start"]), "start", term)]
                for start, end in case["pauses"]:
                    log.append(Event(self.instant(case, start), "pause", reason=WAITING))
                    log.append(Event(self.instant(case, end), "resume"))
                [cycle] = replay(log)
                self.assertDue(case, cycle.deadline, case["expected"])
                if not case["pauses"]:
                    due = timeline(calendar, "open_hours").add(log[0].at, term.amount)
                    self.assertEqual(cycle.deadline, due)

    def test_hours_of_whole_days_are_those_of_a_calendar_open_all_day(self):
        [case] = (case for case in VECTORS["hours"] if case["calendar"] == "GE24")
        term = Term("open_day_24h", case["hours"] * HOUR, (CALENDARS["GE"],))
        [cycle] = replay([Event(self.instant(case, case["start"]), "start", term)])
        self.assertDue(case, cycle.deadline, case["expected"])

    def test_calendar_hours_are_those_of_a_calendar_always_open(self):
        for case in VECTORS["hours"]:
            if case["calendar"] == "247":
                with self.subTest(case["id"]):
                    term = Term("calendar_hours", case["hours"] * HOUR)
                    [cycle] = replay([Event(self.instant(case, case["start"]), "start", term)])
                    self.assertDue(case, cycle.deadline, case["expected"])

    def test_working_days(self):
        for case in VECTORS["working_days"]:
            with self.subTest(case["id"]):
                unit = f"working_days_{case['rule']}"
                term = Term(unit, case["days"], (CALENDARS[case["calendar"]],))
                [cycle] = replay([Event(self.instant(case, case["start"]), "start", term)])
                self.assertDue(case, cycle.deadline, case["expected"])

    def test_severity_changes(self):
        for case in VECTORS["severity_change"]:
            before = case.get("calendar_before") or case["calendar"]
            after = case.get("calendar_after") or case["calendar"]
            case = {**case, "calendar": before}
            old = Term("open_hours", case["budget_before_hours"] * HOUR, (CALENDARS[before],))
            new = Term("open_hours", case["budget_after_hours"] * HOUR, (CALENDARS[after],))
            log = [Event(self.instant(case, case["start"]), "start", old)]
            if "before" in case["expected"]:
                self.assertDue(case, replay(log)[0].deadline, case["expected"]["before"])
            outcomes = preview_change(log, self.instant(case, case["changed_at"]), new)
            self.assertEqual(set(outcomes), set(CHANGE_RULES))
            for rule, cycle in outcomes.items():
                with self.subTest(case["id"], rule=rule):
                    self.assertDue(case, cycle.deadline, case["expected"][rule])
                    self.assertEqual(
                        cycle.reclassified_late,
                        case["expected"][rule] < case["changed_at"],
                    )

    def test_reopening(self):
        for case in VECTORS["reopen"]:
            self.assertEqual(set(case["expected"]), set(REOPEN_RULES))
            for rule, expected in case["expected"].items():
                with self.subTest(case["id"], rule=rule):
                    calendars = (CALENDARS[case["calendar"]],)
                    amount = case["budget_hours"] * HOUR
                    term = Term("open_hours", amount, calendars, reopen_rule=rule)
                    cycles = replay(
                        [
                            Event(self.instant(case, case["start"]), "start", term),
                            Event(self.instant(case, case["resolved"]), "stop"),
                            Event(self.instant(case, case["reopened"]), "reopen"),
                        ]
                    )
                    self.assertEqual(len(cycles), 2 if rule == "new_cycle" else 1)
                    self.assertDue(case, cycles[-1].deadline, expected)
