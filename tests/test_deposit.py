from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestDeposit(BillingCommon):
    """A deposit is invoiced first, then deducted from what follows: to the cent, and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create({"name": "Deposit", "type": "service"})

    def _create_with_deposit(self, amount, **values):
        """100 a month, and a deposit of 1 January."""
        fee = {"product_id": self.product.id, "kind": "deposit", "price_unit": amount}
        return self._create_billed_contract(
            1200, **{"fee_ids": [Command.create(fee)], "invoice_state": "posted", **values}
        )

    def _get_amounts(self, contract):
        return self._get_moves(contract).mapped("amount_untaxed_signed")

    def test_deducted_until_it_is_used_up(self):
        contract = self._create_with_deposit(250)
        self._run_cron("2027-01-01")
        self.assertEqual(contract.fee_ids.deposit_left, 250)
        self._run_cron("2027-02-01", "2027-03-01")
        self.assertEqual(contract.fee_ids.deposit_left, 50)
        self._run_cron("2027-04-01", "2027-05-01")
        self.assertEqual(self._get_amounts(contract), [350, 0, 0, 50, 100])
        self.assertEqual(contract.fee_ids.deposit_left, 0)
        deposit, february = self._get_moves(contract)[:2]
        line = february.invoice_line_ids.filtered(lambda line: line.price_unit < 0)
        self.assertEqual((line.price_unit, line.product_id), (-100, self.product))
        self.assertEqual(line.name, f"Deposit deducted: Deposit, invoice {deposit.name}")
        self.assertEqual(february.state, "posted")

    def test_the_year_costs_what_it_costs(self):
        for amount in (250, 333.33, 1100, 5000):
            contract = self._create_with_deposit(amount)
            self._run_cron(*(f"2027-{month:02}-01" for month in range(1, 13)), "2028-01-01")
            with self.subTest(amount=amount):
                self.assertAlmostEqual(sum(self._get_amounts(contract)), 1200, 2)
                self.assertEqual(contract.fee_ids.deposit_left, 0)
                self.assertFalse(contract.next_invoice_date)

    def test_the_rest_is_credited_when_the_contract_is_over(self):
        contract = self._create_with_deposit(500)
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-02-10"):
            contract._terminate(date(2027, 2, 28), "Sold")
        self._run_cron("2027-02-10", "2027-03-01")
        self.assertEqual(self._get_amounts(contract), [600, 0, -400])
        self.assertEqual(self._get_moves(contract)[-1].move_type, "out_refund")

    def test_a_draft_deleted_gives_the_deduction_back(self):
        contract = self._create_with_deposit(250, invoice_state="draft")
        self._run_cron("2027-01-01", "2027-02-01")
        february = self._get_moves(contract)[1]
        february.with_user(self.accountant).unlink()
        self.assertEqual(contract.fee_ids.deposit_left, 250)
        self._run_cron("2027-02-02", "2027-03-01", "2027-04-01")
        self.assertEqual(self._get_amounts(contract), [350, 0, 0, 50])

    def test_a_credit_note_gives_the_deduction_back(self):
        contract = self._create_with_deposit(250)
        self._run_cron("2027-01-01", "2027-02-01", "2027-03-01")
        before = self._get_moves(contract)
        march = before[2]
        self.assertEqual(contract.fee_ids.deposit_left, 50)
        with freeze_time("2027-03-05 08:00:00"):
            march._reverse_moves([{"invoice_date": date(2027, 3, 5)}], cancel=True)
        self.assertEqual(contract.fee_ids.deposit_left, 150)
        self._run_cron("2027-04-01", "2027-05-01", "2027-06-01")
        # March was credited and is not billed again; its deduction is made in April.
        self.assertEqual(
            (self._get_moves(contract) - before).mapped("amount_untaxed"), [0, 50, 100]
        )

    def test_a_deposit_credited_is_deducted_no_more(self):
        fee = {
            "product_id": self.product.id,
            "kind": "deposit",
            "price_unit": 250,
            "date": "2027-01-15",
        }
        contract = self._create_with_deposit(250, fee_ids=[Command.create(fee)])
        self._run_cron("2027-01-01", "2027-01-15", "2027-02-01")
        self.assertEqual(self._get_amounts(contract), [100, 250, 0])
        with freeze_time("2027-02-05 08:00:00"):
            self._get_moves(contract)[1]._reverse_moves(
                [{"invoice_date": date(2027, 2, 5)}], cancel=True
            )
        self._run_cron("2027-02-05", "2027-03-01")
        amounts = self._get_amounts(contract)
        # What February deducted was never paid: it is billed after all.
        self.assertEqual(amounts, [100, 250, 0, 100, 100])

    def test_waived(self):
        contract = self._create_with_deposit(250)
        deductions = contract.billing_period_ids.filtered("is_deduction")
        self.assertEqual(deductions.mapped("amount"), [-100, -100, -50])
        with self.assertRaisesRegex(UserError, "waive the deposit itself"):
            deductions[0].with_user(self.accountant)._waive("Goodwill")
        deposit = contract.billing_period_ids.filtered("fee_id") - deductions
        deposit.with_user(self.accountant)._waive("Goodwill")
        contract.sudo()._update_billing_schedule()
        self.assertFalse(contract.billing_period_ids.filtered("is_deduction"))

    def test_none_of_a_shared_invoice_is_deducted_for_another_contract(self):
        ahead = self._create_with_deposit(250, invoice_grouping="customer")
        other = self._create_billed_contract(
            600, invoice_grouping="customer", invoice_state="posted"
        )
        self._run_cron("2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01")
        self.assertEqual(self._get_amounts(ahead), [400, 50, 50, 100])
        self.assertEqual(self._get_moves(other), self._get_moves(ahead))

    def test_rows_of_deductions_are_not_typed(self):
        contract = self._create_with_deposit(250)
        row = contract.billing_period_ids.filtered("is_deduction")[0]
        with self.assertRaises(AccessError):
            row.with_user(self.accountant).write({"is_deduction": False})
