"""tools/billing_ledger.py: rows follow what is due, and what was settled stands."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ..tools.billing_amounts import AmountRule, Pause, Price, due
from ..tools.billing_ledger import (
    BILLED,
    FORGIVEN,
    LONGEST_WAIT,
    OPEN,
    Row,
    Terms,
    coverage_rows,
    fee_rows,
    with_dates,
)
from ..tools.billing_periods import Cycle
from .tools_common import PROPERTY, PureCase

FIRST = date(2027, 1, 1)
MONTHS = st.sampled_from((1, 2, 3, 6, 12))
PRORATION = st.sampled_from(("days", "thirtieths"))
# In whole days from the first one.
DAYS = st.integers(0, 800)


@st.composite
def histories(draw):
    """Steps in the life of a coverage: its end, its price, its periodicity, what was settled."""
    return draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("end"), DAYS),
                st.tuples(st.just("price"), st.tuples(DAYS, st.integers(0, 5000))),
                st.tuples(st.just("pause"), st.tuples(DAYS, st.integers(0, 60))),
                st.tuples(st.just("months"), MONTHS),
                st.tuples(st.just("bill"), st.integers(0, 10)),
            ),
            max_size=8,
        )
    )


class World:
    """What the records hold: the rows, and what they follow."""

    def __init__(self, months, proration):
        self.months, self.proration = months, proration
        self.prices = {FIRST: Decimal(1200)}
        self.pauses = []
        self.last = FIRST + timedelta(days=730)
        self.rows, self.next_key = {}, 1

    @property
    def terms(self):
        return Terms(
            Cycle(FIRST, self.months), AmountRule(self.proration), pauses=tuple(self.pauses)
        )

    @property
    def dated_prices(self):
        return [Price(day, yearly) for day, yearly in sorted(self.prices.items())]

    def decide(self):
        rows = list(self.rows.values())
        return coverage_rows(
            self.terms, rows, self.dated_prices, FIRST, self.last, FIRST + timedelta(days=730)
        )

    def update(self):
        decision = self.decide()
        for key in decision.gone:
            del self.rows[key]
        for target in with_dates(decision.targets, FIRST):
            key = target.key or self.next_key
            self.next_key += not target.key
            self.rows[key] = Row(key, target.period, target.rank, target.amount, target.on, OPEN)

    def step(self, kind, value):
        if kind == "end":
            self.last = min(self.last, FIRST + timedelta(days=value))
        elif kind == "price":
            day, yearly = value
            self.prices[FIRST + timedelta(days=day)] = Decimal(yearly)
        elif kind == "pause":
            day, length = value
            start = FIRST + timedelta(days=day)
            self.pauses.append(Pause(start, start + timedelta(days=length)))
        elif kind == "months":
            self.months = value
        else:
            self.bill(value)
        self.update()

    def bill(self, count, status=BILLED):
        todo = sorted(
            (row for row in self.rows.values() if row.status == OPEN),
            key=lambda row: (row.on, row.rank),
        )
        for row in todo[:count]:
            self.rows[row.key] = Row(row.key, row.period, row.rank, row.amount, row.on, status)


class TestBillingLedger(PureCase):
    """Properties of the decisions, over any history."""

    @PROPERTY
    @given(MONTHS, PRORATION, histories())
    def test_what_is_billed_is_what_is_due(self, months, proration, history):
        """After any history, all rows together are the amount due for the days of the schedule."""
        world = World(months, proration)
        world.update()
        for step in history:
            world.step(*step)
        days = [row for row in world.rows.values() if row.rank == 0]
        total = sum((row.amount for row in world.rows.values()), Decimal())
        owed = sum(
            (
                due(world.terms.rule, row.period, world.dated_prices, world.pauses, world.last)
                for row in days
            ),
            Decimal(),
        )
        self.assertEqual(total, owed)

    @PROPERTY
    @given(MONTHS, PRORATION, histories())
    def test_days_are_parted(self, months, proration, history):
        """Neither a gap nor an overlap, whatever happened."""
        world = World(months, proration)
        world.update()
        for step in history:
            world.step(*step)
        days = sorted(
            (row.period.first, row.period.last) for row in world.rows.values() if row.rank == 0
        )
        self.assertEqual(days[0][0], FIRST)
        for (_first, last), (first, _last) in zip(days, days[1:], strict=False):
            self.assertEqual(first, last + timedelta(days=1))
        self.assertGreaterEqual(days[-1][1], world.last)

    @PROPERTY
    @given(MONTHS, PRORATION, histories())
    def test_deciding_again_changes_nothing(self, months, proration, history):
        world = World(months, proration)
        world.update()
        for step in history:
            world.step(*step)
        before = dict(world.rows)
        world.update()
        self.assertEqual(world.rows, before)

    @PROPERTY
    @given(MONTHS, histories())
    def test_what_was_settled_stands(self, months, history):
        world = World(months, "days")
        world.update()
        settled = {}
        for step in history:
            world.step(*step)
            for key, row in settled.items():
                self.assertEqual(world.rows[key], row)
            settled = {key: row for key, row in world.rows.items() if row.status != OPEN}

    @PROPERTY
    @given(MONTHS, histories())
    def test_what_was_waived_is_neither_billed_nor_credited(self, months, history):
        """With all that is due waived, an earlier end or a lower price leaves nothing to credit."""
        world = World(months, "days")
        world.update()
        world.bill(1000, FORGIVEN)
        for kind, value in history:
            if kind in ("end", "pause"):
                world.step(kind, value)
        self.assertFalse([row for row in world.rows.values() if row.status == OPEN])

    def test_a_correction_waits_for_a_near_invoice_only(self):
        for months, waits in ((1, True), (12, False)):
            world = World(months, "days")
            world.last = None
            world.update()
            world.bill(1)
            world.prices[FIRST] = Decimal(600)
            decision = world.decide()
            today = FIRST + timedelta(days=5)
            [fix] = [target for target in with_dates(decision.targets, today) if target.rank]
            self.assertEqual(fix.on, date(2027, 2, 1) if waits else today)
        self.assertEqual(LONGEST_WAIT, timedelta(days=31))

    def test_fee(self):
        """Billed once; credited when it is not due any more."""
        [target] = fee_rows([], FIRST, Decimal(80)).targets
        billed = Row(1, target.period, 0, target.amount, target.on, BILLED)
        self.assertEqual(fee_rows([billed], FIRST, Decimal(80)), ([], []))
        [credit] = fee_rows([billed], FIRST, Decimal()).targets
        self.assertEqual((credit.rank, credit.amount), (1, Decimal(-80)))
        still_open = Row(1, target.period, 0, target.amount, target.on, OPEN)
        self.assertEqual(fee_rows([still_open], FIRST, Decimal()), ([], [1]))
