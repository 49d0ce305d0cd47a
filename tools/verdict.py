"""Who pays what: the coverage verdict of a request (SEMANTICS §6).

What may cover a request is tried in this order: explicit exclusion, warranty, coverage of the
equipment by a contract, default of the contract. The first that applies decides for parts, labour
and travel together; when none does, the request is billable.

>>> warranty = Entitlement("warranty", "24 months, parts only", parts=100)
>>> line = Entitlement("coverage", "BEST", parts=100, labour=100, travel=100)
>>> contract = Entitlement("contract", "GOOD", labour=100)
>>> verdict([line]) == verdict([contract, line])
True
>>> told = verdict([contract, line])
>>> told.outcome, told.rule, told.detail
('covered', 'coverage', 'BEST')
>>> told = verdict([warranty, line])
>>> told.outcome, told.rule, told.parts, told.labour, told.travel
('part', 'warranty', 100, 0, 0)
>>> told = verdict([])
>>> told.outcome, told.rule
('billable', 'uncovered')

What is excluded is done at the customer's expense, after a study and a quote, or not at all:

>>> training = Entitlement("exclusion", "Training of the customer's staff")
>>> told = verdict([line, training])
>>> told.outcome, told.rule, told.detail
('billable', 'exclusion', "Training of the customer's staff")
>>> sabotage = Entitlement("exclusion", "Sabotage", refused=True)
>>> verdict([line, training, sabotage]).outcome
'refused'

What is available on request is quoted. A quantity used up leaves the decision to what comes next,
and explains why there is a bill when nothing does:

>>> told = verdict([Entitlement("coverage", "Documentation", labour=100, on_request=True)])
>>> told.outcome, told.rule, told.labour
('billable', 'on_request', 0)
>>> hours = Entitlement("coverage", "10 hours a year", labour=100, quantity_left=Decimal("0"))
>>> told = verdict([hours])
>>> told.outcome, told.rule, told.detail
('billable', 'quantity_used_up', '10 hours a year')
>>> told = verdict([hours, contract])
>>> told.outcome, told.rule
('part', 'contract')

Under a contract whose service is stopped nothing is covered, or nothing is done, as was agreed;
what does not depend on it, such as a warranty, still is:

>>> unpaid = Entitlement("coverage", "BEST", parts=100, labour=100, travel=100, stopped="billable")
>>> told = verdict([unpaid])
>>> told.outcome, told.rule, told.detail, told.parts
('billable', 'service_stopped', 'BEST', 0)
>>> verdict([unpaid, warranty]).rule
'warranty'
>>> verdict([Entitlement("contract", "GOOD", labour=100, stopped="refused")]).outcome
'refused'

And nothing of this matters when the contact has not the training that he needs:

>>> told = verdict([line], Refusal("untrained", "Administration course"))
>>> told.outcome, told.rule, told.detail, told.parts
('refused', 'untrained', 'Administration course', 0)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .numbers import is_finite, is_percent

Source = Literal["exclusion", "warranty", "coverage", "contract"]
Outcome = Literal["covered", "part", "billable", "refused"]
Stopped = Literal["billable", "refused"]
Percent = int | Decimal

_ORDER: dict[Source, int] = {"exclusion": 0, "warranty": 1, "coverage": 2, "contract": 3}
_ALL = (100, 100, 100)
_NONE = (0, 0, 0)


@dataclass(frozen=True)
class Entitlement:
    """Something that was agreed and that bears on the request at the instant it was received.

    :param name: what to show
    :param parts: percent of the parts that is covered, from 0 to 100; ``labour`` and ``travel``
        likewise
    :param on_request: available, but quoted each time
    :param quantity_left: what is left of it in the contract year, 0 or less when it is used up;
        None when it has no limit
    :param refused: an exclusion for which the work is refused, and not only billed
    :param stopped: what becomes of requests while the service of its contract is stopped; None
        while it is not
    :raises ValueError: on an unknown source, a percent that is none, a quantity that is not finite,
        an exclusion that covers something, is counted or is stopped, a refusal that is no exclusion
    """

    source: Source
    name: str
    parts: Percent = 0
    labour: Percent = 0
    travel: Percent = 0
    on_request: bool = False
    quantity_left: Decimal | None = None
    refused: bool = False
    stopped: Stopped | None = None

    def __post_init__(self) -> None:
        if self.source not in _ORDER:
            raise ValueError(f"source: expected one of {', '.join(_ORDER)}, got {self.source!r}")
        if not all(map(is_percent, self.shares)):
            raise ValueError(f"expected percents from 0 to 100, got {self.shares}")
        if not (self.quantity_left is None or is_finite(self.quantity_left)):
            raise ValueError(f"quantity left: expected a number, got {self.quantity_left!r}")
        if self.source == "exclusion":
            if any((*self.shares, self.on_request, self.stopped)) or self.quantity_left is not None:
                raise ValueError(f"{self.name!r}: an exclusion covers nothing, and has no quantity")
        elif self.refused:
            raise ValueError(f"{self.name!r}: only an exclusion refuses")

    @property
    def shares(self) -> tuple[Percent, Percent, Percent]:
        """Percents covered of parts, labour and travel."""
        return self.parts, self.labour, self.travel

    @property
    def used_up(self) -> bool:
        """Whether nothing of its quantity is left in the contract year."""
        return self.quantity_left is not None and self.quantity_left <= 0


@dataclass(frozen=True)
class Refusal:
    """Why nothing is done, whatever is covered: a contact not trained.

    :param detail: what to show, such as the training that is missing
    """

    rule: Literal["untrained"]
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a request is covered, and the rule that decided.

    :param parts: percent of the parts that the customer does not pay; ``labour``, ``travel``
        likewise
    :param rule: a key: the source that decided, or ``on_request``, ``quantity_used_up``,
        ``service_stopped``, ``uncovered`` (nothing applies), or the rule of a refusal
    :param source: of the entitlement that decided; None when none did
    :param detail: the name of what decided, empty for ``uncovered``
    """

    outcome: Outcome
    parts: Percent
    labour: Percent
    travel: Percent
    rule: str
    source: Source | None = None
    detail: str = ""


def verdict(entitlements: Iterable[Entitlement], refusal: Refusal | None = None) -> Verdict:
    """Return who pays for a request, from what is in force when it is received.

    Among several of one source, such as two contracts that cover one equipment, the one that covers
    most decides, and the first given among equals; an exclusion that refuses comes before those
    that bill. The order of `entitlements` matters for nothing else.

    What is stopped or used up leaves the decision to what comes next. When nothing is left to
    decide, the stop explains why before the quantity does: with it lifted, the rest would cover.
    """
    if refusal is not None:
        return Verdict("refused", *_NONE, refusal.rule, None, refusal.detail)
    ordered = sorted(entitlements, key=_precedence)
    for entitlement in ordered:
        if not (entitlement.stopped or entitlement.used_up):
            return _decided_by(entitlement)
    for entitlement in ordered:
        if entitlement.stopped and not entitlement.used_up:
            return _stopped(entitlement, entitlement.stopped)
    if ordered:
        return _billable("quantity_used_up", ordered[0])
    return Verdict("billable", *_NONE, "uncovered")


def _precedence(entitlement: Entitlement) -> tuple[int, bool, bool, Percent]:
    return (
        _ORDER[entitlement.source],
        not entitlement.refused,
        entitlement.on_request,
        -sum(entitlement.shares),
    )


def _decided_by(entitlement: Entitlement) -> Verdict:
    if entitlement.on_request:
        return _billable("on_request", entitlement)
    shares = entitlement.shares
    outcome: Outcome = "part"
    if entitlement.refused:
        outcome = "refused"
    elif shares == _ALL:
        outcome = "covered"
    elif shares == _NONE:
        outcome = "billable"
    source = entitlement.source
    return Verdict(outcome, *shares, source, source, entitlement.name)


def _stopped(entitlement: Entitlement, outcome: Outcome) -> Verdict:
    return Verdict(outcome, *_NONE, "service_stopped", entitlement.source, entitlement.name)


def _billable(rule: str, entitlement: Entitlement) -> Verdict:
    return Verdict("billable", *_NONE, rule, entitlement.source, entitlement.name)
