from odoo.tests import HttpCase, tagged

from .quote_common import QuoteCommon

TOUR = "out of contract to invoice"


@tagged("post_install", "-at_install")
class TestQuoteTour(QuoteCommon, HttpCase):
    """A request that no contract pays for, to its invoice: each step by who does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belt.name = "Belt for the tour"
        cls.contact.write({"name": "Anne Rochat", "email": "anne.rochat@horloger.example"})
        cls.stock_user = cls._create_user("mc_stock", "stock.group_stock_user")
        for user in (cls.dispatcher, cls.portal_user, cls.accountant):
            user.write({"lang": "en_US", "password": user.login})

    def test_ticket_to_invoiced_quote(self):
        # Before the contract begins: nothing covers it.
        ticket = self._create_ticket()
        with self._mail_server():
            self._start(
                "/odoo/action-maintenance_contract.helpdesk_ticket_action_requests",
                "quote",
                self.dispatcher,
            )
        quote = ticket.quote_ids
        self.assertStep(ticket, "waiting")
        self.assertIn(self.contact, quote.message_ids.partner_ids)

        with self._mail_server():
            self._start(f"/my/ticket/{ticket.id}", "signature", self.portal_user)
        self.assertEqual((quote.state, quote.signed_by), ("sale", "Anne Rochat"))
        self.assertTrue(quote.signature)
        self.assertStep(ticket, "in_progress")

        self._work(ticket)
        self._deliver(quote)
        self._start(
            "/odoo/action-maintenance_contract.sale_order_action_quotes",
            "invoice",
            self.accountant,
        )
        invoice = quote.invoice_ids
        self.assertEqual((invoice.state, invoice.partner_id), ("posted", self.customer))
        self.assertEqual(invoice.amount_untaxed, 2.5 * 100 + 80 + 40)

    def _start(self, url, step, user):
        self.env.flush_all()
        self.start_tour(url, f"{TOUR}: {step}", login=user.login)
        self.env.invalidate_all()

    def _work(self, ticket):
        """Planned by the dispatcher, done by the technician, closed."""
        intervention = self._plan(ticket, "2026-06-09 09:00")
        task = intervention.task_ids
        self._book(task, 2.5, self.env.cr.now().date())
        task.with_user(self.technician).write({"state": "1_done"})
        vals = {"result": "done", "done_date": self.env.cr.now().date()}
        intervention.with_user(self.dispatcher)._close(dict.fromkeys(intervention.line_ids, vals))

    def _deliver(self, quote):
        stock = quote.warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.belt, stock, 1)
        picking = quote.picking_ids.with_user(self.stock_user)
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()
