from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestTerminationInvoiced(BillingCommon):
    """What is invoiced beyond the last day: never by a typing error, always to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_billed_contract(1200, invoice_state="posted").with_user(
            cls.manager
        )

    def _open_wizard(self, **context):
        context = context or {"default_contract_id": self.contract.id}
        wizard = Form(
            self.env["maintenance.termination"].with_user(self.manager).with_context(**context)
        )
        wizard.reason_id = self.env.ref("maintenance_contract.termination_reason_agreement")
        return wizard

    def _get_left(self):
        """What is still to invoice, all told."""
        rows = self.contract.sudo().billing_period_ids
        return sum(rows.filtered(lambda row: row.state == "to_invoice").mapped("amount"))

    def test_a_past_day_before_the_last_invoice_is_refused_with_its_date(self):
        """Bad input 25: the wizard says which days are invoiced, and proposes the credit."""
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-02-10"):
            wizard = self._open_wizard()
            wizard.last_day = date(2027, 1, 31)
            self.assertTrue(wizard.is_invoiced_beyond and wizard.is_past)
            self.assertEqual(wizard.invoiced_until, date(2027, 2, 28))
            self.assertRefused(
                "Last Day.*02/28/2027", wizard.save().action_terminate, error=UserError
            )
        self.assertEqual(self.contract.state, "active")
        self.assertFalse(self.contract.date_terminated)

    def test_what_was_invoiced_beyond_is_credited(self):
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-02-10"):
            wizard = self._open_wizard()
            wizard.last_day = date(2027, 1, 31)
            wizard.is_credited = True
            wizard.save().action_terminate()
        self.assertEqual(self.contract.state, "terminated")
        self._run_cron("2027-02-10")
        moves = self._get_moves(self.contract.sudo())
        self.assertEqual(
            moves.mapped(lambda move: (move.move_type, move.amount_untaxed)),
            [("out_invoice", 100), ("out_invoice", 100), ("out_refund", 100)],
        )
        self.assertEqual(self._get_left(), 0)

    def test_a_day_to_come_needs_no_choice(self):
        """The rest of the period is credited, as agreed: the wizard says so."""
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-02-10"):
            wizard = self._open_wizard()
            wizard.last_day = date(2027, 2, 14)
            self.assertTrue(wizard.is_invoiced_beyond)
            self.assertFalse(wizard.is_past)
            wizard.save().action_terminate()
        self.assertEqual(self._get_left(), -50)

    def test_taken_back_what_was_credited_is_billed_again(self):
        """The credit note stands; the days are billed by a correction of their own."""
        self._run_cron("2027-01-01", "2027-02-01")
        with freeze_time("2027-02-10"):
            self.contract._terminate(date(2027, 2, 14), "Closed down")
        self._run_cron("2027-02-11")
        self.assertEqual(self._get_left(), 0)
        with freeze_time("2027-02-12"):
            self.contract._continue("They go on")
        self._run_cron("2027-02-12", "2027-03-01")
        moves = self._get_moves(self.contract.sudo())
        self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), 300)
        self.assertEqual(self._get_left(), 900)

    def test_a_past_day_that_is_not_invoiced_needs_none(self):
        self._run_cron("2027-01-01")
        with freeze_time("2027-02-10"):
            wizard = self._open_wizard()
            wizard.last_day = date(2027, 1, 31)
            self.assertFalse(wizard.is_invoiced_beyond)
            wizard.save().action_terminate()
        self.assertEqual(self._get_left(), 0)

    def test_one_coverage_alone(self):
        self._run_cron("2027-01-01", "2027-02-01")
        coverages = self.contract.coverage_ids
        with freeze_time("2027-02-10"):
            wizard = self._open_wizard(default_coverage_ids=[Command.set(coverages.ids)])
            wizard.last_day = date(2027, 2, 7)
            self.assertRefused("Last Day", wizard.save().action_terminate, error=UserError)
            wizard.is_credited = True
            wizard.save().action_terminate()
        self.assertEqual(coverages.state, "ended")
        self.assertEqual(self._get_left(), -75)

    def test_a_notice_that_was_in_time_counts_though_recorded_late(self):
        """The next year was invoiced already: it is credited whole."""
        self.contract = self._create_billed_contract(
            1200, renewal="tacit", billing_period="year"
        ).with_user(self.manager)
        self._run_cron("2027-01-01")
        with freeze_time("2027-12-01"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_renew_contracts").method_direct_trigger()
        self.env.invalidate_all()
        self._run_cron("2028-01-01")
        with freeze_time("2028-01-10"):
            self.contract._give_notice(date(2027, 9, 1), "customer")
        self.assertEqual(self.contract.date_terminated, date(2027, 12, 31))
        self.assertEqual(self._get_left(), -1200)
