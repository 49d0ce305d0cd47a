"""A price revision told a second time, from SEMANTICS §5 alone, in fractions and month numbers.

Slow, plain, and written without a look at `tools/`: what both say is probably right. A month is a
number, year × 12 + month - 1; an index is a list of links, one for each series (None for the
first), and a dictionary of (series, month) → (value, day of publication, definitive value or None).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor


@dataclass
class Deal:
    """What the clause says; the rates are of 1, None where there is none."""

    fixed: Fraction
    weights: dict
    is_chained: bool
    rule: str
    lag: int
    coefficient: str
    step: Fraction
    threshold: Fraction
    cap: Fraction | None
    floor: Fraction | None
    is_upward: bool


def month_of(day):
    return day.year * 12 + day.month - 1


def convert(links, value, series, target):
    """A value of one series as another one would say it."""
    while series < target:
        series += 1
        if links[series] is None:
            return None
        value *= links[series]
    while series > target:
        if links[series] is None:
            return None
        value /= links[series]
        series -= 1
    return value


def read(index, deal, day, base_series, known_by):
    """What an index is worth: (value, series, months, is provisional), or None.

    :param day: the date of the revision, less the lag
    :param known_by: of the rule of the last publication
    """
    links, values = index
    months = [month_of(day)]
    if deal.rule == "last":
        known = [month for (_s, month), (_v, on, _d) in values.items() if on <= known_by]
        if not known:
            return None
        months = [max(known)]
    elif deal.rule == "mean":
        months = [months[0] - back for back in range(12)]
    target = pick(values, months[0], base_series, deal, known_by)
    if target is None:
        return None
    return average(index, months, target, deal, known_by)


def average(index, months, target, deal, known_by, definitive=False):
    links, values = index
    total, is_provisional = Fraction(0), False
    for month in months:
        series = pick(values, month, target, deal, known_by)
        if series is None:
            return None
        value, _on, later = values[series, month]
        if later is not None:
            is_provisional = not definitive
            value = later if definitive else value
        value = convert(links, value, series, target)
        if value is None:
            return None
        total += value
    return total / len(months), target, months, is_provisional


def pick(values, month, wished, deal, known_by):
    """The series in which a month is read: the one wished for, or else the newest."""
    found = [
        series
        for (series, one), (_value, on, _later) in values.items()
        if one == month and (deal.rule != "last" or on <= known_by)
    ]
    return wished if wished in found else max(found, default=None)


def revise(deal, price, base_price, indices, bases, readings):
    """(outcome, price from the date on) for readings and bases that are known.

    :param bases: by index, (value, series); `readings` the same with what was read
    """
    coefficient = deal.fixed
    for code, weight in deal.weights.items():
        value, series = readings[code][:2]
        base = convert(indices[code][0], bases[code][0], bases[code][1], series)
        if base is None:
            return "waiting", price
        coefficient += weight * value / base
    if deal.coefficient == "up_3":
        coefficient = Fraction(ceil(coefficient * 1000), 1000)
    elif deal.coefficient == "half_up_4":
        coefficient = Fraction(floor(coefficient * 10000 + Fraction(1, 2)), 10000)
    result = base_price * coefficient
    if result > 3 * price:
        return "held", price
    after = limit(deal, price, result)
    return ("unchanged" if after == price else "revised"), after


def limit(deal, price, result):
    """The price that threshold, floor, cap and rounding make of the result."""
    if abs(result - price) < deal.threshold * price or (deal.is_upward and result < price):
        return price
    steps = floor(result / deal.step + Fraction(1, 2))
    # The rounding never turns a rise into a fall.
    after = max(steps * deal.step, price) if result > price else min(steps * deal.step, price)
    if result == price:
        return price
    if deal.floor is not None and after < price * (1 + deal.floor):
        after = ceil(price * (1 + deal.floor) / deal.step) * deal.step
        after = min(after, price) if deal.floor <= 0 else after
    if deal.cap is not None and after > price * (1 + deal.cap):
        after = max(floor(price * (1 + deal.cap) / deal.step) * deal.step, price)
    return after
