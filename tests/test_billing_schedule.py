from datetime import date
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon

MODELS = "odoo.addons.maintenance_contract.models.billing"
NEUTRALIZE = Path(__file__).parents[1] / "data" / "neutralize.sql"


@tagged("post_install", "-at_install")
class TestBillingSchedule(BillingCommon):
    """The rows of the billing schedule: what is billed of a contract, and when."""

    # === PERIODS === #

    def test_activation_parts_the_term(self):
        contract = self._create_billed_contract(1200, 600)
        rows = contract.billing_period_ids
        self.assertEqual(len(rows), 24)
        self.assertEqual(set(rows.mapped("state")), {"to_invoice"})
        self.assertEqual(sum(rows.mapped("amount")), 1800)
        for coverage in contract.coverage_ids:
            days = [
                (row.date_start, row.date_end)
                for row in coverage.billing_period_ids.sorted("date_start")
            ]
            self.assertEqual(days[0][0], date(2027, 1, 1))
            self.assertEqual(days[-1][1], date(2027, 12, 31))
            for (_first, last), (first, _last) in pairwise(days):
                self.assertEqual((first - last).days, 1)
        self.assertEqual(contract.next_invoice_date, date(2027, 1, 1))

    def test_periodicities(self):
        for period, months, count, amount in (
            ("month", 1, 12, 100),
            ("quarter", 3, 4, 300),
            ("half_year", 6, 2, 600),
            ("year", 12, 1, 1200),
            ("months", 4, 3, 400),
        ):
            contract = self._create_billed_contract(
                1200, billing_period=period, billing_months=months
            )
            with self.subTest(period=period):
                self.assertEqual(contract.billing_period_ids.mapped("amount"), [amount] * count)

    def test_aligned_on_the_calendar(self):
        contract = self._create_billed_contract(
            1200, date_start=date(2027, 2, 15), billing_period="quarter",
            billing_alignment="calendar", term_months=6,
        )  # fmt: skip
        self.assertEqual(
            [row[:2] for row in self._get_rows(contract)],
            [
                ("2027-02-15", "2027-03-31"),
                ("2027-04-01", "2027-06-30"),
                ("2027-07-01", "2027-08-14"),
            ],
        )
        self.assertAlmostEqual(contract.billing_period_ids[0].amount, 300 * 45 / 90, 2)

    def test_pro_rata(self):
        """A February of 28 days, of which the last 14 are covered."""
        for proration, amount in (("days", 50), ("thirtieths", 53.33), ("none", 100)):
            contract = self._create_billed_contract(
                1200, date_start=date(2027, 2, 15), billing_period="month",
                billing_alignment="calendar", billing_proration=proration,
            )  # fmt: skip
            with self.subTest(proration=proration):
                self.assertEqual(contract.billing_period_ids[0].amount, amount)

    def test_leap_day(self):
        """Yearly from 29 February: on the last day of February, then on the 29th again."""
        contract = self._create_billed_contract(
            1000, date_start=date(2028, 2, 29), term_months=60, billing_period="year"
        )
        self.assertEqual(
            [str(row.date_invoice) for row in contract.billing_period_ids],
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        )
        self.assertEqual(contract.billing_period_ids.mapped("amount"), [1000] * 5)

    def test_equipment_added_later_joins_the_periods_of_its_contract(self):
        contract = self._create_billed_contract(1200, billing_period="quarter")
        with freeze_time("2027-02-15"):
            contract.coverage_ids = [
                Command.create(
                    {
                        "equipment_id": self._create_equipment("Late").id,
                        "date_start": "2027-02-15",
                        "price": 400,
                    }
                )
            ]
            late = contract.coverage_ids.filtered(lambda coverage: coverage.state == "draft")
            self.assertFalse(late.billing_period_ids)
            late.action_validate()
        first = late.billing_period_ids.sorted("date_start")[0]
        self.assertEqual((first.date_start, first.date_end), (date(2027, 2, 15), date(2027, 3, 31)))
        self.assertEqual(first.amount, 50)

    def test_later_end_is_billed(self):
        contract = self._create_billed_contract(1200, term_months=24)
        coverage = contract.coverage_ids
        with freeze_time("2027-02-01"):
            coverage._end(date(2027, 12, 31), "Sold")
            self.assertEqual(len(coverage.billing_period_ids), 12)
            coverage.with_user(self.manager).date_end = date(2028, 2, 29)
        self.assertEqual(len(coverage.billing_period_ids), 14)

    def test_absurd_periods_are_refused(self):
        for values in ({"date_start": "9999-01-01"}, {"billing_months": 0}):
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self._create_billed_contract(
                    1200, **{"billing_period": "months", "billing_months": 2, **values}
                )

    # === UPDATES === #

    def test_updating_again_changes_nothing(self):
        contract = self._create_billed_contract(1000)
        before = self._get_rows(contract), contract.billing_period_ids.ids
        for day in ("2027-01-01", "2027-06-15"):
            with freeze_time(day):
                contract._update_billing_schedule()
        self.assertEqual((self._get_rows(contract), contract.billing_period_ids.ids), before)

    def test_database_refuses_the_same_days_twice(self):
        row = self._create_billed_contract(1000).billing_period_ids[0]
        for values in (
            {},
            {"date_start": date(2027, 1, 10), "full_start": date(2027, 1, 10)},
            {"rank": 1, "coverage_id": False},
            {"rank": 1, "state": "invoiced"},
            {"rank": 1, "date_end": date(2026, 12, 31)},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                row.copy(values).flush_recordset()

    def test_termination_credits_what_is_not_served(self):
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-20"):
            contract._terminate(date(2027, 1, 17), "Sold", after_the_fact=True)
        self.assertEqual(
            self._get_rows(contract),
            [
                ("2027-01-01", "2027-01-31", 0, 100, "invoiced"),
                ("2027-01-01", "2027-01-31", 1, -45.16, "to_invoice"),
            ],
        )
        self._run_cron("2027-01-21", "2027-02-01", "2027-03-01")
        credit = self._get_moves(contract)[1:]
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 45.16)
        self.assertIn("Correction", credit.invoice_line_ids.name)

    def test_large_contract_is_left_to_the_night(self):
        with patch(f"{MODELS}.contract_schedule.COVERAGES_AT_ONCE", 1):
            contract = self._create_billed_contract(1200, 600)
            self.assertFalse(contract.billing_period_ids)
            self._run_cron("2027-01-01")
        self.assertEqual(len(contract.billing_period_ids), 24)
        self.assertEqual(self._get_moves(contract).amount_untaxed, 150)

    def test_fee_of_a_contract_that_ends_before_is_not_billed(self):
        fee = Command.create(
            {
                "product_id": self.geneva._get_billing_product().id,
                "price_unit": 80,
                "date": "2027-06-01",
            }
        )
        contract = self._create_billed_contract(1200, fee_ids=[fee])
        self.assertEqual(contract.fee_ids.billing_period_ids.amount, 80)
        with freeze_time("2027-01-10"):
            contract._terminate(date(2027, 3, 31), "Notice")
        self.assertFalse(contract.fee_ids.billing_period_ids)

    def test_fee_follows_its_line_until_it_is_invoiced(self):
        product = self.geneva._get_billing_product()
        contract = self._create_billed_contract(1200)
        contracts = contract.with_user(self.manager)
        contracts.fee_ids = [
            Command.create({"product_id": product.id, "price_unit": 80, "date": "2027-06-01"})
        ]
        fee = contracts.fee_ids
        row = contract.fee_ids.billing_period_ids
        fee.write({"quantity": 3, "date": date(2027, 7, 1)})
        self.assertEqual(contract.fee_ids.billing_period_ids.amount, 240)
        self.assertEqual(contract.fee_ids.billing_period_ids.date_invoice, date(2027, 7, 1))
        fee.unlink()
        self.assertFalse(row.exists())
        for values in ({"quantity": 0}, {"price_unit": float("nan")}, {"date": "1900-01-01"}):
            with (
                self.subTest(values=values),
                self.assertRaises(ValidationError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                contracts.fee_ids = [
                    Command.create({"product_id": product.id, "price_unit": 80, **values})
                ]
                self.env.flush_all()

    # === PRICES === #

    def test_price_typed_is_the_first_of_its_history(self):
        contract = self._create_billed_contract(1200)
        price = contract.coverage_ids.price_ids
        self.assertEqual(
            (price.date_start, price.yearly, price.origin), (date(2027, 1, 1), 1200, "initial")
        )

    def test_setting_a_price_twice_changes_nothing(self):
        coverage = self._create_billed_contract(1200).coverage_ids
        for _time in range(2):
            with freeze_time("2027-02-01"):
                coverage._set_price(date(2027, 4, 1), 2400, "revision")
            self.assertEqual(sorted(coverage.price_ids.mapped("yearly")), [1200, 2400])
            self.assertEqual(sum(coverage.billing_period_ids.mapped("amount")), 300 + 1800)

    def test_price_shown_is_the_one_in_force(self):
        coverage = self._create_billed_contract(1200).coverage_ids
        with freeze_time("2027-02-01"):
            coverage._set_price(date(2027, 4, 1), 2400, "revision")
        self._run_cron("2027-03-31")
        self.assertEqual(coverage.price, 1200)
        self._run_cron("2027-04-01")
        self.assertEqual(coverage.price, 2400)

    def test_history_of_prices_is_written_by_the_program(self):
        price = self._create_billed_contract(1200).coverage_ids.price_ids
        for user in (self.manager, self.administrator, self.accountant):
            with self.assertRaises(AccessError):
                price.with_user(user).write({"yearly": 1})
            with self.assertRaises(AccessError):
                price.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "kept"):
            price.unlink()

    # === COPIES OF A DATABASE === #

    def test_restored_copy_invoices_nobody(self):
        cron = self.env.ref("maintenance_contract.ir_cron_invoice_due")
        self.assertTrue(cron.active)
        self.env.cr.execute(NEUTRALIZE.read_text())
        cron.invalidate_recordset()
        self.assertFalse(cron.active)


@tagged("post_install", "-at_install")
class TestBillingPreview(BillingCommon):
    """The wizard shows what a date will bring, then does it."""

    def _preview(self, day, **values):
        with freeze_time("2027-01-01 08:00:00"):
            return (
                self.env["maintenance.billing.preview"]
                .with_user(self.accountant)
                .create({"date": day, **values})
            )

    def test_what_is_shown_is_done(self):
        contracts = self._create_billed_contract(1200) | self._create_billed_contract(
            600, billing_timing="arrears"
        )
        self.assertEqual(self._preview("2027-01-30").line_ids.contract_ids, contracts[0])
        preview = self._preview("2027-02-01")
        shown = sorted(
            (line.contract_ids.name, str(line.date_invoice), line.amount)
            for line in preview.line_ids
        )
        self.assertFalse(self._get_moves(contracts))
        with freeze_time("2027-01-01 08:00:00"):
            preview.action_create_invoices()
        done = sorted(
            (move.maintenance_contract_ids.name, str(move.invoice_date), move.amount_untaxed)
            for move in self._get_moves(contracts)
        )
        self.assertEqual(shown, done)
        self.assertEqual(len(done), 3)

    def test_those_that_cannot_be_invoiced_say_why(self):
        gone = self.env["res.partner"].create({"name": "Gone"})
        blocked = self._create_billed_contract(1200)
        blocked.sudo().partner_id = gone
        gone.active = False
        other = self._create_billed_contract(1200)
        preview = self._preview("2027-01-01")
        self.assertEqual((preview.invoice_count, preview.obstacle_count), (1, 1))
        self.assertIn("archived", preview.line_ids.filtered("obstacle").obstacle)
        with freeze_time("2027-01-01 08:00:00"):
            preview.action_create_invoices()
        self.assertFalse(self._get_moves(blocked))
        self.assertTrue(self._get_moves(other))
        self.assertIn("archived", blocked.billing_failure)

    def test_one_of_a_customer_that_cannot_be_invoiced_keeps_no_other_from_it(self):
        ready, blocked = (
            self._create_billed_contract(1200, invoice_grouping="customer") for _n in range(2)
        )
        obstacles = {blocked: "no rate"}
        with patch.object(type(ready), "_get_billing_obstacles", lambda _contracts: obstacles):
            preview = self._preview("2027-01-01")
            self.assertEqual(
                sorted((line.contract_ids.ids, line.obstacle) for line in preview.line_ids),
                [(ready.ids, False), (blocked.ids, "no rate")],
            )
            with freeze_time("2027-01-01 08:00:00"):
                preview.action_create_invoices()
        self.assertEqual(self._get_moves(ready).amount_untaxed, 100)

    def test_contracts_that_were_not_chosen_are_left_alone(self):
        """Those that share an invoice at night do not when some of them are chosen."""
        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200, invoice_grouping="customer") for _n in range(3))
        )
        preview = self._preview("2027-01-01", contract_ids=[Command.set(contracts[:2].ids)])
        self.assertEqual(preview.line_ids.amount, 200)
        with freeze_time("2027-01-01 08:00:00"):
            preview.action_create_invoices()
        self.assertEqual(self._get_moves(contracts).maintenance_contract_ids, contracts[:2])

    def test_many_are_left_to_the_night(self):
        self._create_billed_contract(1200)
        self._create_billed_contract(1200)
        with (
            patch("odoo.addons.maintenance_contract.wizard.billing_preview.CONTRACTS_AT_ONCE", 1),
            freeze_time("2027-01-01 08:00:00"),
        ):
            action = self._preview("2027-01-01").action_create_invoices()
            self.assertEqual(action["tag"], "display_notification")
            with self.assertRaisesRegex(UserError, "ahead of their day"):
                self._preview("2027-02-01").action_create_invoices()

    def test_nothing_due(self):
        with self.assertRaisesRegex(UserError, "Nothing"):
            self._preview("2020-01-01").action_create_invoices()

    def test_who_may(self):
        """The manager looks; who makes invoices does it."""
        self._create_billed_contract(1200)
        with freeze_time("2027-01-01 08:00:00"):
            preview = (
                self.env["maintenance.billing.preview"]
                .with_user(self.manager)
                .create({"date": "2027-01-01"})
            )
            self.assertEqual(preview.line_ids.amount, 100)
            with self.assertRaises(AccessError):
                preview.action_create_invoices()
