from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon

INVOICING = "odoo.addons.maintenance_contract.models.billing.contract_invoice"
PERIODS = "odoo.addons.maintenance_contract.models.billing.billing_period"
BATCH_LOGGER = "odoo.addons.maintenance_contract.models.core.batch"


@tagged("post_install", "-at_install")
class TestInvoicing(BillingCommon):
    """Invoices of contracts: each period once, with the contract's own conditions."""

    def _click(self, contract, day, user=None):
        """The button of the contract, as the accountant."""
        with freeze_time(f"{day} 08:00:00"):
            return contract.with_user(user or self.accountant).action_create_invoices()

    # === WHAT IS INVOICED, AND WHEN === #

    def test_each_period_once_whatever_runs(self):
        """OCA/contract#1473, button: invoiced twice by a second run, ahead by a second click."""
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01", "2027-01-01", "2027-01-02")
        with self.assertRaisesRegex(UserError, "02/01/2027"):
            self._click(contract, "2027-01-15")
        self._run_cron("2027-02-01")
        with self.assertRaisesRegex(UserError, "03/01/2027"):
            self._click(contract, "2027-02-01")
        self.assertEqual(len(self._get_moves(contract)), 2)

    def test_click_until_the_end(self):
        """OCA/contract#712: the third click was an error."""
        contract = self._create_billed_contract(1200, term_months=3)
        for day in ("2027-01-01", "2027-02-01", "2027-03-01"):
            self._click(contract, day)
        with self.assertRaisesRegex(UserError, "Nothing is to invoice"):
            self._click(contract, "2027-04-01")
        self.assertEqual(sum(self._get_moves(contract).mapped("amount_untaxed")), 300)

    def test_downtime_bills_each_period_on_an_invoice_of_its_own(self):
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-04-15")
        moves = self._get_moves(contract)
        self.assertEqual(moves.mapped("amount_untaxed"), [100] * 4)
        self.assertEqual(set(moves.mapped("invoice_date")), {date(2027, 4, 15)})

    def test_in_arrears_the_last_period_is_invoiced_too(self):
        """OCA/contract@65147775: the last period in arrears was forgotten."""
        contract = self._create_billed_contract(1200, term_months=2, billing_timing="arrears")
        self._run_cron("2027-01-30")
        self.assertFalse(self._get_moves(contract))
        self._run_cron("2027-01-31", "2027-02-28", "2027-03-01", "2027-03-31")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [100, 100])

    def test_end_of_month(self):
        """From 31 January, the periods are those of the month ends, without drift."""
        contract = self._create_billed_contract(1200, date_start=date(2028, 1, 31), term_months=3)
        self.assertEqual(
            [(row[0], row[1]) for row in self._get_rows(contract)],
            [
                ("2028-01-31", "2028-02-28"),
                ("2028-02-29", "2028-03-30"),
                ("2028-03-31", "2028-04-29"),
            ],
        )
        self._run_cron("2028-02-28", "2028-02-29", "2028-03-31")
        self.assertEqual(len(self._get_moves(contract)), 3)

    def test_over_the_new_year(self):
        """Invoiced on 27 December for 1 January, by the wizard: both dates are of January.

        OCA/contract@5548208d: the accounting date was another.
        """
        contract = self._create_billed_contract(
            1200, date_start=date(2028, 1, 1), invoice_state="posted"
        )
        with freeze_time("2027-12-27 08:00:00"):
            preview = (
                self.env["maintenance.billing.preview"]
                .with_user(self.accountant)
                .create({"date": "2028-01-01", "contract_ids": [Command.set(contract.ids)]})
            )
            self.assertEqual(preview.line_ids.mapped("amount"), [100])
            preview.action_create_invoices()
        move = self._get_moves(contract)
        self.assertEqual(
            (move.state, move.invoice_date, move.date),
            ("posted", date(2028, 1, 1), date(2028, 1, 1)),
        )

    def test_free_equipment_is_on_no_invoice_and_stops_no_other(self):
        contract = self._create_billed_contract(0, 1200)
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        self.assertEqual(len(move.invoice_line_ids), 1)
        self.assertEqual(contract.next_invoice_date, date(2027, 2, 1))
        free = self._create_billed_contract(0)
        self._run_cron("2027-01-01")
        self.assertFalse(self._get_moves(free))
        self.assertFalse(free.next_invoice_date)

    def test_cents(self):
        """Any price a year: its months add up to it, and the lines to their invoice.

        OCA/contract@a6798548: cents were lost.
        """
        prices = (0.01, 1000, 999.99, 123.45, 7777.77)
        contract = self._create_billed_contract(*prices)
        self._run_cron(*(f"2027-{month:02}-01" for month in range(1, 13)))
        for coverage, price in zip(
            contract.coverage_ids.sorted("price"), sorted(prices), strict=True
        ):
            self.assertAlmostEqual(sum(coverage.billing_period_ids.mapped("amount")), price, 2)
        for move in self._get_moves(contract):
            self.assertAlmostEqual(
                sum(move.invoice_line_ids.mapped("price_subtotal")), move.amount_untaxed, 2
            )
        self.assertAlmostEqual(
            sum(self._get_moves(contract).mapped("amount_untaxed")), sum(prices), 2
        )

    def test_one_off_lines(self):
        product = self.env["product.product"].create({"name": "Set-up", "type": "service"})
        contract = self._create_billed_contract(
            1200,
            fee_ids=[
                Command.create({"product_id": product.id, "price_unit": 40, "quantity": 2}),
                Command.create(
                    {
                        "product_id": product.id,
                        "name": "Deposit",
                        "kind": "deposit",
                        "price_unit": 500,
                        "date": "2027-02-01",
                    }
                ),
            ],
        )
        self._run_cron("2027-01-01", "2027-01-02", "2027-02-01", "2027-03-01")
        moves = self._get_moves(contract)
        self.assertEqual(moves.mapped("amount_untaxed"), [180, 600, 0])
        line = moves[0].invoice_line_ids[1]
        self.assertEqual((line.name, line.quantity, line.price_unit), ("Set-up", 2, 40))
        with self.assertRaisesRegex(UserError, "invoiced already"):
            contract.fee_ids[0].price_unit = 50
        with self.assertRaisesRegex(UserError, "invoiced already"):
            contract.fee_ids[0].unlink()

    # === CONDITIONS OF THE CONTRACT === #

    def test_conditions_are_those_of_the_contract(self):
        self.customer.lang = "fr_FR"
        plan = self.env["account.analytic.plan"].create({"name": "Contracts"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Service", "plan_id": plan.id, "company_id": self.geneva.id}
        )
        term = self.env["account.payment.term"].create({"name": "10 days"})
        journal = self.env["account.journal"].create(
            {"name": "Contracts", "code": "CTR", "type": "sale", "company_id": self.geneva.id}
        )
        position = self.env["account.fiscal.position"].create(
            {"name": "Exempt", "company_id": self.geneva.id}
        )
        contract = self._create_billed_contract(
            1200,
            payment_term_id=term.id,
            journal_id=journal.id,
            fiscal_position_id=position.id,
            analytic_distribution={str(analytic.id): 100},
            customer_reference="PO-7",
        )
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        self.assertEqual(
            (
                move.company_id, move.partner_id, move.journal_id, move.fiscal_position_id,
                move.invoice_payment_term_id, move.invoice_user_id, move.ref, move.invoice_origin,
            ),
            (
                self.geneva, self.customer, journal, position, term, self.manager, "PO-7",
                contract.name,
            ),
        )  # fmt: skip
        line = move.invoice_line_ids
        self.assertEqual(line.analytic_distribution, {str(analytic.id): 100})
        self.assertIn("01/01/2027", line.name)
        self.assertIn("31/01/2027", line.name)
        self.assertIn("Machine 1", line.name)
        self.assertIn("Usine Meyrin", line.name)

    def test_each_company_with_its_own_accounts(self):
        """OCA/contract#410: the accounts were those of another company."""
        contracts = {}
        for company in (self.geneva, self.paris):
            env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
            equipment = env["maintenance.equipment"].create(
                {"name": company.name, "company_id": company.id, "site_id": self.site.id}
            )
            contracts[company] = env["maintenance.contract"].create(
                {
                    "company_id": company.id,
                    "partner_id": self.customer.id,
                    "warranty_type_id": self.quiet_type.id,
                    "date_start": "2027-01-01",
                    "currency_id": company.currency_id.id,
                    "coverage_ids": [Command.create({"equipment_id": equipment.id, "price": 900})],
                }
            )
            contracts[company].action_offer()
            contracts[company].action_accept()
            contracts[company].action_activate()
        self._run_cron("2027-01-01")
        for company, contract in contracts.items():
            move = self._get_moves(contract)
            self.assertEqual(len(move), 1)
            self.assertEqual((move.company_id, move.journal_id.company_id), (company, company))
            self.assertEqual(move.line_ids.account_id.company_ids, company)
            self.assertEqual(move.line_ids.tax_ids.company_id, company)
            self.assertEqual(move.invoice_line_ids.account_id, company.income_account_id)

    def test_currency_without_a_rate_waits(self):
        """OCA/contract#1431, @38a0eb8b: invoiced in another currency."""
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "X", "rounding": 0.01, "active": True}
        )
        contract = self._create_billed_contract(1200, currency_id=currency.id)
        other = self._create_billed_contract(600)
        self._run_cron("2027-01-01", "2027-01-02")
        self.assertFalse(self._get_moves(contract))
        self.assertIn("XTS", contract.billing_failure)
        self.assertEqual(len(self._get_moves(other)), 1)
        told = contract.message_ids.filtered(lambda message: "XTS" in str(message.body))
        self.assertEqual(len(told), 1)
        self.assertEqual(contract.activity_ids.user_id, self.manager)
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": "2027-01-01",
                "rate": 4,
                "company_id": self.geneva.id,
            }
        )
        self._run_cron("2027-01-03")
        move = self._get_moves(contract)
        self.assertEqual((move.currency_id, move.amount_untaxed), (currency, 100))
        self.assertEqual(-sum(move.invoice_line_ids.mapped("balance")), 25)
        self.assertFalse(contract.billing_failure)
        self.assertFalse(contract.activity_ids)

    # === GROUPING AND DETAIL === #

    def test_grouped_by_customer(self):
        contracts = self.env["maintenance.contract"].union(
            self._create_billed_contract(1200, invoice_grouping="customer"),
            self._create_billed_contract(600, invoice_grouping="customer"),
            self._create_billed_contract(240),
            self._create_billed_contract(
                120,
                invoice_grouping="customer",
                partner_id=self.other_customer.id,
                site_ids=[Command.set(self.site.ids)],
            ),
        )
        self._run_cron("2027-01-01")
        self.assertEqual(sorted(self._get_moves(contracts).mapped("amount_untaxed")), [10, 20, 150])
        shared = self._get_moves(contracts[0])
        self.assertEqual(shared.maintenance_contract_ids, contracts[:2])

    def test_grouped_by_customer_across_batches(self):
        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200, invoice_grouping="customer") for _n in range(5))
        )
        with patch(
            f"{INVOICING}.CONTRACTS_PER_BATCH",
            2,
        ):
            self._run_cron("2027-01-01")
        self.assertEqual(self._get_moves(contracts).amount_untaxed, 500)

    def test_batches_and_order_do_not_matter(self):
        outcomes = []
        for size in (1, 2, 100):
            contracts = self.env["maintenance.contract"].union(
                *(
                    self._create_billed_contract(price, 2 * price, invoice_grouping=grouping)
                    for price in (100, 1000)
                    for grouping in ("contract", "customer")
                )
            )
            with patch(f"{INVOICING}.CONTRACTS_PER_BATCH", size):
                self._run_cron("2027-02-01")
            moves = self._get_moves(contracts)
            lines = moves.invoice_line_ids
            outcomes.append(
                sorted((line.price_unit, str(line.move_id.invoice_date)) for line in lines)
                + sorted(moves.mapped("amount_total"))[:4]
            )
            contracts.action_archive()
        self.assertEqual(outcomes[1], outcomes[2])
        self.assertEqual(outcomes[0][:16], outcomes[1][:16])

    def test_detail(self):
        for detail, count in (("equipment", 3), ("site", 2), ("contract", 1)):
            contract = self._create_billed_contract(1200, 600, 120, invoice_detail=detail)
            contract.coverage_ids.equipment_id[0].site_id = self.site_2
            self._run_cron("2027-01-01")
            with self.subTest(detail=detail):
                move = self._get_moves(contract)
                self.assertEqual(len(move.invoice_line_ids), count)
                self.assertEqual(move.amount_untaxed, 160)
                self.assertEqual(len(move.invoice_line_ids.billing_period_ids), 3)

    def test_lines_say_period_equipment_and_site(self):
        days = "from 01/01/2027 to 01/31/2027"
        for detail, names in (
            ("site", ["Machine 2, Machine 3, Usine Meyrin", "Machine 1, Usine Nyon"]),
            ("contract", ["Machine 2, Machine 3, Machine 1, Usine Meyrin, Usine Nyon"]),
        ):
            contract = self._create_billed_contract(1200, 600, 120, invoice_detail=detail)
            contract.coverage_ids.equipment_id.filtered(
                lambda equipment: equipment.name == "Machine 1"
            ).site_id = self.site_2
            self._run_cron("2027-01-01")
            with self.subTest(detail=detail):
                self.assertEqual(
                    self._get_moves(contract).invoice_line_ids.sorted("sequence").mapped("name"),
                    [f"{name}, {days}" for name in names],
                )
        with patch(f"{PERIODS}.MOST_NAMED", 1):
            self.assertEqual(
                contract.billing_period_ids[:3]._get_label().split(", ")[0], "3 equipment"
            )

    def test_lines_of_a_shared_invoice_say_their_contract(self):
        contracts = self.env["maintenance.contract"].union(
            *(
                self._create_billed_contract(
                    1200, invoice_grouping="customer", customer_reference=f"PO-{n}"
                )
                for n in range(2)
            )
        )
        self._run_cron("2027-01-01")
        move = self._get_moves(contracts)
        numbers = contracts.sorted("id").mapped("name")
        self.assertEqual(move.invoice_origin, ", ".join(numbers))
        self.assertEqual(move.ref, "PO-0, PO-1")
        for number, line in zip(numbers, move.invoice_line_ids.sorted("sequence"), strict=True):
            self.assertTrue(line.name.startswith(f"{number}, Machine 1, "), line.name)

    # === FAILURES === #

    def test_one_that_fails_stops_no_other(self):
        """OCA/contract@4c7ba3fa: one failure rolled all others back."""
        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200) for _n in range(3))
        )
        rows = type(self.env["maintenance.billing.period"])
        prepare = rows._prepare_invoice

        def fail(periods, *args):
            if contracts[1] in periods.contract_id:
                raise ValueError("no way")
            return prepare(periods, *args)

        with patch.object(rows, "_prepare_invoice", fail), mute_logger(BATCH_LOGGER):
            self._run_cron("2027-01-01", "2027-01-02")
        self.assertEqual([len(self._get_moves(contract)) for contract in contracts], [1, 0, 1])
        self.assertEqual(contracts[1].billing_failure, "no way")
        self.assertEqual(len(contracts[1].activity_ids), 1)
        self._run_cron("2027-01-03")
        self.assertEqual(len(self._get_moves(contracts[1])), 1)
        self.assertFalse(contracts[1].billing_failure)

    def test_those_that_cannot_be_invoiced_starve_no_other(self):
        """OCA/contract#260: those that cannot be invoiced filled the batch of each run."""
        blocked = self._create_billed_contract(1200)
        self.customer.copy()
        archived = self.env["res.partner"].create({"name": "Gone"})
        blocked.sudo().partner_id = archived
        archived.active = False
        other = self._create_billed_contract(1200)
        with patch(
            f"{INVOICING}.CONTRACTS_PER_BATCH",
            1,
        ):
            self._run_cron("2027-01-01")
        self.assertIn("archived", blocked.billing_failure)
        self.assertEqual(len(self._get_moves(other)), 1)
        with self.assertRaisesRegex(UserError, "archived"):
            self._click(blocked, "2027-01-01")

    def test_archived_contract_is_not_invoiced(self):
        """OCA/contract@cf36d389: an archived contract was invoiced."""
        contract = self._create_billed_contract(1200)
        contract.action_archive()
        self._run_cron("2027-01-01")
        self.assertFalse(self._get_moves(contract))
        contract.action_unarchive()
        self._run_cron("2027-01-02")
        self.assertEqual(len(self._get_moves(contract)), 1)

    def test_invoicing_an_archived_contract_by_its_button_makes_a_draft(self):
        contract = self._create_billed_contract(1200)
        contract.action_archive()
        self._click(contract, "2027-01-01")
        self.assertEqual(self._get_moves(contract).state, "draft")

    def test_address_of_a_qr_bill_is_complete(self):
        chf = self.env.ref("base.CHF")
        chf.active = True
        contract = self._create_billed_contract(1200)
        contract.sudo().billing_period_ids.unlink()
        contract.currency_id = chf
        contract.sudo()._update_billing_schedule()
        self.env["res.currency.rate"].create(
            {"currency_id": chf.id, "name": "2027-01-01", "rate": 1, "company_id": self.geneva.id}
        )
        self.geneva.partner_id.write({"street": "Rue 1", "zip": "1200", "city": "Genève"})
        banks = type(self.env["res.partner.bank"])
        with patch.object(
            banks, "_get_available_qr_methods", lambda self: [("ch_qr", "Swiss", 10)]
        ):
            self._run_cron("2027-01-01")
            self.assertRegex(contract.billing_failure, "QR-bill.*Horloger SA.*Street")
            self.customer.write(
                {
                    "street": "Rue 2",
                    "zip": "1217",
                    "city": "Meyrin",
                    "country_id": self.env.ref("base.ch").id,
                }
            )
            self._run_cron("2027-01-02")
        self.assertEqual(len(self._get_moves(contract)), 1)

    # === WHAT BECOMES OF AN INVOICE === #

    def test_deleting_a_draft_gives_its_periods_back(self):
        contract = self._create_billed_contract(1200, 600)
        self._run_cron("2027-01-01")
        move = self._get_moves(contract).with_user(self.accountant)
        move.unlink()
        self.assertEqual(set(contract.billing_period_ids.mapped("state")), {"to_invoice"})
        self.assertEqual(contract.next_invoice_date, date(2027, 1, 1))
        self._run_cron("2027-01-02")
        self.assertEqual(self._get_moves(contract).amount_untaxed, 150)

    def test_deleting_a_line_of_a_draft_gives_its_period_back(self):
        contract = self._create_billed_contract(1200, 600)
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        move.invoice_line_ids[0].unlink()
        self._run_cron("2027-01-02")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [50, 100])

    def test_cancelling_a_draft_gives_its_periods_back(self):
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        move.button_cancel()
        self._run_cron("2027-01-02")
        self.assertNotEqual(self._get_moves(contract), move)
        with self.assertRaisesRegex(UserError, "billing schedule"):
            move.button_draft()

    def test_credit_note_and_billing_again(self):
        contract = self._create_billed_contract(1200, invoice_state="posted")
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        self.assertEqual(move.state, "posted")
        with self.assertRaises(UserError):
            move.unlink()
        with freeze_time("2027-01-05"):
            refund = move._reverse_moves(cancel=True)
        row = contract.billing_period_ids.filtered("move_id")
        self.assertEqual(row.state, "credited")
        refund.button_draft()
        self.assertEqual(row.state, "invoiced", "the credit note was taken back")
        refund.action_post()
        self.assertEqual(row.state, "credited")
        self._run_cron("2027-01-06")
        self.assertEqual(row.state, "credited", "not billed again by itself")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            row.with_user(self.manager).action_bill_again()
        with freeze_time("2027-01-07"):
            row.with_user(self.accountant).action_bill_again()
        self._run_cron("2027-01-07")
        self.assertEqual(self._get_moves(contract).amount_untaxed, 100)
        self.assertNotEqual(self._get_moves(contract), move)
        with self.assertRaisesRegex(UserError, "billing schedule"):
            refund.button_draft()

    def test_credited_invoice_does_not_count_again_for_periods_billed_again(self):
        contract = self._create_billed_contract(1200, 600, invoice_state="posted")
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        with freeze_time("2027-01-05"):
            refund = move._reverse_moves(cancel=True)
        with self.assertRaisesRegex(UserError, "it is credited"):
            move.button_draft()
        with freeze_time("2027-01-07"):
            row = move.invoice_line_ids[0].billing_period_ids
            row.with_user(self.accountant).action_bill_again()
        for document in (refund, move):
            with self.assertRaisesRegex(UserError, "billing schedule"):
                document.button_draft()

    def test_credit_note_taken_back_after_the_end(self):
        """What changed while the periods were credited is corrected."""
        contract = self._create_billed_contract(1200, invoice_state="posted")
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-20"):
            refund = self._get_moves(contract)._reverse_moves(cancel=True)
            contract._terminate(date(2027, 1, 17), "Sold")
            refund.button_draft()
        self.assertEqual(
            self._get_rows(contract),
            [
                ("2027-01-01", "2027-01-31", 0, 100, "invoiced"),
                ("2027-01-01", "2027-01-31", 1, -45.16, "to_invoice"),
            ],
        )

    def test_reversed_and_made_again(self):
        """*Reverse and Create Invoice*: each period is on the draft, exactly once."""
        contract = self._create_billed_contract(1200, 600, invoice_state="posted")
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        rows = contract.billing_period_ids.filtered("move_id")
        lines = {row: row.move_line_id.name for row in rows}
        with freeze_time("2027-01-05 08:00:00"):
            wizard = (
                self.env["account.move.reversal"]
                .with_user(self.accountant)
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"date": "2027-01-05", "journal_id": move.journal_id.id})
            )
            wizard.modify_moves()
        draft = wizard.new_move_ids
        self.assertEqual((move.payment_state, draft.state), ("reversed", "draft"))
        self.assertEqual(rows.move_id, draft)
        self.assertEqual(set(rows.mapped("state")), {"invoiced"})
        self.assertEqual({row: row.move_line_id.name for row in rows}, lines)
        self.assertEqual(len(contract.billing_period_ids), 24, "nothing is billed a second time")
        self.assertEqual(draft.maintenance_contract_ids, contract)
        self.assertEqual(contract.invoice_count, 3)
        for document in (move, move.reversal_move_ids):
            with self.assertRaisesRegex(UserError, "billing schedule"):
                document.button_draft()
        self._run_cron("2027-01-06")
        self.assertEqual(rows.move_id, draft)
        draft.with_user(self.accountant).unlink()
        self.assertEqual(set(rows.mapped("state")), {"to_invoice"})
        self._run_cron("2027-01-07")
        self.assertEqual(rows.move_id.amount_untaxed, 150)
        self.assertNotIn(rows.move_id, move | draft)

    def test_credit_note_over_a_part_leaves_the_period_invoiced(self):
        contract = self._create_billed_contract(1200, invoice_state="posted")
        self._run_cron("2027-01-01")
        move = self._get_moves(contract)
        refund = move._reverse_moves()
        refund.invoice_line_ids.price_unit = 30
        refund.invoice_date = date(2027, 1, 5)
        refund.action_post()
        self.assertEqual(contract.billing_period_ids.filtered("move_id").state, "invoiced")

    def test_waiving(self):
        contract = self._create_billed_contract(1200)
        rows = contract.billing_period_ids.sorted("date_start")[:2]
        for user in (self.manager, self.dispatcher, self.technician):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                rows.with_user(user)._waive("Goodwill")
        action = rows.with_user(self.accountant).action_waive()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.accountant)
            .with_context(**action["context"])
        )
        wizard.reason = "Goodwill"
        wizard.save().action_waive()
        self.assertEqual(set(rows.mapped("state")), {"waived"})
        self._run_cron("2027-01-01", "2027-02-01", "2027-03-01")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [100])
        with freeze_time("2027-03-10"):
            contract._terminate(date(2027, 1, 10), "Fire", after_the_fact=True)
        self.assertEqual(
            sum(
                contract.billing_period_ids.filtered(lambda r: r.state == "to_invoice").mapped(
                    "amount"
                )
            ),
            -100,
            "March is credited; what was waived is not",
        )

    def test_rows_are_written_by_actions_only(self):
        row = self._create_billed_contract(1200).billing_period_ids[0]
        for values in ({"state": "invoiced"}, {"amount": 1}, {"date_invoice": "2029-01-01"}):
            with self.assertRaises(AccessError):
                row.with_user(self.accountant).write(values)
        with self.assertRaises(AccessError):
            row.with_user(self.accountant).unlink()

    def test_only_who_makes_invoices_may_click(self):
        contract = self._create_billed_contract(1200)
        for user in (self.manager, self.dispatcher, self.technician):
            with self.assertRaises(AccessError):
                self._click(contract, "2027-01-01", user)

    # === THE LIFE OF THE CONTRACT === #

    def test_nothing_after_the_termination(self):
        """OCA/contract#1086: invoices after the termination."""
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-10"):
            contract._terminate(date(2027, 1, 31), "Notice")
        self._run_cron("2027-02-01", "2027-03-01", "2027-04-01")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [100])
        self.assertFalse(contract.next_invoice_date)

    def test_terminated_on_the_last_day_invoiced(self):
        """OCA/contract#853: an end on the last day invoiced was an error."""
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-03-05"):
            contract._terminate(date(2027, 2, 28), "Notice")
        self._run_cron("2027-03-05")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [100, 100])

    def test_credit_and_debit_are_the_days_served(self):
        contract = self._create_billed_contract(3650, billing_period="quarter")
        self._run_cron("2027-01-01", "2027-04-01", "2027-07-01")
        with freeze_time("2027-07-10"):
            contract._terminate(date(2027, 5, 17), "Notice", after_the_fact=True)
        self._run_cron("2027-07-10")
        moves = self._get_moves(contract)
        self.assertEqual(moves[-1].move_type, "out_refund")
        due = 912.5 + round(912.5 * 47 / 91, 2)
        self.assertAlmostEqual(sum(moves.mapped("amount_untaxed_signed")), due, 2)

    def test_a_credit_is_deducted_from_the_next_invoice_when_it_is_near(self):
        contract = self._create_billed_contract(1200, 1200)
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-20"):
            contract.coverage_ids[0]._end(date(2027, 1, 17), "Sold")
        self._run_cron("2027-01-20", "2027-02-01")
        moves = self._get_moves(contract)
        self.assertEqual(moves.mapped("move_type"), ["out_invoice", "out_invoice"])
        self.assertEqual(moves.mapped("amount_untaxed"), [200, 54.84])

    def test_ending_equipment_leaves_the_others_alone(self):
        """OCA/contract#922: what was stopped was invoiced again."""
        contract = self._create_billed_contract(1200, 600, 240)
        first, second, third = contract.coverage_ids.sorted("price", reverse=True)
        with freeze_time("2027-01-10"):
            first._end(date(2027, 1, 31), "Sold")
            second._end(date(2027, 2, 28), "Sold")
        self.assertEqual(len(first.billing_period_ids), 1)
        self.assertEqual(len(second.billing_period_ids), 2)
        self.assertEqual(len(third.billing_period_ids), 12)
        self._run_cron("2027-01-10", "2027-02-01", "2027-03-01")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [170, 70, 20])

    def test_price_change_inside_a_period(self):
        contract = self._create_billed_contract(1200, billing_period="year")
        self._run_cron("2027-01-01")
        with freeze_time("2027-03-01"):
            contract.coverage_ids._set_price(date(2027, 7, 1), 2400, "revision")
        self.assertEqual(contract.coverage_ids.price, 1200)
        self._run_cron("2027-03-01")
        moves = self._get_moves(contract)
        self.assertEqual(moves[0].amount_untaxed, 1200, "what was invoiced does not change")
        self.assertAlmostEqual(moves[1].amount_untaxed, 1200 * 184 / 365, 2)
        self._run_cron("2027-07-01")
        self.assertEqual(contract.coverage_ids.price, 2400)

    def test_price_of_ended_equipment_does_not_change_what_was_served(self):
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-20"):
            contract.coverage_ids._end(date(2027, 1, 31), "Sold")
            contract.coverage_ids._set_price(date(2027, 2, 1), 9999, "revision")
        self._run_cron("2027-02-01", "2027-03-01")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [100])

    def test_changed_periodicity_goes_on_behind_what_is_invoiced(self):
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        with freeze_time("2027-01-15"):
            contract.with_user(self.manager).billing_period = "quarter"
        self.assertEqual(
            [row[:2] + row[3:4] for row in self._get_rows(contract)],
            [
                ("2027-01-01", "2027-01-31", 100),
                ("2027-02-01", "2027-03-31", 200),
                ("2027-04-01", "2027-06-30", 300),
                ("2027-07-01", "2027-09-30", 300),
                ("2027-10-01", "2027-12-31", 300),
            ],
        )

    def test_each_setting_gives_what_a_new_contract_has(self):
        """OCA/contract#198, #832: the next date did not follow a changed rule."""
        for name, value in (
            ("billing_period", "half_year"),
            ("billing_timing", "arrears"),
            ("billing_alignment", "calendar"),
            ("billing_proration", "thirtieths"),
        ):
            start = date(2027, 1, 31)
            changed = self._create_billed_contract(1000, date_start=start)
            with freeze_time(start):
                changed[name] = value
            fresh = self._create_billed_contract(1000, date_start=start, **{name: value})
            with self.subTest(name=name):
                self.assertEqual(self._get_rows(changed), self._get_rows(fresh))
                self.assertEqual(changed.next_invoice_date, fresh.next_invoice_date)

    def test_suspended_days_are_not_billed(self):
        contract = self._create_billed_contract(3650, billing_period="year")
        contracts = type(contract)
        pauses = [(date(2027, 3, 1), date(2027, 3, 10)), (date(2027, 12, 30), None)]
        with patch.object(contracts, "_get_suspensions", lambda self: pauses):
            contract._update_billing_schedule()
            self.assertEqual(contract.billing_period_ids.amount, 3650 - 120)
            self._run_cron("2027-01-01")
        contract._update_billing_schedule()
        self.assertEqual(sorted(contract.billing_period_ids.mapped("amount")), [120, 3530])

    def test_open_end_goes_on(self):
        contract = self._create_billed_contract(1200, renewal="tacit")
        self.assertEqual(max(contract.billing_period_ids.mapped("date_start")), date(2029, 1, 1))
        self._run_cron("2027-02-01")
        self.assertEqual(max(contract.billing_period_ids.mapped("date_start")), date(2029, 2, 1))

    def test_taken_over(self):
        """What is before the day taken over was invoiced elsewhere."""
        contract = self._create_billed_contract(1200, billing_from=date(2027, 3, 15))
        self._run_cron("2027-04-01")
        self.assertEqual(self._get_moves(contract).mapped("amount_untaxed"), [54.84, 100])
        with self.assertRaisesRegex(UserError, "invoiced already"):
            contract.billing_from = date(2027, 2, 1)

    def test_copy_has_no_history(self):
        """OCA/contract@f7b440f0: a copy kept what was invoiced."""
        contract = self._create_billed_contract(1200, invoice_state="posted")
        self._run_cron("2027-01-01")
        copy = contract.copy()
        self.assertFalse(copy.billing_period_ids)
        self.assertFalse(copy.next_invoice_date)
        self.assertFalse(copy.billing_until)
        self.assertFalse(copy.coverage_ids.price_ids)
        self.assertEqual(copy.invoice_state, "posted")
        self.assertFalse(self._get_moves(contract).copy().maintenance_contract_ids)

    def test_labels_never_end_before_they_start(self):
        contract = self._create_billed_contract(1200, date_start=date(2027, 1, 31), term_months=1)
        for row in contract.billing_period_ids:
            self.assertLessEqual(row.date_start, row.date_end)

    def test_the_run_never_fails_for_any_dates(self):
        """A contract of each shape, in each state: nothing raises and no day is billed twice.

        OCA/contract#739: one end date stopped all.
        """
        contracts = self.env["maintenance.contract"]
        for months in (1, 2, 13):
            for period in ("month", "year"):
                for timing in ("advance", "arrears"):
                    contracts |= self._create_billed_contract(
                        1200, term_months=months, billing_period=period, billing_timing=timing
                    )
        for contract in contracts[::3]:
            with freeze_time("2027-01-20"):
                contract._terminate(date(2027, 1, 20), "Notice")
        self._run_cron("2027-01-01", "2027-01-21", "2027-03-31", "2028-02-29", "2029-01-01")
        self.assertFalse(contracts.filtered("billing_failure"))
        self.assertFalse(contracts.filtered("next_invoice_date"))
        for contract in contracts:
            last = contract.date_terminated or contract.date_end
            rows = contract.billing_period_ids.filtered(lambda row: not row.rank)
            self.assertEqual(max(row.date_end for row in rows) >= last, True)

    def test_price_agreed_is_not_typed_over(self):
        contract = self._create_billed_contract(1200)
        with self.assertRaisesRegex(UserError, "Yearly Price"):
            contract.coverage_ids.with_user(self.manager).price = 1
