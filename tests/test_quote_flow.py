import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .quote_common import QuoteCommon

SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestQuoteFlow(QuoteCommon):
    """While a quote waits its request waits; signed, it takes time and parts to the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_ticket("2027-06-07 09:00")

    def _send_quote(self, moment="2027-06-07 10:00"):
        with self.at(moment):
            quote = self._make_quote(self.ticket)
            self._add_part(quote)
            self._send(quote)
        return quote

    # === WAITING === #

    def test_the_request_waits_for_the_signature(self):
        quote = self._send_quote()
        self.assertEqual(quote.state, "sent")
        self.assertStep(self.ticket, "waiting")
        self.assertEqual(
            self.ticket.pause_reason_id,
            self.env.ref("maintenance_contract.pause_reason_approval"),
        )
        self.assertEqual(self._clock(self.ticket, "resolution").state, "paused")
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
        self.assertStep(self.ticket, "in_progress")
        self.assertEqual(self._clock(self.ticket, "resolution").state, "running")
        self.assertIn("has agreed", self.ticket.message_ids[0].body)
        self.assertNotIn("240", self.ticket.message_ids[0].body)
        self.assertEqual(
            self.ticket.activity_ids.filtered("summary").mapped("summary")[-1:],
            ["The customer has agreed to the quote: plan the work"],
        )

    def test_an_answer_in_between_is_not_waited_for_twice(self):
        quote = self._send_quote()
        self._customer_writes(self.ticket, "2027-06-07 11:00")
        self.assertStep(self.ticket, "in_progress")
        self._wait(self.ticket, "2027-06-07 12:00")
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
        # It waits for something else now.
        self.assertStep(self.ticket, "waiting")

    def test_a_quote_given_up_gives_the_request_back(self):
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            quote.action_cancel()
        self.assertStep(self.ticket, "in_progress")
        self.assertIn("given up", self.ticket.message_ids[0].body)
        self.assertTrue(self._make_quote(self.ticket) - quote)

    def test_a_quote_not_signed_in_time_gives_the_request_back(self):
        quote = self._send_quote()
        quote.sudo().validity_date = "2027-06-20"
        cron = self.env.ref("maintenance_contract.ir_cron_expire_quotes")
        with self.at("2027-06-20 12:00"), self._mail_server():
            self._run_cron(cron)
        self.assertEqual(quote.state, "sent")
        with self.at("2027-06-21 00:30"), self._mail_server():
            self._run_cron(cron)
        self.assertEqual(quote.state, "cancel")
        self.assertIn("Not signed until 06/20/2027", str(quote.message_ids.mapped("body")))
        self.assertStep(self.ticket, "in_progress")
        self.assertIn("not signed in time", str(self.ticket.message_ids.mapped("body")))
        self.assertIn(
            "No agreement on the quote: what next?", self.ticket.activity_ids.mapped("summary")
        )

    def test_the_quote_of_a_request_given_up_is_not_to_sign(self):
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            self.env["maintenance.ticket.cancellation"].with_user(self.dispatcher).create(
                {"ticket_id": self.ticket.id, "reason": "withdrawn"}
            ).action_cancel_request()
        self.assertStep(self.ticket, "cancelled")
        self.assertEqual(quote.state, "cancel")

    def test_who_signs_late_is_not_forgotten(self):
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            self.ticket._move_to_step("closed")
            self._sign(quote)
        self.assertIn(
            "The customer has agreed to the quote: plan the work",
            self.ticket.activity_ids.mapped("summary"),
        )

    def test_orders_of_others_do_not_expire(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.geneva.id,
                "validity_date": "2027-06-20",
            }
        )
        order.action_quotation_sent()
        with self.at("2027-07-21 00:30"):
            self._run_cron(self.env.ref("maintenance_contract.ir_cron_expire_quotes"))
        self.assertEqual(order.state, "sent")

    # === TIME, TRAVEL AND PARTS === #

    def test_time_parts_and_travel_are_delivered_and_invoiced(self):
        # As in a company that was there before quotes were.
        self.geneva.planning_project_id.allow_billable = False
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
            intervention = self._plan(self.ticket)
        task = intervention.task_ids
        labour = self._get_line(quote, self.labour)
        self.assertEqual(task.sale_line_id, labour.sudo())
        self.assertEqual(quote.sudo().project_count, 0)
        self.assertFalse(quote.sudo().tasks_ids - task)
        with self.at("2027-06-09 12:00"):
            self._book(task, 2.5)
            self._close(intervention)
            self._deliver(quote)
        self.assertEqual(
            [
                (line.product_id, line.qty_delivered, line.qty_to_invoice)
                for line in quote.order_line
            ],
            [(self.labour, 2.5, 2.5), (self.travel, 1, 1), (self.belt, 1, 1)],
        )
        with self.at("2027-06-10 12:00"):
            invoice = self._invoice(quote)
        self.assertEqual(invoice.partner_id, self.customer)
        self.assertEqual(invoice.amount_untaxed, 2.5 * 120 + 80 + 40)
        self.assertEqual(quote.invoice_status, "invoiced")
        self.assertEqual(task.sudo().timesheet_ids.timesheet_invoice_id, invoice)

    def test_covered_parts_are_delivered_and_invoiced_at_zero(self):
        self._give("part", kind="included")
        self.ticket = self._create_ticket("2027-06-07 09:00", request_kind="part")
        self._give("breakdown", kind="included", labour_percent=0, travel_percent=0)
        self.ticket = self._create_ticket("2027-06-07 09:00")
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
            intervention = self._plan(self.ticket)
        with self.at("2027-06-09 12:00"):
            self._book(intervention.task_ids, 1)
            self._close(intervention)
            self._deliver(quote)
            invoice = self._invoice(quote)
        part = invoice.invoice_line_ids.filtered(lambda line: line.product_id == self.belt)
        self.assertEqual((part.quantity, part.discount, part.price_subtotal), (1, 100, 0))
        self.assertEqual(invoice.amount_untaxed, 200)

    def test_time_booked_before_the_signature_is_part_of_it(self):
        intervention = self._plan(self.ticket, "2027-06-07 10:00")
        task = intervention.task_ids
        with self.at("2027-06-07 12:00"):
            self._book(task, 2, "2027-06-07")
        quote = self._send_quote("2027-06-07 14:00")
        self.assertEqual(quote.hours_before, 2)
        self.assertIn("The labour includes 02:00 h", quote.with_context(lang="en_US").quote_terms)
        self.assertEqual(self._get_line(quote, self.labour).product_uom_qty, 2)
        self.assertFalse(task.sale_line_id)
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
        self.assertEqual(task.sale_line_id, self._get_line(quote, self.labour).sudo())
        self.assertEqual(self._get_line(quote, self.labour).qty_delivered, 2)

    def test_what_was_closed_before_is_history(self):
        before = self._plan(self.ticket, "2027-06-07 10:00")
        with self.at("2027-06-07 12:00"):
            self._book(before.task_ids, 2, "2027-06-07")
            self._close(before)
        quote = self._send_quote("2027-06-07 14:00")
        self.assertEqual(quote.hours_before, 0)
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
        self.assertFalse(before.task_ids.sale_line_id)
        self.assertEqual(self._get_line(quote, self.labour).qty_delivered, 0)

    def test_an_intervention_has_its_own_quote(self):
        intervention = self._plan(self.ticket)
        quote = self._make_quote(intervention)
        self.assertEqual(quote.maintenance_intervention_id, intervention)
        self.assertEqual(quote.maintenance_ticket_id, self.ticket)
        self.assertEqual(self._make_quote(self.ticket), quote)
        self._sign(quote)
        self.assertEqual(intervention.task_ids.sale_line_id.order_id, quote.sudo())
        other = self._plan(self.ticket)
        self.assertFalse(other.task_ids.sale_line_id)

    def test_an_intervention_nobody_asked_for(self):
        with self.at("2027-06-07 09:00"):
            intervention = (
                self.env["maintenance.intervention"]
                .with_user(self.dispatcher)
                .create({"site_id": self.site.id, "contract_id": self.contract.id})
            )
        quote = self._make_quote(intervention)
        self.assertEqual((quote.partner_id, quote.amount_untaxed), (self.customer, 200))
        self.assertEqual(quote.maintenance_contract_id, self.contract)

    def test_what_a_contract_covers_needs_no_request(self):
        """A visit finds a worn belt: the contract pays for parts, not for the rest."""
        self._give("part", kind="included")
        self._give("breakdown", kind="included", labour_percent=0, travel_percent=0)
        with self.at("2027-06-07 09:00"):
            intervention = (
                self.env["maintenance.intervention"]
                .with_user(self.dispatcher)
                .create(
                    {
                        "site_id": self.site.id,
                        "contract_id": self.contract.id,
                        "line_ids": [Command.create({"equipment_id": self.equipment.id})],
                    }
                )
            )
        tickets = self.env["helpdesk.ticket"].search_count([])
        quote = self._make_quote(intervention)
        self._add_part(quote)
        self.assertEqual(self._get_line(quote, self.belt).price_subtotal, 0)
        self.assertEqual(quote.amount_untaxed, 200)
        self.assertIn(self.contract.name, quote.covered_by)
        self.assertEqual(self.env["helpdesk.ticket"].search_count([]), tickets)
        quote.action_cancel()
        self._give("breakdown", kind="included", labour_percent=100, travel_percent=100)
        self.assertRefused("it is covered", self._make_quote, intervention, error=UserError)

    def test_a_cancelled_order_leaves_the_time(self):
        intervention = self._plan(self.ticket)
        quote = self._send_quote()
        with self.at("2027-06-08 10:00"):
            self._sign(quote)
            self._book(intervention.task_ids, 1)
            quote.action_cancel()
        self.assertFalse(intervention.task_ids.sale_line_id)
        self.assertFalse(intervention.task_ids.timesheet_ids.so_line)
        again = self._send_quote("2027-06-08 11:00")
        with self.at("2027-06-08 12:00"):
            self._sign(again)
        self.assertEqual(self._get_line(again, self.labour).qty_delivered, 1)

    def test_time_of_an_intervention_goes_on_no_other_order(self):
        """Odoo gives a task to any prepaid hours of its customer: here only to a signed quote."""
        self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.geneva.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.env["product.product"]
                            .create(
                                {
                                    "name": "10 hours",
                                    "type": "service",
                                    "uom_id": self.env.ref("uom.product_uom_hour").id,
                                    "service_policy": "ordered_prepaid",
                                }
                            )
                            .id,
                            "product_uom_qty": 10,
                        }
                    )
                ],
            }
        ).action_confirm()
        self.geneva.planning_project_id.allow_billable = True
        self.assertFalse(self._plan(self.ticket).task_ids.sale_line_id)

    def test_the_dispatcher_works_on_the_form(self):
        quote = self._send_quote()
        with Form(quote) as form, form.order_line.new() as line:
            line.product_id = self.belt
            line.product_uom_qty = 3
        self.assertEqual(quote.amount_untaxed, 240 + 120)
        with self.at("2027-06-08 10:00"), self._mail_server():
            quote.action_confirm()
        self.env.invalidate_all()
        with Form(quote) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 2
        self.assertEqual(quote.amount_untaxed, 480)

    # === HELPERS === #

    def _close(self, intervention):
        intervention.task_ids.with_user(self.technician).write({"state": "1_done"})
        vals = {"result": "done", "done_date": self.env.cr.now().date()}
        intervention.with_user(self.dispatcher)._close(dict.fromkeys(intervention.line_ids, vals))

    def _deliver(self, quote):
        """The parts leave the stock, by who works there."""
        clerk = self.env["res.users"].search([("login", "=", "mc_stock")]) or self._create_user(
            "mc_stock", "stock.group_stock_user"
        )
        stock = quote.sudo().warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.belt, stock, 10)
        picking = quote.sudo().picking_ids.with_user(clerk)
        self.assertEqual(picking.partner_id, self.site)
        picking.action_assign()
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()

    def _invoice(self, quote):
        """The accountant invoices what was delivered, and posts it."""
        wizard = self.env["sale.advance.payment.inv"].with_user(self.accountant)
        wizard.with_context(active_ids=quote.ids, active_model="sale.order").create(
            {}
        ).create_invoices()
        invoice = quote.sudo().invoice_ids.with_user(self.accountant)
        invoice.action_post()
        return invoice


@tagged("post_install", "-at_install")
class TestQuotePortal(QuoteCommon, HttpCase):
    """The customer finds his quote on the page of his request, signs it or declines it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user.write({"password": cls.portal_user.login, "lang": "en_US"})
        cls.ticket = cls._create_ticket()
        cls.quote = cls.env["sale.order"].browse(
            cls.ticket.with_user(cls.dispatcher).action_make_quote()["res_id"]
        )

    def test_the_customer_signs(self):
        self._add_part(self.quote)
        self.quote.action_quotation_sent()
        self.authenticate(self.portal_user.login, self.portal_user.login)
        page = self.url_open(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("Quote to sign", page)
        self.assertIn(f"/my/orders/{self.quote.id}", page)
        self.assertNotIn(self.quote.access_token or "no token", page)
        page = self.url_open(f"/my/orders/{self.quote.id}").text
        for text in (self.ticket.number, "Delivery: 5 days", "5 days after the agreement"):
            self.assertIn(text, page)
        answer = self.url_open(
            f"/my/orders/{self.quote.id}/accept",
            data=json.dumps({"params": {"name": "Anne Rochat", "signature": SIGNATURE}}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.assertTrue(answer["result"].get("force_refresh"), answer)
        self.assertEqual((self.quote.state, self.quote.signed_by), ("sale", "Anne Rochat"))
        self.assertStep(self.ticket, "in_progress")

    def test_the_customer_declines(self):
        self.quote.action_quotation_sent()
        self.assertStep(self.ticket, "waiting")
        token = self.quote._portal_ensure_token()
        page = self.url_open(f"/my/orders/{self.quote.id}?access_token={token}").text
        csrf = page.split('csrf_token: "')[1].split('"')[0]
        self.url_open(
            f"/my/orders/{self.quote.id}/decline?access_token={token}",
            data={"decline_message": "Too dear", "csrf_token": csrf},
        )
        self.assertEqual(self.quote.state, "cancel")
        self.assertStep(self.ticket, "in_progress")
        self.assertIn("has declined", str(self.ticket.message_ids.mapped("body")))
        self.assertIn(
            "No agreement on the quote: what next?", self.ticket.activity_ids.mapped("summary")
        )
