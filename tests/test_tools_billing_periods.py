"""Billing periods: a partition of the days covered, without drift, whatever changes later."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.billing_periods import (
    LONGEST_LEAD,
    LONGEST_PERIOD,
    Cycle,
    Period,
    billing_periods,
    invoice_day,
    months_between,
)
from ..tools.dates import MAX_DATE, MIN_DATE
from .billing_oracle import days_between, rows
from .tools_common import PROPERTY, PureCase, days

ONE_DAY = timedelta(days=1)

MONTHS = st.one_of(st.sampled_from([1, 2, 3, 4, 6, 12]), st.integers(1, LONGEST_PERIOD))
ALIGNMENTS = st.sampled_from(["contract", "calendar"])
CYCLES = st.builds(Cycle, days(), MONTHS, ALIGNMENTS)
OFFSETS = st.one_of(st.just(0), st.integers(0, 900))
LENGTHS = st.one_of(st.integers(0, 40), st.integers(0, 1_500))


def as_row(period):
    return period.first, period.last, period.full_first, period.full_last


def list_periods(cycle, first, last, until=MAX_DATE, after=None):
    return list(billing_periods(cycle, first, last, until, after))


class TestPartition(PureCase):
    def assert_partition(self, periods, first, last):
        """The first day of each follows the last of the one before: no gap and no overlap."""
        self.assertEqual(periods[0].first, first)
        self.assertEqual(periods[-1].last, last)
        for period, following in pairwise(periods):
            self.assertEqual(following.first, period.last + ONE_DAY)
        for period in periods:
            self.assertLessEqual(period.first, period.last)

    @PROPERTY
    @given(CYCLES, OFFSETS, LENGTHS)
    @example(Cycle(date(2024, 1, 31), 1), 0, 1_500)
    @example(Cycle(date(2024, 2, 29), 12), 0, 1_500)
    @example(Cycle(date(2026, 12, 31), 5, "calendar"), 1, 900)
    def test_iv1_every_day_is_in_the_period_that_walking_finds(self, cycle, offset, length):
        first = cycle.start + timedelta(days=offset)
        last = first + timedelta(days=length)
        periods = list_periods(cycle, first, last)
        self.assert_partition(periods, first, last)
        self.assertEqual(
            list(map(as_row, periods)),
            rows(cycle.start, cycle.months, cycle.alignment, first, last),
        )
        self.assertFalse(any(period.continued for period in periods))

    @PROPERTY
    @given(days(), MONTHS, st.integers(0, 30))
    @example(date(2024, 2, 29), 12, 4)
    def test_boundaries_do_not_drift(self, start, months, rank):
        boundary = start + relativedelta(months=months * rank)
        first, last = Cycle(start, months).full_period(boundary)
        self.assertEqual(first, boundary)
        self.assertEqual(last + ONE_DAY, start + relativedelta(months=months * (rank + 1)))
        self.assertEqual(Period(first, last, first, last).full_months, months)
        self.assertEqual(months_between(start, boundary), months * rank)

    @PROPERTY
    @given(CYCLES, st.integers(0, 1_500))
    def test_calendar_periods_begin_where_the_calendar_does(self, cycle, offset):
        first, _last = Cycle(cycle.start, cycle.months, "calendar").full_period(
            cycle.start + timedelta(days=offset)
        )
        self.assertEqual(first.day, 1)
        if 12 % cycle.months == 0:
            self.assertEqual((first.month - 1) % cycle.months, 0)
        self.assertEqual(months_between(date(cycle.start.year, 1, 1), first) % cycle.months, 0)

    @PROPERTY
    @given(CYCLES, OFFSETS, LENGTHS, LENGTHS)
    @example(Cycle(date(2100, 1, 15), 2), 0, 400, 400)
    def test_iv3_a_schedule_extended_is_one_made_at_once(self, cycle, offset, soon, later):
        first = cycle.start + timedelta(days=offset)
        horizon = first + timedelta(days=soon)
        wider = horizon + timedelta(days=later)
        begun = list_periods(cycle, first, None, horizon)
        extended = begun + list_periods(cycle, first, None, wider, begun[-1])
        self.assertEqual(extended, list_periods(cycle, first, None, wider))
        self.assertTrue(all(period.first <= wider for period in extended))
        self.assertTrue(extended[-1].last >= min(wider, MAX_DATE))

    @PROPERTY
    @given(CYCLES, OFFSETS, LENGTHS, st.integers(1, 400))
    def test_a_term_prolonged_goes_on_where_it_ended(self, cycle, offset, length, more):
        first = cycle.start + timedelta(days=offset)
        last = first + timedelta(days=length)
        kept = list_periods(cycle, first, last)
        new = list_periods(cycle, first, last + timedelta(days=more), after=kept[-1])
        self.assert_partition(kept + new, first, last + timedelta(days=more))
        rest = kept[-1].last < kept[-1].full_last
        self.assertEqual(new[0].continued, rest)
        self.assertFalse(any(period.continued for period in new[1:]))
        if rest:
            self.assertTrue(new[0].is_of((kept[-1].full_first, kept[-1].full_last)))

    @PROPERTY
    @given(CYCLES, st.integers(0, 30), MONTHS, ALIGNMENTS, LENGTHS)
    @example(Cycle(date(2024, 1, 31), 1), 0, 3, "contract", 400)
    def test_a_new_periodicity_changes_the_later_rows_only(
        self, cycle, place, months, alignment, length
    ):
        kept = list_periods(cycle, cycle.start, None, cycle.start + timedelta(days=30 * place))
        new_cycle = Cycle(cycle.start, months, alignment)
        last = kept[-1].last + timedelta(days=1 + length)
        new = list_periods(new_cycle, cycle.start, last, after=kept[-1])
        self.assert_partition(kept + new, cycle.start, last)
        # From the second one on they are the periods of the new cycle, and of no other.
        self.assertTrue(all(p.is_of(new_cycle.full_period(p.first)) for p in new[1:]))
        self.assertEqual(new[0].full_last, new_cycle.full_period(new[0].first)[1])
        if alignment == cycle.alignment:
            # The boundaries of both are months of the same contract: what is left is whole.
            self.assertEqual(new[0].full_first, new[0].first)
            self.assertEqual(
                new[0].full_months, months_between(new[0].first, new[0].full_last + ONE_DAY)
            )

    def test_what_is_left_of_a_quarter(self):
        """Invoiced by month up to May, then by quarter: June is a full period of one month."""
        monthly = Cycle(date(2026, 1, 1), 1, "calendar")
        kept = list_periods(monthly, monthly.start, None, date(2026, 5, 1))[-1]
        quarterly = Cycle(date(2026, 1, 1), 3, "calendar")
        new = list_periods(quarterly, monthly.start, None, date(2026, 7, 1), kept)
        june = (date(2026, 6, 1), date(2026, 6, 30))
        self.assertEqual(as_row(new[0]), june * 2)
        self.assertEqual((new[0].full_months, new[1].full_months), (1, 3))

    def test_a_new_alignment_inside_a_month_leaves_a_part(self):
        by_contract = Cycle(date(2026, 1, 15), 1)
        kept = list_periods(by_contract, by_contract.start, None, date(2026, 2, 15))[-1]
        by_calendar = Cycle(date(2026, 1, 15), 1, "calendar")
        new = list_periods(by_calendar, by_contract.start, None, date(2026, 4, 1), kept)
        self.assertEqual(
            as_row(new[0]),
            (date(2026, 3, 15), date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31)),
        )
        self.assertFalse(new[0].continued)
        self.assertEqual(new[1].first, date(2026, 4, 1))

    def test_no_day_before_the_start_is_billed(self):
        """The start moved behind a row that was kept."""
        monthly = Cycle(date(2026, 1, 1), 1)
        january = list_periods(monthly, monthly.start, None, monthly.start)[0]
        new = list_periods(monthly, date(2026, 3, 10), None, date(2026, 3, 31), january)
        self.assertEqual([as_row(period)[:3] for period in new], [
            (date(2026, 3, 10), date(2026, 3, 31), date(2026, 3, 1)),
        ])  # fmt: skip

    @PROPERTY
    @given(CYCLES, st.integers(-400, 400), st.integers(-400, 400), st.integers(-400, 400))
    def test_no_pair_of_dates_stops_the_schedule(self, cycle, offset, length, horizon):
        """OCA contract#739: an end before the next date stopped the invoices of everybody."""
        first = cycle.start + timedelta(days=abs(offset))
        last, until = first + timedelta(days=length), first + timedelta(days=horizon)
        periods = list_periods(cycle, first, last, until)
        self.assertEqual(bool(periods), length >= 0 and horizon >= 0)

    def test_the_calendar_of_the_product_ends(self):
        """Without an end, and with the longest periods: no loop, no date past 2100."""
        for cycle in (Cycle(MIN_DATE, 1), Cycle(date(2100, 12, 31), LONGEST_PERIOD)):
            with self.subTest(cycle):
                periods = list_periods(cycle, cycle.start, None, date.max)
                self.assert_partition(periods, cycle.start, MAX_DATE)
        self.assertEqual(len(list_periods(Cycle(MIN_DATE, 1), MIN_DATE, None, date.max)), 12 * 111)
        self.assertEqual(list_periods(cycle, cycle.start, date.max)[-1].last, MAX_DATE)

    def test_a_day_before_the_contract_has_no_period(self):
        for alignment in ("contract", "calendar"):
            with self.subTest(alignment), self.assertRaises(ValueError):
                Cycle(date(2026, 3, 15), 1, alignment).full_period(date(2026, 3, 14))

    def test_bad_cycles_are_refused(self):
        start = date(2026, 1, 1)
        for arguments in (
            (start, 0),
            (start, -1),
            (start, 1.5),
            (start, 10**9),
            (start, LONGEST_PERIOD + 1),
            (start, True),
            (start, "12"),
            (start, None),
            (start, 12, "week"),
            (start, 12, None),
            (date(206, 1, 1), 12),
            (date(9999, 12, 31), 12),
            (datetime(2026, 1, 1), 12),
            (None, 12),
        ):
            with self.subTest(arguments), self.assertRaises(ValueError):
                Cycle(*arguments)

    def test_bad_periods_are_refused(self):
        first, second, third = days_between(date(2026, 1, 1), date(2026, 1, 3))
        for bounds in (
            (second, first, first, third),
            (first, third, second, third),
            (first, third, first, second),
        ):
            with self.subTest(bounds), self.assertRaises(ValueError):
                Period(*bounds)


class TestInvoiceDay(PureCase):
    MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31))

    def test_in_advance_is_before_the_first_day(self):
        self.assertEqual(invoice_day(self.MARCH, "advance"), date(2026, 3, 1))
        self.assertEqual(invoice_day(self.MARCH, "advance", 30), date(2026, 1, 30))

    def test_in_arrears_is_the_last_day(self):
        """Of the days billed: a coverage that ends is not invoiced weeks after its end."""
        self.assertEqual(invoice_day(self.MARCH, "arrears", 30), date(2026, 3, 31))
        ended = Period(date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 1), date(2026, 3, 31))
        self.assertEqual(invoice_day(ended, "arrears"), date(2026, 3, 9))

    def test_bad_settings_are_refused(self):
        for timing, lead in (
            ("later", 0),
            (None, 0),
            ("advance", -1),
            ("advance", LONGEST_LEAD + 1),
            ("advance", 1.5),
            ("arrears", None),
        ):
            with self.subTest((timing, lead)), self.assertRaises(ValueError):
                invoice_day(self.MARCH, timing, lead)
