"""The promise meter of a contract year."""

from datetime import date, timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.dates import MAX_DATE
from ..tools.promise import Promise, contract_years, fits
from .tools_common import PROPERTY, PureCase, days

ONE_DAY = timedelta(days=1)


class TestContractYears(PureCase):
    @PROPERTY
    @given(days(), st.integers(0, 4_000))
    @example(date(2024, 2, 29), 2_000)
    def test_the_years_partition_the_contract(self, start, length):
        end = start + timedelta(days=length)
        years = list(contract_years(start, end))
        self.assertEqual([index for index, _first, _last in years], list(range(len(years))))
        self.assertEqual((years[0][1], years[-1][2]), (start, end))
        for (_index, _first, last), (index, first, _last) in zip(years, years[1:], strict=False):
            self.assertEqual(first, last + ONE_DAY)
            self.assertEqual(first, start + relativedelta(years=index))

    def test_a_contract_without_end_goes_on_to_the_last_date(self):
        years = list(contract_years(date(2098, 7, 1)))
        self.assertEqual([index for index, _first, _last in years], [0, 1, 2])
        self.assertEqual(years[-1], (2, date(2100, 7, 1), MAX_DATE))
        self.assertEqual(years, list(contract_years(date(2098, 7, 1), date.max)))
        self.assertEqual(len(list(islice(contract_years(date(2026, 1, 1)), 100))), 75)

    def test_a_contract_that_ends_before_it_starts_has_no_year(self):
        self.assertEqual(list(contract_years(date(2026, 3, 2), date(2026, 3, 1))), [])


class TestFits(PureCase):
    @PROPERTY
    @given(
        st.integers(0, 20),
        days(),
        st.integers(-10, 366),
        st.integers(1, 90),
        st.none() | st.integers(-120, 20),
    )
    def test_as_many_as_can_be_placed_one_by_one(self, open_count, today, left, spacing, done):
        year_last = today + timedelta(days=left)
        last_done = None if done is None else today + timedelta(days=done)
        placed, last = 0, last_done
        for number in range(left + 1):
            day = today + timedelta(days=number)
            if placed < open_count and (last is None or (day - last).days >= spacing):
                placed, last = placed + 1, day
        self.assertEqual(fits(open_count, today, year_last, spacing, last_done), placed)

    def test_the_last_day_of_the_year_still_counts(self):
        last = date(2026, 12, 31)
        self.assertEqual(fits(5, last, last, 1, None), 1)
        self.assertEqual(fits(5, last, last, 30, date(2026, 12, 1)), 1)
        self.assertEqual(fits(5, last, last, 31, date(2026, 12, 1)), 0)
        self.assertEqual(fits(5, date(2027, 1, 1), last, 1, None), 0)

    def test_wrong_arguments(self):
        day = date(2026, 1, 1)
        for count, spacing in ((-1, 1), (1, 0), (1, -5)):
            with self.subTest(count=count, spacing=spacing), self.assertRaises(ValueError):
                fits(count, day, day, spacing, None)


class TestPromise(PureCase):
    @PROPERTY
    @given(*[st.integers(0, 12)] * 5)
    def test_each_promised_visit_is_counted_once(self, done, planned, excused, still_open, room):
        promised = done + planned + excused + still_open
        meter = Promise(promised, done, planned, excused, room)
        self.assertEqual(meter.open, still_open)
        self.assertEqual(meter.to_plan + meter.lost, still_open)
        self.assertEqual(meter.lost, max(0, still_open - room))

    def test_nothing_is_done_unless_it_is_said(self):
        meter = Promise(3)
        self.assertEqual((meter.open, meter.to_plan, meter.lost), (3, 0, 3))
        self.assertEqual(meter, Promise(3, done=0, planned=0, excused=0, room=0))

    def test_parts_do_not_exceed_the_promise(self):
        for wrong in (
            (1, 2),
            (1, 1, 1),
            (-1,),
            (2, -1),
            (2, 0, -1),
            (2, 0, 0, -1),
            (2, 0, 0, 0, -1),
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Promise(*wrong)
