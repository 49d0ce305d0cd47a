"""The whole life of a price against a second telling of the rules: thousands of random deals."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from ..tools.dates import add_months
from ..tools.price_formula import compose
from ..tools.price_index import Index, Missing, Published, Reading, Series
from ..tools.price_revision import Clause, Position, regularise, revise
from . import price_oracle as oracle
from .tools_common import PureCase

LIVES = 2_000
FIRST_MONTH = date(2020, 1, 1)
MONTHS = 84
START = date(2021, 6, 15)


class Life:
    """A random clause, the indices that it follows, and its price, told twice."""

    def __init__(self, seed):
        self.chance = Random(seed)
        self.choose = self.chance.choice
        self.codes = self.chance.sample(["SA", "SB", "SC"], self.chance.randint(1, 3))
        self.told = {code: self._invent_index() for code in self.codes}
        self.indices = {code: self._build(code, definitive=False) for code in self.codes}
        self.clause, self.deal = self._agree()
        self.price = self._decimal(500, 9000, 2)

    def _decimal(self, low, high, places):
        return Decimal(self.chance.randint(low * 10**places, high * 10**places)).scaleb(-places)

    def _invent_index(self):
        """Values that walk on; a series ends where the next begins, with some months of both."""
        links = [None]
        values, value, begin = {}, self._decimal(90, 130, 1), 0
        while begin < MONTHS:
            series = len(links) - 1
            end = min(begin + self.chance.randint(20, 90), MONTHS)
            for month in range(begin, end):
                value = (value * self._decimal(99, 102, 2) / 100).quantize(Decimal("0.1"))
                self._publish(values, series, month, value)
            if end < MONTHS:
                link = self.choose(["0.835956", "0.5", "1.25", "0.95"])
                links.append(Decimal(link) if self.chance.random() < 0.97 else None)
                value = (value * (links[-1] or 1)).quantize(Decimal("0.1"))
            begin = end - (self.chance.randint(0, 3) if end < MONTHS else 0)
        return links, values

    def _publish(self, values, series, month, value):
        """Some months are never published, some are provisional first."""
        if self.chance.random() < 0.01:
            return
        day = add_months(FIRST_MONTH, month)
        on = day + timedelta(days=self.chance.randint(20, 90))
        is_provisional = self.chance.random() < 0.1
        later = value + self._decimal(-1, 1, 1) if is_provisional else None
        values[series, oracle.month_of(day)] = (value, on, later)

    def _build(self, code, definitive):
        links, values = self.told[code]
        return Index(
            code,
            [Series(str(number), link) for number, link in enumerate(links)],
            [
                Published(
                    str(series),
                    date(month // 12, month % 12 + 1, 1),
                    later if definitive and later is not None else value,
                    on,
                    later is not None and not definitive,
                )
                for (series, month), (value, on, later) in values.items()
            ],
        )

    def _agree(self):
        parts = [self.chance.randint(1, 30) for _code in self.codes]
        weights = {code: Decimal(part) / 100 for code, part in zip(self.codes, parts, strict=True)}
        fixed = 1 - sum(weights.values())
        settings = {
            "mode": self.choose(["origin", "chained"]),
            "rule": self.choose(["month", "last", "mean"]),
            "lag": self.choose([0, 1, 3, 6]),
            "coefficient": self.choose(["none", "up_3", "half_up_4"]),
            "step": Decimal(self.choose(["0.01", "0.05"])),
            "threshold": self.choose([Decimal(0), Decimal("0.01"), Decimal("0.02")]),
            "cap": self.choose([None, Decimal("0.01"), Decimal("0.03")]),
            "floor": self.choose([None, Decimal("-0.02"), Decimal(0)]),
            "upward_only": self.chance.random() < 0.2,
        }
        clause = Clause(compose(fixed, list(weights.items())), **settings)
        limits = (settings["threshold"], settings["cap"], settings["floor"])
        deal = oracle.Deal(
            Fraction(fixed),
            {code: Fraction(weight) for code, weight in weights.items()},
            settings["mode"] == "chained",
            settings["rule"],
            settings["lag"],
            settings["coefficient"],
            Fraction(settings["step"]),
            *(None if limit is None else Fraction(limit) for limit in limits),
            settings["upward_only"],
        )
        return clause, deal

    def to_fractions(self):
        return {
            code: (
                [link and Fraction(link) for link in links],
                {
                    key: (Fraction(value), on, None if later is None else Fraction(later))
                    for key, (value, on, later) in values.items()
                },
            )
            for code, (links, values) in self.told.items()
        }


class TestLifeOfAPrice(PureCase):
    """Revisions of 2 000 prices over four years: each price, base and correction to the cent."""

    def test_both_tell_the_same(self):
        outcomes = {}
        for seed in range(LIVES):
            with self.subTest(seed=seed):
                for outcome in self._live(Life(seed)):
                    outcomes[outcome] = outcomes.get(outcome, 0) + 1
        # None of the branches went untold.
        for outcome in ("revised", "unchanged", "waiting", "regularised"):
            self.assertGreater(outcomes.get(outcome, 0), 200, outcomes)

    def _live(self, life):
        indices, deal = life.to_fractions(), life.deal
        definitive = {code: life._build(code, definitive=True) for code in life.codes}
        read = {code: life.indices[code].at(START, "month") for code in life.codes}
        if any(isinstance(reading, Missing) for reading in read.values()):
            return
        position = Position(
            life.price,
            [Reading(code, reading.value, reading.series) for code, reading in read.items()],
        )
        price = base_price = Fraction(life.price)
        bases = {
            code: (Fraction(reading.value), int(reading.series)) for code, reading in read.items()
        }
        on = START
        for _year in range(4):
            on = add_months(on, life.chance.randint(4, 14))
            revision = revise(life.clause, position, life.indices, on)
            outcome, after, readings = self._tell(deal, price, base_price, indices, bases, on)
            self.assertEqual((revision.outcome, Fraction(revision.after)), (outcome, after))
            yield outcome
            if outcome != "revised":
                continue
            regularised = regularise(revision, definitive)
            if revision.provisional:
                self._compare_definitive(
                    regularised, deal, price, base_price, indices, bases, readings
                )
                yield "regularised"
            price = after
            if deal.is_chained:
                base_price, bases = after, {code: value[:2] for code, value in readings.items()}
            position = revision.next

    def _tell(self, deal, price, base_price, indices, bases, on):
        day = add_months(on, -deal.lag)
        readings = {
            code: oracle.read(indices[code], deal, day, bases[code][1], day)
            for code in deal.weights
        }
        if None in readings.values():
            return "waiting", price, readings
        return *oracle.revise(deal, price, base_price, indices, bases, readings), readings

    def _compare_definitive(self, result, deal, price, base_price, indices, bases, readings):
        far = date(2100, 1, 1)
        again = {
            code: oracle.average(indices[code], months, series, deal, far, definitive=True)
            for code, (_value, series, months, _provisional) in readings.items()
        }
        if None in again.values():
            self.assertIsNone(result)
            return
        outcome, after = oracle.revise(deal, price, base_price, indices, bases, again)
        self.assertEqual(
            (result.definitive.outcome, Fraction(result.definitive.after)), (outcome, after)
        )
