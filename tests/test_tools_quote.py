"""What the customer pays of a quote."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..tools.quote import KINDS, charge, covered_percent, discount
from .tools_common import PROPERTY, PureCase

CENT = Decimal("0.01")

percents = st.sampled_from([0, 50, 100]) | st.decimals(0, 100, places=2)
prices = st.decimals(0, 100_000, places=2)
quantities = st.decimals(0, 1_000, places=2)
verdicts = st.fixed_dictionaries({kind: percents for kind in KINDS if kind != "other"})
BAD_NUMBERS = (Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 0.5, None, "7", True)


class TestQuote(PureCase):
    @PROPERTY
    @given(quantities, prices, percents)
    def test_what_is_covered_costs_nothing(self, quantity, price, tariff_discount):
        told = charge(quantity, price, 100, tariff_discount)
        self.assertEqual((told.discount, told.due), (100, 0))

    @PROPERTY
    @given(quantities, prices)
    def test_what_is_not_covered_is_at_price(self, quantity, price):
        told = charge(quantity, price, 0)
        self.assertEqual((told.discount, told.due), (0, told.full))
        self.assertLessEqual(abs(Fraction(told.full) - Fraction(quantity) * Fraction(price)), CENT)

    @PROPERTY
    @given(quantities, prices, percents, percents, percents)
    def test_who_is_covered_more_pays_no_more(self, quantity, price, one, other, cheaper):
        less, more = sorted((one, other))
        self.assertGreaterEqual(
            charge(quantity, price, less, cheaper).due, charge(quantity, price, more, cheaper).due
        )

    @PROPERTY
    @given(percents, percents)
    def test_nothing_is_given_away(self, covered, cheaper):
        told = discount(covered, cheaper)
        exact = 100 - Fraction(100 - covered) * Fraction(100 - cheaper) / 100
        self.assertEqual(told == 100, 100 in (covered, cheaper))
        self.assertLessEqual(abs(Fraction(told) - exact), CENT)

    @PROPERTY
    @given(verdicts)
    def test_a_line_has_the_share_of_its_kind(self, shares):
        for kind in KINDS:
            self.assertEqual(covered_percent(kind, shares), shares.get(kind, 0))

    def test_what_is_no_number_is_refused(self):
        for bad in BAD_NUMBERS:
            for arguments in ((bad, 1, 0), (1, bad, 0), (1, 1, bad), (1, 1, 0, bad)):
                with self.subTest(arguments=arguments), self.assertRaises(ValueError):
                    charge(*arguments)

    def test_what_is_no_percent_is_refused(self):
        for bad in (-1, 101, Decimal("100.01")):
            with self.subTest(percent=bad):
                with self.assertRaisesRegex(ValueError, "covered"):
                    discount(bad)
                with self.assertRaisesRegex(ValueError, "tariff"):
                    discount(0, bad)
                with self.assertRaisesRegex(ValueError, "labour"):
                    covered_percent("labour", {"labour": bad})
        with self.assertRaisesRegex(ValueError, "kind"):
            covered_percent("lunch", {})
