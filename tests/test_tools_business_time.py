"""Business time: the properties BT1 to BT12 of RELIABILITY §5d, and the edges of SEMANTICS §1."""

from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..tools.business_time import Closing, Timeline, WorkingCalendar, timeline
from ..tools.working_calendar import instant, local_time
from .tools_common import PROPERTY, PureCase
from .tools_time_common import (
    DAY,
    HOUR,
    NEVER,
    NINE_TO_FIVE,
    OFFICE,
    POOL,
    ZONES,
    instants,
    local,
    seconds,
    timelines,
    warm,
)

ALWAYS = WorkingCalendar.weekly("Europe/Zurich", dict.fromkeys(range(7), [(0, DAY)]))
# Twice in other zones, and in two at once.
ALWAYS_OPEN = [(replace(ALWAYS, zone=zone),) for zone in ZONES[:3]] + [
    (ALWAYS, replace(ALWAYS, zone="Pacific/Apia"))
]
MONDAY_9 = local("Europe/Zurich", "2026-06-08T09:00")
SPRING, AUTUMN = "2026-03-29", "2026-10-25"


def zurich(text):
    return local("Europe/Zurich", text)


def daily(*hours, zone="Europe/Zurich", closings=()):
    spans = [(int(start * HOUR), int(end * HOUR)) for start, end in hours]
    return WorkingCalendar.weekly(zone, dict.fromkeys(range(7), spans), closings)


@lru_cache
def with_one_more_closing(calendar, number):
    """An instant of a day of work, and the timeline of the calendar closed on that day."""
    line = warm((calendar,), "open_hours")
    opening = line.add(local("UTC", "2025-03-25T00:00"), number * 200 * HOUR)
    day, second = local_time(ZoneInfo(calendar.zone), opening)
    span = (0, DAY) if number % 2 else (second, DAY)
    closings = (*calendar.closings, Closing(date.fromordinal(day), *span))
    return opening, timeline(replace(calendar, closings=closings), "open_hours")


class TestProperties(PureCase):
    @PROPERTY
    @given(timelines, instants, seconds, st.integers(1, 100 * HOUR))
    def test_adding_is_additive(self, line, t, first, second):
        """BT1; adding nothing is no part of it: it leads to the next opening."""
        self.assertEqual(line.add(t, first + second), line.add(line.add(t, first), second))

    @PROPERTY
    @given(timelines, instants, seconds)
    def test_what_was_added_is_between(self, line, t, h):
        """BT2."""
        self.assertEqual(line.between(t, line.add(t, h)), h)

    @PROPERTY
    @given(timelines, instants, seconds, seconds, st.integers(0, 20 * DAY))
    def test_more_is_never_earlier(self, line, t, h, more, later):
        """BT3."""
        due = line.add(t, h)
        self.assertLessEqual(due, line.add(t, h + more))
        self.assertLessEqual(due, line.add(t + later, h))

    @PROPERTY
    @given(timelines, instants, seconds)
    def test_deadlines_are_in_openings_or_at_their_end(self, line, t, h):
        """BT4."""
        due = line.add(t, h)
        self.assertTrue(line.is_open(due - 1) if h else line.is_open(due))

    @PROPERTY
    @given(timelines, instants, seconds)
    def test_there_and_back_is_the_same_position(self, line, t, h):
        """BT5."""
        back = line.subtract(line.add(t, h), h)
        self.assertEqual(line.between(t, back), 0)
        if line.is_open(t) and h:
            self.assertEqual(back, t)

    @PROPERTY
    @given(timelines, instants, seconds)
    def test_closed_instants_are_those_of_the_next_opening(self, line, t, h):
        """BT6."""
        opening = line.next_open(t)
        self.assertTrue(line.is_open(opening))
        self.assertEqual(line.between(t, opening), 0)
        self.assertEqual(line.add(t, h), line.add(opening, h))

    @PROPERTY
    @given(st.sampled_from(POOL), st.integers(0, 9), st.integers(-9 * DAY, 5 * DAY), seconds)
    def test_a_closing_more_never_makes_a_deadline_earlier(self, calendar, number, t, h):
        """BT7; of open hours: a day partly closed counts whole."""
        opening, more = with_one_more_closing(calendar, number)
        fewer = warm((calendar,), "open_hours")
        self.assertLessEqual(fewer.add(opening + t, h), more.add(opening + t, h))

    @PROPERTY
    @given(timelines, instants, st.sampled_from(ZONES))
    def test_the_zone_of_the_reader_moves_nothing(self, line, t, zone):
        """BT8."""
        read = datetime.fromtimestamp(t, ZoneInfo(zone))
        self.assertEqual(line.add(int(read.timestamp()), HOUR), line.add(t, HOUR))

    @PROPERTY
    @given(instants, seconds)
    def test_calendars_that_never_open_have_no_deadline(self, t, h):
        """BT9."""
        line = timeline(NEVER, "open_hours")
        for found in (
            line.add(t, h),
            line.subtract(t, h),
            line.next_open(t),
            line.add_working_days(t, h % 10, "close"),
            line.add_working_days(t, h % 10, "same"),
        ):
            self.assertIsNone(found)
        self.assertEqual(line.between(t, t + h), 0)
        self.assertEqual(line.intervals(t, t + h), [])
        self.assertFalse(line.is_open(t))

    @PROPERTY
    @given(st.sampled_from(ALWAYS_OPEN), instants, seconds)
    def test_always_open_is_elapsed_time(self, calendars, t, h):
        """BT10; whatever the clocks do."""
        for counting in ("open_hours", "open_day_24h", "calendar_hours"):
            line = warm(calendars, counting)
            self.assertEqual(line.add(t, h), t + h)
            self.assertEqual(line.subtract(t, h), t - h)
            self.assertEqual(line.between(t, t + h), h)
            self.assertEqual(line.intervals(t, t + h), [(t, t + h)] if h else [])

    @PROPERTY
    @given(timelines, instants, seconds, seconds)
    def test_distances_add_up(self, line, t, first, second):
        """BT12; and there is a way back."""
        middle, end = t + first, t + first + second
        whole = line.between(t, end)
        self.assertEqual(line.between(t, middle) + line.between(middle, end), whole)
        self.assertEqual(line.between(end, t), -whole)

    @PROPERTY
    @given(timelines, instants, seconds)
    def test_openings_are_what_is_between(self, line, t, h):
        openings = line.intervals(t, t + h)
        self.assertEqual(sum(end - start for start, end in openings), line.between(t, t + h))
        ends = [t, *(end for span in openings for end in span), t + h]
        self.assertEqual(ends, sorted(ends))
        for start, end in openings:
            self.assertTrue(line.is_open(start) and line.is_open(end - 1))
            self.assertTrue(end == t + h or not line.is_open(end))
            self.assertTrue(start == t or not line.is_open(start - 1))

    @PROPERTY
    @given(st.integers(0, 3), instants, st.sampled_from(("open_hours", "open_day_24h")))
    def test_several_calendars_are_open_when_all_are(self, place, t, counting):
        calendars = POOL[place : place + 2]
        lines = [warm((calendar,), counting) for calendar in calendars]
        self.assertEqual(
            warm(calendars, counting).is_open(t), all(line.is_open(t) for line in lines)
        )

    @PROPERTY
    @given(timelines, instants, st.integers(0, 30), st.integers(1, 10))
    def test_working_days_are_additive_and_end_at_a_closing(self, line, t, first, second):
        due = line.add_working_days(t, first, "close")
        self.assertTrue(line.is_open(due - 1))
        later = line.add_working_days(t, first + second, "close")
        self.assertEqual(line.add_working_days(due - 1, second, "close"), later)
        self.assertLess(due, later)

    @PROPERTY
    @given(timelines, instants, st.integers(1, 30))
    def test_the_same_time_is_on_the_same_day_as_the_closing(self, line, t, count):
        same = line.add_working_days(t, count, "same")
        closing = line.add_working_days(t, count, "close")
        self.assertLessEqual(same, closing)
        self.assertEqual(line.add_working_days(same - (same == closing), 0, "close"), closing)
        self.assertTrue(line.is_open(same) or same == closing)

    @settings(PROPERTY, max_examples=200)
    @given(st.sampled_from(POOL), instants, seconds)
    def test_a_table_asked_in_another_order_says_the_same(self, calendar, t, h):
        asked, fresh = warm((calendar,), "open_hours"), Timeline((calendar,), "open_hours")
        self.assertEqual(fresh.add(t, h), asked.add(t, h))
        self.assertEqual(fresh.subtract(t, h), asked.subtract(t, h))
        for rule in ("close", "same"):
            fresh = Timeline((calendar,), "open_hours")
            due = fresh.add_working_days(t, h // HOUR, rule)
            self.assertEqual(due, asked.add_working_days(t, h // HOUR, rule))


class TestBudgets(PureCase):
    def test_at_closing_time(self):
        line = timeline(OFFICE, "open_hours")
        for start, hours, due in (
            ("2026-06-08T09:00", 8, "2026-06-08T17:00"),
            ("2026-06-05T09:00", 8, "2026-06-05T17:00"),
            ("2026-06-05T17:00", 8, "2026-06-08T17:00"),
            ("2026-06-06T23:59", 0, "2026-06-08T09:00"),
            ("2026-06-05T17:00", 0, "2026-06-08T09:00"),
            ("2026-06-05T16:59", 0, "2026-06-05T16:59"),
        ):
            with self.subTest(start, hours=hours):
                self.assertEqual(line.add(zurich(start), hours * HOUR), zurich(due))

    def test_back_to_an_opening(self):
        line = timeline(OFFICE, "open_hours")
        for end, hours, start in (
            ("2026-06-08T17:00", 8, "2026-06-08T09:00"),
            ("2026-06-08T10:00", 1, "2026-06-08T09:00"),
            ("2026-06-08T10:00", 2, "2026-06-05T16:00"),
            ("2026-06-08T08:00", 0, "2026-06-05T17:00"),
            ("2026-06-08T09:00", 0, "2026-06-05T17:00"),
            ("2026-06-08T09:01", 0, "2026-06-08T09:01"),
            ("2026-06-08T17:00", 0, "2026-06-08T17:00"),
        ):
            with self.subTest(end, hours=hours):
                self.assertEqual(line.subtract(zurich(end), hours * HOUR), zurich(start))

    def test_what_is_no_number_of_seconds_is_refused(self):
        line = timeline(OFFICE, "open_hours")
        for wrong in (-1, 1.0, float("nan"), None, True, "8"):
            with self.subTest(wrong):
                for refused in (line.add, line.subtract):
                    with self.assertRaises(ValueError):
                        refused(MONDAY_9, wrong)
                for rule in ("close", "same"):
                    with self.assertRaises(ValueError):
                        line.add_working_days(MONDAY_9, wrong, rule)

    def test_what_is_no_instant_is_refused(self):
        line = timeline(OFFICE, "open_hours")
        line.add(MONDAY_9, 1)
        far = (
            local("UTC", "1989-12-31T00:00"),
            local("UTC", "2101-01-01T12:00"),
            10**18,
            -(10**18),
        )
        for wrong in (float(MONDAY_9), float("nan"), None, True, *far):
            with self.subTest(wrong):
                for refused in (line.is_open, line.next_open):
                    with self.assertRaises(ValueError):
                        refused(wrong)
                for refused in (line.add, line.subtract, line.between):
                    with self.assertRaises(ValueError):
                        refused(wrong, MONDAY_9)
                with self.assertRaises(ValueError):
                    line.between(MONDAY_9, wrong)

    def test_more_than_a_calendar_lasts(self):
        """Bad input 27: 1 000 000 hours."""
        for line in (timeline(OFFICE, "open_hours"), timeline((), "calendar_hours")):
            for hours in (10**6, 10**9):
                self.assertIsNone(line.add(MONDAY_9, hours * HOUR))
                self.assertIsNone(line.subtract(MONDAY_9, hours * HOUR))
        line = timeline(OFFICE, "open_hours")
        self.assertIsNone(line.add_working_days(MONDAY_9, 10**6, "close"))
        self.assertIsNone(line.add(MONDAY_9, 200_000 * HOUR))
        self.assertIsNone(line.subtract(MONDAY_9, 100_000 * HOUR))

    def test_as_long_as_a_calendar_lasts(self):
        line = timeline((), "calendar_hours")
        first, last = local("UTC", "1990-01-01T00:00"), local("UTC", "2100-12-31T23:59")
        self.assertEqual(line.add(first, last - first), last)
        self.assertEqual(line.add(last, 60), last + 60)
        self.assertIsNone(line.add(last, 61))
        self.assertEqual(line.subtract(last, last - first), first)
        self.assertIsNone(line.subtract(last, last - first + 1))
        self.assertIsNone(line.subtract(first, 0))
        # Until the last working day there is.
        friday = zurich("2100-12-31T10:00")
        line = Timeline((OFFICE,), "open_hours")
        self.assertEqual(line.add(friday, 7 * HOUR), zurich("2100-12-31T17:00"))
        self.assertIsNone(line.add(friday, 7 * HOUR + 1))
        self.assertIsNone(line.next_open(zurich("2100-12-31T17:00")))
        self.assertEqual(line.add_working_days(friday - DAY, 1, "same"), zurich("2100-12-31T10:00"))
        self.assertIsNone(line.add_working_days(friday, 1, "same"))

    def test_a_closing_of_years_is_waited_for(self):
        first = date(2026, 1, 1).toordinal()
        closings = [Closing(date.fromordinal(first + number)) for number in range(3_000)]
        line = timeline(daily((9, 17), closings=closings), "open_hours")
        self.assertEqual(line.add(MONDAY_9, HOUR), zurich("2034-03-20T10:00"))
        self.assertEqual(line.subtract(MONDAY_9, 1), zurich("2025-12-31T17:00") - 1)


class TestDays(PureCase):
    def assertOpens(self, calendar, first, *expected, counting="open_hours", days=1):
        """The openings of some local days, as local times with their offset from UTC."""
        zone = ZoneInfo(calendar.zone)
        day = date.fromisoformat(first).toordinal()
        spans = Timeline((calendar,), counting).intervals(
            instant(zone, day, 0), instant(zone, day + days, 0)
        )
        shown = [
            " ".join(datetime.fromtimestamp(t, zone).strftime("%d %H:%M%z")[:-2] for t in span)
            for span in spans
        ]
        self.assertEqual(shown, list(expected))

    def test_days_of_23_and_25_hours(self):
        line = timeline(ALWAYS, "open_hours")
        for day, hours in ((SPRING, 23), (AUTUMN, 25)):
            midnight = zurich(day + "T00:00")
            self.assertEqual(line.add_working_days(midnight, 0, "close"), midnight + hours * HOUR)
        sundays = WorkingCalendar.weekly("Europe/Zurich", {6: NINE_TO_FIVE})
        line = timeline(sundays, "open_day_24h")
        for day, hours in ((SPRING, 23), (AUTUMN, 25), ("2026-06-07", 24)):
            midnight = zurich(day + "T00:00")
            self.assertEqual(line.between(midnight - DAY, midnight + 2 * DAY), hours * HOUR)

    def test_an_hour_that_does_not_exist(self):
        for hours, expected in (
            ((2, 3), ()),
            ((2, 2.5), ()),
            ((2.5, 4), ("29 03:00+02 29 04:00+02",)),
            ((1, 2.5), ("29 01:00+01 29 03:00+02",)),
            ((1, 4), ("29 01:00+01 29 04:00+02",)),
            ((3, 4), ("29 03:00+02 29 04:00+02",)),
        ):
            with self.subTest(hours):
                self.assertOpens(daily(hours), SPRING, *expected)
                day = date.fromisoformat(SPRING)
                self.assertEqual(len(daily(hours).openings(day, day)), len(expected))

    def test_an_hour_that_comes_twice(self):
        for hours, expected in (
            ((2, 3), ("25 02:00+02 25 03:00+01",)),
            ((2, 2.5), ("25 02:00+02 25 02:30+02",)),
            ((2.5, 4), ("25 02:30+02 25 04:00+01",)),
            ((1, 2), ("25 01:00+02 25 02:00+02",)),
            ((3, 4), ("25 03:00+01 25 04:00+01",)),
        ):
            with self.subTest(hours):
                self.assertOpens(daily(hours), AUTUMN, *expected)

    def test_closings_follow_the_same_clock(self):
        for day, expected in (
            (SPRING, ["29 00:00+01 29 01:00+01", "29 03:00+02 30 00:00+02"]),
            (AUTUMN, ["25 00:00+02 25 01:00+02", "25 02:30+02 26 00:00+01"]),
        ):
            closing = Closing(date.fromisoformat(day), HOUR, 5 * HOUR // 2)
            self.assertOpens(daily((0, 24), closings=[closing]), day, *expected)

    def test_midnights_that_do_not_exist_or_come_twice(self):
        havana = daily((0, 1), (23, 24), zone="America/Havana")
        self.assertOpens(havana, "2026-03-08", "08 23:00-04 09 00:00-04")
        self.assertOpens(havana, "2026-11-01", "01 00:00-04 01 01:00-05", "01 23:00-05 02 00:00-05")
        asuncion = daily((22, 24), zone="America/Asuncion")
        # At midnight the clocks went back to 23:00: the evening of that Saturday had three hours.
        self.assertOpens(asuncion, "2024-03-23", "23 22:00-03 24 00:00-04")

    def test_a_day_that_was_skipped(self):
        """Apia had no 30 December 2011."""
        apia = daily((9, 17), zone="Pacific/Apia")
        self.assertOpens(
            apia, "2011-12-29", "29 09:00-10 29 17:00-10", "31 09:00+14 31 17:00+14", days=3
        )
        start = local("Pacific/Apia", "2011-12-29T10:00")
        for calendar in (apia, daily((0, 24), zone="Pacific/Apia")):
            due = timeline(calendar, "open_hours").add_working_days(start, 1, "same")
            self.assertEqual(due, local("Pacific/Apia", "2011-12-31T10:00"))

    def test_openings_that_touch_are_one(self):
        self.assertOpens(ALWAYS, "2026-03-28", "28 00:00+01 31 00:00+02", days=3)
        night = daily((0, 6), (22, 24))
        self.assertOpens(
            night,
            "2026-06-08",
            "08 00:00+02 08 06:00+02",
            "08 22:00+02 09 06:00+02",
            "09 22:00+02 10 00:00+02",
            days=2,
        )
        for hours in ([(9, 12), (12, 17)], [(12, 17), (9, 12)], [(9, 13), (10, 17), (9, 11)]):
            self.assertOpens(daily(*hours), "2026-06-08", "08 09:00+02 08 17:00+02")

    def test_openings_that_touch_at_new_year_are_one(self):
        line = Timeline((ALWAYS,), "open_hours")
        midnight = zurich("2027-01-01T00:00")
        self.assertEqual(line.add(midnight - HOUR, HOUR), midnight)
        self.assertEqual(line.add(midnight - HOUR, 2 * HOUR), midnight + HOUR)
        span = midnight - 400 * DAY, midnight + 400 * DAY
        self.assertEqual(line.intervals(*span), [span])
        line = Timeline((ALWAYS,), "open_hours")
        self.assertTrue(line.is_open(midnight - DAY))
        self.assertTrue(line.is_open(midnight))

    def test_openings_that_only_touch_have_nothing_in_common(self):
        for zones in (("Europe/Zurich",) * 2, ("Europe/Zurich", "Europe/Paris")):
            both = daily((9, 12), zone=zones[0]), daily((12, 17), zone=zones[1])
            line = timeline(both, "open_hours")
            self.assertEqual(line.intervals(MONDAY_9, MONDAY_9 + 9 * DAY), [])
            self.assertIsNone(line.next_open(MONDAY_9))

    def test_whole_days_need_an_opening_left(self):
        day = date(2026, 6, 8)
        for span, expected in (
            ((0, DAY), ()),
            ((9 * HOUR, 17 * HOUR), ()),
            ((0, 16 * HOUR), ("08 00:00+02 09 00:00+02",)),
        ):
            calendar = daily((9, 17), closings=[Closing(day, *span)])
            self.assertOpens(calendar, "2026-06-08", *expected, counting="open_day_24h")

    def test_closings_add_up(self):
        day = date(2026, 6, 8)
        closings = [
            Closing(day, 14 * HOUR, 16 * HOUR),
            Closing(day, 10 * HOUR, 12 * HOUR),
            Closing(day, 11 * HOUR, 15 * HOUR),
            Closing(day, 10 * HOUR, 12 * HOUR),
        ]
        self.assertOpens(daily((0, 24), closings=[Closing(day)]), "2026-06-08")
        expected = "08 09:00+02 08 10:00+02", "08 16:00+02 08 17:00+02"
        for some in (closings, closings[::-1]):
            self.assertOpens(daily((9, 17), closings=some), "2026-06-08", *expected)

    def test_two_week_calendars_follow_one_another_at_new_year(self):
        """The year 2026 has 53 weeks; as in `OpenDays`, the types of weeks alternate on."""
        mondays = (NINE_TO_FIVE,) + ((),) * 6
        for weeks, expected in (
            ((mondays, ((),) * 7), ("2026-12-21", "2027-01-04")),
            ((((),) * 7, mondays), ("2026-12-28", "2027-01-11")),
        ):
            line = timeline(WorkingCalendar("Europe/Zurich", weeks), "open_hours")
            found = line.intervals(zurich("2026-12-20T00:00"), zurich("2027-01-13T00:00"))
            self.assertEqual(
                [start for start, _ in found], [zurich(day + "T09:00") for day in expected]
            )

    def test_zones_far_apart(self):
        """Always open in one is open when the other is, to the ends of the tables."""
        for first, second in (("Pacific/Kiritimati", "Pacific/Pago_Pago"), ("UTC", "Asia/Tokyo")):
            for zones in ((first, second), (second, first)):
                both = tuple(daily((0, 24), zone=zone) for zone in zones)
                line = Timeline(both, "open_hours")
                start = local(zones[0], "2026-01-01T00:00")
                self.assertTrue(line.is_open(start))
                self.assertTrue(Timeline(both, "open_hours").is_open(start - 60))
                self.assertEqual(line.add(start, 365 * DAY), start + 365 * DAY)
                self.assertEqual(line.subtract(start, 365 * DAY), start - 365 * DAY)
                self.assertEqual(
                    len(line.intervals(start - 365 * DAY, start + 700 * DAY)), 1, zones
                )

    @PROPERTY
    @given(st.sampled_from(ZONES), instants)
    @example("Europe/Zurich", zurich("2026-10-25T02:30"))
    def test_the_clock_on_the_wall_and_back(self, zone, t):
        zone = ZoneInfo(zone)
        ordinal, second = local_time(zone, t)
        wall = datetime.fromtimestamp(t, zone)
        self.assertEqual(wall.toordinal(), ordinal)
        self.assertEqual((wall.hour * 60 + wall.minute) * 60 + wall.second, second)
        first = instant(zone, ordinal, second)
        self.assertEqual(first, t if not wall.fold else int(wall.replace(fold=0).timestamp()))


class TestWorkingDays(PureCase):
    def assertDue(self, calendar, start, days, rule, expected):
        line = timeline(calendar, "open_hours")
        zone = calendar[0].zone if isinstance(calendar, tuple) else calendar.zone
        due = line.add_working_days(local(zone, start), days, rule)
        self.assertEqual(due, local(zone, expected))

    def test_day_0_is_that_of_the_next_opening(self):
        for start, days, close, same in (
            ("2026-06-05T16:00", 1, "2026-06-08T17:00", "2026-06-08T16:00"),
            ("2026-06-05T17:00", 1, "2026-06-09T17:00", "2026-06-09T09:00"),
            ("2026-06-05T08:00", 1, "2026-06-08T17:00", "2026-06-08T09:00"),
            ("2026-06-06T12:00", 0, "2026-06-08T17:00", "2026-06-08T09:00"),
            ("2026-06-05T10:00", 0, "2026-06-05T17:00", "2026-06-05T10:00"),
            ("2026-06-05T10:00", 5, "2026-06-12T17:00", "2026-06-12T10:00"),
        ):
            with self.subTest(start, days=days):
                self.assertDue(OFFICE, start, days, "close", close)
                self.assertDue(OFFICE, start, days, "same", same)

    def test_a_day_that_is_closed_at_that_time(self):
        week = {
            0: [(6 * HOUR, 20 * HOUR)],
            1: [(9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)],
        }
        calendar = WorkingCalendar.weekly("Europe/Zurich", week)
        for time, expected in (
            ("06:00", "09:00"),
            ("09:00", "09:00"),
            ("12:00", "13:00"),
            ("12:30", "13:00"),
            ("17:00", "17:00"),
            ("19:00", "17:00"),
        ):
            with self.subTest(time):
                self.assertDue(calendar, f"2026-06-08T{time}", 1, "same", f"2026-06-09T{expected}")

    def test_always_open_closes_at_midnight(self):
        self.assertDue(ALWAYS, "2026-06-08T10:00", 1, "close", "2026-06-10T00:00")
        self.assertDue(ALWAYS, "2026-06-08T10:00", 1, "same", "2026-06-09T10:00")
        self.assertDue(ALWAYS, "2026-06-08T00:00", 0, "close", "2026-06-09T00:00")

    def test_the_same_time_on_a_night_of_another_length(self):
        self.assertDue(ALWAYS, "2026-03-28T02:30", 1, "same", "2026-03-29T03:00")
        self.assertDue(ALWAYS, "2026-03-28T02:30", 2, "same", "2026-03-30T02:30")
        line = timeline(ALWAYS, "open_hours")
        first = zurich("2026-10-25T02:30")
        self.assertEqual(line.add_working_days(first - DAY, 1, "same"), first)
        # Received when the hour comes again, nothing is due before.
        self.assertEqual(line.add_working_days(first + HOUR, 0, "same"), first + HOUR)

    def test_days_are_those_of_the_first_calendar(self):
        tokyo, geneva = daily((0, 24), zone="Asia/Tokyo"), daily((0, 24))
        for both, zone in (
            ((tokyo, geneva), "Asia/Tokyo"),
            ((geneva, tokyo), "Europe/Zurich"),
        ):
            with self.subTest(zone):
                self.assertDue(both, "2026-06-08T10:00", 1, "close", "2026-06-10T00:00")

    def test_working_days_of_the_next_year(self):
        line = Timeline((OFFICE,), "open_hours")
        start = zurich("2026-12-30T10:00")
        self.assertEqual(line.add_working_days(start, 3, "same"), zurich("2027-01-04T10:00"))
        self.assertEqual(line.add_working_days(start, 600, "close"), zurich("2029-04-18T17:00"))

    def test_days_on_which_not_all_open_are_not_counted(self):
        site = WorkingCalendar.weekly("Europe/Zurich", {0: [(0, DAY)], 1: [(17 * HOUR, DAY)]})
        self.assertDue((OFFICE, site), "2026-06-08T10:00", 1, "close", "2026-06-15T17:00")


class TestValues(PureCase):
    def test_calendars_that_open_alike_are_one(self):
        again = WorkingCalendar.weekly("Europe/Zurich", dict.fromkeys(range(5), NINE_TO_FIVE))
        self.assertEqual(again, OFFICE)
        self.assertEqual(hash(again), hash(OFFICE))
        self.assertIs(timeline(again, "open_hours"), timeline((OFFICE,), "open_hours"))
        self.assertNotEqual(daily((9, 17), zone="UTC"), daily((9, 17)))
        self.assertIsNot(timeline(OFFICE, "open_hours"), timeline(OFFICE, "open_day_24h"))

    def test_what_is_no_calendar_is_refused(self):
        week = ((),) * 7
        for refused in (
            lambda: WorkingCalendar("Europe/Nowhere", (week, week)),
            lambda: WorkingCalendar("", (week, week)),
            lambda: WorkingCalendar(False, (week, week)),
            lambda: WorkingCalendar("../UTC", (week, week)),
            lambda: WorkingCalendar("UTC", (week,)),
            lambda: WorkingCalendar("UTC", (week, week, week)),
            lambda: WorkingCalendar("UTC", (week, week[1:])),
            lambda: daily((17, 9)),
            lambda: daily((9, 9)),
            lambda: daily((-1, 9)),
            lambda: daily((9, 25)),
            lambda: WorkingCalendar.weekly("UTC", {0: [(9.5, 10)]}),
            lambda: daily((9, 17), closings=[Closing(date(2026, 1, 1), 5, 5)]),
            lambda: daily((9, 17), closings=[Closing(date(2026, 1, 1), 6, 5)]),
            lambda: daily((9, 17), closings=[Closing(date(2026, 1, 1), 0, DAY + 1)]),
        ):
            with self.assertRaises(ValueError):
                refused()

    def test_a_second_is_enough(self):
        closing = Closing(date(2026, 6, 8), 9 * HOUR, 9 * HOUR + 1)
        calendar = WorkingCalendar.weekly(
            "Europe/Zurich", {0: [(9 * HOUR, 9 * HOUR + 2)]}, [closing]
        )
        line = timeline(calendar, "open_hours")
        self.assertEqual(line.add(MONDAY_9, 0), MONDAY_9 + 1)
        self.assertEqual(line.add(MONDAY_9, 1), MONDAY_9 + 2)

    def test_what_is_no_way_of_counting_is_refused(self):
        for some, counting in (((), "open_hours"), ((), "open_day_24h"), (OFFICE, "hours")):
            with self.assertRaises(ValueError):
                timeline(some, counting)
        with self.assertRaises(ValueError):
            timeline(OFFICE, "open_hours").add_working_days(MONDAY_9, 1, "later")

    def test_named_closings(self):
        closings = [
            Closing(date(2026, 6, 9), 0, DAY, "Fair"),
            Closing(date(2026, 6, 8), 12 * HOUR, DAY, "Eve of the fair"),
            Closing(date(2026, 6, 10)),
            Closing(date(2026, 6, 13), 0, DAY, "On a Saturday"),
        ]
        week = dict.fromkeys(range(5), NINE_TO_FIVE)
        one = WorkingCalendar.weekly("Europe/Zurich", week, closings)
        other = WorkingCalendar.weekly("Europe/Zurich", week, closings[:1])
        both = timeline((one, other), "open_hours")
        span = zurich("2026-06-01T00:00"), zurich("2026-06-30T00:00")
        eve = zurich("2026-06-08T12:00"), zurich("2026-06-09T00:00"), "Eve of the fair"
        fair = zurich("2026-06-09T00:00"), zurich("2026-06-10T00:00"), "Fair"
        self.assertEqual(both.named_closings(*span), [eve, fair])
        cut = zurich("2026-06-08T17:00"), zurich("2026-06-09T09:00")
        self.assertEqual(
            both.named_closings(*cut), [(cut[0], eve[1], eve[2]), (fair[0], cut[1], fair[2])]
        )
        self.assertEqual(both.named_closings(fair[1], span[1]), [])
        self.assertEqual(both.named_closings(eve[0] - HOUR, eve[0]), [])
        self.assertEqual(timeline(one, "calendar_hours").named_closings(*span), [])
