"""The visits of one covered equipment: generation in one go or in steps, and moves."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ..tools.open_days import OpenDays
from ..tools.recurrence import Every
from ..tools.schedule import FLOATING, Shift
from ..tools.visits import Known, Plan, Term, moved_visits, new_visits
from .tools_common import PROPERTY, PureCase, days, open_days

TERM = Term(date(2027, 3, 1), date(2027, 3, 1), date(2029, 2, 28))


def known_of(visits):
    """What the database holds once `visits` are created."""
    return [Known(visit.plan, visit.rank, visit.nominal) for visit in visits] + [
        Known(plan, rank, visit.nominal, contained=True)
        for visit in visits
        for plan, rank in visit.contains
    ]


def content(visits):
    return sorted((visit.on, visit.plan, visit.rank, visit.contains) for visit in visits)


def fixed_plans():
    periods = st.tuples(st.integers(1, 14), st.sampled_from(["week", "month"]))
    return st.lists(
        st.tuples(periods, st.integers(1, 3), st.sampled_from(["keep", "next", "skip"])),
        min_size=1,
        max_size=3,
    ).map(
        lambda some: [
            Plan(number, Every(*period), package=package, closed_day_rule=closed)
            for number, (period, package, closed) in enumerate(some)
        ]
    )


def terms():
    return st.builds(
        lambda first, delay, length: Term(
            first + timedelta(days=delay), first, first + timedelta(days=delay + length)
        ),
        days(),
        st.integers(0, 40),
        st.integers(0, 900),
    )


class TestNewVisits(PureCase):
    @PROPERTY
    @given(fixed_plans(), terms(), st.integers(0, 900), open_days(), st.integers(0, 20))
    def test_in_two_steps_as_at_once(self, plans, term, step, calendar, within):
        """SC5: a shorter horizon first changes nothing, nor does what was nested at its edge."""
        until = min(term.first + timedelta(days=step), term.last)
        at_once = new_visits(plans, term, term.last, (), calendar, within)
        first = new_visits(plans, term, until, (), calendar, within)
        known = known_of(first)
        second = new_visits(plans, term, term.last, known, calendar, within)
        self.assertEqual(content(first + second), content(at_once))

    @PROPERTY
    @given(fixed_plans(), terms(), open_days(), st.integers(0, 20))
    def test_each_rank_once_and_inside_the_term(self, plans, term, calendar, within):
        """SC1, SC2: no rank twice, no date outside the term, nothing left to create after."""
        visits = new_visits(plans, term, term.last, (), calendar, within)
        known = known_of(visits)
        keys = [(one.plan, one.rank) for one in known]
        self.assertEqual(len(keys), len(set(keys)))
        for visit in visits:
            self.assertTrue(term.first <= visit.on <= term.last)
            self.assertTrue(visit.window.contains(visit.on))
            self.assertLessEqual(visit.to_plan_on, visit.on)
        self.assertEqual(new_visits(plans, term, term.last, known, calendar, within), [])

    def test_a_greater_visit_just_after_the_horizon_takes_the_lower_one_along(self):
        """The quarterly visit of 1 March waits for the annual one of 5 March, and is in it."""
        quarterly = Plan(1, Every(3, "month"))
        annual = Plan(2, Every(369, "day"), package=2)
        first = new_visits([quarterly, annual], TERM, date(2028, 3, 2), within=7)
        self.assertNotIn((1, 4), [(visit.plan, visit.rank) for visit in first])
        second = new_visits([quarterly, annual], TERM, TERM.last, known_of(first), within=7)
        [annual_visit] = [visit for visit in second if visit.plan == 2]
        self.assertEqual(annual_visit.on, date(2028, 3, 4))
        self.assertEqual(annual_visit.contains, ((1, 4),))

    def test_an_archived_plan_promises_nothing_more(self):
        """Visits of a plan that is gone stay known and bring nothing back."""
        known = [Known(9, 0, date(2027, 3, 1))]
        self.assertEqual(new_visits([], TERM, TERM.last, known), [])

    def test_horizon_and_window_are_counted_from_the_open_day(self):
        plan = Plan(1, Every(1, "year"), before=5, after=10, horizon=30, closed_day_rule="next")
        sunday = Term(date(2027, 3, 7), date(2027, 3, 1), date(2027, 12, 31))
        [visit] = new_visits([plan], sunday, sunday.last, (), OpenDays.weekly(range(5)))
        self.assertEqual(visit.nominal, date(2027, 3, 7))
        self.assertEqual(visit.on, date(2027, 3, 8))
        self.assertEqual(visit.window.earliest, date(2027, 3, 3))
        self.assertEqual(visit.window.latest, date(2027, 3, 18))
        self.assertEqual(visit.to_plan_on, date(2027, 2, 6))


class TestMovedVisits(PureCase):
    def moved(self, shift, done_on):
        plan = Plan(1, Every(6, "month"), shift)
        known = [Known(1, 0, date(2027, 3, 1), done_on), Known(1, 1, date(2027, 9, 1))]
        visits = moved_visits(plan, TERM, known)
        return {rank: visit.on for rank, visit in visits.items() if rank}

    def test_fixed_stays(self):
        self.assertEqual(self.moved(Shift(), date(2027, 4, 20))[1], date(2027, 9, 1))

    def test_floating_restarts_from_the_day_done(self):
        moved = self.moved(FLOATING, date(2027, 4, 20))
        self.assertEqual(list(moved.values())[:2], [date(2027, 10, 20), date(2028, 4, 20)])

    def test_partial_moves_by_its_share(self):
        moved = self.moved(Shift(late=50), date(2027, 3, 11))
        self.assertEqual(moved[1], date(2027, 9, 6))

    def test_a_visit_pushed_out_of_the_term_is_no_more_promised(self):
        """Four visits in two years; the first made seven months late leaves room for three."""
        self.assertEqual(max(self.moved(Shift(), date(2027, 10, 1))), 3)
        self.assertEqual(max(self.moved(FLOATING, date(2027, 10, 1))), 2)

    @PROPERTY
    @given(st.integers(-60, 200), st.integers(1, 12))
    def test_floating_next_is_one_period_after_the_day_done(self, deviation, months):
        plan = Plan(1, Every(months, "month"), FLOATING)
        done_on = date(2027, 6, 1) + timedelta(days=deviation)
        term = Term(date(2027, 6, 1), date(2027, 1, 1), date(2030, 12, 31))
        visits = moved_visits(plan, term, [Known(1, 0, date(2027, 6, 1), done_on)])
        self.assertEqual(visits[1].on, Every(months, "month").date_at(done_on, 1))
