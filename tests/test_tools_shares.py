"""Shares of an amount: none is lost, none is invented."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ..tools.shares import split
from .tools_common import PROPERTY, PureCase

CENT = Decimal("0.01")
amounts = st.decimals(-(10**9), 10**9, places=2)
weights = st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=8)


class TestShares(PureCase):
    @PROPERTY
    @given(amounts, weights | st.lists(amounts, min_size=1, max_size=8))
    def test_the_shares_add_up_to_the_amount(self, amount, given_weights):
        shares = split(amount, given_weights, CENT)
        self.assertEqual(sum(shares), amount)
        self.assertEqual(len(shares), len(given_weights))

    @PROPERTY
    @given(amounts, weights)
    def test_no_share_is_off_by_more_than_a_cent(self, amount, given_weights):
        total = sum(given_weights)
        if total:
            for share, weight in zip(
                split(amount, given_weights, CENT), given_weights, strict=True
            ):
                self.assertLessEqual(abs(share - amount * weight / total), CENT)

    def test_the_unit_is_the_one_of_the_currency(self):
        self.assertEqual(
            split(Decimal("10.00"), [Decimal(1)] * 3, Decimal("0.05")),
            [Decimal("3.35"), Decimal("3.30"), Decimal("3.35")],
        )

    def test_weights_of_nothing_share_equally(self):
        self.assertEqual(split(Decimal(4), [Decimal(0)] * 2, CENT), [2, 2])
        self.assertEqual(split(Decimal(4), [Decimal(1), Decimal(-1)], CENT), [2, 2])
