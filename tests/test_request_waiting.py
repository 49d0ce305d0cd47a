from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .conversation_common import ConversationCommon
from .service_common import local


@tagged("post_install", "-at_install")
class TestRequestWaiting(ConversationCommon):
    """A request that waits pauses its clocks, and any word of the customer ends it."""

    def test_who_takes_a_request_acknowledges_it(self):
        ticket = self._open()
        self.assertFalse(ticket.acknowledged_at)
        with self.at("2027-06-07 09:30"):
            ticket.with_user(self.technician).action_take()
        self.assertStep(ticket, "in_progress")
        self.assertEqual(ticket.user_id, self.technician)
        self.assertEqual(ticket.acknowledged_at, local("2027-06-07 09:30"))
        self.assertEqual(self._clock(ticket, "acknowledge").state, "met")
        self.assertEqual(self._clock(ticket, "first_answer").state, "running")

    def test_who_assigns_a_request_acknowledges_it(self):
        ticket = self._open()
        with self.at("2027-06-07 10:00"):
            ticket.with_user(self.dispatcher).user_id = self.technician
        self.assertEqual(ticket.acknowledged_at, local("2027-06-07 10:00"))
        self.assertStep(ticket, "new")

    def test_a_program_that_assigns_does_not_acknowledge(self):
        ticket = self._open()
        ticket.sudo().user_id = self.technician
        self.assertFalse(ticket.acknowledged_at)

    def test_the_first_answer_is_the_first_message_to_the_customer(self):
        ticket = self._open()
        self._staff_writes(ticket, "2027-06-07 09:10", subtype_xmlid="mail.mt_note")
        self._staff_writes(ticket, "2027-06-07 09:20", message_type="auto_comment")
        self._customer_writes(ticket, "2027-06-07 09:30")
        self.assertFalse(ticket.first_answer_at)
        self.assertStep(ticket, "new")
        self._staff_writes(ticket, "2027-06-07 10:00")
        self._staff_writes(ticket, "2027-06-07 11:00")
        self.assertStep(ticket, "in_progress")
        self.assertEqual(ticket.acknowledged_at, local("2027-06-07 10:00"))
        self.assertEqual(ticket.first_answer_at, local("2027-06-07 10:00"))
        self.assertEqual(self._clock(ticket, "first_answer").stopped_at, local("2027-06-07 10:00"))

    def test_waiting_pauses_and_the_answer_resumes_at_its_time(self):
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00", note="Asked for the log")
        self.assertStep(ticket, "waiting")
        self.assertEqual(ticket.waiting_since, local("2027-06-07 10:00"))
        self.assertEqual(ticket.waiting_cycle, 1)
        self.assertEqual(ticket.next_reminder_at, local("2027-06-10 10:00"))
        self.assertEqual(ticket.closing_at, local("2027-06-21 10:00"))
        self.assertEqual(self._clock(ticket, "resolution").state, "paused")
        self._customer_writes(ticket, "2027-06-08 10:00")
        self.assertStep(ticket, "in_progress")
        self.assertFalse(ticket.waiting_since or ticket.pause_reason_id)
        self.assertFalse(ticket.next_reminder_at or ticket.closing_at)
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-10 17:00"))

    def test_a_mail_fetched_late_resumes_when_it_was_written(self):
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00")
        for written, resumed in (
            ("2027-06-07 12:00", "2027-06-07 12:00"),
            ("2027-06-01 12:00", "2027-06-08 15:00"),
            ("2031-01-01 12:00", "2027-06-09 11:00"),
        ):
            if ticket.maintenance_step != "waiting":
                self._wait(ticket, resumed)
            self._customer_mails(ticket, "2027-06-09 11:00", written)
            resume = ticket.sudo().sla_event_ids.filtered(lambda e: e.name == "resume")[-1:]
            self.assertEqual(resume.at, local(resumed), written)

    def test_waiting_set_twice_is_one_waiting(self):
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00")
        with self.assertRaisesRegex(UserError, ticket.number):
            self._wait(ticket, "2027-06-07 10:01", user=self.dispatcher)
        self.assertEqual(ticket.waiting_cycle, 1)
        self.assertEqual(ticket.sudo().sla_event_ids.mapped("name").count("pause"), 1)

    def test_only_a_manager_back_dates_a_pause(self):
        ticket = self._open()
        for user in (self.technician, self.dispatcher):
            with self.assertRaisesRegex(AccessError, "Since"):
                self._wait(ticket, "2027-06-07 15:00", user=user, at=local("2027-06-07 10:00"))
        for moment in ("2027-06-07 08:00", "2027-06-07 15:01"):
            with self.assertRaisesRegex(UserError, "Since"):
                self._wait(ticket, "2027-06-07 15:00", user=self.administrator, at=local(moment))
        self._wait(
            ticket, "2027-06-07 15:00", user=self.administrator, at=local("2027-06-07 10:00")
        )
        self.assertEqual(self._clock(ticket, "resolution").remaining, 23 * 3600)
        pause = ticket.sudo().sla_event_ids.filtered(lambda event: event.name == "pause")
        self.assertEqual(pause.at, local("2027-06-07 10:00"))
        self.assertEqual(pause.create_date, local("2027-06-07 15:00"))
        self.assertEqual(pause.user_id, self.administrator)

    def test_no_pause_begins_before_the_last_one_ended(self):
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00")
        self._customer_writes(ticket, "2027-06-07 12:00")
        with self.assertRaisesRegex(UserError, "Since"):
            self._wait(
                ticket, "2027-06-07 13:00", user=self.administrator, at=local("2027-06-07 11:00")
            )

    def test_waiting_for_a_part_reminds_nobody(self):
        ticket = self._open()
        supplier = self.env.ref("maintenance_contract.pause_reason_supplier")
        self._wait(ticket, "2027-06-07 10:00", supplier)
        self.assertFalse(ticket.next_reminder_at or ticket.closing_at)
        self.assertEqual(ticket.waiting_cycle, 0)
        self._customer_writes(ticket, "2027-06-07 11:00")
        self.assertStep(ticket, "waiting")
        with self.at("2027-06-07 12:00"):
            ticket.with_user(self.technician).action_resume()
        self.assertStep(ticket, "in_progress")
        self.assertFalse(ticket.pause_reason_id)

    def test_an_answer_by_phone_is_noted_at_its_time(self):
        ticket = self._open()
        with self.assertRaisesRegex(UserError, "does not wait"):
            ticket.with_user(self.technician).action_customer_answered()
        self._wait(ticket, "2027-06-07 10:00")
        answers = self.env["maintenance.ticket.answer"].with_user(self.technician)
        with self.at("2027-06-07 16:00"):
            action = ticket.with_user(self.technician).action_customer_answered()
            self.assertEqual(action["res_model"], answers._name)
            vals = {"ticket_id": ticket.id, "note": "It shows E42."}
            with self.assertRaisesRegex(UserError, "future"):
                answers.create({**vals, "at": local("2027-06-07 16:01")}).action_note()
            answers.create({**vals, "at": local("2027-06-07 14:00")}).action_note()
        self.assertStep(ticket, "in_progress")
        resume = ticket.sudo().sla_event_ids.filtered(lambda event: event.name == "resume")
        self.assertEqual(resume.at, local("2027-06-07 14:00"))
        note = ticket.message_ids.filtered(lambda m: "E42" in m.body)
        self.assertTrue(note.subtype_id.internal)

    def test_others_do_not_end_the_waiting(self):
        """RM3: a colleague, a program and a stranger are not the customer."""
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00")
        self._staff_writes(ticket, "2027-06-07 11:00")
        with self.at("2027-06-07 11:30"):
            ticket.sudo().message_post(
                body="I am away.",
                author_id=self.contact.id,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
                is_automatic=True,
            )
            ticket.sudo().message_post(
                body="Me too!",
                author_id=self.other_customer.id,
                message_type="email",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertStep(ticket, "waiting")
        self.assertEqual(ticket.next_reminder_at, local("2027-06-10 10:00"))

    def test_nobody_chooses_the_time_of_his_message(self):
        ticket = self._open()
        earlier = {"date": "2027-06-07 07:00:01"}
        self._staff_writes(ticket, "2027-06-07 10:00", **earlier)
        self.assertEqual(ticket.first_answer_at, local("2027-06-07 10:00"))
        self._wait(ticket, "2027-06-07 11:00")
        self._customer_writes(ticket, "2027-06-07 14:00", **earlier)
        resumed = ticket.sla_event_ids.filtered(lambda event: event.name == "resume")
        self.assertEqual(resumed.at, local("2027-06-07 14:00"))

    def test_guarded_fields_are_not_written_by_hand(self):
        ticket = self._open()
        for name, value in (
            ("acknowledged_at", "2027-06-07 09:00:00"),
            ("first_answer_at", "2027-06-07 09:00:00"),
            ("waiting_since", "2027-06-07 09:00:00"),
            ("waiting_cycle", 0),
            ("closing_at", "2030-06-07 09:00:00"),
            ("next_reminder_at", "2030-06-07 09:00:00"),
            ("resolved_at", "2027-06-07 09:00:00"),
            ("confirmed_at", "2027-06-07 09:00:00"),
            ("closed_date", "2027-06-07 09:00:00"),
            ("reopen_count", 0),
            ("maintenance_step", "closed"),
            ("tier_id", False),
            ("sla_policy_id", False),
            ("is_sender_unverified", True),
            ("is_receipt_sent", False),
            ("mail_fingerprint", "x"),
            ("origin_key", "x"),
            ("possible_duplicate_id", False),
            ("previous_ticket_id", False),
            ("next_ticket_ids", []),
        ):
            for user in (self.technician, self.administrator):
                with self.assertRaises(AccessError, msg=name):
                    ticket.with_user(user).write({name: value})
