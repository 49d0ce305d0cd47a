"""tools/billing_deposit.py: what was paid ahead is deducted once, and makes no invoice negative."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ..tools.billing_deposit import Deposit, deduct
from ..tools.billing_ledger import BILLED, FORGIVEN, OPEN, Row
from .tools_common import PROPERTY, PureCase

FIRST = date(2027, 1, 1)
days = st.integers(0, 400).map(lambda number: FIRST + timedelta(days=number))
amounts = st.decimals(-500, 5000, places=2)
bills = st.dictionaries(days, amounts, max_size=12)
deposits = st.lists(st.builds(Deposit, days, st.decimals(0, 8000, places=2)), max_size=3)


def as_rows(decision, status=OPEN):
    return [
        Row(
            target.key or number, target.period, target.rank, target.amount, target.on, status, True
        )
        for number, target in enumerate(decision.targets, 1)
    ]


class TestDeposit(PureCase):
    @PROPERTY
    @given(deposits, bills)
    def test_no_bill_becomes_negative(self, given_deposits, given_bills):
        decisions = deduct(given_deposits, given_bills, None, FIRST)
        for on, amount in given_bills.items():
            deducted = sum(
                target.amount
                for decision in decisions
                for target in decision.targets
                if target.on == on
            )
            self.assertGreaterEqual(amount + deducted, min(amount, 0))

    @PROPERTY
    @given(deposits, bills)
    def test_each_is_deducted_whole_and_after_it_was_invoiced(self, given_deposits, given_bills):
        over_on = FIRST + timedelta(days=500)
        for deposit, decision in zip(
            given_deposits, deduct(given_deposits, given_bills, over_on, FIRST), strict=True
        ):
            self.assertEqual(sum(target.amount for target in decision.targets), -deposit.amount)
            self.assertTrue(all(target.on > deposit.on for target in decision.targets))
            ranks = [target.rank for target in decision.targets]
            self.assertEqual(ranks, sorted(set(ranks)))

    @PROPERTY
    @given(deposits, bills)
    def test_deciding_again_changes_nothing(self, given_deposits, given_bills):
        once = deduct(given_deposits, given_bills, None, FIRST)
        known = [
            replace(deposit, deductions=as_rows(decision))
            for deposit, decision in zip(given_deposits, once, strict=True)
        ]
        for before, after in zip(once, deduct(known, given_bills, None, FIRST), strict=True):
            self.assertEqual(
                [replace(target, key=None) for target in after.targets], before.targets
            )
            self.assertFalse(after.gone)

    @PROPERTY
    @given(st.builds(Deposit, days, st.decimals("0.01", 8000, places=2)), bills, st.integers(0, 12))
    def test_what_was_invoiced_stands(self, deposit, given_bills, count):
        [decision] = deduct([deposit], given_bills, None, FIRST)
        settled = as_rows(decision, BILLED)[:count]
        rest = {
            on: amount for on, amount in given_bills.items() if on not in {r.on for r in settled}
        }
        [again] = deduct([replace(deposit, deductions=settled)], rest, None, FIRST)
        after = sum(row.amount for row in settled) + sum(target.amount for target in again.targets)
        self.assertGreaterEqual(after, -deposit.amount)
        self.assertLessEqual(abs(after), deposit.amount)

    def test_a_deduction_credited_with_its_invoice_is_deducted_again(self):
        deposit = Deposit(FIRST, Decimal(100))
        february, march = date(2027, 2, 1), date(2027, 3, 1)
        [decision] = deduct([deposit], {february: Decimal(100)}, None, FIRST)
        credited = as_rows(decision, FORGIVEN)
        [again] = deduct(
            [replace(deposit, deductions=credited)], {march: Decimal(100)}, None, FIRST
        )
        [target] = again.targets
        self.assertEqual((target.on, target.amount, target.rank), (march, -100, 1))

    def test_a_deposit_credited_after_it_was_deducted_is_billed_for_that(self):
        deposit = Deposit(FIRST, Decimal(100))
        [decision] = deduct([deposit], {date(2027, 2, 1): Decimal(60)}, None, FIRST)
        credited = Deposit(FIRST, Decimal(0), as_rows(decision, BILLED))
        today = date(2027, 2, 10)
        [again] = deduct([credited], {date(2027, 3, 1): Decimal(60)}, None, today)
        [target] = again.targets
        self.assertEqual((target.on, target.amount), (today, 60))
        # Not put off each night while it waits.
        waiting = replace(credited, deductions=[*credited.deductions, *as_rows(again)])
        waiting = replace(
            waiting, deductions=[waiting.deductions[0], replace(waiting.deductions[1], key=9)]
        )
        [later] = deduct([waiting], {}, None, date(2027, 2, 20))
        self.assertEqual([(target.key, target.on) for target in later.targets], [(9, today)])
        settled = replace(
            credited,
            deductions=[credited.deductions[0], replace(waiting.deductions[1], status=BILLED)],
        )
        self.assertEqual(deduct([settled], {}, None, today)[0].targets, [])

    def test_the_first_deposit_is_used_up_before_the_second(self):
        first, second = Deposit(FIRST, Decimal(150)), Deposit(FIRST, Decimal(100))
        bills = {date(2027, month, 1): Decimal(100) for month in (2, 3, 4)}
        decisions = deduct([first, second], bills, None, FIRST)
        self.assertEqual(
            [[(t.on.month, int(t.amount)) for t in decision.targets] for decision in decisions],
            [[(2, -100), (3, -50)], [(3, -50), (4, -50)]],
        )

    def test_what_is_too_much_goes(self):
        deposit = Deposit(FIRST, Decimal(100))
        bills = {date(2027, month, 1): Decimal(50) for month in (2, 3)}
        [decision] = deduct([deposit], bills, None, FIRST)
        smaller = replace(deposit, amount=Decimal(50), deductions=as_rows(decision))
        [again] = deduct([smaller], bills, None, FIRST)
        self.assertEqual(([t.key for t in again.targets], again.gone), ([1], [2]))
