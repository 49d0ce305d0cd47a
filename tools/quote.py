"""What the customer pays of a quote: covered parts at zero, the rest at the public tariff.

A verdict (`tools.verdict`) covers a percent of the parts, of the labour and of the travel. A line
of the quote keeps its price of the tariff, so that the customer sees what he would have paid, and
has the covered percent as a discount:

>>> part_covered = {"part": Decimal(100), "labour": Decimal(50), "travel": Decimal(0)}
>>> covered_percent("part", part_covered), covered_percent("other", part_covered)
(Decimal('100'), 0)
>>> for kind in ("part", "labour", "travel"):
...     print(kind, charge(2, Decimal("120.00"), covered_percent(kind, part_covered)))
part Charge(full=Decimal('240.00'), discount=Decimal('100.00'), due=Decimal('0.00'))
labour Charge(full=Decimal('240.00'), discount=Decimal('50.00'), due=Decimal('120.00'))
travel Charge(full=Decimal('240.00'), discount=Decimal('0.00'), due=Decimal('240.00'))

Where the tariff gives a discount of its own, what is left of the price is covered:

>>> charge(1, Decimal("200.00"), Decimal(50), tariff_discount=Decimal(10))
Charge(full=Decimal('200.00'), discount=Decimal('55.00'), due=Decimal('90.00'))
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, NamedTuple

from .numbers import PRECISE, is_decimal, is_percent, round_to

Kind = Literal["part", "labour", "travel", "other"]
Number = int | Decimal

KINDS: tuple[Kind, ...] = ("part", "labour", "travel", "other")

# Discounts are kept to two decimals, as Odoo keeps them.
_STEP = Decimal("0.01")
_ALL = Decimal(100)


class Charge(NamedTuple):
    """What a line of a quote costs.

    :param full: by the tariff, before any discount
    :param discount: in percent
    :param due: by the customer
    """

    full: Decimal
    discount: Decimal
    due: Decimal


def covered_percent(kind: Kind, shares: Mapping[str, Number]) -> Number:
    """Return the percent that is covered of a line of this kind; what is of no kind is not.

    >>> covered_percent("part", {"part": Decimal("NaN")})
    Traceback (most recent call last):
    ...
    ValueError: part: expected a percent from 0 to 100, got Decimal('NaN')

    :param shares: percents covered, by kind; what is not named is not covered
    :raises ValueError: on an unknown kind, a share that is no percent
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    share = shares.get(kind, 0)
    _check_percent(kind, share)
    return share


def discount(covered: Number, tariff_discount: Number = 0) -> Decimal:
    """Return the discount, in percent, of what is covered and is cheaper by the tariff besides.

    It is 100 only when nothing is due: rounding gives nothing away.

    >>> print(discount(Decimal("99.99"), Decimal("60")), discount(100), discount(0, 12))
    99.99 100.00 12.00

    :raises ValueError: on what is no percent
    """
    _check_percent("covered", covered)
    _check_percent("discount of the tariff", tariff_discount)
    with localcontext(PRECISE):
        left = (_ALL - covered) * (_ALL - tariff_discount) / _ALL
        rounded = (_ALL - left).quantize(_STEP, ROUND_HALF_UP)
        return min(rounded, _ALL - _STEP) if left else _ALL.quantize(_STEP)


def charge(
    quantity: Number,
    price: Number,
    covered: Number,
    tariff_discount: Number = 0,
    step: Decimal = _STEP,
) -> Charge:
    """Return what a line costs by the tariff, and what the customer pays of it.

    >>> charge(1, Decimal("NaN"), 0)
    Traceback (most recent call last):
    ...
    ValueError: price: expected a finite decimal, got Decimal('NaN')

    :param step: of the amounts, the rounding of the currency
    :raises ValueError: on a float, NaN or infinity, on what is no percent
    """
    for name, value in (("quantity", quantity), ("price", price)):
        if not is_decimal(value):
            raise ValueError(f"{name}: expected a finite decimal, got {value!r}")
    percent = discount(covered, tariff_discount)
    with localcontext(PRECISE):
        amount = Decimal(quantity) * price
        due = amount * (_ALL - percent) / _ALL
    return Charge(round_to(amount, step), percent, round_to(due, step))


def _check_percent(name: str, value: Number) -> None:
    if not (is_decimal(value) and is_percent(value)):
        raise ValueError(f"{name}: expected a percent from 0 to 100, got {value!r}")
