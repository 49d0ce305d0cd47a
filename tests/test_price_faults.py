from datetime import date
from random import Random

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 10:00:00")
class TestPriceFaults(PriceCommon):
    """What goes wrong with revisions of neighbours, and with the data that they are made from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._publish(280, month=date(2027, 1, 1))

    def _approve(self, contract, **values):
        revision = self._simulate(contracts=contract, **values)
        revision.action_approve()
        return revision

    def _get_year(self, coverage, year=2028):
        rows = coverage.billing_period_ids.filtered(lambda row: row.date_start.year == year)
        return round(sum(rows.mapped("amount")), 2)

    def test_a_price_of_0_has_nothing_to_revise(self):
        """OCA/contract#441: the percent of the change was divided by it."""
        contract = self._create_indexed_contract(0, 1000)
        self._publish(294.6, month=date(2028, 1, 1))
        revision = self._approve(contract)
        free, paid = revision.line_ids.sorted("price_before")
        self.assertEqual((free.outcome, free.change, free.price_after), ("unchanged", 0, 0))
        self.assertIn("no price to revise", free.explanation)
        self.assertEqual(paid.outcome, "revised")

    def test_prices_that_are_none_are_refused(self):
        contract = self._create_indexed_contract(1000)
        coverage = contract.coverage_ids
        draft = self._create_contract(self._create_equipment("Later")).coverage_ids
        for price in (-5, 10**15, float("nan"), float("inf")):
            with self.subTest(price=price):
                self.assertRefused("Yearly Price", draft.write, {"price": price})
        with self.assertRaisesRegex(UserError, "agreed"):
            coverage.with_user(self.manager).price = 5

    def test_a_formula_that_divides_by_zero_is_held_and_says_where(self):
        formula = self._create_typed_formula("P0 * S / (S0 - 280)", name="Zero")
        contract = self._create_indexed_contract(1000, formula=formula)
        self._publish(294.6, month=date(2028, 1, 1))
        line = self._simulate(contracts=contract).line_ids
        self.assertEqual((line.outcome, line.price_after), ("held", 1000))
        self.assertIn("divides by zero: “S0 - 280”", line.explanation)
        with self.assertRaises(UserError):
            line.action_release()

    def test_revised_in_the_middle_of_a_period(self):
        """OCA/contract@b1f01a7d: the next date was lost. The periods stay the same partition."""
        contract = self._create_indexed_contract(1200)
        before = [(row.date_start, row.date_end, row.date_invoice) for row in self._rows(contract)]
        self._publish(308, month=date(2028, 1, 1))
        self._approve(contract, on=date(2028, 1, 16))
        after = [(row.date_start, row.date_end, row.date_invoice) for row in self._rows(contract)]
        self.assertEqual(before, after)
        self._run_cron(date(2028, 2, 1))
        self.assertEqual(contract.next_invoice_date, date(2028, 3, 1))

    def _rows(self, contract):
        return contract.billing_period_ids.sorted("date_start")

    def test_lines_add_up_to_the_price(self):
        """OCA/contract@a6798548: a cent was lost between the price shown and the lines."""
        chance = Random(22)
        prices = [chance.randint(1, 10**7) / 100 for _number in range(20)]
        contract = self._create_indexed_contract(*prices)
        self._publish(chance.randint(2810, 3300) / 10, month=date(2028, 1, 1))
        revision = self._approve(contract)
        self.assertEqual(set(revision.line_ids.mapped("outcome")), {"revised"})
        for line in revision.line_ids:
            with self.subTest(price=line.price_before):
                self.assertEqual(self._get_year(line.coverage_id), line.price_after)
                self.assertEqual(round(line.price_after, 2), line.price_after)

    def test_invoices_do_not_wait_unless_it_is_agreed(self):
        """FM17: at the old price, and the difference afterwards."""
        contract = self._create_indexed_contract(1200)
        self._simulate(contracts=contract)
        self._run_cron(date(2028, 1, 10))
        january = self._rows(contract).filtered(lambda row: row.date_start == date(2028, 1, 1))
        self.assertEqual((january.state, january.amount), ("invoiced", 100))
        self._publish(308, month=date(2028, 1, 1))
        self._approve(contract, is_correcting=True)
        correction = contract.billing_period_ids.filtered("rank")
        # 1200 × (0.15 + 0.85 × 308 / 280) is 1302.
        self.assertAlmostEqual(correction.amount, 8.5, delta=0.01)
        self.assertEqual(january.amount, 100)

    def test_invoices_wait_where_it_is_agreed(self):
        contract = self._create_indexed_contract(1200, is_price_awaited=True)
        revision = self._simulate(contracts=contract)
        self._run_cron(date(2028, 1, 10))
        self.assertFalse(self._get_moves(contract))
        self.assertIn("Price Clause", contract.billing_failure)
        with self.assertRaisesRegex(UserError, "not decided yet"):
            contract.with_user(self.accountant).action_create_invoices()
        self._publish(308, month=date(2028, 1, 1))
        revision.action_simulate()
        revision.action_approve()
        self._run_cron(date(2028, 1, 11))
        january = self._rows(contract).filtered(lambda row: row.date_start == date(2028, 1, 1))
        self.assertEqual((january.state, january.amount), ("invoiced", 108.5))
        self.assertFalse(contract.billing_failure)

    def test_a_revision_of_later_lets_invoices_go(self):
        contract = self._create_indexed_contract(1200, is_price_awaited=True)
        self._simulate(on=date(2028, 3, 1), contracts=contract)
        self._run_cron(date(2028, 1, 10))
        self.assertTrue(self._get_moves(contract))

    def test_posted_invoices_stay_whatever_the_index_becomes(self):
        """PR10."""
        contract = self._create_indexed_contract(1200, invoice_state="posted")
        value = self._publish(308, month=date(2028, 1, 1), is_provisional=True)
        revision = self._approve(contract)
        self._run_cron(date(2028, 1, 10))
        moves = self._get_moves(contract)
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        before = [(move.id, move.amount_untaxed, move.state) for move in moves]
        value.write({"value": 350, "is_provisional": False})
        contract._update_billing_schedule()
        revision.action_regularise()
        after = [(move.id, move.amount_untaxed, move.state) for move in moves]
        self.assertEqual(before, after)
        corrections = contract.billing_period_ids.filtered("rank")
        self.assertEqual(corrections.mapped("state"), ["to_invoice"])
