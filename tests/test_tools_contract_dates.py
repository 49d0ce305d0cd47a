"""Dates: month arithmetic, bounds, terms and notice of a contract."""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.contract_dates import (
    LONGEST_TERM,
    MAX_DATE,
    MIN_DATE,
    check_date,
    end_of_term,
    last_notice,
    last_working_day,
    nth_term,
    term_containing,
)
from ..tools.dates import add_months, days_after, months_after
from ..tools.open_days import OpenDays
from .tools_common import PROPERTY, PureCase, days, open_days

ONE_DAY = timedelta(days=1)


class TestDates(PureCase):
    @PROPERTY
    @given(days(), st.integers(-1_200, 1_200))
    @example(date(2024, 2, 29), 12)
    @example(date(2000, 1, 31), -1_199)
    def test_months_are_added_as_dateutil_adds_them(self, day, months):
        expected = day + relativedelta(months=months)
        self.assertEqual(add_months(day, months), expected)
        self.assertEqual(months_after(day, months), expected if expected <= MAX_DATE else None)

    def test_months_far_away(self):
        self.assertIsNone(months_after(date(2026, 1, 1), 10**20))
        for months in (12 * 8_000, -12 * 2_026):
            with self.subTest(months), self.assertRaises(ValueError):
                add_months(date(2026, 1, 1), months)

    def test_days_end_with_2100(self):
        self.assertEqual(days_after(MAX_DATE, 0), MAX_DATE)
        self.assertIsNone(days_after(MAX_DATE, 1))
        self.assertIsNone(days_after(MAX_DATE, 10**20))
        self.assertEqual(days_after(date(2026, 3, 1), -1), date(2026, 2, 28))

    def test_dates_of_the_product(self):
        self.assertEqual((MIN_DATE, MAX_DATE), (date(1990, 1, 1), date(2100, 12, 31)))
        for day in (MIN_DATE, MAX_DATE, date(2028, 2, 29)):
            with self.subTest(day):
                self.assertEqual(check_date(day), day)
        for wrong in (
            MIN_DATE - ONE_DAY,
            MAX_DATE + ONE_DAY,
            date.min,
            date.max,
            datetime(2026, 1, 1),
            "2026-01-01",
            False,
            None,
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                check_date(wrong)


class TestTerms(PureCase):
    @PROPERTY
    @given(days(), st.integers(1, 60), st.integers(0, 12_000))
    @example(date(2024, 2, 29), 12, 1_460)
    @example(date(2024, 1, 31), 1, 29)
    def test_a_day_is_in_one_term(self, start, months, length):
        on = start + timedelta(days=length)
        index, first, last = term_containing(start, months, on)
        self.assertTrue(first <= on <= last)
        self.assertEqual(first, start + relativedelta(months=months * index))
        self.assertEqual(last, start + relativedelta(months=months * (index + 1)) - ONE_DAY)

    @PROPERTY
    @given(days(), st.integers(1, 60))
    def test_terms_follow_one_another(self, start, months):
        self.assertEqual(
            term_containing(start, months, start), (0, start, end_of_term(start, months))
        )
        index, first, last = term_containing(start, months, start + timedelta(days=4_000))
        self.assertEqual(term_containing(start, months, last)[0], index)
        self.assertEqual(
            term_containing(start, months, last + ONE_DAY)[:2], (index + 1, last + ONE_DAY)
        )
        self.assertEqual(term_containing(start, months, first - ONE_DAY)[2], first - ONE_DAY)

    @PROPERTY
    @given(days(), st.integers(1, 60), st.integers(0, 40), st.integers(1, 60))
    @example(date(2024, 2, 29), 36, 1, 12)
    def test_renewals_follow_one_another_without_drift(self, start, months, index, renewal):
        first, last = nth_term(start, months, index, renewal)
        self.assertEqual(nth_term(start, months, index + 1, renewal)[0], last + ONE_DAY)
        shift = months + (index - 1) * renewal if index else 0
        self.assertEqual(first, start + relativedelta(months=shift))
        if renewal == months:
            self.assertEqual(term_containing(start, months, first), (index, first, last))

    def test_a_day_before_the_contract_is_in_no_term(self):
        with self.assertRaises(ValueError):
            term_containing(date(2026, 3, 1), 12, date(2026, 2, 28))

    def test_a_term_is_a_number_of_months(self):
        for wrong in (0, -12, LONGEST_TERM + 1, None, "12", float("nan")):
            with self.subTest(wrong):
                with self.assertRaises(ValueError):
                    end_of_term(date(2026, 1, 1), wrong)
                with self.assertRaises(ValueError):
                    term_containing(date(2026, 1, 1), wrong, date(2026, 1, 1))
                for term in ((wrong, 0, 12), (12, 0, wrong)):
                    with self.assertRaises(ValueError):
                        nth_term(date(2026, 1, 1), *term)
        with self.assertRaises(ValueError):
            nth_term(date(2026, 1, 1), 12, -1, 12)

    def test_a_year_ends_the_day_before_its_anniversary(self):
        self.assertEqual(end_of_term(date(2026, 1, 1), 12), date(2026, 12, 31))
        self.assertEqual(end_of_term(date(2027, 3, 1), 12), date(2028, 2, 29))
        self.assertEqual(end_of_term(date(2028, 2, 29), 12), date(2029, 2, 27))


class TestNotice(PureCase):
    @PROPERTY
    @given(days(), st.integers(0, 24))
    def test_notice_counts_back_from_the_end(self, end, months):
        self.assertEqual(last_notice(end, months), end - relativedelta(months=months))

    @PROPERTY
    @given(days(), open_days())
    def test_the_last_working_day_is_open_and_leaves_none_after_it(self, on, calendar):
        day = last_working_day(on, calendar)
        if day is None:
            self.assertEqual(calendar.count(on - timedelta(days=1_000), on), 0)
        else:
            self.assertTrue(calendar.is_open(day))
            self.assertEqual(calendar.count(day + ONE_DAY, on), 0)

    def test_a_working_deadline_stays(self):
        friday = date(2026, 11, 27)
        self.assertEqual(last_working_day(friday, OpenDays.weekly(range(5))), friday)
        self.assertEqual(
            last_working_day(friday, OpenDays.weekly(range(5), [friday])), date(2026, 11, 26)
        )

    def test_notice_is_not_negative(self):
        for wrong in (-1, None, LONGEST_TERM + 1):
            with self.subTest(wrong), self.assertRaises(ValueError):
                last_notice(date(2026, 12, 31), wrong)
