"""Amounts of billing periods: right to the cent, however a period is cut and whatever happens."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.billing_amounts import (
    PRICE_LIMIT,
    AmountRule,
    Pause,
    Price,
    correction,
    due,
    served,
    shares,
)
from ..tools.billing_periods import Cycle, Period, billing_periods
from ..tools.dates import MAX_DATE
from .billing_oracle import DailyBill, days_between
from .tools_common import PROPERTY, PureCase, days

ONE_DAY = timedelta(days=1)
CENT = Decimal("0.01")

MONTHS = st.one_of(st.sampled_from([1, 2, 3, 4, 6, 12]), st.integers(1, 30))
ALIGNMENTS = st.sampled_from(["contract", "calendar"])
CYCLES = st.builds(Cycle, days(), MONTHS, ALIGNMENTS)

YEARLY = st.one_of(
    st.integers(0, 5_000_00).map(lambda cents: cents * CENT),
    st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-4)),
    st.sampled_from([Decimal(0), Decimal("0.005"), Decimal(1_000), Decimal("999999999999.99")]),
)
ROUNDINGS = st.sampled_from([CENT, Decimal("0.05"), Decimal(1), Decimal("0.001")])
# Those that count days; the third is another rule.
RULES = st.builds(
    AmountRule, st.sampled_from(["days", "thirtieths"]), ROUNDINGS, st.integers(1, 12)
)
ALL_RULES = st.one_of(RULES, RULES.map(lambda rule: replace(rule, proration="none")))


def rounded(amount, rounding):
    return (amount / rounding).quantize(Decimal(1), ROUND_HALF_UP) * rounding


@st.composite
def periods(draw, full=False):
    """A row of a schedule: half of them are full periods, unless all shall be."""
    cycle = draw(CYCLES)
    first, last = cycle.full_period(cycle.start + timedelta(days=draw(st.integers(0, 800))))
    if full or draw(st.booleans()):
        return Period(first, last, first, last)
    length = (last - first).days
    begin, end = sorted(draw(st.tuples(st.integers(0, length), st.integers(0, length))))
    return Period(first + timedelta(days=begin), first + timedelta(days=end), first, last)


@st.composite
def situations(draw, source=None):
    """A row with the prices that hold in it, its suspensions and the last day served."""
    period = draw(source or periods())
    near = st.integers(-20, (period.last - period.first).days + 20)
    near = near.map(lambda number: period.first + timedelta(days=number))
    changes = sorted(draw(st.sets(near, max_size=3)))
    before = min([period.first, *changes]) - ONE_DAY
    prices = [Price(day, draw(YEARLY)) for day in [before, *changes]]
    bounds = draw(st.lists(st.tuples(near, near), max_size=4))
    pauses = [Pause(min(pair), max(pair)) for pair in bounds]
    if draw(st.integers(0, 9)) == 0:
        pauses.append(Pause(draw(near)))
    return period, prices, pauses, draw(st.one_of(st.none(), near))


def served_days(period, pauses, last_day):
    """Ask for each day whether it is served."""
    return [
        day
        for day in days_between(period.first, period.last)
        if (last_day is None or day <= last_day)
        and not any(p.first <= day and (p.last is None or day <= p.last) for p in pauses)
    ]


def price_on(prices, day):
    return [price for price in prices if price.from_day <= day][-1].yearly


def daily_bill(rule, period, yearly):
    gone = 0
    while (rule.year_month - 1 + gone) % 12 + 1 != period.full_first.month:
        gone += 1
    months = 1
    while period.full_first + relativedelta(months=months, days=-4) <= period.full_last:
        months += 1
    return DailyBill(
        period.full_first,
        period.full_last,
        months - 1,
        gone,
        yearly,
        rule.proration,
        rule.rounding,
    )


def split(period, cuts):
    """Cut a row before each of the days that lie inside."""
    inside = sorted(day for day in set(cuts) if period.first < day <= period.last)
    edges = [period.first, *inside, period.last + ONE_DAY]
    return [
        replace(period, first=first, last=following - ONE_DAY)
        for first, following in pairwise(edges)
    ]


class TestOracle(PureCase):
    @PROPERTY
    @given(RULES, situations())
    @example(
        AmountRule(),
        (
            Period(*[date(2024, 1, 31), date(2024, 2, 28)] * 2),
            [Price(date(2024, 1, 1), Decimal(1_000))],
            [Pause(date(2024, 2, 5), date(2024, 2, 9))],
            None,
        ),
    )
    def test_the_amount_is_what_its_days_cost(self, rule, situation):
        period, prices, pauses, last_day = situation
        on = served_days(period, pauses, last_day)
        costs = {price.yearly: daily_bill(rule, period, price.yearly).by_day() for price in prices}
        expected = sum((costs[price_on(prices, day)][day] for day in on), Decimal())
        self.assertEqual(due(rule, *situation), expected)

    @PROPERTY
    @given(RULES, situations())
    def test_iv5_the_amount_is_its_shares_each_near_what_is_not_rounded(self, rule, situation):
        """Within one unit for the full price, and one for each share."""
        period, prices, pauses, last_day = situation
        parts = shares(rule, *situation)
        exact = sum(
            (
                daily_bill(rule, period, part.yearly).exact(days_between(part.first, part.last))
                for part in parts
            ),
            Decimal(),
        )
        amount = due(rule, *situation)
        self.assertLessEqual(abs(amount - exact), 2 * len(parts) * rule.rounding)
        self.assertEqual(amount, sum(part.amount for part in parts))
        for part in parts:
            self.assertEqual(part.amount % rule.rounding, 0)
        self.assertEqual(
            [day for part in parts for day in days_between(part.first, part.last)],
            served_days(period, pauses, last_day),
        )
        for part in parts:
            for day in (part.first, part.last):
                self.assertEqual(part.yearly, price_on(prices, day))

    @PROPERTY
    @given(situations())
    def test_served_days_come_in_stretches(self, situation):
        period, _prices, pauses, last_day = situation
        stretches = list(served(period, pauses, last_day))
        on = served_days(period, pauses, last_day)
        self.assertEqual([day for pair in stretches for day in days_between(*pair)], on)
        # Pauses that touch leave no stretch between them, so each stretch is as long as it can be.
        for (_first, last), (following, _last) in pairwise(stretches):
            self.assertGreater(following, last + ONE_DAY)

    @PROPERTY
    @given(ALL_RULES, situations())
    def test_iv6_a_rebate_is_a_price_with_a_sign(self, rule, situation):
        period, prices, pauses, last_day = situation
        rebates = [Price(price.from_day, -price.yearly) for price in prices]
        self.assertEqual(
            due(rule, period, rebates, pauses, last_day),
            -due(rule, period, prices, pauses, last_day),
        )
        free = [Price(price.from_day, Decimal(0)) for price in prices]
        self.assertEqual(due(rule, period, free, pauses, last_day), 0)


class TestSums(PureCase):
    @PROPERTY
    @given(RULES, situations(), st.lists(st.integers(0, 800), max_size=5))
    def test_iv2_parts_of_a_period_add_up_to_it(self, rule, situation, cuts):
        period, *facts = situation
        parts = split(period, [period.first + timedelta(days=cut) for cut in cuts])
        self.assertEqual(sum(due(rule, part, *facts) for part in parts), due(rule, period, *facts))

    @PROPERTY
    @given(RULES, periods(full=True), YEARLY)
    def test_a_period_served_whole_costs_its_price(self, rule, period, yearly):
        prices = [Price(period.first, yearly)]
        self.assertEqual(due(rule, period, prices), rule.full_price(period, yearly))
        exact = yearly * period.full_months / 12
        units = exact / rule.rounding
        if units == units.to_integral_value() and yearly % rule.rounding == 0:
            self.assertEqual(due(rule, period, prices), exact)

    @PROPERTY
    @given(ALL_RULES, days(), st.sampled_from([1, 2, 3, 4, 6, 12, 24, 36, 120]), ALIGNMENTS, YEARLY)
    @example(AmountRule("none", Decimal("0.05"), 3), date(2024, 2, 29), 1, "contract", Decimal("1"))
    def test_iv2_the_periods_of_a_contract_year_cost_the_yearly_price(
        self, rule, start, months, alignment, yearly
    ):
        years = max(1, months // 12)
        cycle = Cycle(start, months, alignment)
        first, _last = cycle.full_period(start + timedelta(days=31 * months))
        rows = list(
            billing_periods(cycle, first, None, first + relativedelta(years=years) - ONE_DAY)
        )
        prices = [Price(first, yearly)]
        rule = replace(rule, year_month=start.month)
        self.assertEqual(
            sum(due(rule, row, prices) for row in rows), years * rounded(yearly, rule.rounding)
        )

    @PROPERTY
    @given(RULES, days(), st.sampled_from([1, 2, 3, 4, 6, 12]), YEARLY)
    @example(AmountRule(), date(2026, 4, 15), 1, Decimal("1000.06"))
    def test_iv2_a_year_that_cuts_the_calendar_costs_the_yearly_price(
        self, rule, start, months, yearly
    ):
        """Its first and last row are parts of the same full period of two years.

        Counted in days, they add up unless the 29th of February is in one of them only. Then, and
        in years from such a day, they still do to the price of a day.
        """
        rows = list(
            billing_periods(
                Cycle(start, months, "calendar"),
                start,
                start + relativedelta(years=1) - ONE_DAY,
                MAX_DATE,
            )
        )
        lengths = {row.full_last - row.full_first for row in (rows[0], rows[-1])}
        exact = len(lengths) == 1 or rule.proration == "thirtieths"
        tolerance = Decimal(0)
        if not exact or (start.month, start.day) == (2, 29):
            tolerance = abs(rule.full_price(rows[0], yearly)) / 28 + rule.rounding
        prices = [Price(start, yearly)]
        total = sum(due(rule, row, prices) for row in rows)
        self.assertLessEqual(abs(total - rounded(yearly, rule.rounding)), tolerance)

    @PROPERTY
    @given(
        ALL_RULES,
        days(),
        st.lists(st.sampled_from([1, 2, 3, 4, 6, 12]), min_size=2, max_size=4),
        st.lists(st.integers(1, 5), min_size=4, max_size=4),
        YEARLY,
    )
    def test_a_new_periodicity_costs_nothing(self, rule, start, periodicities, counts, yearly):
        """The rows of whole years cost the yearly prices, whatever the periodicity was when."""
        rows = []
        for months, count in zip(periodicities, counts, strict=False):
            for _number in range(count):
                last = rows[-1] if rows else None
                until = last.last + ONE_DAY if last else start
                rows.append(next(billing_periods(Cycle(start, months), start, None, until, last)))
        years, final = 1, Cycle(start, 1)
        while start + relativedelta(years=years) <= rows[-1].last:
            years += 1
        end = start + relativedelta(years=years) - ONE_DAY
        rows += billing_periods(final, start, end, end, rows[-1])
        prices = [Price(start, yearly)]
        rule = replace(rule, year_month=start.month)
        self.assertEqual(
            sum(due(rule, row, prices) for row in rows), years * rounded(yearly, rule.rounding)
        )

    @PROPERTY
    @given(RULES, situations(), YEARLY)
    def test_pr7_a_new_price_is_an_invoice_split_at_its_day(self, rule, situation, yearly):
        period, prices, pauses, last_day = situation
        day = prices[-1].from_day + timedelta(days=9)
        old, new = prices, [*prices, Price(day, yearly)]
        parts = split(period, [day])
        expected = sum(
            due(rule, part, old, pauses, last_day)
            if part.last < day
            else due(rule, part, [Price(part.first, yearly)], pauses, last_day)
            for part in parts
        )
        self.assertEqual(due(rule, period, new, pauses, last_day), expected)

    @PROPERTY
    @given(ALL_RULES, situations(), st.randoms(use_true_random=False))
    def test_pauses_count_once_in_any_order(self, rule, situation, random):
        period, prices, pauses, last_day = situation
        shuffled = pauses + random.choices(pauses, k=2) if pauses else []
        random.shuffle(shuffled)
        self.assertEqual(
            shares(rule, period, prices, shuffled, last_day),
            shares(rule, period, prices, pauses, last_day),
        )

    @PROPERTY
    @given(ALL_RULES, situations())
    def test_a_row_cut_short_and_a_last_day_are_the_same(self, rule, situation):
        """Invoiced before the termination or after it, the customer pays the same."""
        period, prices, pauses, last_day = situation
        last_day = last_day or period.last
        expected = Decimal()
        if last_day >= period.first:
            short = replace(period, last=min(last_day, period.last))
            expected = due(rule, short, prices, pauses)
        self.assertEqual(due(rule, period, prices, pauses, last_day), expected)
        ended = [*pauses, Pause(last_day + ONE_DAY)]
        self.assertEqual(due(rule, period, prices, ended), expected)


class TestNone(PureCase):
    @PROPERTY
    @given(RULES, situations())
    def test_a_period_begun_is_due_whole_at_its_first_price(self, rule, situation):
        rule = replace(rule, proration="none")
        period, prices, pauses, last_day = situation
        on = served_days(period, pauses, last_day)
        expected = daily_bill(rule, period, price_on(prices, on[0])).full() if on else 0
        self.assertEqual(due(rule, *situation), expected)

    @PROPERTY
    @given(RULES, CYCLES, st.lists(st.integers(1, 200), min_size=1, max_size=5), YEARLY)
    @example(AmountRule(), Cycle(date(2026, 1, 1), 12), [546, 365], Decimal(1_200))
    def test_a_full_period_is_due_once(self, rule, cycle, lengths, yearly):
        """However often the term is prolonged, and whatever was invoiced by then."""
        rule = replace(rule, proration="none")
        rows, end = [], cycle.start - ONE_DAY
        for length in lengths:
            end += timedelta(days=length)
            rows += billing_periods(cycle, cycle.start, end, end, rows[-1] if rows else None)
        prices = [Price(cycle.start, yearly)]
        at_once = billing_periods(cycle, cycle.start, end, end)
        self.assertEqual(
            sum(due(rule, row, prices) for row in rows),
            sum(rule.full_price(row, yearly) for row in at_once),
        )

    def test_eighteen_months_billed_by_year(self):
        """The second year begun is due; its other half comes with the renewal, and is paid."""
        rule, cycle = AmountRule("none"), Cycle(date(2026, 1, 1), 12)
        prices = [Price(cycle.start, Decimal(1_200))]
        first, second = billing_periods(cycle, cycle.start, date(2027, 6, 30), MAX_DATE)
        rest, third = billing_periods(cycle, cycle.start, date(2028, 6, 30), MAX_DATE, second)
        amounts = [due(rule, row, prices) for row in (first, second, rest, third)]
        self.assertEqual(amounts, [1_200, 1_200, 0, 1_200])


class TestCorrections(PureCase):
    @PROPERTY
    @given(
        ALL_RULES,
        CYCLES,
        YEARLY,
        st.lists(
            st.tuples(
                st.sampled_from(["pause", "price", "end"]),
                st.integers(0, 700),
                st.integers(0, 200),
                YEARLY,
            ),
            max_size=5,
        ),
    )
    def test_iv4_after_any_history_the_days_served_are_paid(self, rule, cycle, yearly, changes):
        """Billed in advance, then corrected after each thing that happens."""
        start = cycle.start
        rows = list(billing_periods(cycle, start, None, start + timedelta(days=700)))
        prices, pauses, last_day = {start: yearly}, [], None

        def amounts(*facts):
            known = [Price(day, prices[day]) for day in sorted(prices)]
            return [due(rule, row, known, *facts) for row in rows]

        settled = [[amount] for amount in amounts()]
        for kind, offset, length, new_price in changes:
            day = start + timedelta(days=offset)
            if kind == "pause":
                pauses.append(Pause(day, day + timedelta(days=length)))
            elif kind == "price":
                prices[day] = new_price
            else:
                last_day = day
            for row_due, row_settled in zip(amounts(pauses, last_day), settled, strict=True):
                row_settled.append(correction(row_due, row_settled))
                self.assertEqual(correction(row_due, row_settled), 0)
        self.assertEqual(list(map(sum, settled)), amounts(pauses, last_day))

    @PROPERTY
    @given(ALL_RULES, CYCLES, YEARLY, st.integers(0, 700), st.integers(0, 100))
    def test_a_pause_touches_no_other_period(self, rule, cycle, yearly, offset, length):
        start = cycle.start
        rows = list(billing_periods(cycle, start, None, start + timedelta(days=700)))
        pause = Pause(start + timedelta(days=offset), start + timedelta(days=offset + length))
        prices = [Price(start, yearly)]
        for row in rows:
            before, after = due(rule, row, prices), due(rule, row, prices, [pause])
            if row.last < pause.first or pause.last < row.first:
                self.assertEqual(after, before)
            elif pause.first <= row.first and row.last <= pause.last:
                self.assertEqual(after, 0)

    def test_what_was_billed_too_much_is_credited(self):
        self.assertEqual(correction(Decimal("54.84"), [Decimal(100)]), Decimal("-45.16"))
        self.assertEqual(correction(Decimal(0), [Decimal(100), Decimal(-100)]), 0)
        self.assertEqual(correction(Decimal(100), []), 100)


class TestWorkedCases(PureCase):
    """By hand: 1200.00 a year, 100.00 a month, unless said otherwise."""

    def assert_due(self, expected, first, last, months, yearly="1200", **rule):
        first, last = date.fromisoformat(first), date.fromisoformat(last)
        calendar = Cycle(first, months, "calendar")
        period = Period(first, last, *calendar.full_period(first))
        prices = [Price(first, Decimal(yearly))]
        self.assertEqual(due(AmountRule(**rule), period, prices), Decimal(expected))

    def test_six_months_of_a_year(self):
        """The end of a term of 18 months billed by the year, as the help of the field says."""
        for proration, expected in (("days", "595.07"), ("thirtieths", "600"), ("none", "1200")):
            self.assert_due(expected, "2026-01-01", "2026-06-30", 12, proration=proration)

    def test_days(self):
        self.assert_due("54.84", "2026-01-15", "2026-01-31", 1)  # 17 of 31
        self.assert_due("56.67", "2026-03-15", "2026-03-31", 3)  # 17 of 90, of 300.00
        self.assert_due("243.33", "2026-01-01", "2026-03-14", 3)  # 73 of 90, of 300.00
        self.assert_due("50.00", "2026-02-01", "2026-02-14", 1)  # 14 of 28
        self.assert_due("48.28", "2028-02-01", "2028-02-14", 1)  # 14 of 29
        self.assert_due("328.77", "2026-01-01", "2026-04-10", 12)  # 100 of 365
        self.assert_due("3.28", "2028-12-31", "2028-12-31", 12)  # 1 of 366

    def test_thirtieths(self):
        for expected, first, last in (
            ("53.33", "2026-01-15", "2026-01-31"),  # 16: from the 15th to the 30th
            ("46.67", "2026-01-01", "2026-01-14"),
            ("100.00", "2026-01-01", "2026-01-30"),
            ("0.00", "2026-01-31", "2026-01-31"),
            ("46.67", "2026-02-01", "2026-02-14"),
            ("53.33", "2026-02-15", "2026-02-28"),
            ("10.00", "2026-02-28", "2026-02-28"),
            ("6.67", "2028-02-29", "2028-02-29"),
            ("3.33", "2028-02-28", "2028-02-28"),
            ("50.00", "2026-04-16", "2026-04-30"),
        ):
            with self.subTest((first, last)):
                self.assert_due(expected, first, last, 1, proration="thirtieths")
        # A whole number of months is that part of a longer period.
        self.assert_due("900.00", "2026-04-01", "2026-12-31", 12, proration="thirtieths")
        self.assert_due("200.00", "2026-01-01", "2026-02-28", 3, proration="thirtieths")

    def test_none(self):
        self.assert_due("100.00", "2026-01-31", "2026-01-31", 1, proration="none")
        self.assert_due("300.00", "2026-03-15", "2026-03-31", 3, proration="none")

    def test_currencies(self):
        yen, swiss_cash = Decimal(1), Decimal("0.05")
        self.assert_due("55", "2026-01-15", "2026-01-31", 1, rounding=yen)
        self.assert_due("54.85", "2026-01-15", "2026-01-31", 1, rounding=swiss_cash)
        # 100.025 is half of a unit of 0.05, 0.005 half of a cent: halves are rounded up.
        self.assert_due("100.05", "2026-01-01", "2026-01-31", 1, "1200.30", rounding=swiss_cash)
        self.assert_due("0.01", "2026-01-01", "2026-12-31", 12, "0.005")
        self.assert_due("-0.01", "2026-01-01", "2026-12-31", 12, "-0.005")

    def test_the_months_of_a_thousand(self):
        start = date(2026, 4, 10)
        rows = billing_periods(Cycle(start, 1), start, None, date(2027, 4, 9))
        rule, prices = AmountRule(year_month=start.month), [Price(start, Decimal(1_000))]
        amounts = [str(due(rule, row, prices)) for row in rows]
        self.assertEqual(amounts, ["83.33", "83.34", "83.33"] * 4)

    def test_terminated_in_a_month_paid_in_advance(self):
        start = date(2026, 1, 1)
        january, february = billing_periods(Cycle(start, 1), start, None, date(2026, 2, 1))
        rule, prices = AmountRule(), [Price(start, Decimal(1_200))]
        paid = [due(rule, january, prices)]
        for period, expected in ((january, "-45.16"), (february, "-100.00")):
            with self.subTest(period):
                ended = due(rule, period, prices, last_day=date(2026, 1, 17))
                self.assertEqual(correction(ended, paid), Decimal(expected))


class TestBadInput(PureCase):
    DAY = date(2026, 1, 1)
    YEAR = Period(*Cycle(DAY, 12).full_period(DAY) * 2)

    def test_prices(self):
        for wrong in (
            Decimal("NaN"),
            Decimal("sNaN"),
            Decimal("Infinity"),
            Decimal("-Infinity"),
            Decimal(PRICE_LIMIT),
            Decimal(-PRICE_LIMIT),
            Decimal("1e400"),
            10**15,
            100.5,
            float("nan"),
            "100",
            True,
            None,
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Price(self.DAY, wrong)

    def test_pauses(self):
        with self.assertRaises(ValueError):
            Pause(self.DAY, self.DAY - ONE_DAY)
        self.assertEqual(Pause(self.DAY, self.DAY).last, self.DAY)

    def test_rules(self):
        for wrong in (
            {"proration": "weeks"},
            {"proration": None},
            {"rounding": 0.01},
            {"rounding": 1},
            {"rounding": Decimal(0)},
            {"rounding": Decimal("-0.01")},
            {"rounding": Decimal("NaN")},
            {"rounding": Decimal("Infinity")},
            {"year_month": 0},
            {"year_month": 13},
            {"year_month": None},
        ):
            with self.subTest(wrong), self.assertRaises(ValueError):
                AmountRule(**wrong)

    def test_prices_out_of_order(self):
        for days_later in (0, -1):
            prices = [Price(self.DAY + timedelta(days=n), Decimal(1)) for n in (0, days_later)]
            with self.subTest(days_later), self.assertRaises(ValueError):
                due(AmountRule(), self.YEAR, prices)

    def test_a_day_served_without_a_price_is_not_given_away(self):
        late = [Price(self.DAY + ONE_DAY, Decimal(1_200))]
        for prices in ([], late):
            with self.subTest(prices), self.assertRaises(ValueError):
                due(AmountRule(), self.YEAR, prices)
        # Where the day is not served, no price is missed.
        self.assertGreater(due(AmountRule(), self.YEAR, late, [Pause(self.DAY, self.DAY)]), 0)
