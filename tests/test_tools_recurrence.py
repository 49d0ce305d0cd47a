"""Rules of recurrence, against an oracle that walks the days and knows no arithmetic."""

import time
from datetime import date, timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.dates import MAX_DATE
from ..tools.recurrence import (
    LONGEST,
    Dates,
    Every,
    IsoWeek,
    NthWeekday,
    PerYear,
    ranks_until,
)
from .tools_common import PROPERTY, PureCase, days

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(weeks=1)

RULES = st.one_of(
    st.builds(Every, st.integers(1, 800), st.just("day")),
    st.builds(Every, st.integers(1, 110), st.just("week")),
    st.builds(Every, st.integers(1, 40), st.just("month")),
    st.builds(Every, st.integers(1, 12), st.just("year")),
    st.builds(
        NthWeekday, st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6), st.integers(1, 24)
    ),
    st.builds(IsoWeek, st.integers(1, 53), st.integers(0, 6)),
    st.builds(Dates, st.lists(days(), max_size=8).map(tuple)),
    st.builds(PerYear, st.integers(1, 365)),
)


def walk(anchor, length, belongs):
    """The days of `length` from the anchor on that belong to the rule."""
    every_day = (anchor + timedelta(days=number) for number in range(length))
    return [day for day in every_day if belongs(day)]


def months_between(anchor, day):
    delta = relativedelta(day.replace(day=1), anchor.replace(day=1))
    return 12 * delta.years + delta.months


def dates_of(rule, anchor, number):
    return [rule.date_at(anchor, k) for k in range(number)]


class TestEvery(PureCase):
    @PROPERTY
    @given(days(), st.integers(1, 60), st.integers(0, 30), st.sampled_from(list(LONGEST)))
    @example(date(2024, 2, 29), 1, 4, "year")
    @example(date(2026, 1, 31), 1, 1, "month")
    def test_every_date_is_counted_from_the_anchor(self, anchor, period, k, unit):
        """SC3: the k-th date is start + k periods, clipped to the month end only."""
        expected = anchor + relativedelta(**{f"{unit}s": period * k})
        expected = expected if expected <= MAX_DATE else None
        self.assertEqual(Every(period, unit).date_at(anchor, k), expected)

    @PROPERTY
    @given(days(), st.integers(1, 6))
    def test_months_keep_the_day_or_end_the_month(self, anchor, period):
        def belongs(day):
            ends_the_month = (day + ONE_DAY).day == 1
            return months_between(anchor, day) % period == 0 and (
                day.day == anchor.day or (ends_the_month and day.day < anchor.day)
            )

        oracle = walk(anchor, 200, belongs)
        self.assertEqual(dates_of(Every(period, "month"), anchor, len(oracle)), oracle)

    def test_monthly_from_the_31st_comes_back_to_the_31st(self):
        """Known bug 55: 31 January, 28 February, then the 28th for ever."""
        dates = dates_of(Every(1, "month"), date(2026, 1, 31), 36)
        self.assertEqual([day.day for day in dates[:5]], [31, 28, 31, 30, 31])
        self.assertEqual(sum(day.day == 31 for day in dates), 21)

    def test_leap_day_comes_back_in_leap_years(self):
        dates = dates_of(Every(1, "year"), date(2024, 2, 29), 9)
        self.assertEqual([day.day for day in dates], [29, 28, 28, 28, 29, 28, 28, 28, 29])

    def test_2100_is_no_leap_year(self):
        self.assertEqual(Every(4, "year").date_at(date(2096, 2, 29), 1), date(2100, 2, 28))

    def test_a_period_is_a_whole_number_in_bounds(self):
        for unit, longest in LONGEST.items():
            Every(longest, unit)
            for wrong in (0, -1, longest + 1, "1", None, True, float("nan"), 1.0):
                with self.subTest(unit=unit, count=wrong), self.assertRaises(ValueError):
                    Every(wrong, unit)
        for unit in ("hour", "months", "", None):
            with self.subTest(unit=unit), self.assertRaises(ValueError):
                Every(1, unit)


class TestNthWeekday(PureCase):
    @PROPERTY
    @given(days(), st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6), st.integers(1, 6))
    def test_oracle(self, anchor, nth, weekday, months):
        def belongs(day):
            if day.weekday() != weekday or months_between(anchor, day) % months:
                return False
            if nth in (5, -1):
                return (day + ONE_WEEK).month != day.month
            return (day - nth * ONE_WEEK).month != day.month == (day - (nth - 1) * ONE_WEEK).month

        oracle = walk(anchor, 400, belongs)
        self.assertEqual(dates_of(NthWeekday(nth, weekday, months), anchor, len(oracle)), oracle)

    def test_every_month_unless_it_is_said(self):
        self.assertEqual(NthWeekday(1, 0), NthWeekday(1, 0, months=1))

    def test_a_yearly_visit_keeps_the_month_of_its_anchor(self):
        first_monday_of_march = NthWeekday(1, 0, months=12)
        self.assertEqual(first_monday_of_march.date_at(date(2026, 3, 2), 0), date(2026, 3, 2))
        self.assertEqual(first_monday_of_march.date_at(date(2026, 3, 3), 0), date(2027, 3, 1))

    def test_bounds(self):
        for wrong in ((0, 0, 1), (6, 0, 1), (-2, 0, 1), (1, 7, 1), (1, -1, 1), (1, 0, 0)):
            with self.subTest(wrong), self.assertRaises(ValueError):
                NthWeekday(*wrong)


class TestIsoWeek(PureCase):
    @PROPERTY
    @given(days(), st.integers(1, 53), st.integers(0, 6))
    @example(date(2026, 12, 31), 53, 6)
    @example(date(2027, 1, 1), 1, 0)
    def test_oracle(self, anchor, week, weekday):
        def belongs(day):
            iso = day.isocalendar()
            ends_the_year = (day + ONE_WEEK).isocalendar().year != iso.year
            return iso.weekday == weekday + 1 and (
                iso.week == week or (week == 53 and ends_the_year)
            )

        oracle = walk(anchor, 800, belongs)
        self.assertEqual(dates_of(IsoWeek(week, weekday), anchor, len(oracle)), oracle)

    def test_a_year_of_52_weeks_has_its_visit_too(self):
        weeks = [day.isocalendar()[:2] for day in dates_of(IsoWeek(53, 0), date(2026, 1, 5), 7)]
        self.assertEqual([year for year, _week in weeks], list(range(2026, 2033)))
        self.assertEqual([year for year, week in weeks if week == 53], [2026, 2032])

    def test_bounds(self):
        for wrong in ((0, 0), (54, 0), (1, 7), (1, -1)):
            with self.subTest(wrong), self.assertRaises(ValueError):
                IsoWeek(*wrong)


class TestDates(PureCase):
    @PROPERTY
    @given(days(), st.lists(days(), max_size=10))
    def test_oracle(self, anchor, listed):
        oracle = sorted({day for day in listed if day >= anchor})
        self.assertEqual(
            dates_of(Dates(tuple(listed)), anchor, len(oracle) + 2), [*oracle, None, None]
        )

    def test_an_empty_list_has_no_date(self):
        self.assertIsNone(Dates(()).date_at(date(2026, 1, 1), 0))


class TestPerYear(PureCase):
    @PROPERTY
    @given(days(), st.integers(1, 365), st.integers(0, 5))
    def test_visits_are_spread_evenly_over_each_year(self, anchor, count, year):
        rule = PerYear(count)
        dates = [rule.date_at(anchor, rank) for rank in range(year * count, (year + 1) * count + 1)]
        self.assertEqual(dates[0], anchor + relativedelta(years=year))
        self.assertEqual(dates[-1], anchor + relativedelta(years=year + 1))
        gaps = {(after - before).days for before, after in zip(dates, dates[1:], strict=False)}
        self.assertLessEqual(max(gaps) - min(gaps), 1)

    def test_bounds(self):
        for wrong in (0, 366, None, "4"):
            with self.subTest(wrong), self.assertRaises(ValueError):
                PerYear(wrong)


class TestAnyRule(PureCase):
    @PROPERTY
    @given(RULES, days())
    def test_dates_strictly_increase_from_the_anchor(self, rule, anchor):
        """SC2, and known bug 60: the first date is one of the rule, not the day of signature."""
        dates = [day for day in dates_of(rule, anchor, 12) if day]
        self.assertEqual(dates, sorted(set(dates)))
        self.assertTrue(all(day >= anchor for day in dates))
        if dates:
            self.assertEqual(rule.date_at(dates[0], 0), dates[0])

    @PROPERTY
    @given(RULES, days(), st.integers(0, 900), st.integers(0, 900))
    def test_generating_twice_is_generating_once(self, rule, anchor, near, far):
        """SC5: a horizon and then a longer one give what the longer one gives at once."""
        near, far = sorted(anchor + timedelta(days=days) for days in (near, far))
        first = list(ranks_until(rule, anchor, 0, near))
        self.assertEqual(list(ranks_until(rule, anchor, 0, first[-1][1])) if first else [], first)
        self.assertEqual(
            first + list(ranks_until(rule, anchor, len(first), far)),
            list(ranks_until(rule, anchor, 0, far)),
        )

    @PROPERTY
    @given(RULES, days(), st.integers(0, 10**12))
    def test_any_rank_has_a_date_or_none(self, rule, anchor, k):
        day = rule.date_at(anchor, k)
        self.assertTrue(day is None or anchor <= day <= MAX_DATE)

    def test_series_end_with_2100(self):
        for rule in (Every(1, "day"), Every(1, "month"), NthWeekday(-1, 4), PerYear(365)):
            with self.subTest(rule):
                ranks = list(ranks_until(rule, date(2100, 10, 31), 0, date.max))
                self.assertEqual(ranks[-1][1], MAX_DATE)
        autumn = list(ranks_until(IsoWeek(40, 0), date(2099, 12, 1), 0, date.max))
        self.assertEqual(autumn, [(0, date(2100, 10, 4))])
        for rule in (IsoWeek(1, 0), Dates((date(2101, 1, 1),))):
            with self.subTest(rule):
                self.assertEqual(list(ranks_until(rule, date(2100, 12, 1), 0, date.max)), [])
        self.assertEqual(list(ranks_until(Every(1, "year"), date(2101, 1, 1), 0, date.max)), [])

    def test_a_term_that_ends_before_it_starts_has_no_date(self):
        self.assertEqual(
            list(ranks_until(Every(1, "day"), date(2026, 2, 1), 0, date(2026, 1, 31))), []
        )

    def test_ranks_are_not_negative(self):
        with self.assertRaises(ValueError):
            next(ranks_until(Every(1, "day"), date(2026, 1, 1), -1, date(2026, 2, 1)))

    def test_120_000_dates_cost_less_than_5_microseconds_each(self):
        """Generation of 3 000 visits a second must not notice the rules (processor time)."""
        anchor = date(2000, 2, 29)
        for rule in (Every(1, "month"), NthWeekday(1, 0), IsoWeek(53, 4), PerYear(12)):
            with self.subTest(rule):
                started = time.process_time()
                for _ in range(1_000):
                    for _rank in islice(ranks_until(rule, anchor, 0, MAX_DATE), 120):
                        pass
                number = 1_000 * min(120, len(list(ranks_until(rule, anchor, 0, MAX_DATE))))
                self.assertLess((time.process_time() - started) / number, 5e-6)
