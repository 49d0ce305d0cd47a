"""What was paid ahead is deducted from the invoices that follow, until it is used up.

A deposit is deducted from the next invoices of its contract after the day on which it was invoiced
itself, as much as each of them bears: none becomes negative for it. What is left when the contract
is over is credited. Deductions that were invoiced stand; those to come are decided anew.

>>> deposit = Deposit(date(2027, 1, 1), Decimal(250))
>>> bills = {date(2027, month, 1): Decimal(100) for month in (1, 2, 3, 4)}
>>> [decision] = deduct([deposit], bills, None, today=date(2027, 1, 1))
>>> for target in decision.targets:
...     print(target.on, target.amount)
2027-02-01 -100
2027-03-01 -100
2027-04-01 -50

The contract ends with February: the rest is credited on the day after.

>>> bills = {date(2027, month, 1): Decimal(100) for month in (1, 2)}
>>> [decision] = deduct([deposit], bills, date(2027, 3, 1), today=date(2027, 1, 1))
>>> for target in decision.targets:
...     print(target.on, target.amount)
2027-02-01 -100
2027-03-01 -150
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .billing_ledger import BILLED, OPEN, Decision, Row, Target
from .billing_periods import Period
from .dates import ONE_DAY


@dataclass(frozen=True)
class Deposit:
    """Something that is paid ahead.

    :param on: the day on which it is invoiced
    :param amount: what is invoiced of it, or to invoice; 0 when it was waived or credited
    :param deductions: the rows that deduct it; their amounts are negative
    """

    on: date
    amount: Decimal
    deductions: Sequence[Row] = ()


def deduct(
    deposits: Sequence[Deposit],
    bills: Mapping[date, Decimal],
    over_on: date | None,
    today: date,
) -> list[Decision]:
    """Decide the deductions to come, one decision for each deposit, in their order.

    A deposit credited after some of it was deducted is billed for that: it was never paid.

    :param bills: what is to invoice on each day, without the deposits and their deductions
    :param over_on: the first day after the contract; None for no end
    """
    room = {on: bills[on] for on in sorted(bills)}
    decisions = []
    for deposit in deposits:
        wanted = []
        deducted = -sum(
            (row.amount for row in deposit.deductions if row.status == BILLED), Decimal()
        )
        left = max(deposit.amount, Decimal()) - deducted
        if left < 0:
            wanted.append((today, -left))
        for on in room:
            taken = min(left, room[on])
            if on > deposit.on and taken > 0:
                wanted.append((on, -taken))
                room[on] -= taken
                left -= taken
        if left > 0 and over_on:
            wanted.append((max(over_on, deposit.on + ONE_DAY), -left))
        decisions.append(_decide(deposit, wanted))
    return decisions


def _decide(deposit: Deposit, wanted: list[tuple[date, Decimal]]) -> Decision:
    """Have the open deductions be what is wanted; what is there already is used again."""
    rows = sorted(deposit.deductions, key=lambda row: row.rank)
    known = [row for row in rows if row.status == OPEN]
    rank = max((row.rank for row in rows), default=-1)
    targets = []
    for number, (on, amount) in enumerate(wanted):
        row = known[number] if number < len(known) else None
        rank += row is None
        if row and amount > 0:
            # What is billed since some day is not put off each night.
            on = min(on, row.on)
        targets.append(
            Target(
                row and row.key,
                Period(on, on, on, on),
                row.rank if row else rank,
                amount,
                on,
                is_deduction=True,
            )
        )
    return Decision(targets, [row.key for row in known[len(wanted) :]])
