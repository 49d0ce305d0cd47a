from datetime import date, timedelta
from random import Random

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .margin_common import MarginCommon


@tagged("post_install", "-at_install")
class TestMarginInvoices(MarginCommon):
    """What was invoiced and credited, in the contract year of the service."""

    def test_an_invoice_counts_in_the_year_of_the_days_it_bills(self):
        """In arrears: December of the first year is invoiced in January of the second."""
        contract = self._create_billed_contract(1200, term_months=24, billing_timing="arrears")
        self._invoice(contract, "2027-12-01", "2028-01-15")
        self.assertEqual(
            self._read(), {1: {"invoiced": 1200, "margin": 1200}}, "eleven months and December"
        )
        self._invoice(contract, "2028-01-31")
        self.assertEqual(
            self._read(),
            {1: {"invoiced": 1200, "margin": 1200}, 2: {"invoiced": 100, "margin": 100}},
        )
        report = self.env["maintenance.margin.report"].search([], order="date desc", limit=1)
        self.assertEqual(
            (report.date, report.year_start, report.year_end),
            (date(2028, 1, 1), date(2028, 1, 1), date(2028, 12, 31)),
        )

    def test_drafts_do_not_count(self):
        contract = self._create_billed_contract(1200)
        with freeze_time("2027-01-01 08:00:00"):
            contract._create_invoices(date(2027, 1, 1))
        self.assertEqual(self._read(), {})
        self._get_moves(contract).action_post()
        self.assertEqual(self._read(), {1: {"invoiced": 100, "margin": 100}})
        self._get_moves(contract).button_draft()
        self.assertEqual(self._read(), {})

    def test_a_period_over_two_contract_years_is_parted_by_its_days(self):
        """From 1 July, billed by calendar year: 366 days of 2028, 182 of them in the first year."""
        contract = self._create_billed_contract(
            3660,
            date_start=date(2027, 7, 1),
            term_months=24,
            billing_period="year",
            billing_alignment="calendar",
        )
        self._invoice(contract, "2028-01-01")
        first_half = 3660 * 184 / 365
        self.assertEqual(
            {number: row["invoiced"] for number, row in self._read().items()},
            {1: round(first_half + 1820, 2), 2: 1840},
        )
        self.assertEqual(
            self._read(["date:day"], [("year_number", "=", 2)]),
            {date(2028, 7, 1): {"invoiced": 1840, "margin": 1840}},
        )

    def test_a_year_that_starts_on_a_leap_day(self):
        """From 29 February 2028: the second year begins on 28 February 2029."""
        contract = self._create_billed_contract(
            3650, date_start=date(2028, 2, 29), term_months=60, billing_period="month"
        )
        task = self._intervene(contract).task_ids
        for day in ("2028-02-29", "2029-02-27", "2029-02-28", "2032-02-28", "2032-02-29"):
            self._book(task, day, 1)
        self.assertEqual(
            {number: row["hours"] for number, row in self._read().items()},
            {1: 2, 2: 1, 4: 1, 5: 1},
        )
        starts = self.env["maintenance.margin.report"].search([], order="date").mapped("year_start")
        self.assertEqual(
            starts,
            [
                date(2028, 2, 29),
                date(2028, 2, 29),
                date(2029, 2, 28),
                date(2031, 2, 28),
                date(2032, 2, 29),
            ],
        )

    def test_a_contract_taken_over_keeps_its_years(self):
        """Invoiced here from its third year on."""
        contract = self._create_billed_contract(
            1200, date_start=date(2025, 1, 1), term_months=48, billing_from=date(2027, 4, 1)
        )
        self._invoice(contract, "2027-05-01")
        self.assertEqual(self._read(), {3: {"invoiced": 200, "margin": 200}})

    def test_a_credit_note_counts_in_the_year_that_it_credits(self):
        contract = self._create_billed_contract(1200, term_months=24)
        self._invoice(contract, "2027-12-01")
        december = self._get_moves(contract)[-1]
        self._refund(december, "2028-02-03")
        self.assertEqual(self._read(), {1: {"invoiced": 1200, "credited": 100, "margin": 1100}})
        with freeze_time("2028-02-04"):
            rows = contract.billing_period_ids.filtered(lambda row: row.state == "credited")
            rows.with_user(self.accountant).action_bill_again()
        self._invoice(contract, "2028-01-01")
        self.assertEqual(
            self._read(),
            {
                1: {"invoiced": 1300, "credited": 100, "margin": 1200},
                2: {"invoiced": 100, "margin": 100},
            },
            "what was credited and billed again is told twice, and credited once",
        )

    def test_a_credit_note_over_a_part_is_of_the_same_equipment(self):
        contract = self._create_billed_contract(1200, 600, invoice_detail="contract")
        self._invoice(contract, "2027-01-01")
        first, second = contract.coverage_ids.equipment_id.sorted("name")
        self._refund(self._get_moves(contract), "2027-01-05", price_unit=30)
        self.assertEqual(
            self._read(["equipment_id"]),
            {
                first: {"invoiced": 100, "credited": 20, "margin": 80},
                second: {"invoiced": 50, "credited": 10, "margin": 40},
            },
        )

    def test_an_invoice_credited_and_made_again_counts_again(self):
        contract = self._create_billed_contract(1200, term_months=24)
        self._invoice(contract, "2027-12-01")
        move = self._get_moves(contract)[-1]
        with freeze_time("2028-02-03 08:00:00"):
            self.env["account.move.reversal"].with_context(
                active_model="account.move", active_ids=move.ids
            ).create({"journal_id": move.journal_id.id, "date": date(2028, 2, 3)}).modify_moves()
            draft = contract.billing_period_ids.move_id.filtered(lambda m: m.state == "draft")
            self.assertEqual(len(draft), 1)
            draft.action_post()
        self.assertEqual(self._read(), {1: {"invoiced": 1300, "credited": 100, "margin": 1200}})

    def test_a_credit_note_of_the_schedule_is_credited(self):
        """A contract that ends in the middle of a year billed ahead."""
        contract = self._create_billed_contract(3650, billing_period="year")
        self._invoice(contract, "2027-01-01")
        with freeze_time("2027-06-30 08:00:00"):
            contract._terminate(date(2027, 6, 30), "Sold")
        self._invoice(contract, "2027-07-01")
        self.assertEqual(
            self._read(), {1: {"invoiced": 3650, "credited": 1840, "margin": 1810}}, "184 days"
        )

    def test_contracts_on_one_invoice_keep_their_own(self):
        contracts = self._create_billed_contract(1200, invoice_grouping="customer")
        contracts |= self._create_billed_contract(600, invoice_grouping="customer")
        self._invoice(contracts, "2027-01-01")
        move = self._get_moves(contracts)
        self.assertEqual(len(move), 1)
        self._refund(move, "2027-01-05")
        self.assertEqual(
            self._read(["contract_id"]),
            {
                contracts[0]: {"invoiced": 100, "credited": 100},
                contracts[1]: {"invoiced": 50, "credited": 50},
            },
        )

    def test_what_somebody_adds_to_an_invoice_is_of_its_contract(self):
        contract = self._create_billed_contract(1200)
        with freeze_time("2027-01-01 08:00:00"):
            contract._create_invoices(date(2027, 1, 1))
        move = self._get_moves(contract)
        move.invoice_line_ids = [
            Command.create({"name": "Discount", "price_unit": -10, "tax_ids": []}),
            Command.create({"display_type": "line_note", "name": "With our thanks"}),
        ]
        move.action_post()
        self.assertEqual(self._read(), {1: {"invoiced": 90, "margin": 90}})
        refund = move._reverse_moves([{"invoice_date": date(2028, 3, 1)}])
        refund.invoice_line_ids.unlink()
        refund.invoice_line_ids = [
            Command.create({"name": "Goodwill", "price_unit": 25, "tax_ids": []})
        ]
        refund.action_post()
        self.assertEqual(self._read(), {1: {"invoiced": 90, "credited": 25, "margin": 65}})

    def test_fees_count(self):
        contract = self._create_billed_contract(1200)
        product = self.env.ref("maintenance_contract.product_maintenance")
        self.env["maintenance.fee"].create(
            {
                "contract_id": contract.id,
                "product_id": product.id,
                "name": "Set-up",
                "quantity": 2,
                "price_unit": 150,
                "date": date(2027, 1, 1),
            }
        )
        self._invoice(contract, "2027-01-01")
        self.assertEqual(self._read(), {1: {"invoiced": 400, "margin": 400}})

    def test_amounts_are_those_of_the_ledger_in_the_currency_of_the_company(self):
        """A franc of the customer is two of the company's on that day, three on the next."""
        currency = self.env["res.currency"].create(
            {"name": "XMC", "symbol": "X", "rounding": 0.01, "active": True}
        )
        for day, rate in (("2027-01-01", 0.5), ("2027-01-05", 1 / 3)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "name": day,
                    "rate": rate,
                    "company_id": self.geneva.id,
                }
            )
        contract = self._create_billed_contract(1200, currency_id=currency.id)
        self._invoice(contract, "2027-01-01")
        self.assertEqual(self._read(), {1: {"invoiced": 200, "margin": 200}})
        self._refund(self._get_moves(contract), "2027-01-05")
        self.assertEqual(self._read(), {1: {"invoiced": 200, "credited": 300, "margin": -100}})
        row = self.env["maintenance.margin.report"].search([], limit=1)
        self.assertEqual(row.currency_id, self.geneva.currency_id)

    def test_taxes_are_no_revenue(self):
        contract = self._create_billed_contract(1200)
        self.assertTrue(self.geneva.account_sale_tax_id)
        self._invoice(contract, "2027-01-01")
        move = self._get_moves(contract)
        self.assertGreater(move.amount_tax, 0)
        self.assertEqual(self._read(), {1: {"invoiced": 100, "margin": 100}})


@tagged("post_install", "-at_install")
class TestMarginWork(MarginCommon):
    """What the work for a contract costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_billed_contract(1200, 600, term_months=24, tier_id=cls.tier.id)
        cls.first, cls.second = cls.contract.coverage_ids.equipment_id.sorted("name")

    def test_hours_cost_what_they_cost_when_they_were_booked(self):
        task = self._intervene(self.contract).task_ids
        self._book(task, "2027-12-31", 1.5)
        self.employee.hourly_cost = 120
        self._book(task, "2028-01-01", 2)
        self.assertEqual(
            self._read(),
            {
                1: {"hours": 1.5, "labour": 150, "margin": -150},
                2: {"hours": 2, "labour": 240, "margin": -240},
            },
        )

    def test_travel_is_told_apart(self):
        task = self._intervene(self.contract).task_ids
        self._book(task, "2027-06-01", 3)
        self._book(task, "2027-06-01", 1, is_field_travel=True)
        self.assertEqual(
            self._read(), {1: {"hours": 4, "labour": 300, "travel": 100, "margin": -400}}
        )

    def test_work_before_the_start_is_of_the_first_year(self):
        self._book(self._intervene(self.contract).task_ids, "2025-11-02", 1)
        self.assertEqual(self._read(), {1: {"hours": 1, "labour": 100, "margin": -100}})

    def test_equipment_and_tier_of_the_work(self):
        other = self.env["maintenance.tier"].create({"name": "Other"})
        self.contract.coverage_ids.filtered(lambda c: c.equipment_id == self.second).tier_id = other
        self._book(self._intervene(self.contract, self.second).task_ids, "2027-06-01", 1)
        self._book(self._intervene(self.contract, self.first | self.second).task_ids, "2027-6-1", 2)
        self.assertEqual(
            self._read(["equipment_id", "tier_id"], figures=["hours"]),
            {
                (self.second, other): {"hours": 1},
                (self.env["maintenance.equipment"], self.tier): {"hours": 2},
            },
            "work on several equipment is of none, and of the contract's tier",
        )

    def test_work_for_nobody_or_without_contract_is_no_cost(self):
        intervention = self._intervene(self.contract)
        intervention.contract_id = False
        self._book(intervention.task_ids, "2027-06-01", 1)
        self.assertEqual(self._read(), {})

    def test_remote_sessions_cost_their_hours(self):
        with freeze_time("2027-06-07 09:00:00"):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "It stops",
                    "description": "Often",
                    "company_id": self.geneva.id,
                    "partner_id": self.customer.id,
                    "equipment_id": self.first.id,
                    "contract_id": self.contract.id,
                }
            )
        self.assertEqual(ticket.contract_id, self.contract)
        with freeze_time("2028-01-01 00:30:00"):
            session = self.env["maintenance.remote.session"].create(
                {
                    "ticket_id": ticket.id,
                    "tool_id": self.env["maintenance.remote.tool"].search([], limit=1).id,
                    "user_id": self.technician.id,
                    "start": "2027-12-31 23:15:00",
                }
            )
            self.assertEqual(self._read(), {}, "not ended")
            session.write({"end": "2028-01-01 00:15:00", "result": "solved"})
        self.assertEqual(
            self._read(),
            {2: {"hours": 1, "labour": 100, "margin": -100}},
            "a quarter past midnight in Zurich, it is 2028",
        )

    def test_rate_of_a_group_is_that_of_its_sums(self):
        """Undefined where nothing is invoiced: not zero."""
        task = self._intervene(self.contract).task_ids
        self._book(task, "2027-06-01", 1)
        self.assertEqual(self._read_rate(), [False])
        self._invoice(self.contract, "2027-02-01")
        self.assertAlmostEqual(self._read_rate()[0], 200 / 300)
        self._book(task, "2028-06-01", 1)
        first, second = self._read_rate(["year_number"])
        self.assertAlmostEqual(first, 200 / 300)
        self.assertIs(second, False)
        self.assertAlmostEqual(self._read_rate()[0], 100 / 300)

    def test_rows_open_what_they_tell(self):
        task = self._intervene(self.contract).task_ids
        self._book(task, "2027-06-01", 1)
        self._invoice(self.contract, "2027-01-01")
        rows = self.env["maintenance.margin.report"].with_user(self.administrator).search([])
        opened = {(row.kind, row.action_open_source()["res_model"]) for row in rows}
        self.assertEqual(
            opened, {("invoiced", "account.move"), ("labour", "maintenance.intervention")}
        )
        self.assertEqual(len(set(rows.ids)), len(rows))

    def test_random_work_against_a_count_by_hand(self):
        """Years counted one by one from the start, and amounts added up."""
        chance = Random(29)
        starts = [date(2024, 2, 29), date(2027, 1, 31), date(2026, 12, 31)]
        expected = {}
        for start in starts:
            contract = self._create_contract(
                date_start=start, term_months=60, warranty_type_id=self.quiet_type.id
            )
            task = self._intervene(contract).task_ids
            years = [start]
            while len(years) < 8:
                years.append(_anniversary(start, len(years)))
            for _ in range(40):
                day = start + timedelta(days=chance.choice((-1, 0, 1, chance.randrange(2200))))
                near = chance.choice(years[1:6])
                if chance.random() < 0.5:
                    day = near + timedelta(days=chance.choice((-1, 0, 1)))
                hours = chance.randrange(1, 40) / 4
                is_travel = chance.random() < 0.3
                self._book(task, day, hours, is_field_travel=is_travel)
                number = max(1, sum(first <= day for first in years))
                figures = expected.setdefault((contract, number), {"labour": 0, "travel": 0})
                figures["travel" if is_travel else "labour"] += 100 * hours
        self.assertEqual(
            self._read(["contract_id", "year_number"], figures=["labour", "travel"]),
            {
                key: {name: value for name, value in row.items() if value}
                for key, row in expected.items()
            },
        )


def _anniversary(start, years):
    """The same day so many years later; of a leap day, the last of February."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 2, 28)


@tagged("post_install", "-at_install")
class TestMarginOutOfContract(MarginCommon):
    """What is sold beside the contract by a quote, and the parts that go with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_billed_contract(1200, term_months=24)

    def _invoice_order(self, order, day):
        with freeze_time(f"{day} 08:00:00"):
            move = order._create_invoices()
            move.invoice_date = day
            move.action_post()
        return move

    def test_quotes_are_a_kind_of_their_own(self):
        repair = self._create_product("Repair", 0, type="service")
        order = self._quote(self.contract, (repair, 500))
        move = self._invoice_order(order, "2028-01-10")
        self.assertEqual(self._read(), {2: {"extra": 500, "margin": 500}})
        self._refund(move, "2028-01-20", price_unit=100)
        self.assertEqual(self._read(), {2: {"extra": 400, "margin": 400}})
        self.assertEqual(list(self._read(["is_extra"])), [True])

    def test_offers_and_other_orders_are_none(self):
        repair = self._create_product("Repair", 0, type="service")
        for role in ("offer", False):
            order = self._quote(self.contract, (repair, 500), maintenance_role=False)
            order.sudo().maintenance_role = role
            self._invoice_order(order, "2027-02-10")
        self.assertEqual(self._read(), {})

    def test_parts_cost_what_the_stock_says_whatever_their_price(self):
        """One at the tariff, one covered: both cost. One comes back."""
        part = self._create_product("Lens", 40, is_storable=True)
        stock = (
            self.env["stock.warehouse"]
            .search([("company_id", "=", self.geneva.id)], limit=1)
            .lot_stock_id
        )
        self.env["stock.quant"]._update_available_quantity(part, stock, 5)
        screw = self._create_product("Screw", 2, type="consu")
        order = self._quote(self.contract, (part, 90), (part, 0), (screw, 0))
        with freeze_time("2027-12-31 23:30:00"):
            picking = order.picking_ids
            picking.move_ids.write({"quantity": 1, "picked": True})
            picking.button_validate()
        self.assertEqual(
            self._read(),
            {2: {"parts": 82, "margin": -82}},
            "half past midnight in Zurich, it is 2028",
        )
        with freeze_time("2028-02-01 12:00:00"):
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            wizard.product_return_moves[0].quantity = 1
            back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
            back.move_ids.filtered("product_uom_qty").write({"quantity": 1, "picked": True})
            back.button_validate()
        self.assertEqual(self._read(), {2: {"parts": 42, "margin": -42}})

    def test_trips_of_a_quote_cost_what_their_product_does(self):
        travel = self.env.ref("maintenance_contract.product_travel")
        travel.with_company(self.geneva).standard_price = 35
        order = self._quote(self.contract, (travel, 90), date_order="2027-12-31 23:30:00")
        order.date_order = "2027-12-31 23:30:00"
        self.assertEqual(self._read(), {}, "nobody went there yet")
        order.order_line.qty_delivered = 2
        self.assertEqual(self._read(), {2: {"travel": 70, "margin": -70}}, "2028 in Zurich")

    def test_what_is_covered_whole_is_a_cost_of_the_contract(self):
        travel = self.env.ref("maintenance_contract.product_travel")
        travel.with_company(self.geneva).standard_price = 35
        for percent in (100, 50):
            order = self._quote(self.contract, (travel, 90))
            order.sudo().covered_travel = percent
            order.order_line.qty_delivered = 1
        self.assertEqual(
            self._read(["is_extra"], figures=["travel"]),
            {False: {"travel": 35}, True: {"travel": 35}},
        )

    def test_time_on_a_quote_counts_once(self):
        """On a task of its intervention, or on one of the order only."""
        work = self._create_product("Work", 0, type="service")
        order = self._quote(self.contract, (work, 500))
        on_site = self._intervene(self.contract).task_ids
        project = self.geneva.planning_project_id
        project.allow_billable = True
        alone = self.env["project.task"].create({"name": "Bench", "project_id": project.id})
        lines = self._book(on_site, "2027-06-01", 1) | self._book(alone, "2027-06-01", 2)
        lines.so_line = order.order_line
        self.assertEqual(
            self._read(["is_extra"]), {True: {"hours": 3, "labour": 300, "margin": -300}}
        )


@tagged("post_install", "-at_install")
class TestMarginAccess(MarginCommon):
    """R7: margin and costs are for those who sell and bill, of their companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_billed_contract(1200)
        cls.auditor = cls._create_user("mc_auditor", "account.group_account_readonly")

    def test_companies_are_apart(self):
        self._invoice(self.contract, "2027-01-01")
        equipment = self.env["maintenance.equipment"].create(
            {"name": "Paris", "company_id": self.paris.id, "customer_id": self.customer.id}
        )
        with freeze_time("2027-01-01"):
            contract = self.env["maintenance.contract"].create(
                {
                    "company_id": self.paris.id,
                    "partner_id": self.customer.id,
                    "date_start": date(2027, 1, 1),
                    "billing_period": "month",
                    "user_id": self.paris_manager.id,
                    "warranty_type_id": self.quiet_type.id,
                    "invoice_state": "posted",
                    "coverage_ids": [Command.create({"equipment_id": equipment.id, "price": 2400})],
                }
            )
            contract.action_offer()
            contract.action_accept()
            contract.action_activate()
            contract.with_context(allowed_company_ids=self.paris.ids)._create_invoices(
                date(2027, 1, 1)
            )
        self.assertEqual(
            self._read(["company_id"]), {self.geneva: {"invoiced": 100, "margin": 100}}
        )
        report = self.env["maintenance.margin.report"].with_user(self.paris_manager)
        report = report.with_context(allowed_company_ids=self.paris.ids)
        self.assertEqual(
            report._read_group([], ["company_id"], ["invoiced:sum"]), [(self.paris, 200)]
        )
        renewals = self.env["maintenance.renewal.report"].with_user(self.paris_manager)
        renewals = renewals.with_context(allowed_company_ids=self.paris.ids)
        with freeze_time("2027-06-01"):
            self.assertEqual(renewals.search([]).contract_id, contract)

    def test_who_may_read_it(self):
        self._invoice(self.contract, "2027-01-01")
        for user in (self.manager, self.administrator, self.accountant, self.auditor):
            with self.subTest(user=user.login):
                self.assertEqual(self._read(user=user), {1: {"invoiced": 100, "margin": 100}})
                contract = self.contract.with_user(user)
                self.assertIn("100.0", contract.margin_summary)
                self.assertTrue(
                    self.env["maintenance.renewal.report"].with_user(user).search([]).ids
                )

    def test_nobody_else_reads_or_sorts_by_it(self):
        for user in (self.technician, self.dispatcher):
            user.group_ids += self.env.ref("base.group_allow_export")
            contract = self.contract.with_user(user)
            for model in ("maintenance.margin.report", "maintenance.renewal.report"):
                report = self.env[model].with_user(user)
                for door in (
                    lambda r: r.search([]),
                    lambda r: r.search([("margin", ">", 0)], order="margin"),
                    lambda r: r._read_group([], [], ["margin:sum"]),
                    lambda r: r.formatted_read_group([], ["contract_id"], ["margin:sum"]),
                    lambda r: r.web_search_read([], {"margin": {}}),
                    lambda r: r.browse(self.contract.id).export_data(["margin"]),
                ):
                    with (
                        self.subTest(user=user.login, door=door.__code__.co_firstlineno),
                        self.assertRaises(AccessError),
                    ):
                        door(report)
            for name in ("margin_summary", "margin_table"):
                self.assertNotIn(name, contract.fields_get())
                with self.assertRaises(AccessError):
                    contract.read([name])
            with self.assertRaises(AccessError):
                contract.action_view_margin()

    def test_the_lines_of_invoices_keep_it_from_customers(self):
        """A customer reads his invoices: not what is kept on their lines for this."""
        fields = self.env["account.move.line"].with_user(self.env.ref("base.public_user"))
        self.assertFalse(
            {name for name in fields._fields if name.startswith("maintenance_")}
            & set(fields.sudo(False).fields_get())
        )


@tagged("post_install", "-at_install")
class TestMarginOfContract(MarginCommon):
    """The line on the contract."""

    def _tell(self, contract, day="2028-06-15"):
        self.env.invalidate_all()
        with freeze_time(f"{day} 08:00:00"):
            contract = contract.with_user(self.manager)
            return contract.margin_summary, str(contract.margin_table)

    def test_this_year_the_last_and_all(self):
        contract = self._create_billed_contract(1200, date_start=date(2026, 1, 1), term_months=60)
        self._invoice(contract, "2028-06-01")
        task = self._intervene(contract).task_ids
        self._book(task, "2026-05-01", 3)
        self._book(task, "2027-05-01", 6)
        self._book(task, "2028-05-01", 7)
        summary, table = self._tell(contract)
        self.assertIn("-16.7", summary, "600 invoiced, 700 spent")
        self.assertIn("Contract year 3", table)
        self.assertIn("Contract year 2", table)
        self.assertNotIn("Contract year 1", table)
        for text in ("-16.7", "50.0", "46.7", "3,000.00", "1,600.00", "1,400.00", "07:00"):
            self.assertIn(text, table)

    def test_undefined_is_a_dash(self):
        contract = self._create_billed_contract(1200)
        self._book(self._intervene(contract).task_ids, "2027-02-01", 1)
        summary, table = self._tell(contract, "2027-02-02")
        self.assertEqual(summary, "–")
        self.assertIn("-100.00", table)

    def test_of_an_ended_contract_the_last_year_is_told(self):
        contract = self._create_billed_contract(1200)
        self._invoice(contract, "2027-01-01")
        contract.sudo().write({"state": "ended"})
        summary, table = self._tell(contract, "2030-05-05")
        self.assertIn("100.0", summary)
        self.assertNotIn("Contract year 2", table)

    def test_quantities_used(self):
        cell = self.tier._get_cell("support", self.geneva)
        cell.write({"kind": "quantity", "quantity": 2, "quantity_of": "tickets"})
        contract = self._create_billed_contract(1200, term_months=24, tier_id=self.tier.id)
        equipment = contract.coverage_ids.equipment_id
        for day in ("2027-03-01", "2028-03-01", "2028-04-01"):
            with freeze_time(f"{day} 09:00:00"):
                ticket = self.env["helpdesk.ticket"].create(
                    {
                        "name": "How?",
                        "description": "How?",
                        "request_kind": "support",
                        "company_id": self.geneva.id,
                        "partner_id": self.customer.id,
                        "equipment_id": equipment.id,
                    }
                )
            self.assertEqual(ticket.verdict, "covered")
        self.assertEqual(
            self._read(["year_number", "service_id"], figures=["used_requests"]),
            {
                (1, cell.service_id): {"used_requests": 1},
                (2, cell.service_id): {"used_requests": 2},
            },
        )
        _summary, table = self._tell(contract)
        self.assertRegex(table, rf"(?s){cell.service_id.name}.*>\s*2\s*<.*>\s*1\s*<")

    def test_queries_do_not_grow_with_contracts(self):
        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200) for _ in range(6))
        )
        self._invoice(contracts, "2027-01-01")
        _warm, few, many = [self._count_queries(contracts[:size]) for size in (2, 2, 6)]
        self.assertEqual(few, many)

    def _count_queries(self, contracts):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        contracts.with_user(self.manager).mapped("margin_summary")
        return self.cr.sql_log_count - before


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestRenewalsComing(MarginCommon):
    """Contracts to decide on, with what they brought in beside them."""

    def _list(self, domain=(), **kwargs):
        self.env.invalidate_all()
        report = self.env["maintenance.renewal.report"].with_user(self.manager)
        return report.search(list(domain), **kwargs)

    def test_figures(self):
        """Two years from 1 January 2026: notice by 30 September, of the year that runs."""
        contract = self._create_billed_contract(
            1200, 600, date_start=date(2026, 1, 1), term_months=24, renewal="express"
        )
        self._invoice(contract, "2027-10-01")
        task = self._intervene(contract).task_ids
        self._book(task, "2026-05-01", 9)
        self._book(task, "2027-05-01", 12)
        row = self._list()
        self.assertEqual(row.contract_id, contract)
        self.assertEqual((row.date, row.agreed_end), (date(2027, 9, 30), date(2027, 12, 31)))
        self.assertEqual(row.date_to_act, date(2027, 9, 30))
        self.assertEqual((row.yearly_price, row.coverage_count), (1800, 2))
        self.assertAlmostEqual(row.margin, 300, 2)
        self.assertAlmostEqual(row.margin_rate, 300 / 1500)
        self.assertAlmostEqual(row.margin_last, 900, 2)
        self.assertAlmostEqual(row.margin_rate_last, 0.5)
        self.assertFalse(row.sla_decided)

    def test_undefined_is_said(self):
        self._create_billed_contract(1200)
        row = self._list()
        self.assertFalse(row.has_margin or row.has_margin_last or row.sla_decided)

    def test_years_are_those_of_the_margin(self):
        """From a leap day: on 28 February the second year has begun."""
        contract = self._create_billed_contract(1200, date_start=date(2028, 2, 29), term_months=36)
        self._book(self._intervene(contract).task_ids, "2029-02-28", 2)
        self._book(self._intervene(contract).task_ids, "2029-02-27", 1)
        with freeze_time("2029-02-28 08:00:00"):
            row = self._list()
            self.assertEqual((row.margin, row.margin_last), (-200, -100))
        with freeze_time("2029-02-27 08:00:00"):
            row = self._list()
            self.assertEqual((row.margin, row.margin_last), (-100, 0))

    def test_who_is_listed(self):
        tacit = self._create_billed_contract(100, renewal="tacit", notice_months=2)
        late = self._create_billed_contract(100, renewal="tacit", notice_months=4)
        ending = self._create_billed_contract(100)
        terminated = self._create_billed_contract(100)
        terminated._terminate(date(2027, 11, 30), "Sold")
        self._create_contract(self._create_equipment("Draft"))
        rows = self._list()
        self.assertEqual(rows.contract_id, tacit | ending)
        self.assertNotIn(late, rows.contract_id, "it goes on, nothing is to decide")
        self.assertEqual(self._list([("date", "<=", "today +1m")]).contract_id, tacit, "31 October")

    def test_sla_and_open_requests(self):
        """One delay in time, one late, in the year that runs; a request is open."""
        contract = self._create_billed_contract(1200, tier_id=self.tier.id)
        self.tier.sla_policy_id = self.env["maintenance.sla.policy"].create(
            {
                "name": "Two delays",
                "target_ids": [
                    Command.create({"kind": "acknowledge", "amount": 2, "unit": "calendar_hours"}),
                    Command.create({"kind": "resolution", "amount": 4, "unit": "calendar_hours"}),
                ],
            }
        )
        with freeze_time("2027-06-07 09:00:00"):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": "It stops",
                    "description": "Often",
                    "company_id": self.geneva.id,
                    "partner_id": self.customer.id,
                    "equipment_id": contract.coverage_ids.equipment_id.id,
                }
            )
        with freeze_time("2027-06-07 10:00:00"):
            ticket._reach("acknowledge")
        row = self._list()
        self.assertEqual((row.open_requests, row.sla_decided, row.sla_rate), (1, 2, 0.5))
        self.assertFalse(row.sla_decided_last)
        other = self._create_billed_contract(1200)
        self.assertEqual(self._list([("contract_id", "=", other.id)]).open_requests, 0)

    def test_sorted_grouped_and_exported(self):
        good, bad = (self._create_billed_contract(1200) for _ in range(2))
        self._invoice(good | bad, "2027-01-01")
        self._book(self._intervene(bad).task_ids, "2027-05-01", 5)
        self.assertEqual(self._list(order="margin_rate").contract_id.ids, [bad.id, good.id])
        self.assertEqual(self._list([("margin", "<", 0)]).contract_id, bad)
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        rows = self._list(order="margin").export_data(["contract_id/name", "margin"])["datas"]
        self.assertEqual(rows, [[bad.name, -400.0], [good.name, 100.0]])
        [(month, margin)] = (
            self.env["maintenance.renewal.report"]
            .with_user(self.manager)
            ._read_group([], ["date:month"], ["margin:sum"])
        )
        self.assertEqual((month, margin), (date(2027, 12, 1), -300))

    def test_queries_do_not_grow_with_contracts(self):
        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200, renewal="express") for _ in range(6))
        )
        self._invoice(contracts, "2027-01-01")
        counts = []
        for size in (2, 2, 6):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._read_page(contracts[:size])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def _read_page(self, contracts):
        """What the list shows."""
        specification = {
            "contract_id": {"fields": {"display_name": {}}},
            "customer_id": {"fields": {"display_name": {}}},
            "date_to_act": {},
            "margin_rate": {},
            "sla_rate": {},
        }
        page = (
            self.env["maintenance.renewal.report"]
            .with_user(self.manager)
            .web_search_read([("contract_id", "in", contracts.ids)], specification)
        )
        self.assertEqual(page["length"], len(contracts))
