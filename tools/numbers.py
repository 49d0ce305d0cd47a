"""Checks on numbers that come from outside, and the decimals of amounts.

A float field of Odoo stores NaN and Infinity, and both pass a naive `value >= 0` in PostgreSQL
or in Python (RELIABILITY, measured fact 3): every number that a user, a file or an API gives goes
through one of these functions before it is used.

>>> is_finite("nan"), is_finite(float("inf")), is_finite(12)
(False, False, True)
>>> is_percent(100), is_percent(101), is_percent(Decimal("NaN"))
(True, False, False)
"""

from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from math import isfinite
from typing import Any

# For `localcontext`: arithmetic of amounts. A float that gets into it is an error.
PRECISE = Context(prec=28, traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation])

# The last digits of a quotient are noise: rounding up would make a cent of them.
_RELIABLE = Context(prec=24)


def is_finite(value: Any) -> bool:
    """Tell whether `value` is a number, and neither NaN nor infinite. Never raises.

    A boolean is not a number here, and neither is a string, even one that spells a number.

    >>> [is_finite(value) for value in (0, Fraction(1, 3), Decimal("sNaN"), None, True, "7")]
    [True, True, False, False, False, False]
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | Fraction):
        return True
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, float) and isfinite(value)


def is_decimal(value: Any) -> bool:
    """Tell whether `value` is a finite Decimal or int: a number to compute amounts with.

    >>> [is_decimal(value) for value in (7, Decimal("0.1"), 0.1, Decimal("NaN"), True, None)]
    [True, True, False, False, False, False]
    """
    return isinstance(value, Decimal | int) and is_finite(value)


def is_percent(value: Any) -> bool:
    """Tell whether `value` is a finite number from 0 to 100, both included. Never raises.

    >>> [is_percent(value) for value in (0, Decimal("99.5"), -1, "50")]
    [True, True, False, False]
    """
    return is_finite(value) and 0 <= value <= 100


def check_integer(name: str, value: Any, low: int, high: int) -> None:
    """Raise ValueError, naming the setting, unless `value` is an int from `low` to `high`.

    >>> check_integer("period", 0, 1, 120)
    Traceback (most recent call last):
    ...
    ValueError: period: expected an integer from 1 to 120, got 0
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name}: expected an integer from {low} to {high}, got {value!r}")


def without_noise(number: Decimal) -> Decimal:
    """Return `number` to 24 digits: without what is left of divisions done to 28.

    >>> ratio = Decimal(16) / 15 * Decimal("0.9")  # that is 0.96
    >>> print(ratio, without_noise(ratio))
    0.9600000000000000000000000003 0.960000000000000000000000
    """
    return _RELIABLE.plus(number)


def round_to(number: Decimal, step: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return the multiple of `step` next to `number`, by a rounding mode of `decimal`.

    >>> print(round_to(Decimal("1057.575"), Decimal("0.01")))
    1057.58
    >>> print(round_to(Decimal("1057.575"), Decimal("0.05")))
    1057.60
    >>> print(round_to(Decimal("1057.5"), Decimal("1")), round_to(Decimal(-5) / 2, Decimal(1)))
    1058 -3

    :raises ValueError: on a step that is not above 0
    """
    if not (is_decimal(step) and step > 0):
        raise ValueError(f"rounding: expected a step above 0, got {step!r}")
    with localcontext(PRECISE):
        return (without_noise(number) / step).to_integral_value(rounding) * step
