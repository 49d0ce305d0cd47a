import ast
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import BaseCase, freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon
from .price_common import PriceCommon

TESTS = Path(__file__).parent
BATCH_LOGGER = "odoo.addons.maintenance_contract.models.core.batch"

# What went wrong in OCA/contract, some of it for years: each has a test whose docstring names it.
KNOWN_BUGS = (
    "#1473", "@4c7ba3fa", "#410", "@4f48467f", "#1086", "#853", "#739", "#989", "#1124", "#198",
    "@b5ccf7c9", "#712", "#922", "#985", "@cf36d389", "@2d917d03", "@65147775", "#467", "@b1f01a7d",
    "#441", "#992", "@a6798548", "@5548208d", "#1431", "#193", "#260", "@6accadb4", "@e451ca97",
    "@f7b440f0", "button",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestKnownBugsOfContract(BillingCommon):
    """Errors that others made before us, where no other test of ours would find them."""

    def _create_contract_of(self, company, *prices, **values):
        """An active contract of a company over equipment of its own."""
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        equipment = env["maintenance.equipment"].create(
            [
                {"name": f"{company.name} {n}", "company_id": company.id, "site_id": self.site.id}
                for n in range(len(prices))
            ]
        )
        contract = env["maintenance.contract"].create(
            {
                "company_id": company.id,
                "partner_id": self.customer.id,
                "warranty_type_id": self.quiet_type.id,
                "date_start": "2027-01-01",
                "term_months": 12,
                "billing_period": "month",
                "currency_id": company.currency_id.id,
                "coverage_ids": [
                    Command.create({"equipment_id": one.id, "price": price})
                    for one, price in zip(equipment, prices, strict=True)
                ],
                **values,
            }
        )
        with freeze_time("2027-01-01"):
            contract.action_offer()
            contract.action_accept()
            contract.action_activate()
        return contract

    def _create_third_company(self):
        company = self._create_company("Atelier Tallinn", "base.ee", "Europe/Tallinn")
        self.env.user.company_ids |= company
        self._give_accounts(company)
        return company.with_env(self.env)

    # === COMPANIES === #

    def test_each_of_three_companies_is_invoiced(self):
        """OCA/contract@4f48467f: only the last company of the loop was invoiced."""
        companies = self.geneva | self.paris | self._create_third_company()
        contracts = {
            company: self._create_contract_of(company, 1200)
            | self._create_contract_of(company, 600)
            for company in companies
        }
        self._run_cron("2027-01-01")
        for company in companies:
            moves = self._get_moves(contracts[company])
            self.assertEqual(sorted(moves.mapped("amount_untaxed")), [50, 100])
            self.assertEqual(moves.company_id, company)

    def test_a_company_that_fails_starves_no_other(self):
        """OCA/contract@4f48467f, #260: neither before nor after it in the run."""
        first, failing, last = self.geneva, self.paris, self._create_third_company()
        contracts = [self._create_contract_of(company, 1200) for company in (first, failing, last)]
        with _fail_for(contracts[0], failing), mute_logger(BATCH_LOGGER):
            self._run_cron("2027-01-01")
        self.assertEqual([len(self._get_moves(contract)) for contract in contracts], [1, 0, 1])
        self.assertEqual(contracts[1].billing_failure, "no accounts")

    def test_the_run_knows_no_company_but_that_of_the_contract(self):
        """OCA/contract#410: accounts and words were those of OdooBot's company and language."""
        self.env.ref("base.user_root").partner_id.lang = "fr_FR"
        self.customer.lang = "en_US"
        contract = self._create_contract_of(self.paris, 1200)
        self._run_cron("2027-01-01")
        line = self._get_moves(contract).invoice_line_ids
        self.assertEqual(line.account_id, self.paris.income_account_id)
        self.assertRegex(line.name, "from 01/01/2027 to 01/31/2027$")

    def test_messages_name_the_company_of_the_contract(self):
        """OCA/contract@6accadb4: mails named another company."""
        contract = self._create_contract_of(self.paris, 1200, user_id=self.paris_manager.id)
        self.customer.active = False
        self.paris.email = "paris@example.com"
        self.geneva.email = "geneva@example.com"
        self._run_cron("2027-01-01")
        self.assertIn("archived", contract.billing_failure)
        [told] = contract.message_ids.filtered(lambda message: "archived" in str(message.body))
        self.assertEqual(told.record_company_id, self.paris)
        self.assertEqual(contract.activity_ids.user_id, self.paris_manager)

    # === CURRENCIES === #

    def test_each_currency_has_its_own_invoice(self):
        """OCA/contract#1431: contracts of a customer in two currencies, grouped by customer."""
        currencies = self.env["res.currency"]
        for name, rounding in (("XTA", 0.05), ("XTB", 1)):
            currency = self.env["res.currency"].create(
                {"name": name, "symbol": name, "rounding": rounding}
            )
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "name": "2026-01-01",
                    "rate": 2,
                    "company_id": self.geneva.id,
                }
            )
            currencies |= currency
        contracts = [
            self._create_billed_contract(
                1000, 500, currency_id=currency.id, invoice_grouping="customer"
            )
            for currency in (self.geneva.currency_id, *currencies)
        ]
        self._run_cron("2027-01-01")
        for contract, amount in zip(contracts, (125, 125, 125), strict=True):
            move = self._get_moves(contract)
            self.assertEqual(move.currency_id, contract.currency_id)
            self.assertAlmostEqual(move.amount_untaxed, amount, delta=0.05)
            self.assertEqual(move.maintenance_contract_ids, contract)
            for line in move.invoice_line_ids:
                self.assertEqual(line.currency_id.round(line.price_subtotal), line.price_subtotal)

    # === LINES AND PERIODS === #

    def test_lines_go_on_together(self):
        """OCA/contract#989: from the second line on, a period too far was invoiced."""
        for timing in ("advance", "arrears"):
            for prices in ((1200, 1200), (1200, 600, 240), (1, 2, 3, 4, 5)):
                contract = self._create_billed_contract(
                    *prices, billing_timing=timing, term_months=3
                )
                for day in ("2027-01-31", "2027-02-28", "2027-03-31"):
                    self._run_cron(day)
                    lasts = {
                        max(rows.mapped("date_end"))
                        for rows in contract.billing_period_ids.filtered("move_id")
                        .grouped("coverage_id")
                        .values()
                    }
                    with self.subTest(timing=timing, lines=len(prices), day=day):
                        self.assertEqual(lasts, {date.fromisoformat(day)})

    def test_no_label_ends_before_it_starts(self):
        """OCA/contract#1124: “from 2024-10-01 to 2024-09-30”, on each line of an invoice."""
        contracts = self.env["maintenance.contract"]
        for detail in ("equipment", "site", "contract"):
            for start in (date(2027, 1, 1), date(2027, 1, 31)):
                contracts |= self._create_billed_contract(
                    1200,
                    600,
                    date_start=start,
                    term_months=5,
                    billing_period="quarter",
                    billing_alignment="calendar",
                    invoice_detail=detail,
                )
        self._run_cron("2027-02-01")
        with freeze_time("2027-03-20"):
            for contract in contracts:
                contract.coverage_ids[0]._end(date(2027, 3, 15), "Sold")
        self._run_cron("2027-07-01")
        names = self._get_moves(contracts).invoice_line_ids.mapped("name")
        self.assertGreater(len(names), 12)
        for name in names:
            first, last = (
                date(int(year), int(month), int(day))
                for month, day, year in re.findall(r"(\d\d)/(\d\d)/(\d{4})", name)
            )
            self.assertLessEqual(first, last, name)

    def test_month_ends_of_all_months(self):
        """OCA/contract@b5ccf7c9: from the last day of each month, in a leap year and after one."""
        for year in (2027, 2028):
            for month in range(1, 13):
                start = date(year, month, 1) + relativedelta(day=31)
                contract = self._create_billed_contract(
                    1200, date_start=start, billing_timing="arrears"
                )
                firsts = [start + relativedelta(months=rank) for rank in range(13)]
                with self.subTest(start=start):
                    self.assertEqual(
                        contract.billing_period_ids.sorted("date_start").mapped("date_invoice"),
                        [day - timedelta(days=1) for day in firsts[1:]],
                    )

    def test_equipment_cancelled_first_is_no_next_invoice(self):
        """OCA/contract@2d917d03: cancelled lines drove the next date."""
        contract = self._create_billed_contract(1200, 600)
        early, late = contract.coverage_ids.sorted("price", reverse=True)
        with freeze_time("2027-01-05"):
            contract.sudo().billing_period_ids.unlink()
            late.sudo().write({"state": "draft", "date_start": "2027-04-01"})
            late.action_validate()
            early._end(date(2026, 12, 31), "Never delivered")
        self.assertEqual(early.state, "cancelled")
        self.assertEqual(contract.next_invoice_date, date(2027, 4, 1))

    def test_stopping_a_line_leaves_a_next_date(self):
        """OCA/contract#985, #922: one line stopped, and nothing was invoiced any more; stopping a
        second one started the first again.
        """
        contract = self._create_billed_contract(1200, 600, 240)
        self._run_cron("2027-01-01")
        stopped = contract.coverage_ids[:2]
        with freeze_time("2027-01-10"):
            for coverage in stopped:
                coverage._end(date(2027, 1, 31), "Sold")
        self.assertEqual(contract.next_invoice_date, date(2027, 2, 1))
        self.assertFalse(stopped.billing_period_ids.filtered(lambda row: row.state == "to_invoice"))
        self._run_cron("2027-02-01")
        self.assertEqual(
            self._get_moves(contract)[1].invoice_line_ids.billing_period_ids.coverage_id,
            contract.coverage_ids - stopped,
        )

    def test_all_days_are_invoiced_and_no_other(self):
        """OCA/contract@65147775: the last period in arrears was never invoiced."""
        for timing in ("advance", "arrears"):
            for period in ("month", "quarter", "year"):
                contract = self._create_billed_contract(
                    1200, term_months=14, billing_timing=timing, billing_period=period
                )
                self._run_cron("2027-06-01", "2028-02-29", "2028-03-31")
                rows = contract.billing_period_ids
                days = sum((row.date_end - row.date_start).days + 1 for row in rows)
                with self.subTest(timing=timing, period=period):
                    self.assertEqual(set(rows.mapped("state")), {"invoiced"})
                    self.assertEqual(days, (contract.date_end - contract.date_start).days + 1)

    # === PRICES === #

    def test_a_price_revised_inside_a_period_moves_no_date(self):
        """OCA/contract@b1f01a7d: the next date of the revised line was not computed anew."""
        contract = self._create_billed_contract(1200, 600)
        self._run_cron("2027-01-01")
        days = [row[:2] for row in self._get_rows(contract)]
        with freeze_time("2027-01-20"):
            contract.coverage_ids[0]._set_price(date(2027, 2, 10), 2400, "revision")
        self.assertEqual([row[:2] for row in self._get_rows(contract)], days)
        self.assertEqual(contract.next_invoice_date, date(2027, 2, 1))

    # === TWICE === #

    def test_crons_in_any_order(self):
        """OCA/contract#193: two crons moved each other's date."""
        outcomes = []
        for names in (("renew_contracts", "invoice_due"), ("invoice_due", "renew_contracts")):
            contract = self._create_billed_contract(
                1200, term_months=1, renewal="tacit", notice_months=0
            )
            for day in ("2027-01-31", "2027-02-01", "2027-02-01", "2027-03-15"):
                for name in names:
                    with freeze_time(f"{day} 08:00:00"), self.enter_registry_test_mode():
                        cron = self.env.ref(f"maintenance_contract.ir_cron_{name}")
                        cron.method_direct_trigger()
                    self.env.invalidate_all()
            outcomes.append([row for row in self._get_rows(contract) if row[0] < "2028"])
            self.assertEqual(len(self._get_moves(contract)), 3)
        self.assertEqual(*outcomes)

    def test_the_next_date_is_not_put_back(self):
        """OCA/contract, button: the date was put back, and the period was invoiced again."""
        contract = self._create_billed_contract(1200)
        self._run_cron("2027-01-01")
        for user in (self.manager, self.accountant, self.administrator):
            for name in ("next_invoice_date", "billing_until"):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    contract.with_user(user)[name] = "2027-01-01"
        # By the program itself: the schedule has the period once.
        contract.sudo().write({"next_invoice_date": "2027-01-01", "billing_until": False})
        self._run_cron("2027-01-02")
        self.assertEqual(len(self._get_moves(contract)), 1)


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 10:00:00")
class TestKnownBugsOfPrices(PriceCommon):
    """The same, of price revisions."""

    def test_a_free_equipment_is_revised_without_an_error(self):
        """OCA/contract#441: the change in percent of a price of 0 was a division by it."""
        self._publish(280, month=date(2027, 1, 1))
        self._publish(294.6, month=date(2028, 1, 1))
        contract = self._create_billed_contract(
            0, 1200, term_months=36, price_formula_id=self.formula.id
        )
        contract.with_user(self.manager).action_read_price_bases()
        revision = (
            self.env["maintenance.price.revision"]
            .with_user(self.manager)
            .create(
                {
                    "company_id": self.geneva.id,
                    "date": date(2028, 1, 1),
                    "contract_ids": [Command.set(contract.ids)],
                }
            )
        )
        revision.action_simulate()
        revision.action_approve()
        free, priced = contract.coverage_ids.sorted("price")
        self.assertEqual(free.price, 0)
        self.assertGreater(priced.price, 1200)


def _fail_for(model, company):
    """Have what looks for the journals of contracts fail for those of a company."""
    get_journals = type(model)._get_invoice_journals

    def fail(contracts):
        if company in contracts.company_id:
            raise ValueError("no accounts")
        return get_journals(contracts)

    return patch.object(type(model), "_get_invoice_journals", fail)


@tagged("post_install", "-at_install")
class TestTheTests(BaseCase):
    """The tests themselves: none that never runs, none of the list that is missing."""

    def _get_tests(self):
        """Yield the class and the function of each test of the addon."""
        for path in TESTS.glob("test_*.py"):
            for scope in ast.walk(ast.parse(path.read_text())):
                if isinstance(scope, ast.ClassDef | ast.Module):
                    yield from (
                        (f"{path.stem}.{getattr(scope, 'name', '')}", part)
                        for part in scope.body
                        if isinstance(part, ast.FunctionDef) and part.name.startswith("test_")
                    )

    def test_no_test_hides_another(self):
        """OCA/contract@e451ca97: of two tests of one name, the first never ran."""
        counts = Counter((scope, function.name) for scope, function in self._get_tests())
        self.assertGreater(len(counts), 1_000)
        self.assertEqual([test for test, count in counts.items() if count > 1], [])

    def test_each_known_bug_has_its_test(self):
        told = " ".join(
            " ".join((ast.get_docstring(function) or "").split())
            for _scope, function in self._get_tests()
        )
        named = re.findall(r"OCA/contract((?:(?:, )?(?:[#@]\w+|button))+)", told)
        self.assertEqual(
            set(KNOWN_BUGS) - set(re.findall(r"[#@]\w+|button", " ".join(named))), set()
        )
