"""An amount shared out by weights, to the cent.

>>> [str(share) for share in split(Decimal("100"), [Decimal(1)] * 3, Decimal("0.01"))]
['33.33', '33.34', '33.33']

Weights may be negative, as are the lines of an invoice that deduct something:

>>> [str(share) for share in split(Decimal("50"), [Decimal(150), Decimal(-50)], Decimal("0.01"))]
['75.00', '-25.00']
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise


def split(amount: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Return the share of each weight; their sum is the amount, whatever was rounded.

    What is rounded is the sum so far: no share is off by a unit or more, and none gathers the
    differences of the others. Weights that add up to zero share equally.

    :param amount: a multiple of `unit`
    :param weights: one or more
    :param unit: the smallest amount of the currency
    """
    total = sum(weights, Decimal())
    if not total:
        weights, total = [Decimal(1)] * len(weights), Decimal(len(weights))
    sums = [
        (amount * so_far / total / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
        for so_far in accumulate(weights, initial=Decimal())
    ]
    # Not as it was computed, but as it was given.
    sums[-1] = amount
    return [after - before for before, after in pairwise(sums)]
