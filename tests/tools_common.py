"""What the tests of the pure rules share: a base class, settings, and dates that hurt."""

from calendar import monthrange
from datetime import date, timedelta
from unittest import TestCase

from hypothesis import settings
from hypothesis import strategies as st

from ..tools.open_days import OpenDays

# Derandomized: a run of the suite says something of the code, never of luck. An example found
# elsewhere stays as an `@example`.
PROPERTY = settings(max_examples=2_000, deadline=None, derandomize=True, database=None)


class PureCase(TestCase):
    """A test that needs no database: under pytest, with Odoo or without, and in Odoo's runner.

    What follows is what Odoo's runner asks of a class that is none of its own: one without tags
    it passes over, and says nothing.
    """

    test_tags = {"standard", "at_install"}
    test_module = "maintenance_contract"
    __unittest_skip__ = False


def days():
    """Dates of 2000 to 2060, with more than their share of month ends, leap days and new years."""
    years = st.integers(2000, 2060)
    return st.one_of(
        st.dates(date(2000, 1, 1), date(2060, 12, 31)),
        st.builds(_from_month_end, years, st.integers(1, 12), st.integers(0, 3)),
        st.builds(date, years, st.just(1), st.integers(1, 5)),
        st.builds(date, years.map(lambda year: year // 4 * 4), st.just(2), st.just(29)),
    )


def _from_month_end(year, month, days_before):
    return date(year, month, monthrange(year, month)[1] - days_before)


def open_days():
    """Calendars: of one week or two, seldom or never open, with holidays in a row or scattered."""
    weekdays = st.frozensets(st.integers(0, 6))
    office = st.just(frozenset(range(5)))
    weeks = st.one_of(
        st.tuples(weekdays, weekdays),
        office.map(lambda week: (week, week)),
        st.tuples(office, weekdays),
    )
    holidays = st.builds(
        lambda first, length: {first + timedelta(days=number) for number in range(length)},
        days(),
        st.integers(1, 20),
    )
    closed = st.lists(holidays, max_size=3).map(lambda some: frozenset().union(*some))
    return st.builds(OpenDays, weeks, closed)
