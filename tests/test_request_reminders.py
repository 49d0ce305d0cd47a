from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .conversation_common import ConversationCommon
from .service_common import PARIS, ZURICH, local

DELAY = "odoo.addons.maintenance_contract.models.core.batch.FIRST_DELAY"


@tagged("post_install", "-at_install")
class TestRequestReminders(ConversationCommon):
    """Seed 003: the customer who does not answer is reminded three times, and then left."""

    def _get_sent(self, ticket):
        return [
            (reminder.rank, reminder.sent_at)
            for reminder in ticket.sudo().reminder_ids.sorted(lambda r: (r.cycle, r.rank))
            if reminder.sent_at
        ]

    def _climb(self, ticket, until, zone=ZURICH):
        """Run the server at each moment it planned for, until a moment.

        :return: moments at which something left or was closed, in the local time of a zone
        """
        done = []
        while (moment := ticket.next_reminder_at or ticket.closing_at) and moment <= local(until):
            text = fields.Datetime.context_timestamp(
                ticket.with_context(tz="Europe/Zurich"), moment
            ).strftime("%Y-%m-%d %H:%M:%S")
            mails = self._run(text)
            self.assertEqual(len(mails), 1, text)
            done.append(
                fields.Datetime.context_timestamp(
                    ticket.with_context(tz=str(zone)), moment
                ).strftime("%Y-%m-%d %H:%M")
            )
        return done

    def test_three_reminders_then_closed(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        done = self._climb(ticket, "2027-12-31 12:00")
        self.assertEqual(
            done,
            ["2027-06-08 11:00", "2027-06-09 11:00", "2027-06-10 11:00", "2027-06-11 11:00"],
        )
        self.assertStep(ticket, "closed")
        self.assertEqual(ticket.closing_reason, "no_answer")
        self.assertEqual([rank for rank, _at in self._get_sent(ticket)], [1, 2, 3])
        resolution = self._clock(ticket, "resolution")
        self.assertEqual((resolution.state, resolution.elapsed), ("met", 2 * 3600))

    def test_the_ladder_of_each_severity_in_working_days(self):
        """1/2/3, 3/6/9 and 5/10/15 working days, over weekends and a holiday."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": local("2027-06-09 00:00"),
                "date_to": local("2027-06-10 00:00"),
            }
        )
        days = {
            self.blocking: ["06-08", "06-10", "06-11", "06-14"],
            self.major: ["06-11", "06-16", "06-21", "06-22"],
            self.minor: ["06-15", "06-22", "06-29", "06-30"],
        }
        for severity, expected in days.items():
            ticket = self._open(severity_id=severity.id)
            self._wait(ticket, "2027-06-07 14:30")
            self.assertEqual(
                self._climb(ticket, "2027-12-31 12:00"),
                [f"2027-{day} 14:30" for day in expected],
                severity.name,
            )

    def test_in_paris_over_the_end_of_the_year(self):
        """Friday 1 January 2027 is a holiday; Paris opens from 9 to 17 as Geneva does."""
        calendar = self.paris.resource_calendar_id
        calendar.tz = "Europe/Paris"
        self.env["resource.calendar.leaves"].create(
            {
                "name": "New Year",
                "calendar_id": calendar.id,
                "company_id": self.paris.id,
                "date_from": local("2027-01-01 00:00", PARIS),
                "date_to": local("2027-01-02 00:00", PARIS),
            }
        )
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Paris", "company_id": self.paris.id}
        )
        ticket = self._open(
            "2026-12-29 09:00",
            user=self.env.user,
            company_id=self.paris.id,
            team_id=team.id,
            equipment_id=False,
            severity_id=self.blocking.id,
        )
        self._wait(ticket, "2026-12-30 18:30", user=self.env.user)
        # After hours: it waits from the opening of Thursday 31 December.
        self.assertEqual(
            self._climb(ticket, "2027-02-01 12:00", PARIS),
            ["2027-01-04 09:00", "2027-01-05 09:00", "2027-01-06 09:00", "2027-01-07 09:00"],
        )

    def test_the_same_hour_after_the_end_of_summer_time(self):
        """The clocks of Geneva go back on Sunday 31 October 2027."""
        ticket = self._open("2027-10-28 09:00", severity_id=self.blocking.id)
        self._wait(ticket, "2027-10-28 11:00")
        self.assertEqual(
            self._climb(ticket, "2027-12-31 12:00"),
            ["2027-10-29 11:00", "2027-11-01 11:00", "2027-11-02 11:00", "2027-11-03 11:00"],
        )

    def test_an_answer_starts_the_next_waiting_from_nothing(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self._climb(ticket, "2027-06-09 12:00")
        self.assertEqual(ticket.reminder_count, 2)
        self._customer_writes(ticket, "2027-06-10 09:00")
        self.assertStep(ticket, "in_progress")
        self._run("2027-06-10 11:00")
        self._wait(ticket, "2027-06-11 10:00")
        self.assertEqual((ticket.waiting_cycle, ticket.reminder_count), (2, 0))
        done = self._climb(ticket, "2027-12-31 12:00")
        self.assertEqual(
            done,
            ["2027-06-14 10:00", "2027-06-15 10:00", "2027-06-16 10:00", "2027-06-17 10:00"],
        )
        self.assertEqual(
            ticket.sudo().reminder_ids.sorted("id").mapped(lambda r: (r.cycle, r.rank)),
            [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)],
        )

    def test_after_three_weeks_of_downtime_one_reminder(self):
        """FM8, RM2: what was missed is not made up for in a burst."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self.assertEqual(len(self._run("2027-06-28 15:00")), 1)
        for _again in range(3):
            self.assertFalse(self._run("2027-06-28 15:30"))
        self.assertEqual(ticket.next_reminder_at, local("2027-06-29 15:00"))
        self.assertFalse(self._run("2027-06-29 14:59:59"))
        self.assertEqual(
            self._climb(ticket, "2027-12-31 12:00"),
            ["2027-06-29 15:00", "2027-06-30 15:00", "2027-07-01 15:00"],
        )

    def test_the_clock_of_the_server_jumps(self):
        """X11: ahead by three days and back again; nothing leaves twice or at once."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self.assertEqual(len(self._run("2027-06-10 11:00")), 1)
        for moment in ("2027-06-08 11:00", "2027-06-09 11:00", "2027-06-11 10:59"):
            self.assertFalse(self._run(moment), moment)
        self.assertEqual(len(self._run("2027-06-11 11:00")), 1)

    def test_reminders_are_not_sent_by_the_cron_itself(self):
        """FM6: the mail waits in the queue until the reminder is committed."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        with self.at("2027-06-08 11:00"), self._mail_server():
            self._run_cron(self.reminders_cron)
            self.assertFalse(self._mails)
            self.assertEqual(self._new_mails.state, "outgoing")
            reminder = ticket.sudo().reminder_ids
            self.assertEqual((reminder.rank, reminder.state), (1, "queued"))
            self._run_cron(self.mail_cron)
            self.assertEqual(len(self._mails), 1)
            self.assertEqual(reminder.state, "sent")
            self.assertEqual(reminder.sent_at, local("2027-06-08 11:00"))

    def test_what_the_customer_reads(self):
        ticket = self._open(severity_id=self.blocking.id, name="The press <b>stops</b> {{7*7}}")
        self._staff_writes(ticket, "2027-06-07 10:00")
        self._staff_writes(ticket, "2027-06-07 10:10", subtype_xmlid="mail.mt_note", partner_ids=[])
        self._wait(ticket, "2027-06-07 11:00", note="He never answers")
        [first] = self._run("2027-06-08 11:00")
        [_second] = self._run("2027-06-09 11:00")
        [third] = self._run("2027-06-10 11:00")
        for mail in (first, third):
            self.assertEqual(mail["email_to"], [self.contact.email_formatted])
            self.assertIn(ticket.number, mail["subject"])
            self.assertIn("{{7*7}}", mail["subject"])
            self.assertIn("&lt;b&gt;stops", mail["body"])
            self.assertIn("access_token", mail["body"])
            self.assertNotIn("never answers", mail["body"])
        # In the language of the contact; the closing is told by the last one only.
        self.assertIn("7 juin", first["body"])
        self.assertNotIn("11 juin", first["body"])
        self.assertIn("11 juin", third["body"])

    def test_the_mail_server_is_down(self):
        """FM6: what did not leave does not count; it leaves later, once, and nothing is closed."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        for moment in ("2027-06-08 11:00", "2027-06-08 12:00", "2027-06-08 14:00"):
            self._run(moment, is_server_down=True)
        reminder = ticket.sudo().reminder_ids
        self.assertEqual(reminder.mapped("state"), ["failed"])
        self.assertTrue(reminder.failure)
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
        self.assertEqual(len(ticket.activity_ids), 1)
        self.assertFalse(ticket.closing_at)
        self._run("2027-06-18 11:00", is_server_down=True)
        self.assertStep(ticket, "waiting")
        message = reminder.mail_message_id
        [mail] = self._run("2027-06-21 16:00")
        self.assertEqual(mail["message_id"], message.message_id)
        self.assertEqual(self._get_sent(ticket), [(1, local("2027-06-21 16:00"))])
        self.assertEqual(ticket.next_reminder_at, local("2027-06-22 16:00"))
        self.assertFalse(ticket.activity_ids)

    def test_a_contact_without_address_is_not_reminded_nor_closed(self):
        """Bad input 56."""
        for address in (False, "not an address"):
            ticket = self._open(severity_id=self.blocking.id)
            self.contact.email = address
            self._wait(ticket, "2027-06-07 11:00")
            for moment in ("2027-06-08 11:00", "2027-06-09 11:00", "2027-06-30 11:00"):
                self.assertFalse(self._run(moment))
            self.assertStep(ticket, "waiting")
            self.assertEqual(ticket.reminder_count, 0)
            self.assertEqual(len(ticket.activity_ids), 1)
            self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
            self.assertGreater(ticket.next_reminder_at, local("2027-06-30 11:00"))
            self.contact.email = "anne@horloger.example"
            self.geneva.is_automatic_ticket_mail = False
            self.assertFalse(self._run("2027-07-01 11:00"))
            self.geneva.is_automatic_ticket_mail = True
            self.assertEqual(len(self._run("2027-07-02 11:00")), 1)
            self.assertEqual(self._get_sent(ticket), [(1, local("2027-07-02 11:00"))])
            self._customer_writes(ticket, "2027-07-02 12:00")

    def test_who_cannot_be_told_is_not_closed(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        for day in (8, 9, 10):
            self._run(f"2027-06-{day:02} 11:00")
        self.geneva.is_automatic_ticket_mail = False
        self._run("2027-06-11 12:00")
        self.assertFalse(ticket.activity_ids)
        self.geneva.is_automatic_ticket_mail = True
        address, self.contact.email = self.contact.email, False
        self._run("2027-06-11 13:00")
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
        self.assertStep(ticket, "waiting")
        self.contact.email = address
        [mail] = self._run("2027-06-11 14:00")
        self.assertStep(ticket, "closed")
        self.assertIn("clôturée", mail["subject"])

    def test_a_reminder_that_comes_back_does_not_count(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self._run("2027-06-08 11:00")
        message = ticket.sudo().reminder_ids.mail_message_id
        with self.at("2027-06-08 11:05"):
            message.notification_ids.notification_status = "bounce"
            ticket.sudo()._message_receive_bounce(self.contact.email, self.contact)
        self.assertFalse(self._run("2027-06-08 11:06"))
        self.assertEqual(ticket.sudo().reminder_ids.state, "failed")
        self.assertEqual(len(ticket.activity_ids), 1)
        self.assertFalse(self._run("2027-06-09 11:00"), "the address is the same")
        self.contact.email = "anne.new@horloger.example"
        [mail] = self._run("2027-06-10 11:00")
        self.assertEqual(mail["email_to"], [self.contact.email_formatted])
        self.assertEqual(ticket.reminder_count, 1)

    def test_an_answer_keeps_back_what_is_in_the_queue(self):
        """RM6."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        with self.at("2027-06-08 11:00"), self._mail_server():
            self._run_cron(self.reminders_cron)
        self._customer_writes(ticket, "2027-06-08 11:00:30")
        self.assertFalse(self._run("2027-06-08 11:01"))
        self.assertFalse(self._get_sent(ticket))

    def test_leaving_the_waiting_in_any_way_ends_the_reminders(self):
        """RM6: a program may move the stage, too."""
        stages = self.env["helpdesk.ticket.stage"].search([("maintenance_step", "!=", "waiting")])
        for stage in stages - self.env.ref("maintenance_contract.stage_resolved"):
            ticket = self._open(severity_id=self.blocking.id)
            self._wait(ticket, "2027-06-07 11:00")
            with self.at("2027-06-07 12:00"):
                ticket.sudo().stage_id = stage
            self.assertFalse(ticket.waiting_since or ticket.next_reminder_at, stage.name)
            self.assertFalse(self._run("2027-06-30 11:00"))

    def test_a_change_of_severity_plans_anew_and_sends_nothing_at_once(self):
        """RM7."""
        ticket = self._open(severity_id=self.minor.id)
        self._wait(ticket, "2027-06-07 11:00")
        self.assertEqual(ticket.next_reminder_at, local("2027-06-14 11:00"))
        with self.at("2027-06-10 15:00"):
            ticket.sudo().severity_id = self.blocking
        self.assertEqual(ticket.next_reminder_at, local("2027-06-10 15:00"))
        self.assertEqual(ticket.closing_at, local("2027-06-15 15:00"))
        self.assertEqual(len(self._run("2027-06-10 15:01")), 1)
        self.assertFalse(self._run("2027-06-11 14:00"))
        with self.at("2027-06-11 14:30"):
            ticket.with_user(self.dispatcher)._change_severity(self.minor, "It can wait")
        self.assertEqual(ticket.next_reminder_at, local("2027-06-21 11:00"))

    def test_the_reply_of_the_very_second_wins(self):
        """FM25, bad input 57: written before the closing, or while it runs."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self._climb(ticket, "2027-06-10 12:00")
        self.assertEqual(ticket.closing_at, local("2027-06-11 11:00"))
        self._customer_writes(ticket, "2027-06-11 11:00")
        self.assertFalse(self._run("2027-06-11 11:00"))
        self.assertStep(ticket, "in_progress")

        self._wait(ticket, "2027-06-14 11:00")
        self._climb(ticket, "2027-06-18 12:00")
        self.assertStep(ticket, "closed")
        self._customer_mails(ticket, "2027-06-18 11:00:30", "2027-06-18 11:00")
        self.assertStep(ticket, "in_progress")
        self.assertEqual(ticket.reopen_count, 1)

    def test_a_word_nobody_heard_is_heard_before_closing(self):
        """It may come into the request by another way than a post."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self._climb(ticket, "2027-06-10 12:00")
        self._write_unheard(ticket, "2027-06-11 10:00")
        self.assertFalse(self._run("2027-06-11 11:00"))
        self.assertStep(ticket, "in_progress")
        resume = ticket.sudo().sla_event_ids.filtered(lambda event: event.name == "resume")
        self.assertEqual(resume.at, local("2027-06-11 10:00"))

    def test_what_came_while_he_is_waited_for_counts_whenever_it_was_written(self):
        """By post or not, the rule is the same: what was there before he was asked is known."""
        ticket = self._open(severity_id=self.blocking.id)
        self._write_unheard(ticket, "2027-06-07 10:30")
        self._wait(ticket, "2027-06-07 11:00")
        self._climb(ticket, "2027-06-09 12:00")
        self.assertStep(ticket, "waiting")
        self._write_unheard(ticket, "2027-06-07 10:40")
        self._run("2027-06-10 12:00")
        self.assertStep(ticket, "in_progress")
        resume = ticket.sudo().sla_event_ids.filtered(lambda event: event.name == "resume")
        self.assertEqual(resume.at, local("2027-06-07 11:00"))

    def _write_unheard(self, ticket, moment):
        with self.at(moment):
            self.env["mail.message"].with_user(self.portal_user).sudo().create(
                {
                    "model": "helpdesk.ticket",
                    "res_id": ticket.id,
                    "body": "Here it is",
                    "author_id": self.contact.id,
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                }
            )

    def test_one_that_fails_stops_no_other(self):
        tickets = [self._open(severity_id=self.blocking.id) for _ in range(3)]
        for ticket in tickets:
            self._wait(ticket, "2027-06-07 11:00")
        model = type(self.env["helpdesk.ticket"])
        send = model._send_reminder

        def fail(ticket, step):
            if ticket == tickets[1]:
                raise ValueError("nonsense")
            return send(ticket, step)

        with (
            patch.object(model, "_send_reminder", fail),
            mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
        ):
            self.assertEqual(len(self._run("2027-06-08 11:00")), 2)
        self.assertEqual([ticket.reminder_count for ticket in tickets], [1, 0, 1])
        self.assertIn("nonsense", tickets[1].message_ids[0].body)
        self.assertEqual(tickets[1].next_reminder_at, local("2027-06-08 12:00"))
        self.assertEqual(len(self._run("2027-06-08 12:00")), 1)

    def test_what_another_transaction_was_first_to_is_done_again(self):
        """FM3: three times at most; then the run ends, and nothing of it is left."""
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        model = type(self.env["helpdesk.ticket"])
        send = model._send_reminder
        # The server runs the reminders twice, each time until the run ends.
        for failures, calls, count in ((8, 8, 0), (3, 4, 1)):
            conflicts = iter([True] * failures)

            def conflict(ticket, step, conflicts=conflicts):
                send(ticket, step)
                if next(conflicts, False):
                    raise SerializationFailure

            with (
                patch.object(
                    model, "_send_reminder", autospec=True, side_effect=conflict
                ) as called,
                patch(DELAY, 0),
                mute_logger("odoo.addons.base.models.ir_cron"),
            ):
                self.assertEqual(len(self._run("2027-06-08 11:00")), count)
            self.assertEqual(called.call_count, calls)
            self.assertEqual(len(ticket.reminder_ids), count)

    def test_an_open_intervention_keeps_the_request_open(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 10:00")
        with self.at("2027-06-07 11:00"):
            intervention = ticket.sudo()._escalate_on_site(
                "See the press.", self.equipment.site_id, self.contact
            )
        for day in (8, 9, 10, 11, 12, 13):
            self._run(f"2027-06-{day:02} 12:00")
        self.assertStep(ticket, "waiting")
        self.assertEqual(ticket.reminder_count, 3)
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
        self.assertEqual(ticket.closing_at, local("2027-06-14 12:00"))
        intervention.action_cancel()
        self._run("2027-06-14 12:00")
        self.assertStep(ticket, "closed")

    def test_a_calendar_that_never_opens_reminds_nobody(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self.calendar.attendance_ids.unlink()
        self.assertFalse(self._run("2027-06-08 11:00"))
        self.assertFalse(ticket.next_reminder_at or ticket.closing_at)
        self.assertStep(ticket, "waiting")
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)

    def test_the_switch_of_the_company_holds_everything_back(self):
        self.geneva.is_automatic_ticket_mail = False
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        for day in range(8, 30):
            self.assertFalse(self._run(f"2027-06-{day:02} 11:00"))
        self.assertStep(ticket, "waiting")
        self.geneva.is_automatic_ticket_mail = True
        self.assertEqual(len(self._run("2027-06-30 11:00")), 1)

    def test_each_reminder_is_one_row_in_the_database(self):
        ticket = self._open(severity_id=self.blocking.id)
        self._wait(ticket, "2027-06-07 11:00")
        self._climb(ticket, "2027-12-31 12:00")
        automatic = ticket.message_ids.filtered(lambda m: m.message_type == "auto_comment")
        self.assertEqual(
            [message.date - local("2027-06-07 11:00") for message in automatic[:-1]],
            [timedelta(days=days) for days in (4, 3, 2, 1)],
            "RM8: four in this waiting, after the receipt",
        )
        for user in (self.technician, self.administrator):
            reminder = ticket.reminder_ids[0].with_user(user)
            self.assertTrue(reminder.sent_at)
            self.assertFalse(reminder.has_access("write"))
            self.assertFalse(reminder.has_access("unlink"))
