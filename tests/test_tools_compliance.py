"""Figures of the visits due in a period."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..tools.compliance import Compliance, Outcome, compliance
from ..tools.schedule import Window
from .tools_common import PROPERTY, PureCase

YEAR = date(2027, 1, 1), date(2027, 12, 31)
DAYS = st.dates(date(2026, 11, 1), date(2028, 2, 28))
OUTCOMES = st.lists(
    st.builds(
        lambda earliest, length, done_on, excused: Outcome(
            Window(earliest, earliest + timedelta(days=length)), done_on, excused
        ),
        DAYS,
        st.integers(0, 40),
        st.none() | DAYS,
        st.booleans(),
    ),
    max_size=12,
)


def outcome(latest, done_on=None, excused=False):
    return Outcome(Window(latest - timedelta(days=10), latest), done_on, excused)


class TestCompliance(PureCase):
    @PROPERTY
    @given(OUTCOMES)
    def test_the_counts_of_months_add_up_to_those_of_the_year(self, visits):
        """A visit is counted in one period and one only."""
        starts = [date(2027, month, 1) for month in range(1, 13)] + [date(2028, 1, 1)]
        months = [
            compliance(visits, first, following - timedelta(days=1))
            for first, following in zip(starts, starts[1:], strict=False)
        ]
        year = compliance(visits, *YEAR)
        for name in ("done_inside", "done", "due", "excused"):
            total = sum(getattr(month, name) for month in months)
            self.assertEqual(total, getattr(year, name), name)

    @PROPERTY
    @given(OUTCOMES)
    def test_shares_are_ordered(self, visits):
        figures = compliance(visits, *YEAR)
        if figures.due:
            self.assertTrue(0 <= figures.compliance <= figures.realisation <= 1)
        else:
            self.assertIsNone(figures.compliance)
            self.assertIsNone(figures.realisation)

    def test_what_is_counted(self):
        end = date(2027, 3, 31)
        cases = {
            "on the last day": (outcome(end, end), Compliance(1, 1, 1, 0)),
            "on the first day": (outcome(end, date(2027, 3, 21)), Compliance(1, 1, 1, 0)),
            "a day late": (outcome(end, date(2027, 4, 1)), Compliance(0, 1, 1, 0)),
            "a day early": (outcome(end, date(2027, 3, 20)), Compliance(0, 1, 1, 0)),
            "never done": (outcome(end), Compliance(0, 0, 1, 0)),
            "refused": (outcome(end, excused=True), Compliance(0, 0, 0, 1)),
            "due later": (outcome(date(2027, 4, 1), end), Compliance(0, 0, 0, 0)),
            "due before": (outcome(date(2027, 2, 28), end), Compliance(0, 0, 0, 0)),
        }
        for name, (visit, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(compliance([visit], date(2027, 3, 1), end), expected)

    def test_a_visit_is_not_excused_unless_it_is_said(self):
        end = date(2027, 3, 31)
        visit = Outcome(Window(end, end))
        self.assertEqual(compliance([visit], end, end), Compliance(0, 0, 1, 0))

    def test_shares_are_exact(self):
        end = date(2027, 3, 31)
        figures = compliance([outcome(end, end), outcome(end), outcome(end)], *YEAR)
        self.assertEqual(figures.compliance, Fraction(1, 3))

    def test_nothing_due_is_no_share(self):
        self.assertEqual(compliance([], *YEAR), Compliance(0, 0, 0, 0))
        self.assertIsNone(compliance([], *YEAR).compliance)
