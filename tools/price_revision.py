"""The revision of a price by indices, from the clause to the new price (SEMANTICS §5).

A price of 1767 has a fixed part of 15 %; the index S went from 280 to 294.6. This contract rounds
the coefficient up to 3 decimals:

>>> from .price_formula import compose
>>> from .price_index import Published, Series
>>> clause = Clause(compose(Decimal("0.15"), [("S", Decimal("0.85"))]), coefficient="up_3")
>>> position = Position(Decimal(1767), [Reading("S", Decimal(280), "2020")])
>>> march = Published("2020", date(2026, 3, 1), Decimal("294.6"), date(2026, 5, 26))
>>> index = Index("S", [Series("2020")], [march])
>>> revision = revise(clause, position, {"S": index}, date(2026, 3, 1))
>>> revision.outcome, revision.coefficient, revision.rounded, revision.after
('revised', Decimal('1.044321428571428571428571429'), Decimal('1.045'), Decimal('1846.52'))

Every number that leads to the price is kept in the result, for the letter to show it. Nothing here
changes a price: `after` is the price from the date on, and `next` is what the following revision
starts from. Where the price stays, so does the base, so that what was too little to count adds up:

>>> careful = replace(clause, threshold=Decimal("0.05"))
>>> same = revise(careful, position, {"S": index}, date(2026, 3, 1))
>>> same.outcome, same.reason, same.after, same.next == position
('unchanged', 'threshold', Decimal('1767'), True)

What cannot be decided here waits, and says for what:

>>> waiting = revise(clause, position, {"S": index}, date(2026, 4, 1))
>>> waiting.outcome, waiting.missing[0].index, waiting.missing[0].what, waiting.after
('waiting', 'S', 'value', Decimal('1767'))
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal, NamedTuple, get_args

from .dates import check_date
from .numbers import PRECISE, check_integer, is_decimal, round_to, without_noise
from .price_formula import PRICE, Formula, FormulaError
from .price_index import LONGEST_LAG, READING_RULES, Index, Missing, Reading, ReadingRule

BaseMode = Literal["origin", "chained"]
CoefficientRounding = Literal["none", "up_3", "half_up_4"]
Outcome = Literal["revised", "unchanged", "held", "waiting"]
Reason = Literal[
    "",  # revised by the formula alone
    "cap",  # limited by the cap
    "floor",  # limited by the floor
    "same",  # unchanged: the formula gives the price in force
    "threshold",  # unchanged: the change is too small
    "upward_only",  # unchanged: the formula gives less
    "rounding",  # unchanged: the change is lost in the rounding of the price
    "no_price",  # unchanged: there is no price above 0
    "done",  # unchanged: the price in force is of this date, or of a later one
    "not_positive",  # held: the formula gives 0 or less
    "too_high",  # held: the formula gives more than three times the price in force
    "formula",  # held: the formula has no value for these indices; `error` says why
    "missing",  # waiting for what `missing` says
]

# A price that becomes more than this many times the old one is looked at by a person first.
HIGHEST_RATIO = 3

_ROUNDINGS = {
    "up_3": (Decimal("0.001"), ROUND_CEILING),
    "half_up_4": (Decimal("0.0001"), ROUND_HALF_UP),
}


@dataclass(frozen=True)
class Clause:
    """How the price of a contract is revised.

    :param mode: ``origin``: the formula applies to the price and the indices of the origin, each
        time; ``chained``: to those of the last revision that changed the price
    :param coefficient: rounding of the coefficient: none, up to 3 decimals, half up to 4
    :param step: rounding of the price, half up, such as 0.01, or 0.05 for Swiss cash
    :param threshold: the least change of the price in force that counts, up or down: 0.02 is 2 %,
        and 2 % is enough
    :param cap: how much one revision may add to the price in force: 0.03 is 3 %. What is cut off is
        lost when chained; from the origin, the following revision finds it again.
    :param floor: the same, downwards: -0.03 takes away 3 % at most, 0.01 adds 1 % at least
    :param upward_only: a price never falls
    :param rule: how an index is read at the date of the revision, ``lag`` months before
    :raises ValueError: on any other value, and on a floor above the cap
    """

    formula: Formula
    mode: BaseMode = "origin"
    coefficient: CoefficientRounding = "none"
    step: Decimal = Decimal("0.01")
    threshold: Decimal = Decimal(0)
    cap: Decimal | None = None
    floor: Decimal | None = None
    upward_only: bool = False
    rule: ReadingRule = "month"
    lag: int = 0

    def __post_init__(self) -> None:
        for name, allowed in (
            ("mode", get_args(BaseMode)),
            ("coefficient", get_args(CoefficientRounding)),
            ("rule", READING_RULES),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name}: expected one of {', '.join(allowed)}")
        check_integer("lag in months", self.lag, 0, LONGEST_LAG)
        if not (is_decimal(self.step) and self.step > 0):
            raise ValueError(f"step: expected a number above 0, got {self.step!r}")
        if not (is_decimal(self.threshold) and self.threshold >= 0):
            raise ValueError(f"threshold: expected a number from 0 on, got {self.threshold!r}")
        if self.cap is not None and not (is_decimal(self.cap) and self.cap >= 0):
            raise ValueError(f"cap: expected a number from 0 on, got {self.cap!r}")
        if self.floor is not None:
            if not (is_decimal(self.floor) and self.floor >= -1):
                raise ValueError(f"floor: expected a number from -1 on, got {self.floor!r}")
            if self.cap is not None and self.floor > self.cap:
                raise ValueError(f"the floor {self.floor} is above the cap {self.cap}")


@dataclass(frozen=True)
class Position:
    """Where a price stands: what a revision starts from.

    :param price: in force, of any period (a year, a month)
    :param bases: what the indices of the formula were worth for the base price, I0, one of each
    :param base_price: P0; None for the price in force
    :param since: from when the price in force is, when a revision made it
    """

    price: Decimal
    bases: Sequence[Reading]
    base_price: Decimal | None = None
    since: date | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "bases", tuple(self.bases))
        if self.base_price is None:
            object.__setattr__(self, "base_price", self.price)
        if not (is_decimal(self.price) and is_decimal(self.base_price)):
            raise ValueError(f"expected prices, got {self.price!r} and {self.base_price!r}")
        if len({base.index for base in self.bases}) < len(self.bases):
            raise ValueError("an index has two bases")


@dataclass(frozen=True)
class Term:
    """An index in a revision, as it is shown: now, then, and the one by the other.

    :param base: in the series of `current`, through the links between them
    :param ratio: current / base; None for a base of 0
    """

    current: Reading
    base: Reading
    ratio: Decimal | None


@dataclass(frozen=True)
class Revision:
    """A revision of a price, with every number that leads to it; None where it was not reached.

    :param on: the date that it is for
    :param terms: the indices, in alphabetical order
    :param coefficient: the new price by the base price, before any rounding
    :param rounded: the coefficient as the contract rounds it
    :param computed: base price × rounded, before anything else
    :param change: of the price in force: computed / price - 1
    :param proposed: the price after threshold, cap, floor and rounding
    :param after: the price from the date on: that in force, unless the outcome is ``revised``
    """

    clause: Clause
    position: Position
    on: date
    outcome: Outcome
    reason: Reason
    terms: tuple[Term, ...] = ()
    missing: tuple[Missing, ...] = ()
    error: FormulaError | None = None
    coefficient: Decimal | None = None
    rounded: Decimal | None = None
    computed: Decimal | None = None
    change: Decimal | None = None
    proposed: Decimal | None = None

    @property
    def before(self) -> Decimal:
        """The price in force."""
        return self.position.price

    @property
    def after(self) -> Decimal:
        """The price from the date on."""
        return self.proposed if self.outcome == "revised" else self.before

    @property
    def provisional(self) -> bool:
        """Whether an index that was read will get another value: see `regularise`."""
        return any(term.current.provisional for term in self.terms)

    @property
    def next(self) -> Position:
        """What the following revision starts from: price and base move together, or neither."""
        if self.outcome != "revised":
            return self.position
        if self.clause.mode == "origin":
            return replace(self.position, price=self.after, since=self.on)
        return Position(self.after, [term.current for term in self.terms], self.after, self.on)

    def approved(self) -> "Revision":
        """Return the revision once a person has let pass what was held.

        :raises ValueError: when there is nothing to let pass, or the price would be negative
        """
        if self.outcome != "held" or self.proposed is None or self.proposed < 0:
            raise ValueError(f"a revision that is {self.outcome} cannot be approved")
        outcome = "unchanged" if self.proposed == self.before else "revised"
        return replace(self, outcome=outcome)


def revise(clause: Clause, position: Position, indices: Mapping[str, Index], on: date) -> Revision:
    """Return the revision of a price at a date, as decided by the clause.

    Revised again for the same date, what comes out is unchanged. A price of 0 has nothing to
    revise, and what the formula makes absurd is held, even if the cap would hide it: an index is
    sooner mistyped than tripled.

    :param indices: by their codes, those of the formula at least
    :raises ValueError: on a date that is none
    """
    check_date(on)
    if position.since is not None and on <= position.since:
        return Revision(clause, position, on, "unchanged", "done")

    def read(index: Index, base: Reading) -> Reading | Missing:
        return index.at(on, clause.rule, clause.lag, base.series)

    return _revise(clause, position, on, indices, read)


class Regularisation(NamedTuple):
    """What a definitive index changes.

    :param difference: of the definitive price to the provisional one: what to bill, or, below 0, to
        credit, per period of the price; None while the definitive revision is held
    """

    definitive: Revision
    difference: Decimal | None


def regularise(revision: Revision, indices: Mapping[str, Index]) -> Regularisation | None:
    """Return what the definitive values of the months that were read change of a revision.

    None for a revision that was not provisional, and as long as one of its indices still is.
    Nothing else is decided anew: the months, the clause and the price before stay as they were.
    """
    if not revision.provisional:
        return None
    read_then = {term.current.index: term.current for term in revision.terms}

    def read(index: Index, base: Reading) -> Reading | Missing:
        return index.read_again(read_then[index.code])

    definitive = _revise(revision.clause, revision.position, revision.on, indices, read)
    if definitive.provisional or definitive.missing:
        return None
    difference = None if definitive.outcome == "held" else definitive.after - revision.after
    return Regularisation(definitive, difference)


def _revise(
    clause: Clause,
    position: Position,
    on: date,
    indices: Mapping[str, Index],
    read: Callable[[Index, Reading], Reading | Missing],
) -> Revision:
    revision = Revision(clause, position, on, "unchanged", "no_price")
    if position.price <= 0 or position.base_price <= 0:
        return revision
    bases = {base.index: base for base in position.bases}
    found = [
        _term(code, bases.get(code), indices.get(code), read) for code in clause.formula.indices
    ]
    missing = tuple(term for term in found if isinstance(term, Missing))
    terms = tuple(term for term in found if isinstance(term, Term))
    revision = replace(revision, terms=terms, missing=missing)
    if missing:
        return replace(revision, outcome="waiting", reason="missing")
    try:
        value = clause.formula.evaluate(_values(position, terms))
    except FormulaError as error:
        return replace(revision, outcome="held", reason="formula", error=error)
    with localcontext(PRECISE):
        return _decide(revision, value)


def _term(
    code: str,
    base: Reading | None,
    index: Index | None,
    read: Callable[[Index, Reading], Reading | Missing],
) -> Term | Missing:
    if base is None or index is None:
        return Missing(code, "index" if index is None else "base")
    current = read(index, base)
    if isinstance(current, Missing):
        return current
    converted = index.convert(base, current.series)
    if isinstance(converted, Missing):
        return converted
    with localcontext(PRECISE):
        ratio = current.value / converted.value if converted.value else None
    return Term(current, converted, ratio)


def _values(position: Position, terms: Iterable[Term]) -> dict[str, Decimal]:
    values = {PRICE: position.base_price}
    for term in terms:
        code = term.current.index
        values |= {code: term.current.value, f"{code}0": term.base.value}
    return values


def _decide(revision: Revision, value: Decimal) -> Revision:
    """Return the revision with its numbers and its outcome, from the value of the formula."""
    clause, base_price = revision.clause, revision.position.base_price
    coefficient = value / base_price if clause.formula.gives_price else value
    rounded = coefficient
    if clause.coefficient != "none":
        rounded = round_to(coefficient, *_ROUNDINGS[clause.coefficient])
    computed = without_noise(base_price * rounded)
    proposed, reason = _propose(clause, revision.before, computed)
    outcome: Outcome = "unchanged" if proposed == revision.before else "revised"
    if computed <= 0:
        outcome, reason = "held", "not_positive"
    elif computed > HIGHEST_RATIO * revision.before:
        outcome, reason = "held", "too_high"
    return replace(
        revision,
        outcome=outcome,
        reason=reason,
        coefficient=coefficient,
        rounded=rounded,
        computed=computed,
        change=computed / revision.before - 1,
        proposed=proposed,
    )


def _propose(clause: Clause, price: Decimal, computed: Decimal) -> tuple[Decimal, Reason]:
    """Return the new price that the clause makes of the one that was computed, and why.

    It never goes against the change: an index that rises does not lower a price by its rounding.
    """
    if computed == price:
        return price, "same"
    if abs(computed - price) < clause.threshold * price:
        return price, "threshold"
    if clause.upward_only and computed < price:
        return price, "upward_only"
    proposed, reason = round_to(computed, clause.step), ""
    proposed = max(proposed, price) if computed > price else min(proposed, price)
    if clause.floor is not None and proposed < (lowest := price * (1 + clause.floor)):
        proposed, reason = round_to(lowest, clause.step, ROUND_CEILING), "floor"
        if clause.floor <= 0:
            proposed = min(proposed, price)
    # The last word is the cap's, which protects the customer.
    if clause.cap is not None and proposed > (highest := price * (1 + clause.cap)):
        proposed, reason = max(round_to(highest, clause.step, ROUND_FLOOR), price), "cap"
    if proposed == price and not reason:
        reason = "rounding"
    return proposed, reason
