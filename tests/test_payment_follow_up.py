from ast import literal_eval
from datetime import date, datetime
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon


class PaymentCommon(BillingCommon):
    """Contracts invoiced on 1 January 2027, to pay within 30 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.env.ref("account.account_payment_term_30days")
        cls.customer.email = "compta@horloger.test"
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.geneva.id)], limit=1
        )

    def _create_invoiced(self, *prices, **values):
        """A contract with the posted invoice of January."""
        contract = self._create_billed_contract(
            *prices, payment_term_id=self.term.id, invoice_state="posted", **values
        )
        self._run_cron("2027-01-01")
        return contract

    def _pay(self, moves, amount=None, on="2027-01-20"):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create(
                {
                    "payment_date": on,
                    "journal_id": self.bank.id,
                    "group_payment": len(moves) > 1,
                    **({"amount": amount} if amount else {}),
                }
            )
        )
        wizard._create_payments()
        self.env.invalidate_all()

    def _reverse(self, move, on="2027-02-01"):
        """The credit note of the whole invoice, in draft."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": on, "journal_id": move.journal_id.id})
        )
        wizard.refund_moves()
        return wizard.new_move_ids

    def _get_overdue(self, contract, day, user=None):
        self.env.invalidate_all()
        with freeze_time(f"{day} 08:00:00"):
            contract = contract.with_user(user or self.manager)
            return contract.overdue_amount, contract.overdue_since, contract.overdue_count


@tagged("post_install", "-at_install")
class TestOverdue(PaymentCommon):
    """What is overdue of each contract: to the cent, whatever was paid or credited."""

    def test_overdue_from_the_day_after_the_due_date(self):
        contract = self._create_invoiced(1200)
        move = self._get_moves(contract)
        self.assertEqual(move.invoice_date_due, date(2027, 1, 31))
        self.assertEqual(self._get_overdue(contract, "2027-01-31"), (0, False, 0))
        self.assertEqual(
            self._get_overdue(contract, "2027-02-01"), (move.amount_total, date(2027, 1, 31), 1)
        )
        with freeze_time("2027-02-01 08:00:00"):
            self.assertEqual(contract.overdue_invoice, move.name)
            found = self.env["maintenance.contract"].with_user(self.manager)
            self.assertIn(contract, found.search([("is_overdue", "=", True)]))
            self.assertNotIn(contract, found.search([("is_overdue", "=", False)]))

    def test_what_is_paid_is_not_overdue(self):
        contract = self._create_invoiced(1200)
        move = self._get_moves(contract)
        self._pay(move, 30)
        self.assertAlmostEqual(
            self._get_overdue(contract, "2027-02-10")[0], move.amount_total - 30, 2
        )
        self._pay(move, on="2027-02-10")
        self.assertEqual(self._get_overdue(contract, "2027-02-11"), (0, False, 0))
        with freeze_time("2027-02-11"):
            found = self.env["maintenance.contract"].search([("is_overdue", "=", True)])
            self.assertNotIn(contract, found)

    def test_an_invoice_of_several_contracts_counts_for_each_by_its_lines(self):
        contracts = self.env["maintenance.contract"].union(
            *(
                self._create_billed_contract(
                    price,
                    invoice_grouping="customer",
                    invoice_state="posted",
                    payment_term_id=self.term.id,
                )
                for price in (1000, 1000, 1000)
            )
        )
        self._run_cron("2027-01-01")
        move = self._get_moves(contracts)
        self.assertEqual(len(move), 1)
        for paid in (0, 0.01, 33.35, 100.02):
            if paid:
                self._pay(move, paid)
            overdue = [self._get_overdue(contract, "2027-02-01")[0] for contract in contracts]
            with self.subTest(paid=paid):
                self.assertAlmostEqual(sum(overdue), move.amount_residual, 5)
                self.assertLess(max(overdue) - min(overdue), 0.02)

    def test_credit_notes_are_deducted(self):
        contract = self._create_invoiced(1200)
        self._run_cron("2027-02-01")
        january, february = self._get_moves(contract)
        with freeze_time("2027-03-10 08:00:00"):
            credit = self._reverse(january)
            self.assertEqual(credit.maintenance_contract_ids, contract)
            self.assertEqual(credit.state, "draft")
            both = january.amount_total + february.amount_total
            self.assertAlmostEqual(self._get_overdue(contract, "2027-03-10")[0], both, 2)
            credit.action_post()
            # Settled with its invoice by Odoo; taken apart, it is deducted all the same.
            credit.line_ids.remove_move_reconcile()
        self.assertEqual(january.amount_residual, january.amount_total)
        self.assertAlmostEqual(
            self._get_overdue(contract, "2027-03-10")[0], february.amount_total, 2
        )
        with freeze_time("2027-03-10 08:00:00"):
            (january | credit).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            ).reconcile()
        self.assertEqual(
            self._get_overdue(contract, "2027-03-10"),
            (february.amount_total, february.invoice_date_due, 1),
        )

    def test_only_the_instalments_that_were_due(self):
        self.term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half in three months",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 90}),
                ],
            }
        )
        contract = self._create_invoiced(1200)
        total = self._get_moves(contract).amount_total
        self.assertAlmostEqual(self._get_overdue(contract, "2027-01-12")[0], total / 2, 2)
        self.assertAlmostEqual(self._get_overdue(contract, "2027-04-02")[0], total, 2)

    def test_in_the_currency_of_the_contract(self):
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "X", "rounding": 0.01, "active": True}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": "2027-01-01",
                "rate": 4,
                "company_id": self.geneva.id,
            }
        )
        contract = self._create_invoiced(1200, currency_id=currency.id)
        move = self._get_moves(contract)
        self.assertEqual(move.currency_id, currency)
        self.assertAlmostEqual(self._get_overdue(contract, "2027-02-01")[0], move.amount_total, 2)

    def test_few_queries_for_many_contracts(self):
        def count(contracts):
            self.env.invalidate_all()
            with freeze_time("2027-02-01"), self.env.cr.savepoint():
                before = self.env.cr.sql_log_count
                contracts.sudo().mapped("overdue_amount")
                return self.env.cr.sql_log_count - before

        contracts = self.env["maintenance.contract"].union(
            *(self._create_billed_contract(1200, invoice_state="posted") for _n in range(6))
        )
        self._run_cron("2027-01-01")
        self.assertEqual(count(contracts[:2]), count(contracts))

    def test_who_sells_and_bills_reads_it(self):
        contract = self._create_invoiced(1200)
        for user in (self.manager, self.accountant):
            self.assertTrue(self._get_overdue(contract, "2027-02-01", user)[0])
        with self.assertRaises(AccessError):
            self._get_overdue(contract, "2027-02-01", self.dispatcher)

    def test_who_may_not_read_it_does_not_search_by_it(self):
        contract = self._create_invoiced(1200)
        domain = [("is_overdue", "=", True)]
        with freeze_time("2027-02-01"):
            self.assertEqual(contract.with_user(self.accountant).search(domain), contract)
            for model, path in (
                ("maintenance.contract", "is_overdue"),
                ("maintenance.equipment", "coverage_ids.contract_id.is_overdue"),
            ):
                with self.subTest(path), self.assertRaisesRegex(AccessError, "is_overdue"):
                    self.env[model].with_user(self.dispatcher).search([(path, "=", True)])

    def test_follow_up_screen(self):
        contract = self._create_invoiced(1200)
        move = self._get_moves(contract)
        moves = self.env["account.move"].with_user(self.accountant)
        action = self.env.ref("maintenance_contract.account_move_action_follow_up")
        domain = [*literal_eval(action.domain), ("id", "in", move.ids)]
        for day, age in (
            ("2027-01-31", False),
            ("2027-02-01", "1"),
            ("2027-03-02", "1"),
            ("2027-03-03", "2"),
            ("2027-04-02", "3"),
            ("2027-05-01", "3"),
            ("2027-05-02", "4"),
        ):
            self.env.invalidate_all()
            with freeze_time(f"{day} 08:00:00"), self.subTest(day=day):
                self.assertEqual(move.maintenance_overdue_age, age)
                groups = moves._read_group(domain, ["maintenance_overdue_age"], ["__count"])
                if age:
                    self.assertEqual(groups, [(age, 1)])
                found = moves.search([*domain, ("maintenance_overdue_since", "!=", False)])
                self.assertEqual(bool(found), bool(age))
        self.assertEqual(move.maintenance_kind, "contract")
        self.assertIn(move, moves.search([("maintenance_kind", "=", "contract")]))
        self.assertNotIn(move, moves.search([("maintenance_kind", "=", "quote")]))

    def test_out_of_contract(self):
        product = self.env["product.product"].create(
            {"name": "Repair", "type": "service", "invoice_policy": "order", "list_price": 80}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "maintenance_role": "quote",
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        move = order._create_invoices()
        self.assertEqual(move.maintenance_kind, "quote")
        moves = self.env["account.move"].with_user(self.accountant)
        self.assertIn(move, moves.search([("maintenance_kind", "=", "quote")]))
        self.assertNotIn(move, moves.search([("maintenance_kind", "=", "contract")]))
        self.assertNotIn(move, moves.search([("maintenance_kind", "=", False)]))


@tagged("post_install", "-at_install")
class TestPaymentNotice(PaymentCommon):
    """A notice, and the stop of service that may follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mails = cls.env["mail.message"].sudo()

    def _ask(self, contract, day="2027-02-01", user=None):
        with freeze_time(f"{day} 08:00:00"):
            self.env.invalidate_all()
            wizard = (
                self.env["maintenance.payment.notice.preview"]
                .with_user(user or self.accountant)
                .create({"contract_ids": [Command.set(contract.ids)]})
            )
            wizard.action_send()
        return contract.sudo().payment_notice_ids.sorted("id")[-1:]

    def _follow(self, *days):
        for day in days:
            with freeze_time(f"{day} 03:00:00"), self.enter_registry_test_mode():
                cron = self.env.ref("maintenance_contract.ir_cron_follow_payments")
                cron.method_direct_trigger()
            self.env.invalidate_all()

    def _get_stopped(self, price=1200):
        """A contract whose service is stopped since 4 March 2027."""
        contract = self._create_invoiced(price, service_stop="notice")
        notice = self._ask(contract)
        self._follow("2027-03-04")
        return contract, notice

    def test_preview_and_send(self):
        contract = self._create_invoiced(1200, service_stop="notice")
        fine = self._create_billed_contract(1200)
        total = self._get_moves(contract).amount_total
        self.customer.lang = "fr_FR"
        with freeze_time("2027-02-01 08:00:00"):
            action = contract.with_user(self.accountant).action_ask_payment()
            self.assertEqual(action["res_model"], "maintenance.payment.notice.preview")
            wizard = (
                self.env["maintenance.payment.notice.preview"]
                .with_user(self.accountant)
                .create({"contract_ids": [Command.set((contract | fine).ids)]})
            )
            shown, aside = wizard.line_ids.sorted(lambda line: bool(line.obstacle))
            self.assertEqual(
                (shown.amount, shown.due_by, shown.stops_on, wizard.notice_count),
                (total, date(2027, 3, 3), date(2027, 3, 4), 1),
            )
            self.assertEqual(aside.obstacle, "Nothing is overdue.")
            # As over HTTP, where the transaction is the accountant's and not the superuser's.
            with patch.object(self.env.transaction, "default_env", wizard.env):
                wizard.action_send()
        notice = contract.sudo().payment_notice_ids
        self.assertEqual(
            (notice.state, notice.amount, notice.user_id), ("open", total, self.accountant)
        )
        self.assertEqual(notice.line_ids.move_id, self._get_moves(contract))
        self.assertFalse(fine.sudo().payment_notice_ids)
        message = notice.message_ids.filtered(lambda message: message.subject)
        self.assertEqual(message.notified_partner_ids, self.customer)
        self.assertIn(contract.name, message.subject)
        self.assertEqual(len(message.attachment_ids), 1)
        told = contract.message_ids[:1].body
        self.assertIn("03/03/2027", told)
        self.assertNotIn(f"{total:.2f}", told)

    def test_one_live_notice_per_contract(self):
        contract = self._create_invoiced(1200)
        notice = self._ask(contract)
        with self.assertRaisesRegex(UserError, "Nothing is to send"):
            self._ask(contract)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            notice.create(notice.copy_data()[0])
        with freeze_time("2027-02-02"):
            notice.with_user(self.accountant).action_withdraw()
        self.assertEqual(notice.state, "withdrawn")
        self.assertEqual(self._ask(contract, "2027-02-03").state, "open")

    def test_service_is_never_stopped_unless_agreed(self):
        contract = self._create_invoiced(1200)
        notice = self._ask(contract)
        self.assertFalse(notice.stops_on)
        self._follow("2027-03-04", "2027-06-01")
        self.assertEqual(notice.state, "open")
        self.assertFalse(contract.is_service_stopped)

    def test_stopped_on_its_day_and_told_once(self):
        contract = self._create_invoiced(1200, service_stop="notice")
        notice = self._ask(contract)
        self._follow("2027-03-03")
        self.assertEqual(notice.state, "open")
        self._follow("2027-03-04", "2027-03-04", "2027-03-05")
        self.assertEqual(notice.state, "stopped")
        self.assertEqual(notice.stopped_at, datetime(2027, 3, 4, 3))
        told = notice.message_ids.filtered(
            lambda message: "the service is stopped" in (message.subject or "")
        )
        self.assertEqual(len(told), 1)
        self.assertEqual(told.notified_partner_ids, self.customer)
        self.assertEqual(contract.activity_ids.user_id, self.manager)
        with freeze_time("2027-03-06"):
            self.assertTrue(contract.with_user(self.dispatcher).is_service_stopped)
            contracts = self.env["maintenance.contract"].with_user(self.dispatcher)
            self.assertIn(contract, contracts.search([("is_service_stopped", "=", True)]))

    def test_not_stopped_when_paid_in_time(self):
        contract = self._create_invoiced(1200, service_stop="notice")
        notice = self._ask(contract)
        with freeze_time("2027-02-20 08:00:00"):
            self._pay(self._get_moves(contract), on="2027-02-20")
        self.assertEqual((notice.state, notice.closed_at), ("paid", datetime(2027, 2, 20, 8)))
        self._follow("2027-03-04")
        self.assertEqual(notice.state, "paid")
        self.assertFalse(contract.is_service_stopped)

    def test_part_of_it_is_not_enough(self):
        contract = self._create_invoiced(1200, service_stop="notice")
        notice = self._ask(contract)
        with freeze_time("2027-02-20 08:00:00"):
            self._pay(self._get_moves(contract), 50, on="2027-02-20")
            self.assertAlmostEqual(notice.amount_left, notice.amount - 50, 2)
        self._follow("2027-03-04")
        self.assertEqual(notice.state, "stopped")

    def test_lifted_when_paid(self):
        contract, notice = self._get_stopped()
        with freeze_time("2027-03-10 09:30:00"):
            self._pay(self._get_moves(contract), on="2027-03-10")
            self.assertEqual(notice.state, "lifted")
            self.assertFalse(contract.is_service_stopped)
        self.assertEqual(notice.closed_at, datetime(2027, 3, 10, 9, 30))
        self.assertFalse(contract.activity_ids)
        told = notice.message_ids.filtered(lambda message: "again" in (message.subject or ""))
        self.assertEqual(len(told), 1)
        self._follow("2027-03-11")
        self.assertEqual(notice.closed_at, datetime(2027, 3, 10, 9, 30))

    def test_lifted_by_a_credit_note(self):
        """Nothing tells that an invoice was credited whole: the nightly run finds it."""
        contract, notice = self._get_stopped()
        move = self._get_moves(contract)
        with freeze_time("2027-03-10 08:00:00"):
            credit = self._reverse(move, "2027-03-10")
            credit.action_post()
        self._follow("2027-03-11")
        self.assertEqual(notice.state, "lifted")

    def test_later_invoices_keep_no_stop(self):
        contract, notice = self._get_stopped()
        asked = notice.line_ids.move_id
        self._run_cron("2027-03-05")
        with freeze_time("2027-04-20 08:00:00"):
            self._pay(asked, on="2027-04-20")
        self.assertEqual(notice.state, "lifted")
        self.assertTrue(self._get_overdue(contract, "2027-04-20")[0])

    def test_withdrawing_lifts_the_stop(self):
        contract, notice = self._get_stopped()
        with self.assertRaises(AccessError):
            notice.with_user(self.manager).action_withdraw()
        with freeze_time("2027-03-08 08:00:00"):
            notice.with_user(self.accountant).action_withdraw()
            self.assertFalse(contract.is_service_stopped)
        self.assertEqual(notice.state, "lifted")

    def test_one_that_fails_stops_no_other(self):
        first, second = (self._create_invoiced(1200, service_stop="notice") for _n in range(2))
        notices = self._ask(first | second)
        notices = (first | second).sudo().payment_notice_ids
        stop = type(notices)._stop

        def fail(notice):
            if notice.contract_id == first:
                raise ValueError("no way")
            return stop(notice)

        batch = "odoo.addons.maintenance_contract.models.core.batch"
        with patch.object(type(notices), "_stop", fail), mute_logger(batch):
            self._follow("2027-03-04")
        self.assertEqual(
            [contract.sudo().payment_notice_ids.state for contract in (first, second)],
            ["open", "stopped"],
        )
        self._follow("2027-03-05")
        self.assertEqual(first.sudo().payment_notice_ids.state, "stopped")

    def test_facts_are_not_typed(self):
        _contract, notice = self._get_stopped()
        for values in ({"closed_at": "2027-03-05"}, {"stops_on": False}, {"amount": 1}):
            with self.assertRaises(AccessError):
                notice.with_user(self.accountant).write(values)
        with self.assertRaises(AccessError):
            notice.with_user(self.accountant).unlink()
        with self.assertRaisesRegex(UserError, "withdraw it"):
            notice.sudo().unlink()
        for user in (self.manager, self.dispatcher):
            with self.assertRaises(AccessError):
                self._ask(notice.contract_id, "2027-03-05", user)

    def test_letter(self):
        contract = self._create_invoiced(1200, service_stop="notice")
        notice = self._ask(contract)
        html = (
            self.env["ir.actions.report"]
            .with_user(self.manager)
            ._render_qweb_html("maintenance_contract.report_payment_notice", notice.ids)[0]
            .decode()
        )
        for text in (self._get_moves(contract).name, "March 4, 2027", contract.name):
            self.assertIn(text, html)

    def test_customer_sees_what_is_his_to_pay(self):
        contract, _notice = self._get_stopped()
        payer, stranger = (
            self._create_user(f"mc_portal_{number}", "base.group_portal") for number in (1, 2)
        )
        payer.partner_id.parent_id = self.customer
        stranger.partner_id.parent_id = self.other_customer
        with freeze_time("2027-03-06"):
            links = contract.with_user(payer).sudo()._get_service_stop_links()
            self.assertEqual([name for name, _url in links], [self._get_moves(contract).name])
            self.assertFalse(contract.with_user(stranger).sudo()._get_service_stop_links())

    def test_visits_stay_in_the_backlog_and_say_so(self):
        contract = self._create_invoiced(
            1200, service_stop="notice", warranty_type_id=self.warranty_type.id
        )
        self._ask(contract)
        visit = contract.visit_ids[:1]
        visits = self.env["maintenance.visit"].with_user(self.dispatcher)
        self.assertFalse(visit.is_service_stopped)
        state = visit.state
        self._follow("2027-03-04")
        with freeze_time("2027-03-05"):
            self.assertTrue(visit.with_user(self.technician).is_service_stopped)
            self.assertIn(visit, visits.search([("is_service_stopped", "=", True)]))
            self.assertEqual(visit.state, state)
