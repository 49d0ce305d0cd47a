"""Price indices: their series, and what one is worth at a date (SEMANTICS §5).

A statistical office publishes an index in a *series* with a base, such as "2015 = 100", and some
years later in another one. A *link* joins them: a value of the old series, times the link, is the
value of the new one. Values are kept as published, and converted when they are compared:

>>> index = Index(
...     "S",
...     [Series("2015"), Series("2020", link=Decimal("0.95"))],
...     [
...         Published("2015", date(2025, 12, 1), Decimal(120), date(2026, 2, 25)),
...         Published("2020", date(2026, 1, 1), Decimal("115.2"), date(2026, 3, 26)),
...         Published("2020", date(2026, 2, 1), Decimal("115.9"), date(2026, 4, 28), True),
...     ],
... )
>>> now = index.at(date(2026, 4, 1), lag=3)
>>> print(now.value, now.series, *now.months)
115.2 2020 2026-01-01
>>> index.convert(Reading("S", Decimal(120), "2015"), "2020").value
Decimal('114.00')

What is not known is an answer too, that names the index and the month:

>>> index.at(date(2026, 6, 1), lag=3)
Missing(index='S', what='value', months=(datetime.date(2026, 3, 1),), link=None)
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Literal

from .dates import add_months, check_date
from .numbers import PRECISE, check_integer, is_decimal

READING_RULES = ("month", "last", "mean")
ReadingRule = Literal["month", "last", "mean"]

# In months.
LONGEST_LAG = 60


@dataclass(frozen=True)
class Series:
    """A series of an index.

    :param link: by which a value of the series before is multiplied to give one of this series;
        None for the first series, and as long as none was published. Where an office publishes the
        inverse, from the new series to the old one, pass 1 / coefficient.
    :raises ValueError: on a link that is not above 0
    """

    name: str
    link: Decimal | None = None

    def __post_init__(self) -> None:
        if self.link is not None and not (is_decimal(self.link) and self.link > 0):
            raise ValueError(f"link of {self.name!r}: expected a number above 0, got {self.link}")


@dataclass(frozen=True)
class Published:
    """A value that was published.

    :param month: that it stands for; its first day is kept
    :param on: the day of its publication
    :param provisional: whether a definitive value of the month is announced
    :raises ValueError: on a value that is no finite Decimal, or a date that is none
    """

    series: str
    month: date
    value: Decimal
    on: date
    provisional: bool = False

    def __post_init__(self) -> None:
        if not is_decimal(self.value):
            raise ValueError(f"value of {self.month}: expected a number, got {self.value!r}")
        check_date(self.on)
        object.__setattr__(self, "month", check_date(self.month).replace(day=1))


@dataclass(frozen=True)
class Reading:
    """What an index is worth: read at a date, or frozen in a contract as its base.

    :param series: in which the value is
    :param months: that were read, oldest first; none when the value was typed
    :param provisional: whether one of the months has no definitive value yet
    :raises ValueError: on a value that is no finite Decimal
    """

    index: str
    value: Decimal
    series: str
    months: tuple[date, ...] = ()
    provisional: bool = False

    def __post_init__(self) -> None:
        if not is_decimal(self.value):
            raise ValueError(f"value of {self.index}: expected a number, got {self.value!r}")


@dataclass(frozen=True)
class Missing:
    """What has to be known before an index can be used.

    :param what: ``value`` (of the months), ``link`` (between the series), ``base`` (the contract
        has none for the index) or ``index`` (there is none of this code)
    :param months: those without a value, oldest first
    :param link: the old and the new series that nothing joins
    """

    index: str
    what: Literal["value", "link", "base", "index"]
    months: tuple[date, ...] = ()
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class Index:
    """An index with all that is known of it.

    :param code: its name in formulas
    :param series: oldest first
    :param values: in any order. Several of one month and series are all kept: a definitive one is
        worth more than a provisional one, and then a later publication more than an earlier one.
    :raises ValueError: on two series of one name, or a value in a series that is not listed
    """

    code: str
    series: Sequence[Series]
    values: Sequence[Published]
    _rank: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _months: Mapping[date, list[Published]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rank = {series.name: number for number, series in enumerate(self.series)}
        if len(rank) < len(self.series):
            raise ValueError(f"{self.code}: two series of one name")
        months = defaultdict(list)
        for value in self.values:
            if value.series not in rank:
                raise ValueError(f"{self.code}: {value.series!r} is none of its series")
            months[value.month].append(value)
        object.__setattr__(self, "_rank", rank)
        object.__setattr__(self, "_months", dict(months))

    def at(
        self, on: date, rule: ReadingRule = "month", lag: int = 0, series: str | None = None
    ) -> Reading | Missing:
        """Return the index at a date, by one of three rules, `lag` months before.

        ``month``: the value of the month, whenever it is published. ``last``: the value of the
        last month that was published by that day, as it was then published. ``mean``: of the
        twelve months that end with the month, whenever they are published.

        :param series: preferred where a month was published in several, such as that of the base;
            else the newest one
        :raises ValueError: on another rule, a date that is none, or a lag not from 0 to LONGEST_LAG
        """
        if rule not in READING_RULES:
            raise ValueError(f"rule: expected one of {', '.join(READING_RULES)}, got {rule!r}")
        check_integer("lag in months", lag, 0, LONGEST_LAG)
        day = add_months(check_date(on), -lag)
        month = day.replace(day=1)
        if rule == "last":
            month = max((value.month for value in self.values if value.on <= day), default=month)
            return self._read((month,), series, day)
        if rule == "mean":
            return self._read(tuple(add_months(month, back) for back in range(-11, 1)), series)
        return self._read((month,), series)

    def read_again(self, reading: Reading) -> Reading | Missing:
        """Return the same months, in the same series, with what was published since.

        A reading without months was typed, and is returned as it is.
        """
        return self._read(reading.months, reading.series) if reading.months else reading

    def convert(self, reading: Reading, series: str) -> Reading | Missing:
        """Return a value of one series in another one, through all the links between them."""
        if reading.series == series:
            return reading
        ranks = self._rank.get(reading.series), self._rank.get(series)
        if None in ranks:
            return Missing(self.code, "link", link=(reading.series, series))
        old, new = sorted(ranks)
        factor = Decimal(1)
        with localcontext(PRECISE):
            for before, after in pairwise(self.series[old : new + 1]):
                if after.link is None:
                    return Missing(self.code, "link", link=(before.name, after.name))
                factor *= after.link
            forward = ranks == (old, new)
            value = reading.value * factor if forward else reading.value / factor
        return replace(reading, value=value, series=series)

    def _read(
        self, months: tuple[date, ...], series: str | None, known_on: date | None = None
    ) -> Reading | Missing:
        """Return the mean of `months`, all in the series of the last one."""
        latest = self._pick(months[-1], series, known_on)
        target = latest.series if latest else series
        picked = {month: self._pick(month, target, known_on) for month in months}
        absent = tuple(month for month, value in picked.items() if value is None)
        if absent:
            return Missing(self.code, "value", absent)
        readings = [self._reading(value, target) for value in picked.values()]
        for reading in readings:
            if isinstance(reading, Missing):
                return reading
        with localcontext(PRECISE):
            mean = sum(reading.value for reading in readings) / len(readings)
        provisional = any(reading.provisional for reading in readings)
        return Reading(self.code, mean, target, months, provisional)

    def _reading(self, value: Published, series: str) -> Reading | Missing:
        own = Reading(self.code, value.value, value.series, provisional=value.provisional)
        return self.convert(own, series)

    def _pick(self, month: date, series: str | None, known_on: date | None) -> Published | None:
        values = self._months.get(month, ())
        return max(
            (value for value in values if known_on is None or value.on <= known_on),
            key=lambda value: (
                value.series == series,
                self._rank[value.series],
                not value.provisional,
                value.on,
            ),
            default=None,
        )
