"""Readings of indices, against a search in the list of what was published."""

from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from ..tools.price_index import LONGEST_LAG, Index, Missing, Published, Reading, Series
from .tools_common import PROPERTY, PureCase


def day(number, month):
    return date(2025, 1, number) + relativedelta(months=month - 1)


NAMES = ("2010", "2015", "2020")
LINKS = st.decimals("0.5", "2", places=4)
VALUES = st.decimals("50", "500", places=1)
MONTHS = st.integers(0, 17).map(lambda number: date(2025, 1, 1) + relativedelta(months=number))
DAYS = st.dates(date(2025, 1, 1), date(2026, 6, 30))

PUBLISHED = st.builds(
    lambda series, month, value, late, provisional: Published(
        series, month, value, month + relativedelta(days=late), provisional
    ),
    st.sampled_from(NAMES),
    MONTHS,
    VALUES,
    st.integers(31, 120),
    st.booleans(),
)


def listed(links):
    return [Series("2010"), Series("2015", links[0]), Series("2020", links[1])]


INDICES = st.builds(
    lambda links, values: Index("S", listed(links), values),
    st.tuples(LINKS, LINKS),
    st.lists(PUBLISHED, max_size=20),
)
# One value a month in each of some series, so that means can be read.
FULL = st.builds(
    lambda links, values, holes: Index(
        "S",
        listed(links),
        [
            Published(NAMES[number % 3], day(1, number // 3 + 1), values[number % 7], day(1, 20))
            for number in range(54)
            if number not in holes
        ],
    ),
    st.tuples(LINKS, LINKS),
    st.lists(VALUES, min_size=7, max_size=7),
    st.sets(st.integers(0, 53), max_size=30),
)
SERIES = st.none() | st.sampled_from(NAMES)


def best(values, series):
    """The one that a person would take: of this series or the newest, definitive, latest."""
    for wanted in [series, *reversed(NAMES)]:
        found = [value for value in values if value.series == wanted]
        for provisional in (False, True):
            some = [value for value in found if value.provisional == provisional]
            if some:
                return max(value.on for value in some), some
    return None


def fraction_in(index, value, old, new):
    """A value converted step by step."""
    place, target = NAMES.index(old), NAMES.index(new)
    value = Fraction(value)
    while place < target:
        place += 1
        value *= Fraction(index.series[place].link)
    while place > target:
        value /= Fraction(index.series[place].link)
        place -= 1
    return value


class TestMonth(PureCase):
    @PROPERTY
    @given(INDICES, DAYS, st.integers(0, 6), SERIES)
    def test_value_of_a_month(self, index, on, lag, series):
        month = on.replace(day=1) - relativedelta(months=lag)
        reading = index.at(on, "month", lag, series)
        found = best([value for value in index.values if value.month == month], series)
        if found is None:
            self.assertEqual(reading, Missing("S", "value", (month,)))
            return
        latest, candidates = found
        allowed = [
            Reading("S", value.value, value.series, (month,), value.provisional)
            for value in candidates
            if value.on == latest
        ]
        self.assertIn(reading, allowed)

    def test_the_month_is_counted_from_the_date(self):
        values = [
            Published("2015", day(1, number), Decimal(number), day(1, 30)) for number in range(1, 6)
        ]
        index = Index("S", [Series("2015")], values)
        for on, lag, expected in (
            (date(2025, 5, 31), 0, 5),
            (date(2025, 5, 1), 0, 5),
            (date(2025, 5, 31), 3, 2),
            (date(2025, 6, 1), 2, 4),
        ):
            with self.subTest(on=on, lag=lag):
                self.assertEqual(index.at(on, "month", lag).value, expected)

    def test_the_latest_correction_counts_but_never_for_a_provisional_one(self):
        month = date(2026, 2, 1)
        values = [
            Published("2015", month, Decimal(101), date(2026, 4, 1)),
            Published("2015", month, Decimal(103), date(2026, 6, 1)),
            Published("2015", month, Decimal(102), date(2026, 5, 1)),
            Published("2015", month, Decimal(104), date(2026, 7, 1), True),
        ]
        for ordered in (values, values[::-1]):
            index = Index("S", [Series("2015")], ordered)
            self.assertEqual(index.at(month).value, 103)
            self.assertEqual(index.at(date(2026, 5, 31), "last").value, 102)

    def test_any_day_of_a_month_stands_for_it(self):
        published = Published("2015", date(2026, 2, 28), Decimal(1), date(2026, 4, 1))
        self.assertEqual(published.month, date(2026, 2, 1))


class TestLast(PureCase):
    @PROPERTY
    @given(INDICES, DAYS, st.integers(0, 6), SERIES)
    def test_last_published(self, index, on, lag, series):
        known_on = on - relativedelta(months=lag)
        known = [value for value in index.values if value.on <= known_on]
        reading = index.at(on, "last", lag, series)
        if not known:
            self.assertEqual(reading, Missing("S", "value", (known_on.replace(day=1),)))
            return
        month = max(value.month for value in known)
        latest, candidates = best([value for value in known if value.month == month], series)
        allowed = [
            (value.value, value.series, value.provisional)
            for value in candidates
            if value.on == latest
        ]
        self.assertEqual(reading.months, (month,))
        self.assertIn((reading.value, reading.series, reading.provisional), allowed)

    def test_published_that_day_is_known(self):
        published = Published("2015", date(2026, 2, 1), Decimal(1), date(2026, 4, 15))
        index = Index("S", [Series("2015")], [published])
        self.assertEqual(index.at(date(2026, 4, 15), "last").value, 1)
        self.assertIsInstance(index.at(date(2026, 4, 14), "last"), Missing)

    def test_what_was_corrected_later_is_read_as_it_was(self):
        month = date(2026, 2, 1)
        first = Published("2015", month, Decimal(100), date(2026, 4, 15), True)
        second = Published("2015", month, Decimal(101), date(2026, 7, 15))
        index = Index("S", [Series("2015")], [second, first])
        reading = index.at(date(2026, 5, 1), "last")
        self.assertEqual((reading.value, reading.provisional), (100, True))
        again = index.read_again(reading)
        self.assertEqual((again.value, again.provisional), (101, False))
        self.assertEqual(index.at(month, "month").value, 101)


class TestMean(PureCase):
    @PROPERTY
    @given(FULL, st.dates(date(2025, 10, 1), date(2026, 6, 30)), st.integers(0, 2), SERIES)
    def test_mean_of_twelve_months(self, index, on, lag, series):
        last = on.replace(day=1) - relativedelta(months=lag)
        months = [last - relativedelta(months=back) for back in range(11, -1, -1)]
        reading = index.at(on, "mean", lag, series)
        by_month = {
            month: {value.series: value.value for value in index.values if value.month == month}
            for month in months
        }
        absent = tuple(month for month in months if not by_month[month])
        if absent:
            self.assertEqual(reading, Missing("S", "value", absent))
            return
        target = series if series in by_month[last] else max(by_month[last])
        total = Fraction(0)
        for found in by_month.values():
            own = target if target in found else max(found)
            total += fraction_in(index, found[own], own, target)
        self.assertEqual((reading.series, reading.months), (target, tuple(months)))
        self.assertLess(abs(Fraction(reading.value) - total / 12), Fraction(1, 10**20))

    def test_one_provisional_month_makes_it_provisional(self):
        for provisional in range(13):
            values = [
                Published(
                    "2015", day(1, number), Decimal(100), day(20, number + 1), number == provisional
                )
                for number in range(1, 13)
            ]
            reading = Index("S", [Series("2015")], values).at(date(2025, 12, 31), "mean")
            with self.subTest(provisional):
                self.assertEqual(reading.value, 100)
                self.assertEqual(reading.provisional, provisional > 0)

    def test_a_series_that_nothing_joins(self):
        values = [
            Published("2015" if number < 6 else "2020", day(1, number), Decimal(100), day(1, 20))
            for number in range(1, 13)
        ]
        index = Index("S", [Series("2015"), Series("2020")], values)
        self.assertEqual(
            index.at(date(2025, 12, 1), "mean"), Missing("S", "link", link=("2015", "2020"))
        )
        self.assertEqual(index.at(date(2025, 12, 1)).value, 100)


class TestLinks(PureCase):
    @PROPERTY
    @given(INDICES, VALUES, st.sampled_from(NAMES), st.sampled_from(NAMES))
    def test_values_go_through_all_links(self, index, value, old, new):
        converted = index.convert(Reading("S", value, old, (), True), new)
        expected = fraction_in(index, value, old, new)
        self.assertEqual((converted.series, converted.provisional), (new, True))
        self.assertLess(abs(Fraction(converted.value) - expected), Fraction(1, 10**20))

    def test_there_and_back(self):
        index = Index("S", [Series("2015"), Series("2020", Decimal("0.95"))], [])
        old = Reading("S", Decimal(120), "2015")
        new = index.convert(old, "2020")
        self.assertEqual((new.value, new.series), (Decimal(114), "2020"))
        self.assertEqual(index.convert(new, "2015"), old)
        self.assertIs(index.convert(old, "2015"), old)

    def test_a_link_that_is_not_known(self):
        index = Index(
            "S", [Series("a"), Series("b", Decimal(2)), Series("c"), Series("d", Decimal(2))], []
        )
        value = Decimal(100)
        for old, new, missing in (
            ("a", "c", ("b", "c")),
            ("c", "a", ("b", "c")),
            ("a", "d", ("b", "c")),
            ("a", "x", ("a", "x")),
            ("x", "a", ("x", "a")),
        ):
            with self.subTest(old=old, new=new):
                reading = index.convert(Reading("S", value, old), new)
                self.assertEqual(reading, Missing("S", "link", link=missing))
        self.assertEqual(index.convert(Reading("S", value, "c"), "d").value, 200)
        self.assertEqual(index.convert(Reading("S", value, "x"), "x").value, 100)

    def test_the_context_of_the_caller_does_not_matter(self):
        index = Index("S", [Series("2015"), Series("2020", Decimal("0.9512345"))], [])
        with localcontext(Context(prec=3)):
            value = index.convert(Reading("S", Decimal("123.4567"), "2015"), "2020").value
            index = Index(
                "S",
                [Series("2015")],
                [
                    Published("2015", day(1, number), Decimal("100.1234"), day(1, 20))
                    for number in range(1, 13)
                ],
            )
            mean = index.at(date(2025, 12, 1), "mean").value
        self.assertEqual(str(value), "117.43627229615")
        self.assertEqual(mean, Decimal("100.1234"))


class TestRefusals(PureCase):
    def test_wrong_arguments(self):
        index = Index("S", [Series("2015")], [])
        on = date(2026, 1, 1)
        for wrong in (
            lambda: index.at(on, "first"),
            lambda: index.at(on, "month", -1),
            lambda: index.at(on, "month", LONGEST_LAG + 1),
            lambda: index.at(on, "month", 1.0),
            lambda: index.at(date(206, 1, 1)),
            lambda: index.at(None),
            lambda: Index("S", [Series("2015"), Series("2015")], []),
            lambda: Index("S", [Series("2015")], [Published("2020", on, Decimal(1), on)]),
            lambda: Series("2020", Decimal(0)),
            lambda: Series("2020", Decimal(-1)),
            lambda: Series("2020", Decimal("nan")),
            lambda: Series("2020", 1.5),
            lambda: Published("2015", on, Decimal("inf"), on),
            lambda: Published("2015", on, 100.5, on),
            lambda: Published("2015", None, Decimal(1), on),
            lambda: Published("2015", on, Decimal(1), None),
            lambda: Reading("S", Decimal("nan"), "2015"),
            lambda: Reading("S", 100.5, "2015"),
        ):
            with self.assertRaises(ValueError):
                wrong()

    def test_a_reading_that_was_typed_is_read_once(self):
        typed = Reading("S", Decimal(100), "2015")
        self.assertIs(Index("S", [Series("2015")], []).read_again(typed), typed)

    def test_months_are_read_again_in_their_series(self):
        month = date(2026, 2, 1)
        old = Published("2015", month, Decimal(120), date(2026, 4, 1), True)
        new = Published("2020", month, Decimal(100), date(2026, 5, 1))
        index = Index("S", [Series("2015"), Series("2020", Decimal("0.8"))], [old, new])
        reading = index.at(month, series="2015")
        self.assertEqual(index.read_again(reading), reading)
        self.assertEqual(index.at(month).value, 100)

    def test_the_longest_lag(self):
        index = Index(
            "S",
            [Series("2015")],
            [Published("2015", date(2021, 1, 1), Decimal(1), date(2021, 2, 1))],
        )
        self.assertEqual(index.at(date(2026, 1, 1), lag=LONGEST_LAG).value, 1)
