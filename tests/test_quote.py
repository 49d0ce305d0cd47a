from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .quote_common import QuoteCommon


@tagged("post_install", "-at_install")
class TestQuote(QuoteCommon):
    """What is out of contract is quoted: the tariff of the day of the request, what is covered
    at zero."""

    def test_a_quote_proposes_time_and_travel(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with self.at("2027-06-08 09:00"):
            quote = self._make_quote(ticket)
        self.assertRecordValues(
            quote,
            [
                {
                    "maintenance_role": "quote",
                    "maintenance_ticket_id": ticket.id,
                    "maintenance_contract_id": self.contract.id,
                    "partner_id": self.contact.id,
                    "partner_invoice_id": self.customer.id,
                    "partner_shipping_id": self.site.id,
                    "pricelist_id": self.tariff.id,
                    "origin": ticket.number,
                    "require_signature": True,
                    "require_payment": False,
                }
            ],
        )
        self.assertRecordValues(
            quote.order_line,
            [
                {
                    "product_id": self.labour.id,
                    "maintenance_kind": "labour",
                    "product_uom_qty": 1,
                    "price_unit": 120,
                    "discount": 0,
                },
                {
                    "product_id": self.travel.id,
                    "maintenance_kind": "travel",
                    "product_uom_qty": 1,
                    "price_unit": 80,
                    "discount": 0,
                },
            ],
        )
        self.assertEqual(ticket.with_user(self.dispatcher).quote_count, 1)

    def test_prices_are_those_of_the_day_of_the_request(self):
        """Seed 003: “tarif public en vigueur au jour de la demande”."""
        before = self._create_ticket("2027-05-31 20:00")
        after = self._create_ticket("2027-06-01 00:30")
        with self.at("2027-06-08 09:00"):
            quotes = [self._make_quote(ticket) for ticket in (before, after)]
            prices = [self._get_line(quote, self.labour).price_unit for quote in quotes]
            self.assertEqual(prices, [100, 120])
            # Neither more hours, nor the catalogue, nor the signature change the day.
            self._get_line(quotes[0], self.labour).product_uom_qty = 3
            self.assertEqual(self._get_line(quotes[0], self.labour).price_subtotal, 300)
            told = quotes[0]._get_product_catalog_order_data(self.labour)
            self.assertEqual(told[self.labour.id]["price"], 100)
            self._sign(quotes[0])
            self.assertEqual(self._get_line(quotes[0], self.labour).price_subtotal, 300)

    def test_what_is_covered_is_at_zero(self):
        self._give("part", kind="included")
        self._give("breakdown", kind="included", labour_percent=50, travel_percent=0)
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(ticket.verdict, "part")
        quote = self._make_quote(ticket)
        self._add_part(quote, quantity=2)
        agreed = f"{self.contract.name}, {self.tier.name}"
        belt = self._get_line(quote, self.belt).with_context(lang="en_US")
        self.assertRecordValues(
            belt,
            [
                {
                    "maintenance_kind": "part",
                    "covered_percent": 100,
                    "price_unit": 40,
                    "discount": 100,
                    "price_subtotal": 0,
                }
            ],
        )
        self.assertIn(f"Covered by {agreed}: ", belt.covered_text)
        self.assertRegex(belt.covered_text, r"\D0\.00\D.*instead of \D*80\.00")
        labour = self._get_line(quote, self.labour).with_context(lang="en_US")
        self.assertEqual((labour.discount, labour.price_subtotal), (50, 60))
        self.assertRegex(labour.covered_text, r"^50 % covered by .*60\.00.*instead of.*120\.00")
        travel = self._get_line(quote, self.travel)
        self.assertEqual((travel.discount, travel.price_subtotal), (0, 80))
        self.assertFalse(travel.covered_text)
        # More of it is covered as well.
        belt.product_uom_qty = 5
        self.assertEqual((belt.discount, belt.price_subtotal), (100, 0))

    def test_a_discount_of_the_tariff_is_kept(self):
        self.env["res.config.settings"].create({"group_discount_per_so_line": True}).execute()
        self.tariff.item_ids = [
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": self.belt.id,
                    "compute_price": "percentage",
                    "percent_price": 10,
                }
            )
        ]
        self._give("part", kind="included", parts_percent=50)
        self._give("breakdown", kind="included")
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        self._add_part(quote)
        belt = self._get_line(quote, self.belt)
        self.assertEqual((belt.price_unit, belt.discount, belt.price_subtotal), (40, 55, 18))

    def test_delivery_is_told_in_days(self):
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        self.assertFalse(quote.longest_lead)
        self._add_part(quote)
        belt = self._get_line(quote, self.belt).with_context(lang="en_US")
        # One day to send it, four of the supplier.
        self.assertEqual((belt.customer_lead, belt.lead_text), (5, "Delivery: 5 days"))
        self.assertEqual(quote.longest_lead, 5)
        stock = quote.sudo().warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.belt, stock, 1)
        belt.unlink()
        self._add_part(quote)
        belt = self._get_line(quote, self.belt).with_context(lang="en_US")
        self.assertEqual(belt.lead_text, "Delivery: 1 day")
        self.assertFalse(self._get_line(quote, self.labour).lead_text)

    def test_one_quote_waits_at_a_time(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        quote = self._make_quote(ticket)
        self.assertEqual(self._make_quote(ticket, self.manager), quote)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            quote.sudo().copy({"maintenance_ticket_id": ticket.id})
        self._sign(quote)
        more = self._make_quote(ticket)
        self.assertNotEqual(more, quote)

    def test_a_quote_follows_a_verdict_decided_again(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        quote = self._make_quote(ticket)
        self._add_part(quote)
        self.assertFalse(quote.is_coverage_outdated)
        self._give("part", kind="included")
        self._give("breakdown", kind="included", travel_percent=0)
        ticket.with_user(self.dispatcher).action_decide_again()
        self.assertTrue(quote.is_coverage_outdated)
        with self.assertRaises(AccessError):
            quote.with_user(self.technician).action_update_coverage()
        quote.action_update_coverage()
        self.assertFalse(quote.is_coverage_outdated)
        self.assertEqual(quote.amount_untaxed, 80)
        self.assertEqual(self._get_line(quote, self.belt).discount, 100)
        self._sign(quote)
        self.assertFalse(quote.is_coverage_outdated)

    def test_a_copy_is_no_quote(self):
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        copied = quote.sudo().copy()
        self.assertFalse(copied.maintenance_role or copied.maintenance_ticket_id)

    def test_settings_are_named_when_they_are_missing(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        self.geneva.quote_tariff_id = False
        self.assertRefused("Public Tariff", self._make_quote, ticket, error=UserError)
        self.geneva.quote_tariff_id = self.tariff
        self.travel.active = False
        self.assertRefused("Travel", self._make_quote, ticket, error=UserError)
        trip = self.travel.copy({"active": True})
        self.geneva.quote_travel_product_id = trip
        self.assertEqual(self._make_quote(ticket).order_line[1].maintenance_kind, "travel")

    def test_labour_is_invoiced_by_timesheets(self):
        with self.assertRaisesRegex(ValidationError, "Labour"):
            self.geneva.quote_labour_product_id = self.travel

    # === WHAT IS QUOTED === #

    def test_what_is_covered_or_refused_is_not_quoted(self):
        self._give("part", kind="included")
        self._give("breakdown", kind="included")
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertRefused("it is covered", self._make_quote, ticket, error=UserError)
        sabotage = self.env["maintenance.exclusion"].create(
            {"name": "Sabotage", "outcome": "refused"}
        )
        ticket.exclusion_id = sabotage
        self.assertRefused("it is refused .*Sabotage", self._make_quote, ticket, error=UserError)

    def test_what_is_on_request_is_quoted(self):
        self._give("update", kind="on_request")
        ticket = self._create_ticket("2027-06-07 09:00", request_kind="update")
        self.assertEqual(self._make_quote(ticket).amount_untaxed, 200)

    def test_what_is_excluded_is_studied_first(self):
        """Seed 003: “sous réserve d’une étude de faisabilité et validation d’un devis”."""
        exclusion = self.env["maintenance.exclusion"].create({"name": "Data recovery"})
        ticket = self._create_ticket("2027-06-07 09:00", exclusion_id=exclusion.id)
        self.assertRefused("feasibility study first", self._make_quote, ticket, error=UserError)
        mine = ticket.with_user(self.dispatcher)
        mine.action_ask_feasibility()
        self.assertRefused("not answered", self._make_quote, ticket, error=UserError)
        mine.action_feasible()
        self.assertTrue(self._make_quote(ticket))
        self.assertFalse(
            ticket.activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref("maintenance_contract.mail_activity_feasibility")
                )
            )
        )

    def test_what_is_not_feasible_is_not_quoted(self):
        ticket = self._create_ticket("2027-06-07 09:00").with_user(self.dispatcher)
        ticket.action_ask_feasibility()
        ticket.action_not_feasible()
        self.assertRefused("not feasible", self._make_quote, ticket, error=UserError)

    # === RIGHTS === #

    def test_who_makes_quotes(self):
        tickets = [self._create_ticket("2027-06-07 09:00") for _user in range(3)]
        seller = self._create_user(
            "mc_seller", "sales_team.group_sale_salesman,helpdesk_mgmt.group_helpdesk_user"
        )
        for ticket, user in zip(tickets, (self.dispatcher, self.manager, seller), strict=True):
            quote = self._make_quote(ticket, user)
            self.assertTrue(quote.has_access("write"))
            self._add_part(quote)
            self.assertEqual(quote.amount_untaxed, 240)
        technicians_ticket = self._create_ticket(user_id=self.technician.id)
        with self.assertRaises(AccessError):
            self._make_quote(technicians_ticket, self.technician)

    def test_technicians_bill_their_time_on_no_order(self):
        """A technician writes on his tasks; whose order pays for them is not his to say."""
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        intervention = self._plan(ticket)
        line = self._make_quote(self._create_ticket()).order_line[:1]
        task = intervention.task_ids.with_user(self.technician)
        with self.assertRaises(AccessError):
            task.sale_line_id = line.id
        with self.assertRaises(AccessError):
            task.create({"name": "x", "project_id": task.project_id.id, "sale_line_id": line.id})

    def test_technicians_see_no_price(self):
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        intervention = self._plan(ticket)
        quote = self._make_quote(ticket)
        self._sign(quote)
        orders = self.env["sale.order"].with_user(self.technician)
        self.assertFalse(orders.search([]))
        for record in (quote, quote.order_line[0]):
            self.assertFalse(record.with_user(self.technician).has_access("read"))
        with self.assertRaises(AccessError):
            ticket.with_user(self.technician).quote_count  # noqa: B018
        # His task names the order, no more.
        task = intervention.task_ids.with_user(self.technician)
        self.env.invalidate_all()
        [told] = task.web_read({"sale_line_id": {"fields": {"display_name": {}}}})
        self.assertIn(quote.name, told["sale_line_id"]["display_name"])
        self.assertNotIn("120", told["sale_line_id"]["display_name"])
        self._book(task, 1)
        self.assertEqual(self._get_line(quote, self.labour).qty_delivered, 1)

    def test_dispatchers_see_quotes_only(self):
        values = {"partner_id": self.customer.id, "user_id": self.administrator.id}
        orders = self.env["sale.order"].create(
            [
                {**values, "maintenance_role": "quote"},
                {
                    **values,
                    "maintenance_role": "offer",
                    "maintenance_contract_id": self.contract.id,
                },
                values,
            ]
        )
        seen = {
            user: orders.with_user(user)._filtered_access("read").mapped("maintenance_role")
            for user in (self.technician, self.dispatcher, self.manager, self.accountant)
        }
        self.assertEqual(
            list(seen.values()), [[], ["quote"], ["quote", "offer"], ["quote", "offer", False]]
        )

    def test_a_line_stays_in_the_orders_of_who_moves_it(self):
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        sold = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.administrator.id}
        )
        with self.assertRaisesRegex(AccessError, "Sales Order"):
            quote.order_line[0].order_id = sold.id

    def test_what_is_covered_is_written_by_the_program(self):
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        other = self._create_ticket("2027-06-07 09:00")
        for vals in (
            {"covered_parts": 100},
            {"covered_by": "Nobody"},
            {"requested_at": "2020-01-01 00:00:00"},
            {"maintenance_ticket_id": other.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                quote.write(vals)
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.dispatcher).create(
                {
                    "partner_id": self.customer.id,
                    "maintenance_role": "quote",
                    "maintenance_ticket_id": other.id,
                }
            )

    def test_a_customer_sees_his_quotes_only(self):
        quote = self._make_quote(self._create_ticket("2027-06-07 09:00"))
        self.assertTrue(quote.with_user(self.portal_user).has_access("read"))
        stranger = self.env["res.partner"].create(
            {"name": "Bob", "parent_id": self.other_customer.id, "email": "bob@autre.example"}
        )
        user = self._create_user("mc_bob", "base.group_portal", partner_id=stranger.id)
        self.assertFalse(quote.with_user(user).has_access("read"))
