"""Open days of a calendar, against a walk along the days."""

from datetime import date, timedelta
from math import floor

from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.open_days import EVERY_DAY, REACH, OpenDays
from .tools_common import PROPERTY, PureCase, days, open_days

ONE_DAY = timedelta(days=1)
NEVER = OpenDays.weekly(())
OFFICE = OpenDays.weekly(range(5))


class TestOpenDays(PureCase):
    @PROPERTY
    @given(days(), st.frozensets(st.integers(0, 6)), st.frozensets(st.integers(0, 6)))
    def test_two_week_calendars_count_weeks_as_odoo_does(self, day, even, odd):
        # As resource.calendar.attendance does.
        week_type = int(floor((day.toordinal() - 1) / 7) % 2)
        self.assertEqual(
            OpenDays((even, odd)).is_open(day), day.weekday() in (even, odd)[week_type]
        )

    @PROPERTY
    @given(open_days(), days(), st.integers(-3, 80))
    def test_count_is_the_number_of_open_days(self, calendar, first, length):
        last = first + timedelta(days=length)
        walked = sum(calendar.is_open(first + timedelta(days=n)) for n in range(length + 1))
        self.assertEqual(calendar.count(first, last), walked)

    @PROPERTY
    @given(open_days(), days())
    def test_next_and_previous_are_the_nearest_open_days(self, calendar, day):
        after, before = calendar.next_open(day), calendar.previous_open(day)
        if calendar.is_open(day):
            self.assertEqual((before, after), (day, day))
        if after:
            self.assertTrue(calendar.is_open(after))
            self.assertEqual(calendar.count(day, after), 1)
        if before:
            self.assertTrue(calendar.is_open(before))
            self.assertEqual(calendar.count(before, day), 1)

    @PROPERTY
    @given(open_days(), days(), st.integers(1, 40))
    @example(OFFICE, date(2026, 12, 25), 1)
    def test_add_counts_the_days_after(self, calendar, day, count):
        result = calendar.add(day, count)
        if result is None:
            self.assertEqual(calendar.count(day, day + timedelta(days=REACH)), 0)
        else:
            self.assertTrue(calendar.is_open(result))
            self.assertEqual(calendar.count(day + ONE_DAY, result), count)

    def test_adding_no_day_or_fewer(self):
        sunday = date(2026, 3, 1)
        self.assertEqual(OFFICE.add(sunday, 0), sunday)
        with self.assertRaises(ValueError):
            OFFICE.add(sunday, -1)

    def test_a_calendar_without_openings_does_not_loop(self):
        day = date(2026, 2, 28)
        self.assertIsNone(NEVER.next_open(day))
        self.assertIsNone(NEVER.previous_open(day))
        self.assertIsNone(NEVER.add(day, 1))
        self.assertEqual(NEVER.count(date.min, date.max), 0)

    def test_long_closures_end_within_reach(self):
        day = date(2026, 1, 1)
        closed = [day + timedelta(days=number) for number in range(REACH)]
        self.assertIsNone(OpenDays.weekly(range(7), closed).next_open(day))
        self.assertEqual(OpenDays.weekly(range(7), closed[:-1]).next_open(day), closed[-1])

    def test_the_first_and_last_days_of_all(self):
        for calendar, first, last in ((EVERY_DAY, date.min, date.max), (NEVER, None, None)):
            with self.subTest(calendar):
                self.assertEqual(calendar.next_open(date.max), last)
                self.assertEqual(calendar.previous_open(date.min), first)
                self.assertIsNone(calendar.add(date.max, 1))
        self.assertEqual(EVERY_DAY.count(date.min, date.max), date.max.toordinal())

    def test_a_holiday_on_a_closed_day_counts_once(self):
        week = date(2026, 3, 2), date(2026, 3, 8)
        self.assertEqual(OpenDays.weekly(range(5), [date(2026, 3, 8)]).count(*week), 5)
        self.assertEqual(OpenDays.weekly(range(5), [date(2026, 3, 3)]).count(*week), 4)

    def test_weekdays_are_checked(self):
        for wrong in ((frozenset(),), (frozenset({7}), frozenset()), (frozenset(),) * 3):
            with self.subTest(wrong), self.assertRaises(ValueError):
                OpenDays(wrong)
