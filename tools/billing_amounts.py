"""The amount due for a billing period: yearly prices, pro rata, rounding (RELIABILITY IV1-IV6).

Every day of a full period has its share of the price, and an amount is the sum of the shares of
the days served. What is paused, ended or priced otherwise takes nothing from the days beside it:

>>> january = Period(date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 1), date(2026, 1, 31))
>>> rule, prices = AmountRule(), [Price(date(2026, 1, 1), Decimal(1200))]
>>> print(due(rule, january, prices))
100.00
>>> print(due(rule, january, prices, last_day=date(2026, 1, 17)))
54.84
>>> print(due(rule, january, prices, [Pause(date(2026, 1, 18), None)]))
54.84
>>> prices.append(Price(date(2026, 1, 18), Decimal(2400)))
>>> print(due(rule, january, prices))
145.16

The rounding is cumulative, twice, so that nothing is lost or invented by cutting:

- over the year: the first k months of a year at 1000.00 cost 1000.00 × k / 12, rounded, and a
  period costs the difference of two such sums. Its months cost 83.33, 83.34 and 83.33 in turn;
- inside the full period, in the same way: the first k days of the 31 of a month that costs 83.34
  cost 83.34 × k / 31, rounded.

Therefore parts of a period, however cut, add up to it to the cent, and the periods of 12 months to
the yearly price in units of the currency. What was billed before is no part of the sum: a pause
entered afterwards changes the periods that it touches, and never a cent of another. The other side
of it: a stretch in the middle of a period can differ by one cent from its days × price, rounded.

Amounts are `Decimal`, exact, and rounded half away from zero; negative prices are allowed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

from .billing_periods import Period
from .dates import ONE_DAY
from .numbers import check_integer, is_finite

Proration = Literal["days", "thirtieths", "none"]

# The yearly price of one covered equipment stays below.
PRICE_LIMIT = 10**12


@dataclass(frozen=True)
class Price:
    """A yearly price, from a day on.

    :raises ValueError: unless `yearly` is a finite Decimal or int, smaller than PRICE_LIMIT
    """

    from_day: date
    yearly: Decimal

    def __post_init__(self) -> None:
        exact = isinstance(self.yearly, Decimal | int) and is_finite(self.yearly)
        if not exact or not -PRICE_LIMIT < self.yearly < PRICE_LIMIT:
            raise ValueError(f"expected a yearly price as a Decimal, got {self.yearly!r}")


@dataclass(frozen=True)
class Pause:
    """A suspension, from `first` to `last`, both included; `last` is None while it goes on.

    :raises ValueError: when it ends before it begins
    """

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"a pause from {self.first} cannot end on {self.last}")


@dataclass(frozen=True)
class AmountRule:
    """How the amounts of a contract are prorated and rounded.

    - `days`: the days served, out of the days of the full period;
    - `thirtieths`: the same with 30 days to each month, as in leases and payrolls. The 31st counts
      for nothing, and the last day of February for all that its month lacks: for 3 days, or for 2
      in a leap year. The days of a month so always add up to 30, however they are shared out;
    - `none`: a period with a day served is due whole, at the price of that day. A new price begins
      with the next period.

    :param rounding: smallest unit of the currency, such as 0.01, 0.05 or 1
    :param year_month: month (1 to 12) in which the years of the contract begin
    :raises ValueError: on other values
    """

    proration: Proration = "days"
    rounding: Decimal = Decimal("0.01")
    year_month: int = 1

    def __post_init__(self) -> None:
        if self.proration not in get_args(Proration):
            raise ValueError(f"unknown proration: {self.proration!r}")
        if not isinstance(self.rounding, Decimal) or not is_finite(self.rounding):
            raise ValueError(f"expected a rounding as a Decimal, got {self.rounding!r}")
        if self.rounding <= 0:
            raise ValueError(f"expected a rounding above 0, got {self.rounding}")
        check_integer("first month of the contract year", self.year_month, 1, 12)

    def full_price(self, period: Period, yearly: Decimal) -> Decimal:
        """Return the price of the full period, at that yearly price.

        >>> april = Period(date(2026, 4, 1), date(2026, 6, 30), date(2026, 4, 1), date(2026, 6, 30))
        >>> print(AmountRule(rounding=Decimal("0.05")).full_price(april, Decimal("1234.56")))
        308.65
        """
        return self._full_units(period, yearly) * self.rounding

    def _amount(self, period: Period, first: date, last: date, yearly: Decimal) -> Decimal:
        """Return what the days from `first` to `last`, all served, cost."""
        full = self._full_units(period, yearly)
        if self.proration == "none":
            return full * self.rounding
        before, through, whole = (
            self._place(day) - self._place(period.full_first)
            for day in (first, last + ONE_DAY, period.full_last + ONE_DAY)
        )
        return (_rounded(full * through, whole) - _rounded(full * before, whole)) * self.rounding

    def _full_units(self, period: Period, yearly: Decimal) -> int:
        month = period.full_first.month - self.year_month
        return _cost_between(yearly, self.rounding, month, month + period.full_months)

    def _place(self, day: date) -> int:
        """Return the place of a day on the axis that amounts are proportional to."""
        if self.proration == "thirtieths":
            return 30 * (12 * day.year + day.month) + day.day - 1
        return day.toordinal()


class Share(NamedTuple):
    """What an amount is made of: days served at one yearly price."""

    first: date
    last: date
    yearly: Decimal
    amount: Decimal


def due(
    rule: AmountRule,
    period: Period,
    prices: Sequence[Price],
    pauses: Iterable[Pause] = (),
    last_day: date | None = None,
) -> Decimal:
    """Return the amount due for a period: the sum of its shares, a multiple of the rounding.

    The arguments and the errors are those of `shares`.
    """
    amounts = (share.amount for share in shares(rule, period, prices, pauses, last_day))
    return sum(amounts, start=0 * rule.rounding)


def shares(
    rule: AmountRule,
    period: Period,
    prices: Sequence[Price],
    pauses: Iterable[Pause] = (),
    last_day: date | None = None,
) -> list[Share]:
    """Return what the amount due for a period is made of, day after day; nothing without service.

    >>> may = Period(date(2026, 5, 1), date(2026, 5, 31), date(2026, 5, 1), date(2026, 5, 31))
    >>> prices = Price(date(2026, 1, 1), Decimal(1080)), Price(date(2026, 5, 21), Decimal(1440))
    >>> for share in shares(AmountRule("thirtieths"), may, prices, [Pause(may.first, may.first)]):
    ...     print(share.first, share.last, share.amount)
    2026-05-02 2026-05-20 57.00
    2026-05-21 2026-05-31 40.00

    :param prices: in the order of their days; each holds until the next one
    :param pauses: in any order; they may overlap
    :param last_day: last day served, when the coverage ended or the contract was terminated
    :raises ValueError: on prices out of order, and on a day served that has no price yet: an amount
        of zero would be a service given away
    """
    priced = list(_priced(served(period, pauses, last_day), prices))
    if rule.proration == "none":
        # What is served first stands for the whole.
        priced = [] if period.continued else priced[:1]
    return [
        Share(first, last, yearly, rule._amount(period, first, last, yearly))
        for first, last, yearly in priced
    ]


def served(
    period: Period, pauses: Iterable[Pause] = (), last_day: date | None = None
) -> Iterator[tuple[date, date]]:
    """Yield the first and last days of the stretches of a period that are served, in order.

    >>> may = Period(date(2026, 5, 1), date(2026, 5, 31), date(2026, 5, 1), date(2026, 5, 31))
    >>> for first, last in served(may, [Pause(date(2026, 5, 4), date(2026, 5, 9))]):
    ...     print(first, last)
    2026-05-01 2026-05-03
    2026-05-10 2026-05-31
    """
    first = period.first
    last = period.last if last_day is None else min(period.last, last_day)
    for pause in sorted(pauses, key=lambda pause: pause.first):
        before = min(pause.first - ONE_DAY, last)
        if first <= before:
            yield first, before
        if pause.last is None:
            return
        first = max(first, pause.last + ONE_DAY)
    if first <= last:
        yield first, last


def correction(due: Decimal, settled: Iterable[Decimal]) -> Decimal:
    """Return what is still to bill (positive) or to credit (negative) for a period.

    The customer so pays for the days served, whatever was billed when: in advance, before the
    termination was known, or at a provisional price. Once that is settled, nothing is left.

    >>> print(correction(Decimal("54.84"), [Decimal("100.00")]))
    -45.16
    >>> print(correction(Decimal("54.84"), [Decimal("100.00"), Decimal("-45.16")]))
    0.00

    :param settled: the amounts of the invoices of the period, those of credit notes negative
    """
    return due - sum(settled, start=Decimal())


def _priced(
    stretches: Iterable[tuple[date, date]], prices: Sequence[Price]
) -> Iterator[tuple[date, date, Decimal]]:
    """Cut the stretches on the days on which the price changes."""
    if any(price.from_day >= later.from_day for price, later in pairwise(prices)):
        raise ValueError("expected prices in the order of their days, one a day")
    ends = [price.from_day - ONE_DAY for price in prices[1:]] + [date.max]
    for first, last in stretches:
        if not prices or first < prices[0].from_day:
            raise ValueError(f"no price is known on {first}")
        for price, end in zip(prices, ends, strict=True):
            if price.from_day <= last and first <= end:
                yield max(first, price.from_day), min(last, end), price.yearly


@lru_cache(maxsize=4096)
def _cost_between(yearly: Decimal, rounding: Decimal, first: int, last: int) -> int:
    """Return what the months from one to another of a year cost, in units of the currency.

    Many coverages cost the same, and each of their periods asks again.
    """
    in_units = Fraction(yearly) / Fraction(rounding)
    return _cost(in_units, last) - _cost(in_units, first)


def _cost(yearly: Fraction, months: int) -> int:
    """Return what the first so many months cost, in whole units; 12 of them the same every time."""
    years, rest = divmod(months, 12)
    return years * _round(yearly) + _round(yearly * rest / 12)


def _round(value: Fraction) -> int:
    return _rounded(value.numerator, value.denominator)


def _rounded(numerator: int, denominator: int) -> int:
    """Return the quotient as the nearest integer, halves away from zero."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size
