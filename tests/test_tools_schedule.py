"""Series of visits: what a visit done early or late does to the next ones, and their dates."""

from dataclasses import FrozenInstanceError, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from ..tools.compliance import Compliance, Outcome
from ..tools.dates import MAX_DATE
from ..tools.grouping import Group, Planned
from ..tools.open_days import EVERY_DAY, OpenDays
from ..tools.promise import Promise
from ..tools.recurrence import Dates, Every, IsoWeek, NthWeekday, PerYear, ranks_until
from ..tools.schedule import (
    FIXED,
    FLOATING,
    LONGEST_MARGIN,
    Done,
    Series,
    Shift,
    Window,
    due_state,
    next_nominal,
    occurrences,
    on_open_day,
    replay,
    to_plan_on,
    window,
)
from .tools_common import PROPERTY, PureCase, days, open_days

PERCENTS = st.integers(0, 100)
DEVIATIONS = st.integers(-60, 60)
PERIODS = st.one_of(
    st.builds(Every, st.integers(1, 200), st.just("day")),
    st.builds(Every, st.integers(1, 30), st.just("week")),
    st.builds(Every, st.integers(1, 24), st.just("month")),
    st.builds(Every, st.integers(1, 3), st.just("year")),
)
CALENDAR_RULES = [
    NthWeekday(1, 0),
    IsoWeek(10, 2),
    Dates((date(2026, 3, 1), date(2026, 9, 1))),
    PerYear(4),
]
MARCH = date(2026, 3, 15)
OFFICE = OpenDays.weekly(range(5))


def history(rule, anchor, deviations, shift):
    """The facts of a series whose visits are done one after the other, and the series after."""
    series, facts = Series(rule, anchor), []
    for rank, deviation in enumerate(deviations):
        nominal = series.nominal(rank)
        facts.append(Done(rank, nominal, nominal + timedelta(days=deviation)))
        series = series.after(facts[-1], shift)
    return series, facts


class TestShift(PureCase):
    @PROPERTY
    @given(PERCENTS, PERCENTS, DEVIATIONS)
    @example(50, 50, 1)
    @example(50, 50, -1)
    @example(49, 49, 1)
    def test_halves_are_rounded_away_from_zero(self, late, early, deviation):
        exact = Decimal((late if deviation > 0 else early) * deviation) / 100
        expected = exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
        self.assertEqual(Shift(late, early).days(deviation), expected)

    @PROPERTY
    @given(PERCENTS, PERCENTS, st.integers(1, 40), DEVIATIONS)
    def test_a_deviation_within_the_tolerance_shifts_nothing(self, late, early, tolerance, days):
        shift = Shift(late, early, tolerance)
        beyond = Shift(late, early).days(days)
        self.assertEqual(shift.days(days), 0 if abs(days) <= tolerance else beyond)

    def test_percent_that_applies(self):
        shift = Shift(late=100, early=60, tolerance=5)
        deviations = (-6, -5, 0, 5, 6)
        self.assertEqual([shift.percent(days) for days in deviations], [60, 0, 0, 0, 100])
        self.assertEqual(Shift(late=100, early=60).percent(0), 100)

    def test_bounds(self):
        for wrong in ({"late": -1}, {"late": 101}, {"early": 101}, {"tolerance": -1}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Shift(**wrong)
        for wrong in (float("nan"), "50", None, True):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Shift(late=wrong)

    def test_next_nominal_moves_a_given_date(self):
        dates = date(2026, 3, 1), date(2026, 6, 1)
        self.assertEqual(next_nominal(*dates, date(2026, 3, 11), FIXED), date(2026, 6, 1))
        self.assertEqual(next_nominal(*dates, date(2026, 3, 11), FLOATING), date(2026, 6, 11))
        self.assertEqual(next_nominal(*dates, date(2026, 2, 19), FLOATING), date(2026, 5, 22))
        self.assertEqual(
            next_nominal(*dates, date(2026, 2, 24), Shift(early=50)), date(2026, 5, 29)
        )


class TestSeries(PureCase):
    @PROPERTY
    @given(PERIODS, days(), st.lists(DEVIATIONS, max_size=6))
    def test_fixed_ignores_when_visits_were_done(self, rule, anchor, deviations):
        series, _facts = history(rule, anchor, deviations, FIXED)
        self.assertEqual(series, Series(rule, anchor))

    @PROPERTY
    @given(PERIODS, days(), st.lists(DEVIATIONS, min_size=1, max_size=6))
    @example(Every(1, "month"), date(2026, 1, 31), [0, 0])
    def test_floating_is_one_period_after_the_last_visit(self, rule, anchor, deviations):
        """Known bug 51: next date wrong when a visit is done early or late."""
        series, facts = history(rule, anchor, deviations, FLOATING)
        for k in range(4):
            period = relativedelta(**{f"{rule.unit}s": rule.count * k})
            self.assertEqual(series.nominal(len(facts) - 1 + k), facts[-1].on + period)

    @PROPERTY
    @given(
        PERIODS,
        days(),
        st.lists(DEVIATIONS, min_size=1, max_size=6),
        st.builds(Shift, st.integers(0, 99), st.integers(0, 99), st.integers(0, 20)),
    )
    def test_partial_shifts_add_up(self, rule, anchor, deviations, shift):
        """Known bug 51: the days shifted add up, and months still count from the anchor."""
        series, facts = history(rule, anchor, deviations, shift)
        total = timedelta(days=sum(map(shift.days, deviations)))
        for rank in range(len(facts), len(facts) + 3):
            self.assertEqual(series.nominal(rank), rule.date_at(anchor, rank) + total)

    @PROPERTY
    @given(
        PERIODS,
        days(),
        st.lists(DEVIATIONS, max_size=6),
        st.builds(Shift, PERCENTS, PERCENTS, st.integers(0, 20)),
        st.randoms(use_true_random=False),
    )
    def test_the_same_facts_give_the_same_series(self, rule, anchor, deviations, shift, random):
        """SC6: order of the runs, downtime and kill are irrelevant."""
        series, facts = history(rule, anchor, deviations, shift)
        random.shuffle(facts)
        self.assertEqual(replay(rule, anchor, facts, shift), series)

    @PROPERTY
    @given(
        PERIODS,
        days(),
        st.lists(DEVIATIONS, min_size=1, max_size=6),
        st.builds(Shift, PERCENTS, PERCENTS, st.integers(0, 20)),
    )
    def test_later_nominal_dates_strictly_increase(self, rule, anchor, deviations, shift):
        """SC2, in any mode; after an early visit the next one is still later than it."""
        series, facts = history(rule, anchor, deviations, shift)
        nominals = [series.nominal(rank) for rank in range(len(facts), len(facts) + 6)]
        self.assertEqual(nominals, sorted(set(nominals)))
        if facts[-1].deviation < 0:
            self.assertGreater(nominals[0], facts[-1].on)

    def test_floating_within_its_tolerance_keeps_the_series(self):
        shift = Shift(late=100, early=100, tolerance=5)
        series = Series(Every(1, "month"), date(2026, 1, 31))
        kept = series.after(Done(0, date(2026, 1, 31), date(2026, 2, 5)), shift)
        moved = series.after(Done(0, date(2026, 1, 31), date(2026, 2, 6)), shift)
        self.assertEqual(kept, series)
        self.assertEqual(moved.nominal(1), date(2026, 3, 6))

    def test_late_and_early_shift_each_by_its_own_percent(self):
        series = Series(Every(1, "month"), MARCH)
        late, early = Done(0, MARCH, date(2026, 3, 25)), Done(0, MARCH, date(2026, 3, 5))
        shift = Shift(late=100, early=0)
        self.assertEqual(series.after(late, shift).nominal(1), date(2026, 4, 25))
        self.assertEqual(series.after(early, shift).nominal(1), date(2026, 4, 15))

    def test_only_a_period_can_shift(self):
        for rule in CALENDAR_RULES:
            with self.subTest(rule):
                done = Done(0, MARCH, MARCH)
                self.assertEqual(replay(rule, MARCH, [done], FIXED), Series(rule, MARCH))
                replay(rule, MARCH, [done], Shift(tolerance=3))
                for shift in (FLOATING, Shift(late=1), Shift(early=1)):
                    with self.assertRaises(ValueError):
                        replay(rule, MARCH, [], shift)
                    with self.assertRaises(ValueError):
                        Series(rule, MARCH).after(done, shift)

    @PROPERTY
    @given(PERIODS, days(), st.integers(0, 12), days())
    def test_a_series_starts_again_where_it_is_resumed(self, rule, anchor, rank, resumed):
        """SC7: after a suspension, re-anchoring shifts the rest and touches nothing before."""
        series = Series(rule, anchor, offset=3).anchored(rank, resumed)
        self.assertEqual(series.nominal(rank), resumed)
        self.assertEqual(series.nominal(rank + 1), rule.date_at(resumed, 1))
        self.assertTrue(all(series.nominal(before) is None for before in range(rank)))

    @PROPERTY
    @given(PERIODS, PERIODS, days(), st.integers(0, 8))
    def test_another_period_starts_from_the_last_visit(self, old, new, anchor, rank):
        """SC8: changing the period gives no new date to the visits already done."""
        last = Series(old, anchor).nominal(rank)
        series = Series(new, last, rank)
        self.assertEqual([series.nominal(before) for before in range(rank)], [None] * rank)
        self.assertEqual(series.nominal(rank + 1), new.date_at(last, 1))

    def test_an_offset_does_not_lead_out_of_2100(self):
        series = Series(Every(1, "year"), date(2099, 12, 25), offset=7)
        self.assertEqual(series.nominal(0), date(2100, 1, 1))
        self.assertIsNone(series.nominal(1))
        self.assertIsNone(series.nominal(2))


class TestWindow(PureCase):
    windows = st.builds(
        window, st.dates(date(2026, 1, 1), date(2026, 2, 28)), *[st.integers(0, 20)] * 2
    )

    @PROPERTY
    @given(windows, windows)
    def test_windows_are_sets_of_days(self, one, other):
        def days_of(some):
            length = (some.latest - some.earliest).days
            return {some.earliest + timedelta(days=number) for number in range(length + 1)}

        common = days_of(one) & days_of(other)
        self.assertEqual(one.overlaps(other), bool(common))
        self.assertEqual(one & other, Window(min(common), max(common)) if common else None)
        self.assertEqual(one & other, other & one)
        self.assertEqual({day for day in days_of(other) if one.contains(day)}, common)

    def test_a_window_of_no_margin_is_one_day(self):
        due = window(MARCH, 0, 0)
        self.assertEqual(due, Window(MARCH, MARCH))
        self.assertTrue(due.contains(MARCH))
        self.assertFalse(due.contains(date(2026, 3, 16)))
        self.assertEqual(to_plan_on(MARCH, 0), MARCH)

    def test_margins_and_horizons_are_not_negative(self):
        for wrong in (-1, LONGEST_MARGIN + 1, None, float("inf"), "3"):
            with self.subTest(wrong):
                for call in (
                    lambda wrong: window(MARCH, wrong, 0),
                    lambda wrong: window(MARCH, 0, wrong),
                    lambda wrong: to_plan_on(MARCH, wrong),
                ):
                    with self.assertRaises(ValueError):
                        call(wrong)

    def test_a_window_does_not_end_before_it_begins(self):
        with self.assertRaises(ValueError):
            Window(MARCH, date(2026, 3, 14))

    def test_margins_at_the_last_date(self):
        self.assertEqual(window(MAX_DATE, 0, 30).latest, date(2101, 1, 30))

    @PROPERTY
    @given(days(), st.integers(0, 90), st.integers(0, 40), st.integers(-200, 200))
    def test_state_by_the_day(self, nominal, horizon, after, distance):
        today = nominal + timedelta(days=distance)
        state = due_state(today, to_plan_on(nominal, horizon), window(nominal, 0, after).latest)
        expected = (
            "upcoming" if distance < -horizon else "missed" if distance > after else "to_plan"
        )
        self.assertEqual(state, expected)


class TestOnOpenDay(PureCase):
    @PROPERTY
    @given(days(), open_days(), st.sampled_from(["keep", "next", "previous", "skip"]))
    def test_closed_days(self, nominal, calendar, rule):
        """SC10: a closed day gives the next or previous open one, or none."""
        on = on_open_day(nominal, rule, calendar)
        if rule == "keep" or calendar.is_open(nominal):
            self.assertEqual(on, nominal)
        else:
            moved = {"next": calendar.next_open, "previous": calendar.previous_open}
            self.assertEqual(on, moved[rule](nominal) if rule in moved else None)

    def test_a_rule_unknown_is_refused_even_on_an_open_day(self):
        for wrong in ("", "nearest", None):
            with self.subTest(wrong), self.assertRaises(ValueError):
                on_open_day(MARCH, wrong, EVERY_DAY)


class TestValues(PureCase):
    def test_values_do_not_change(self):
        """They are keys of dictionaries and members of sets, and are shared without a copy."""
        due = window(MARCH, 1, 1)
        for value in (
            *CALENDAR_RULES,
            Every(1, "month"),
            EVERY_DAY,
            FLOATING,
            Done(0, MARCH, MARCH),
            Series(Every(1, "month"), MARCH),
            due,
            Planned(1, 0, MARCH, 1),
            Group((1,), due, MARCH),
            Outcome(due),
            Compliance(0, 0, 0, 0),
            Promise(1),
        ):
            with self.subTest(value):
                hash(value)
                with self.assertRaises(FrozenInstanceError):
                    setattr(value, fields(value)[0].name, None)


class TestOccurrences(PureCase):
    series = st.builds(
        Series,
        st.one_of(PERIODS, st.sampled_from(CALENDAR_RULES)),
        st.dates(date(2025, 6, 1), date(2026, 6, 1)),
    )
    terms = st.tuples(st.dates(date(2025, 12, 1), date(2026, 3, 1)), st.integers(-5, 400)).map(
        lambda term: (term[0], term[0] + timedelta(days=term[1]))
    )
    closed_days = st.sampled_from(["keep", "next", "previous", "skip"])

    @PROPERTY
    @given(series, terms, closed_days, open_days())
    def test_visits_are_in_the_term_on_open_days_and_never_two_on_one(
        self, series, term, rule, calendar
    ):
        """SC1, SC2, SC10."""
        visits = list(occurrences(series, 0, *term, rule, calendar))
        for visit in visits:
            self.assertTrue(term[0] <= visit.nominal <= term[1])
            self.assertTrue(term[0] <= visit.on <= term[1])
            self.assertTrue(rule == "keep" or calendar.is_open(visit.on))
        for dates in zip(*visits, strict=True):
            self.assertEqual(list(dates), sorted(set(dates)))

    @PROPERTY
    @given(series, terms, closed_days, open_days())
    def test_oracle(self, series, term, rule, calendar):
        """SC4: a visit for each rank, but for those that skip or find their day taken."""
        first, last = term

        def aim(nominal):
            on = on_open_day(nominal, rule, calendar)
            if on is None or first <= on <= last:
                return on
            inside = [first + timedelta(days=number) for number in range((last - first).days + 1)]
            return min(
                filter(calendar.is_open, inside), key=lambda day: abs(day - nominal), default=None
            )

        ranks = [
            pair for pair in ranks_until(series.rule, series.anchor, 0, last) if pair[1] >= first
        ]
        by_day = {}
        for rank, nominal in ranks:
            by_day.setdefault(aim(nominal), (rank, nominal, aim(nominal)))
        by_day.pop(None, None)
        visits = list(occurrences(series, 0, *term, rule, calendar))
        self.assertEqual(visits, list(by_day.values()))

    @PROPERTY
    @given(series, terms, closed_days, open_days(), st.integers(0, 40))
    def test_generating_can_stop_and_go_on_at_any_rank(self, series, term, rule, calendar, rank):
        """SC5, SC6."""
        whole = list(occurrences(series, 0, *term, rule, calendar))
        rest = list(occurrences(series, rank, *term, rule, calendar))
        self.assertEqual(rest, [visit for visit in whole if visit.rank >= rank])

    def test_a_daily_plan_has_one_visit_on_monday(self):
        daily = Series(Every(1, "day"), date(2026, 3, 5))
        visits = occurrences(daily, 0, date(2026, 3, 5), date(2026, 3, 10), "next", OFFICE)
        self.assertEqual(
            [(visit.rank, visit.on.day) for visit in visits], [(0, 5), (1, 6), (2, 9), (5, 10)]
        )

    def test_a_term_that_ends_before_it_starts_has_no_visit(self):
        """Known bug 7: the end before the next date stopped the run for all."""
        monthly = Series(Every(1, "month"), MARCH)
        self.assertEqual(list(occurrences(monthly, 0, date(2027, 1, 1), date(2026, 12, 31))), [])

    def test_a_calendar_that_never_opens_has_no_visit(self):
        monthly = Series(Every(1, "month"), MARCH)
        term = MARCH, date(2027, 3, 14)
        for rule in ("next", "previous", "skip"):
            with self.subTest(rule):
                self.assertEqual(
                    list(occurrences(monthly, 0, *term, rule, OpenDays.weekly(()))), []
                )

    def test_a_series_re_anchored_gives_the_ranks_from_there(self):
        series = Series(Every(1, "month"), MARCH, anchor_rank=4)
        ranks = [visit.rank for visit in occurrences(series, 0, MARCH, date(2026, 6, 30))]
        self.assertEqual(ranks, [4, 5, 6, 7])
