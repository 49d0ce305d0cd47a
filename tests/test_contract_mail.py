from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestContractMail(LifeCommon):
    """What the customer is told, in his language, once somebody has read and sent it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"lang": "fr_FR", "email": "direction@horloger.example"})

    def _send(self, action):
        """Open the message by its button and send it, as the user who pressed it."""
        window = action()
        composer = (
            action.__self__.env[window["res_model"]].with_context(**window["context"]).create({})
        )
        before = action.__self__.message_ids
        composer.action_send_mail()
        return action.__self__.message_ids - before

    def test_each_step_can_be_confirmed(self):
        contract = self._create_active("tacit")
        sent = self._send(contract.action_announce_renewal)
        # The dates are written as the reader writes them.
        self.assertIn("29/02/2028", sent.subject)
        self.assertIn("29/11/2027", str(sent.body))
        self.assertEqual(sent.partner_ids, self.customer)
        contract._suspend(date(2027, 11, 1), date(2027, 11, 30), "Works")
        self.assertIn("30/11/2027", str(self._send(contract.action_confirm_suspension).body))
        self._open(contract.action_give_notice).action_give_notice()
        body = str(self._send(contract.action_confirm_termination).body)
        self.assertIn("04/10/2027", body)
        self.assertIn("29/02/2028", body)

    def test_nothing_leaves_by_itself(self):
        """Renewal, alerts, suspension, notice: no mail until a button is pressed."""
        contract = self._create_active("tacit")
        before = self.env["mail.mail"].sudo().search([])
        self._run_cron("2027-11-28")
        self._run_cron("2027-11-30")
        contract._suspend(date(2027, 11, 1), False, "Works")
        contract._give_notice(date(2027, 10, 1), "customer")
        mails = self.env["mail.mail"].sudo().search([]) - before
        self.assertNotIn(self.customer, mails.recipient_ids)
        self.assertNotIn(self.customer, contract.message_ids.notified_partner_ids)

    def test_only_what_happened_is_confirmed(self):
        contract = self._create_active("tacit")
        for action in (contract.action_confirm_suspension, contract.action_confirm_termination):
            with self.assertRaises(UserError):
                action()
        with self.assertRaises(AccessError):
            contract.with_user(self.dispatcher).action_announce_renewal()
