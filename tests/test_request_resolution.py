from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .conversation_common import ConversationCommon
from .service_common import local


@tagged("post_install", "-at_install")
class TestRequestResolution(ConversationCommon):
    """From the workaround to the confirmation, and back when it was none."""

    def _use(self, wizard, ticket, moment, method, **values):
        """Fill in a wizard as the technician, and press its button.

        :return: the mails that left
        """
        with self.at(moment), self._mail_server():
            model = self.env[f"maintenance.ticket.{wizard}"].with_user(self.technician)
            getattr(model.create({"ticket_id": ticket.id, **values}), method)()
            return [
                mail for mail in self._mails if self.contact.email_formatted in mail["email_to"]
            ]

    def _resolve(self, ticket, moment, **values):
        values = {"note": "Changed the belt.\nTested.", **values}
        return self._use("resolution", ticket, moment, "action_resolve", **values)

    def _set_workaround(self, ticket, moment, **values):
        values = {"note": "Use the second press.", **values}
        return self._use("workaround", ticket, moment, "action_set", **values)

    # === RESOLVING === #

    def test_resolving_tells_the_customer_and_asks_to_confirm(self):
        ticket = self._open()
        [mail] = self._resolve(ticket, "2027-06-08 10:00", at=local("2027-06-08 09:30"))
        self.assertStep(ticket, "resolved")
        self.assertEqual(ticket.resolved_at, local("2027-06-08 09:30"))
        self.assertEqual(self._clock(ticket, "resolution").stopped_at, local("2027-06-08 09:30"))
        self.assertEqual(ticket.first_answer_at, local("2027-06-08 09:30"))
        self.assertIn("Changed the belt.", mail["body"])
        self.assertIn(self.technician.name, mail["email_from"])
        self.assertEqual(ticket.waiting_since, local("2027-06-08 10:00"))
        self.assertEqual(ticket.next_reminder_at, local("2027-06-11 10:00"))
        self.assertFalse(ticket.pause_reason_id)

    def test_a_resolution_is_not_dated_in_the_future_nor_before_the_request(self):
        ticket = self._open()
        for moment in ("2027-06-07 08:59", "2027-06-08 10:01"):
            with self.assertRaisesRegex(UserError, "When"):
                self._resolve(ticket, "2027-06-08 10:00", at=local(moment))
        self.assertStep(ticket, "new")

    def test_resolving_what_waits_ends_the_waiting(self):
        ticket = self._open()
        self._wait(ticket, "2027-06-07 10:00")
        self._resolve(ticket, "2027-06-08 10:00")
        self.assertStep(ticket, "resolved")
        resolution = self._clock(ticket, "resolution")
        self.assertEqual((resolution.state, resolution.elapsed), ("met", 3600))
        self.assertEqual(ticket.waiting_cycle, 2)

    def test_nothing_is_resolved_while_somebody_is_still_to_go(self):
        ticket = self._open()
        intervention = self.env["maintenance.intervention"].create(
            {
                "company_id": self.geneva.id,
                "partner_id": self.customer.id,
                "site_id": self.site.id,
                "ticket_id": ticket.id,
            }
        )
        with self.assertRaisesRegex(UserError, intervention.name):
            ticket.with_user(self.dispatcher).action_resolve()
        with self.assertRaisesRegex(UserError, intervention.name):
            self._resolve(ticket, "2027-06-08 10:00")

    def test_a_request_of_nobody_goes_through_its_steps_too(self):
        """Bad input 34: without contact, equipment and contract."""
        ticket = self._open(partner_id=False, equipment_id=False, severity_id=False)
        self._set_workaround(ticket, "2027-06-07 10:00", kind="final")
        self._wait(ticket, "2027-06-07 11:00")
        with self.at("2027-06-07 12:00"):
            ticket.with_user(self.technician).action_resume()
        self._resolve(ticket, "2027-06-07 13:00")
        self.assertFalse(self._run("2027-07-07 13:00"))
        self.assertStep(ticket, "resolved")
        self.assertEqual(len(ticket.activity_ids), 1)
        with self.at("2027-07-08 12:00"):
            ticket.with_user(self.technician).action_confirm()
        self.assertStep(ticket, "closed")
        self.assertFalse(ticket.activity_ids)

    # === CONFIRMING === #

    def test_the_customer_confirms_in_two_steps(self):
        """Seed 003 §1.4.2: tested first, in production later."""
        ticket = self._open()
        self._resolve(ticket, "2027-06-08 10:00")
        with self.at("2027-06-09 10:00"):
            ticket.with_user(self.technician).action_tested()
        self.assertStep(ticket, "resolved")
        self.assertEqual(ticket.confirmed_at, local("2027-06-09 10:00"))
        self.assertEqual(ticket.next_reminder_at, local("2027-06-14 10:00"))
        with self.at("2027-06-10 10:00"):
            ticket.with_user(self.technician).action_confirm()
        self.assertStep(ticket, "closed")
        self.assertRecordValues(
            ticket,
            [
                {
                    "closing_reason": "confirmed",
                    "confirmed_at": local("2027-06-09 10:00"),
                    "confirmed_by_id": self.contact.id,
                    "is_in_production": True,
                    "closed_date": local("2027-06-10 10:00"),
                    "waiting_since": False,
                    "closing_at": False,
                }
            ],
        )

    def test_what_is_not_resolved_is_not_confirmed(self):
        ticket = self._open()
        with self.assertRaisesRegex(UserError, ticket.number):
            ticket.with_user(self.technician).action_confirm()

    def test_without_confirmation_the_same_ladder_closes(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._resolve(ticket, "2027-06-07 11:00")
        stopped = self._clock(ticket, "resolution").stopped_at
        for day in (8, 9, 10, 11):
            self.assertEqual(len(self._run(f"2027-06-{day:02} 11:00")), 1)
        self.assertStep(ticket, "closed")
        self.assertEqual(ticket.closing_reason, "no_answer")
        self.assertEqual(self._clock(ticket, "resolution").stopped_at, stopped)

    def test_an_answer_to_the_resolution_is_read_by_a_person(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._resolve(ticket, "2027-06-07 11:00")
        self._run("2027-06-08 11:00")
        self._customer_writes(ticket, "2027-06-08 15:00")
        self.assertStep(ticket, "resolved")
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
        self.assertEqual((ticket.waiting_cycle, ticket.reminder_count), (2, 0))
        self.assertEqual(ticket.next_reminder_at, local("2027-06-09 15:00"))
        self.assertFalse(self._run("2027-06-09 11:00"))
        self.assertEqual(len(self._run("2027-06-09 15:00")), 1)
        self.assertEqual((ticket.waiting_cycle, ticket.reminder_count), (2, 1))

    # === OPENING AGAIN === #

    def test_opened_again_the_clock_goes_on_where_it_stopped(self):
        ticket = self._open()
        self._resolve(ticket, "2027-06-07 11:00")
        with self.at("2027-06-08 15:00"):
            ticket.with_user(self.technician).action_reopen()
        self.assertStep(ticket, "in_progress")
        self.assertEqual(ticket.reopen_count, 1)
        self.assertFalse(ticket.waiting_since or ticket.next_reminder_at)
        resolution = self._clock(ticket, "resolution")
        self.assertEqual(resolution.state, "running")
        self.assertEqual(resolution.deadline, local("2027-06-11 13:00"))
        self.assertEqual(self._clock(ticket, "first_answer").state, "met")

    def test_a_customer_opens_again_what_was_closed_not_long_ago(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._resolve(ticket, "2027-06-07 11:00")
        for day in (8, 9, 10, 11):
            self._run(f"2027-06-{day:02} 11:00")
        self._customer_writes(ticket, "2027-07-11 10:59")
        self.assertStep(ticket, "in_progress")
        self.assertFalse(ticket.closing_reason or ticket.closed_date)
        reopen = ticket.sudo().sla_event_ids.filtered(lambda event: event.name == "reopen")
        self.assertEqual(reopen.at, local("2027-07-11 10:59"))

    def test_later_a_new_request_follows(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._resolve(ticket, "2027-06-07 11:00")
        with self.at("2027-06-08 11:00"):
            ticket.with_user(self.technician).action_confirm()
        self._customer_writes(ticket, "2027-07-09 11:00")
        self.assertStep(ticket, "closed")
        self.assertRecordValues(
            ticket.sudo().next_ticket_ids,
            [
                {
                    "partner_id": self.contact.id,
                    "equipment_id": self.equipment.id,
                    "received_at": local("2027-07-09 11:00"),
                    "maintenance_step": "new",
                    "reopen_count": 0,
                }
            ],
        )
        self.assertIn("the answer", ticket.sudo().next_ticket_ids.description)

    # === CANCELLING === #

    def test_a_cancelled_request_is_not_counted(self):
        original, ticket = self._open(), self._open()
        [mail] = self._use(
            "cancellation",
            ticket,
            "2027-06-07 10:00",
            "action_cancel_request",
            reason="duplicate",
            duplicate_of_id=original.id,
            note="He calls every day",
        )
        self.assertStep(ticket, "cancelled")
        self.assertEqual(ticket.duplicate_id, original)
        self.assertIn(original.number, mail["body"])
        self.assertNotIn("every day", mail["body"])
        clock = self._clock(ticket, "resolution")
        self.assertEqual((clock.state, clock.result), ("cancelled", False))
        self._customer_writes(ticket, "2027-06-07 11:00")
        self.assertStep(ticket, "cancelled")
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)

    def test_a_duplicate_is_one_of_another_request_of_the_customer(self):
        ticket = self._open()
        foreign = self._open(partner_id=self.other_customer.id, equipment_id=False)
        for duplicate_of in (False, ticket.id, foreign.id):
            with self.assertRaisesRegex(UserError, "Duplicate Of"):
                self._use(
                    "cancellation",
                    ticket,
                    "2027-06-07 10:00",
                    "action_cancel_request",
                    reason="duplicate",
                    duplicate_of_id=duplicate_of,
                )

    def test_no_field_names_the_request_of_another_customer(self):
        original, ticket = self._open(), self._open().with_user(self.dispatcher)
        foreign = self._open(partner_id=self.other_customer.id, equipment_id=False)
        for duplicate_of in (ticket, foreign):
            with self.assertRaisesRegex(UserError, "Duplicate Of"), self.cr.savepoint():
                ticket.duplicate_id = duplicate_of
        ticket.duplicate_id = original
        for moved in (ticket, original):
            with self.assertRaisesRegex(UserError, "Duplicate Of"), self.cr.savepoint():
                moved.sudo().write({"partner_id": self.other_customer.id, "equipment_id": False})
        self.assertEqual(ticket.duplicate_id, original)

    def test_a_technician_does_not_edit_clocks_away(self):
        ticket = self._open()
        for vals in (
            {"request_kind": "idea"},
            {"equipment_id": False, "contract_id": False},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(UserError, "Only dispatchers and contract managers"),
                self.cr.savepoint(),
            ):
                ticket.with_user(self.technician).write(vals)
        self.assertEqual(self._clock(ticket, "resolution").state, "running")
        ticket.with_user(self.dispatcher).request_kind = "idea"
        self.assertEqual(self._clock(ticket, "resolution").state, "cancelled")

    def test_a_customer_who_withdraws_has_acknowledged_nothing(self):
        ticket = self._open()
        with self.at("2027-06-07 10:00"):
            ticket.with_user(self.portal_user).sudo()._cancel("withdrawn")
        self.assertStep(ticket, "cancelled")
        self.assertFalse(ticket.acknowledged_at)
        notice = ticket.message_ids.filtered(lambda m: ticket.number in (m.subject or ""))[0]
        self.assertEqual(notice.author_id, self.geneva.partner_id)
        self.assertFalse(ticket.activity_ids)

    # === WORKAROUND === #

    def test_a_provisional_workaround_leaves_the_resolution_open(self):
        ticket = self._open()
        [mail] = self._set_workaround(ticket, "2027-06-07 14:00", at=local("2027-06-07 13:00"))
        self.assertStep(ticket, "in_progress")
        self.assertTrue(ticket.is_degraded_mode)
        self.assertEqual(self._clock(ticket, "workaround").stopped_at, local("2027-06-07 13:00"))
        self.assertEqual(self._clock(ticket, "resolution").state, "running")
        self.assertIn("Use the second press.", mail["body"])
        self._resolve(ticket, "2027-06-08 10:00")
        self.assertFalse(ticket.is_degraded_mode)

    def test_a_final_workaround_that_is_accepted_resolves(self):
        ticket = self._open()
        self._set_workaround(ticket, "2027-06-07 14:00", kind="final", is_degraded_mode=False)
        self.assertStep(ticket, "in_progress")
        with self.at("2027-06-08 10:00"):
            ticket.with_user(self.technician).action_accept_workaround()
        self.assertStep(ticket, "resolved")
        self.assertEqual(ticket.workaround_accepted_by_id, self.contact)
        self.assertEqual(ticket.resolution_note, "Use the second press.")
        self.assertEqual(self._clock(ticket, "resolution").stopped_at, local("2027-06-08 10:00"))

    def test_accepted_at_once(self):
        ticket = self._open()
        self._set_workaround(
            ticket, "2027-06-07 14:00", kind="final", accepted_by_id=self.contact.id
        )
        self.assertStep(ticket, "resolved")

    def test_an_accepted_provisional_workaround_resolves_nothing(self):
        ticket = self._open()
        with self.assertRaisesRegex(UserError, "no workaround"):
            ticket.with_user(self.technician).action_accept_workaround()
        self._set_workaround(ticket, "2027-06-07 14:00", accepted_by_id=self.contact.id)
        self.assertStep(ticket, "in_progress")
        with self.assertRaisesRegex(UserError, "no workaround"):
            ticket.with_user(self.technician).action_accept_workaround()

    def test_accepting_is_an_answer(self):
        ticket = self._open()
        self._set_workaround(ticket, "2027-06-07 14:00")
        self._wait(ticket, "2027-06-07 15:00")
        with self.at("2027-06-08 10:00"):
            ticket.sudo()._accept_workaround(self.contact)
        self.assertStep(ticket, "in_progress")
        self.assertFalse(ticket.next_reminder_at or ticket.closing_at)
        self.assertEqual(self._clock(ticket, "resolution").state, "running")

    def test_a_workaround_is_accepted_by_the_customer(self):
        ticket = self._open()
        with self.assertRaisesRegex(UserError, "Accepted By"):
            self._set_workaround(ticket, "2027-06-07 14:00", accepted_by_id=self.other_customer.id)

    # === RIGHTS === #

    def test_who_only_reads_requests_moves_none(self):
        """Every public method and wizard, by the accountant and the manager of the contract."""
        ticket = self._open()
        for user in (self.accountant, self.manager):
            for method in (
                "action_take",
                "action_wait",
                "action_workaround",
                "action_resolve",
                "action_cancel_request",
            ):
                with self.assertRaises(AccessError, msg=method):
                    getattr(ticket.with_user(user), method)()
            with self.assertRaises(AccessError):
                self._wait(ticket, "2027-06-07 10:00", user=user)
        self._wait(ticket, "2027-06-07 10:00")
        for user in (self.accountant, self.manager):
            for method in ("action_resume", "action_customer_answered"):
                with self.assertRaises(AccessError, msg=method):
                    getattr(ticket.with_user(user), method)()
        self._set_workaround(ticket, "2027-06-07 14:00")
        for user in (self.accountant, self.manager):
            with self.assertRaises(AccessError):
                ticket.with_user(user).action_accept_workaround()
        self._resolve(ticket, "2027-06-07 15:00")
        for user in (self.accountant, self.manager):
            for method in ("action_tested", "action_confirm", "action_reopen"):
                with self.assertRaises(AccessError, msg=method):
                    getattr(ticket.with_user(user), method)()

    def test_a_wizard_gives_no_right_on_the_request_of_another_team(self):
        team = self.team.copy({"name": "Other", "user_ids": False})
        ticket = self._open(team_id=team.id)
        with self.assertRaises(AccessError):
            self._resolve(ticket, "2027-06-08 10:00")

    # === FORMS === #

    def test_the_wizards_open_from_the_request(self):
        ticket = self._open().with_user(self.technician)
        for method in (
            "action_wait",
            "action_workaround",
            "action_resolve",
            "action_cancel_request",
        ):
            action = getattr(ticket, method)()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.technician)
                .with_context(**action["context"])
            )
            self.assertEqual(form.ticket_id, ticket)

    def test_a_customer_is_told_what_was_entered_for_him(self):
        with self._mail_server():
            self._create_ticket("2027-06-07 09:00")
            [mail] = self._mails
            self.assertEqual(mail["email_to"], [self.contact.email_formatted])
        with self._mail_server():
            self._create_ticket("2027-06-07 09:00", partner_id=False)
            self.env["helpdesk.ticket"].with_context(import_file=True).with_user(
                self.dispatcher
            ).create({"name": "Old", "description": "Old", "partner_id": self.contact.id})
            self.assertFalse(self._mails)
