"""Numbers from outside: NaN and Infinity pass every comparison that a person writes."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ..tools.numbers import check_integer, is_finite, is_percent, round_to
from .tools_common import PROPERTY, PureCase

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=5),
    st.complex_numbers(),
    st.just(10**400),
    st.just(Decimal("sNaN")),
)


class TestNumbers(PureCase):
    def test_percents_end_at_100(self):
        for value in (0, 100, 0.0, 100.0, Decimal(100), Fraction(199, 2)):
            with self.subTest(value):
                self.assertTrue(is_percent(value))
        for value in (-1, 101, Decimal("100.01"), Fraction(-1, 9), float("inf"), float("nan")):
            with self.subTest(value):
                self.assertFalse(is_percent(value))

    @PROPERTY
    @given(ANYTHING)
    def test_a_finite_number_is_what_a_fraction_can_hold(self, value):
        number = isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)
        try:
            expected = number and isinstance(Fraction(value), Fraction)
        except (ValueError, OverflowError):
            expected = False
        self.assertIs(is_finite(value), expected)
        self.assertIs(is_percent(value), expected and 0 <= value <= 100)

    @PROPERTY
    @given(ANYTHING, st.integers(-5, 5), st.integers(0, 5))
    def test_an_integer_in_bounds_or_an_error_that_names_the_setting(self, value, low, length):
        if type(value) is int and low <= value <= low + length:
            check_integer("setting", value, low, low + length)
        else:
            with self.assertRaisesRegex(ValueError, "^setting: "):
                check_integer("setting", value, low, low + length)

    def test_steps_of_rounding(self):
        amount = Decimal("1057.5609756097560975609756098")
        for step, expected in (("0.01", "1057.56"), ("0.05", "1057.55"), ("1", "1058")):
            with self.subTest(step), localcontext(Context(prec=3)):
                self.assertEqual(str(round_to(amount, Decimal(step))), expected)
        for wrong in (Decimal(0), Decimal(-1), Decimal("nan"), 0.05, None):
            with self.subTest(wrong), self.assertRaises(ValueError):
                round_to(amount, wrong)
