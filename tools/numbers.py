"""Checks on numbers that come from outside.

A float field of Odoo stores NaN and Infinity, and both pass a naive `value >= 0` in PostgreSQL
or in Python (RELIABILITY, measured fact 3): every number that a user, a file or an API gives goes
through one of these functions before it is used.

>>> is_finite("nan"), is_finite(float("inf")), is_finite(12)
(False, False, True)
>>> is_percent(100), is_percent(101), is_percent(Decimal("NaN"))
(True, False, False)
"""

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any


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
