"""What the billing schedule of a contract has to say, given what it says already.

A row that was settled stands: it was invoiced, credited or waived, and neither its days nor its
amount ever change. Rows still open are decided anew. What is due for the days of a settled row may
have changed since, as when a contract ends early: the difference is a row of its own, a correction
of the same days.

>>> terms = Terms(Cycle(date(2027, 1, 1), 1), AmountRule())
>>> prices = [Price(date(2027, 1, 1), Decimal(1200))]
>>> rows = coverage_rows(terms, [], prices, date(2027, 1, 1), None, date(2027, 2, 1)).targets
>>> for target in rows:
...     print(target.period, target.amount, target.on)
2027-01-01..2027-01-31 100.00 2027-01-01
2027-02-01..2027-02-28 100.00 2027-02-01

January was invoiced when the contract ended, on 17 January:

>>> january, february = (
...     Row(key, target.period, 0, target.amount, target.on, status)
...     for key, target, status in zip((1, 2), rows, (BILLED, OPEN))
... )
>>> ended = coverage_rows(
...     terms, [january, february], prices, date(2027, 1, 1), date(2027, 1, 17), date(2027, 1, 17)
... )
>>> for target in with_dates(ended.targets, today=date(2027, 1, 20)):
...     print(target.period, target.rank, target.amount, target.on)
2027-01-01..2027-01-31 1 -45.16 2027-01-20
>>> ended.gone
[2]
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .billing_amounts import AmountRule, Pause, Price, correction, due
from .billing_periods import Cycle, Period, Timing, billing_periods, invoice_day

OPEN, BILLED, FORGIVEN = "open", "billed", "forgiven"

# A difference waits so long for the next invoice; beyond it, it has a document of its own.
LONGEST_WAIT = timedelta(days=31)


@dataclass(frozen=True)
class Terms:
    """How a contract is billed.

    :param pauses: its suspensions
    """

    cycle: Cycle
    rule: AmountRule
    timing: Timing = "advance"
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row that exists. Rank 0 stands for the days themselves, a higher one for a correction.

    :param is_deduction: it deducts a deposit, and has ranks of its own (`billing_deposit`)
    """

    key: int
    period: Period
    rank: int
    amount: Decimal
    on: date
    status: str
    is_deduction: bool = False


@dataclass(frozen=True)
class Target:
    """An open row as it has to be; its key is None when there is none yet.

    :param on: the day on which it is invoiced; None for a correction that has none yet
    """

    key: int | None
    period: Period
    rank: int
    amount: Decimal
    on: date | None
    is_deduction: bool = False


class Decision(NamedTuple):
    """The open rows that have to be, and the keys of those that must go."""

    targets: list[Target]
    gone: list[int]


def coverage_rows(
    terms: Terms,
    rows: Sequence[Row],
    prices: Sequence[Price],
    first: date,
    last: date | None,
    until: date,
) -> Decision:
    """Decide the rows of one covered equipment.

    :param rows: all that exist for it
    :param prices: in the order of their days; the first one is of the first day at the latest
    :param first: first day billed
    :param last: last day covered, None for no end; before `first` when it was never covered
    :param until: rows of periods that begin by then have to exist
    """
    settled = (row.period for row in rows if row.rank == 0 and row.status != OPEN)
    after = max(settled, key=lambda period: period.first, default=None)
    # Older than the last one settled, and still open: it failed, or was given back.
    overdue = [
        row.period
        for row in rows
        if row.rank == 0 and row.status == OPEN and after and row.period.first < after.first
    ]
    periods = billing_periods(terms.cycle, first, last, until, after)
    return _decide(
        rows,
        [*overdue, *periods],
        lambda period: due(terms.rule, period, prices, terms.pauses, last),
        lambda period: invoice_day(period, terms.timing),
    )


def fee_rows(rows: Sequence[Row], on: date, amount: Decimal) -> Decision:
    """Decide the row of what is billed once, on its day.

    >>> [target] = fee_rows([], date(2027, 5, 1), Decimal(80)).targets
    >>> print(target.period, target.amount, target.on)
    2027-05-01..2027-05-01 80 2027-05-01

    :param amount: 0 for what is not due any more
    """
    stands = any(row.rank == 0 and row.status != OPEN for row in rows)
    periods = [] if stands or not amount else [Period(on, on, on, on)]
    return _decide(rows, periods, lambda _period: amount, lambda _period: on)


def with_dates(targets: Sequence[Target], today: date) -> list[Target]:
    """Return the open rows of a contract, each correction with the day on which it is invoiced.

    It goes with the next invoice, where it is deducted or added, unless that is too far away: then
    it goes at once, as a credit note when less than nothing is to pay.
    """
    days = [target.on for target in targets if not target.rank and target.amount]
    to_come = min(days, default=None)
    if to_come is None or to_come > today + LONGEST_WAIT:
        to_come = today
    return [
        replace(target, on=to_come) if target.rank and _must_move(target, to_come) else target
        for target in targets
    ]


def _must_move(target: Target, to_come: date) -> bool:
    """Tell whether a correction is invoiced another day; one that is overdue stays so."""
    return target.on is None or target.on > to_come


def left_to_bill(due: Decimal, billed: Iterable[Decimal], forgiven: Decimal) -> Decimal:
    """Return what a correction bills, or credits when negative.

    What was forgiven, by a waiver or a credit note, is not billed again; as nothing was paid for
    it, it is not credited either when less turns out to be due.

    >>> zero, ten = Decimal(0), Decimal(10)
    >>> [int(left_to_bill(*row)) for row in ((ten, [4 * ten], zero), (ten, [], 4 * ten))]
    [-30, 0]
    >>> int(left_to_bill(6 * ten, [], 4 * ten))
    20

    :param due: by what is known today
    :param billed: the amounts of the rows that are invoiced
    :param forgiven: the sum of the rows credited or waived
    """
    difference = correction(due, billed)
    if difference > 0:
        return max(Decimal(), difference - max(forgiven, Decimal()))
    return min(Decimal(), difference - min(forgiven, Decimal()))


def _decide(
    rows: Sequence[Row],
    periods: Iterable[Period],
    due_for: Callable[[Period], Decimal],
    invoice_on: Callable[[Period], date],
) -> Decision:
    settled = [row for row in rows if row.status != OPEN]
    open_rows = {(row.period.first, row.rank): row for row in rows if row.status == OPEN}
    targets = []
    for period in periods:
        known = open_rows.get((period.first, 0))
        amount = _left(period, settled, due_for(period))
        targets.append(Target(known and known.key, period, 0, amount, invoice_on(period)))
    for row in settled:
        amount = _left(row.period, settled, due_for(row.period)) if row.rank == 0 else 0
        if amount:
            first = row.period.first
            rank = 1 + max(other.rank for other in settled if other.period.first == first)
            known = open_rows.get((first, rank))
            targets.append(
                Target(known and known.key, row.period, rank, amount, known and known.on)
            )
    kept = {target.key for target in targets}
    return Decision(targets, [row.key for row in open_rows.values() if row.key not in kept])


def _left(period: Period, settled: Iterable[Row], due_amount: Decimal) -> Decimal:
    """Return what is left to bill of a period, after the rows that were settled."""
    same = [row for row in settled if row.period.first == period.first]
    billed = [row.amount for row in same if row.status == BILLED]
    forgiven = sum((row.amount for row in same if row.status == FORGIVEN), Decimal())
    return left_to_bill(due_amount, billed, forgiven)
