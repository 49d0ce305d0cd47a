from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-12-10 10:00:00")
class TestPriceLetter(PriceCommon):
    """The letters of new prices from 1 February 2028: mailed once, in time, in the right words.

    A formula with 30 days of notice: they leave by 2 January.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.february = date(2028, 2, 1)
        cls.customer.write({"lang": "fr_FR", "email": "direction@horloger.example"})
        cls._publish(280, month=date(2027, 1, 1))
        cls.formula.write({"coefficient_rounding": "up_3", "lag_months": 3})
        cls._publish(294.6, month=date(2027, 11, 1))
        cls.contract = cls._create_indexed_contract(1767, price_base_date=date(2027, 4, 1))
        cls.coverage = cls.contract.coverage_ids

    def _approve(self, contracts=None):
        revision = self._simulate(on=self.february, contracts=contracts)
        revision.action_approve()
        return revision

    def _run(self):
        """The run that the button wakes."""
        with self.enter_registry_test_mode():
            cron = self.env.ref("maintenance_contract.ir_cron_send_price_letters")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _get_mails(self, letter):
        return letter.message_ids.filtered(lambda message: message.message_type == "comment")

    def test_a_letter_leaves_once(self):
        revision = self._approve()
        letter = revision.letter_ids
        self.assertEqual((letter.state, letter.contract_id), ("to_send", self.contract))
        revision.action_send_letters()
        self.assertEqual((letter.state, revision.unsent_count), ("leaving", 0))
        self._run()
        self._run()
        self.assertRecordValues(
            letter,
            [{"state": "sent", "sent_on": date(2027, 12, 10), "user_id": self.manager.id}],
        )
        mail = self._get_mails(letter)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.author_id, self.manager.partner_id)
        self.assertEqual(mail.notified_partner_ids, self.customer)
        self.assertEqual(mail.attachment_ids.mapped("res_model"), ["maintenance.price.letter"])
        self.assertIn(self.customer.email, self.contract.message_ids[:1].body)
        with self.assertRaisesRegex(UserError, "have left"):
            revision.action_send_letters()

    def test_again_is_said_expressly(self):
        letter = self._approve().letter_ids
        letter.action_send()
        self._run()
        letter.action_send()
        self._run()
        self.assertEqual(len(self._get_mails(letter)), 2)

    def test_in_the_language_of_the_customer(self):
        revision = self._approve()
        revision.action_send_letters()
        self._run()
        mail = self._get_mails(revision.letter_ids)
        self.assertIn("01/02/2028", mail.subject)
        self.assertIn("01/02/2028", str(mail.body))
        [letter] = mail.attachment_ids
        text = letter.raw.decode()
        for part in (self.contract.name, "Machine 1", "294,6", "novembre 2027", "1 février 2028"):
            self.assertIn(part, text)
        self.assertNotIn("Brouillon", text)

    def test_one_that_cannot_leave_stops_no_other(self):
        other = self._create_indexed_contract(500, price_base_date=date(2027, 4, 1))
        other.partner_id = self.other_customer
        self.other_customer.email = False
        revision = self._approve(self.contract | other)
        revision.action_send_letters()
        self._run()
        states = {letter.contract_id: letter.state for letter in revision.letter_ids}
        self.assertEqual(states, {self.contract: "sent", other: "failed"})
        failed = revision.letter_ids.filtered("failure")
        self.assertIn("no e-mail address", failed.failure)
        self.assertEqual(revision.unsent_count, 1)
        failed.action_note_sent()
        self.assertEqual((failed.state, failed.failure), ("sent", False))
        self.assertFalse(self._get_mails(failed))
        self.assertIn("post", other.message_ids[:1].body)

    def test_too_late_says_from_when_it_could_be(self):
        revision = self._simulate(on=self.february)
        self.assertEqual((revision.notice_date, revision.is_late), (date(2028, 1, 2), False))
        revision.action_approve()
        self.assertFalse(revision.letter_ids.is_late)
        with freeze_time("2028-01-02 10:00:00"):
            self.env.invalidate_all()
            self.assertFalse(revision.is_late or revision.letter_ids.is_late)
        with freeze_time("2028-01-03 10:00:00"):
            self.env.invalidate_all()
            self.assertEqual((revision.is_late, revision.first_date), (True, date(2028, 2, 2)))
            revision.action_send_letters()
            self._run()
        with freeze_time("2028-03-01 10:00:00"):
            self.env.invalidate_all()
            letter = revision.letter_ids
            # What was late stays late by a day, however long ago it left.
            self.assertEqual((letter.is_late, letter.first_date), (True, date(2028, 2, 2)))
            self.assertFalse(revision.is_late)

    def test_definitive_prices_are_told_too(self):
        self.index.value_ids[:1].is_provisional = True
        revision = self._approve()
        revision.action_send_letters()
        self._run()
        self.index.value_ids[:1].write({"value": 297, "is_provisional": False})
        revision.action_regularise()
        self.assertEqual(revision.letter_ids.state, "to_send")
        self.assertEqual(len(revision.letter_ids), 1)
        line = revision.line_ids
        self.assertEqual((line.price_provisional, line.price_after), (1846.52, 1858.88))

    def test_only_contract_managers_send(self):
        revision = self._approve()
        for user in (self.accountant, self.dispatcher, self.technician, self.paris_manager):
            for action in (
                lambda as_user: revision.with_user(as_user).action_send_letters(),
                lambda as_user: revision.letter_ids.with_user(as_user).action_send(),
                lambda as_user: revision.letter_ids.with_user(as_user).action_note_sent(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    action(user)
        with self.assertRaises(AccessError):
            revision.letter_ids.with_user(self.manager).write({"state": "sent"})
