from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .service_common import ServiceCommon, local


@tagged("post_install", "-at_install")
class TestSlaExplanation(ServiceCommon):
    """Why this deadline? Line by line, in the language and the time zone of the reader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician.name = "Luc Favre"
        cls.dispatcher.name = "Eva Blanc"

    def _get_lines(self, ticket, kind="resolution", cycle=1, for_customer=False, **context):
        clock = self._clock(ticket, kind, cycle).with_user(self.dispatcher)
        reader = {"lang": "en_US", "tz": "Europe/Zurich", **context}
        return clock.with_context(**reader)._get_explanation(for_customer)

    def _tell(self, *args, **kwargs):
        return [
            " | ".join(filter(None, (line["when"], line["text"], line["duration"])))
            for line in self._get_lines(*args, **kwargs)
        ]

    def _close_day(self, day, name):
        self.env["resource.calendar.leaves"].create(
            {
                "name": name,
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": local(f"2027-06-{day:02} 00:00"),
                "date_to": local(f"2027-06-{day + 1:02} 00:00"),
            }
        )

    def test_nights_holidays_and_pauses_are_told(self):
        self._close_day(9, "Fête-Dieu")
        ticket = self._create_ticket("2027-06-07 18:00")
        with freeze_time(local("2027-06-08 11:00")):
            ticket.with_user(self.technician)._pause(self.waiting, note="Which serial number?")
        with freeze_time(local("2027-06-08 15:00")):
            ticket._resume()
        with freeze_time(local("2027-06-10 10:00")):
            lines = self._tell(ticket)
        self.assertEqual(
            lines,
            [
                "Resolution: 24 opening hours. Objective (means).",
                "Mon, Jun 7, 06:00 PM CEST | Received. Outside the service hours: counted from "
                "the next opening, Tue, Jun 8, 09:00 AM CEST. | 24 h 00",
                "Mon, Jun 7, 06:00 PM – Tue, Jun 8, 09:00 AM CEST | Asleep: outside the service "
                "hours.",
                "Tue, Jun 8, 09:00 AM – 11:00 AM CEST | Counted. | 2 h 00",
                "Tue, Jun 8, 11:00 AM – 03:00 PM CEST | Paused by Luc Favre: Waiting for the "
                "customer.",
                "Tue, Jun 8, 03:00 PM – 05:00 PM CEST | Counted. | 2 h 00",
                "Tue, Jun 8, 05:00 PM – Wed, Jun 9, 12:00 AM CEST | Asleep: outside the service "
                "hours.",
                "Wed, Jun 9, 12:00 AM – Thu, Jun 10, 12:00 AM CEST | Asleep: Fête-Dieu.",
                "Thu, Jun 10, 12:00 AM – 09:00 AM CEST | Asleep: outside the service hours.",
                "Thu, Jun 10, 09:00 AM – 10:00 AM CEST | Counted. | 1 h 00",
                "Thu, Jun 10, 10:00 AM CEST | Now: 19 h 00 left.",
                "Thu, Jun 10, 10:00 AM – 05:00 PM CEST | Will count. | 7 h 00",
                "Thu, Jun 10, 05:00 PM – Fri, Jun 11, 09:00 AM CEST | Asleep: outside the "
                "service hours.",
                "Fri, Jun 11, 09:00 AM – 05:00 PM CEST | Will count. | 8 h 00",
                "Fri, Jun 11, 05:00 PM – Mon, Jun 14, 09:00 AM CEST | Asleep: outside the "
                "service hours.",
                "Mon, Jun 14, 09:00 AM – 01:00 PM CEST | Will count. | 4 h 00",
                "Mon, Jun 14, 01:00 PM CEST | Deadline.",
            ],
        )

    def test_the_customer_reads_no_name_and_no_note_of_staff(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket.with_user(self.technician)._pause(self.waiting, note="He never knows")
        with freeze_time(local("2027-06-07 12:00")):
            told = {
                for_customer: str(self._get_lines(ticket, for_customer=for_customer))
                for for_customer in (False, True)
            }
        for secret in ("Luc Favre", "He never knows"):
            self.assertIn(secret, told[False])
            self.assertNotIn(secret, told[True])
        self.assertIn("Paused: Waiting for the customer.", told[True])

    def test_each_reader_has_his_own_zone_and_language(self):
        ticket = self._create_ticket("2027-06-07 15:00")
        with freeze_time(local("2027-06-07 16:00")):
            zurich = self._tell(ticket, "acknowledge")
            tokyo = self._tell(ticket, "acknowledge", tz="Asia/Tokyo")
            sao_paulo = self._tell(ticket, "acknowledge", tz="America/Sao_Paulo")
            french = self._tell(ticket, "acknowledge", lang="fr_FR")
            mars = self._tell(ticket, "acknowledge", tz="Mars/X")
        self.assertIn("Mon, Jun 7, 05:00 PM CEST | Deadline.", zurich)
        self.assertIn("Tue, Jun 8, 12:00 AM JST | Deadline.", tokyo)
        self.assertIn("Mon, Jun 7, 12:00 PM UTC-03 | Deadline.", sao_paulo)
        self.assertEqual(mars, zurich)
        self.assertTrue(french[-1].startswith("lun. 7 juin, 17:00 CEST | "), french[-1])

    def test_the_night_of_the_change_of_time_is_told_with_both_names(self):
        self.policy.target_ids.filtered(lambda t: t.kind == "resolution").write(
            {"unit": "calendar_hours", "amount": 24}
        )
        ticket = self._create_ticket("2027-10-30 18:00")
        with freeze_time(local("2027-10-30 18:00")):
            lines = self._tell(ticket)
        self.assertIn(
            "Sat, Oct 30, 06:00 PM CEST – Sun, Oct 31, 05:00 PM CET | Will count. | 24 h 00", lines
        )

    def test_an_agreed_deadline_stands_beside_the_computed_one(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket.with_user(self.dispatcher)._record_event(
                "manual", kind="resolution", deadline=local("2027-06-15 12:00")
            )
            lines = self._tell(ticket)
        self.assertIn(
            "Mon, Jun 7, 10:00 AM CEST | Eva Blanc agreed on another deadline with the customer: "
            "Tue, Jun 15, 12:00 PM CEST.",
            lines,
        )
        self.assertEqual(
            lines[-2:],
            [
                "Tue, Jun 15, 12:00 PM CEST | Deadline, as agreed.",
                "Wed, Jun 9, 05:00 PM CEST | The deadline without that agreement.",
            ],
        )

    def test_changes_corrections_and_reopenings_are_told(self):
        self.contract.sla_policy_id = self._create_policy(
            {"kind": "resolution", "amount": 24, "severity_id": self.minor.id},
            {"kind": "resolution", "amount": 8, "severity_id": self.blocking.id},
            reopen_rule="continuous",
        )
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        with freeze_time(local("2027-06-07 11:00")):
            ticket.with_user(self.dispatcher)._change_severity(self.blocking, "It stands still")
        with freeze_time(local("2027-06-07 12:00")):
            ticket._reach("resolution")
            self.assertIn(
                "Mon, Jun 7, 12:00 PM CEST | Reached in time: 5 h 00 left.", self._tell(ticket)
            )
        with freeze_time(local("2027-06-07 14:00")):
            ticket.with_user(self.dispatcher)._reopen_clocks()
        with freeze_time(local("2027-06-08 10:00")):
            lines = self._get_lines(ticket)
            told = self._tell(ticket)
        self.assertIn(
            "Mon, Jun 7, 11:00 AM CEST | Changed by Eva Blanc to Blocking, 8 opening hours. Keep "
            "what has elapsed, go on with the new delay. | 8 h 00",
            told,
        )
        self.assertIn(
            "Mon, Jun 7, 02:00 PM CEST | Re-opened by Eva Blanc. Count the time in between too.",
            told,
        )
        self.assertIn("Mon, Jun 7, 05:00 PM – Tue, Jun 8, 10:00 AM CEST | Overdue. | 1 h 00", told)
        self.assertEqual(
            next(line["note"] for line in lines if line["name"] == "changed"), "It stands still"
        )

    def test_why_there_is_no_deadline(self):
        self.contract.sla_policy_id = self._create_policy(
            {"kind": "workaround", "unit": "none"},
            {"kind": "resolution", "unit": "text", "commitment": "In a next minor version"},
            {"kind": "on_site", "amount": 8, "start_event": "escalated"},
        )
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            self.assertIn("nothing is promised", self._tell(ticket, "workaround")[-1])
            self.assertIn("In a next minor version", self._tell(ticket)[0])
            self.assertIn("promised in words", self._tell(ticket)[-1])
            self.assertIn("escalated on site", self._tell(ticket, "on_site")[-1])

    def test_months_are_told_by_their_turning_points(self):
        self.policy.target_ids.filtered(lambda t: t.kind == "resolution").amount = 1000
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-08-02 09:00")):
            lines = self._tell(ticket)
        self.assertLess(len(lines), 10)
        self.assertIn(
            "Mon, Jun 7, 09:00 AM – Mon, Aug 2, 09:00 AM CEST | Counted during the service hours. "
            "| 320 h 00",
            lines,
        )

    def test_sent_to_the_customer_in_his_language(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        clock = self._clock(ticket, "resolution")
        with freeze_time(local("2027-06-07 10:00")):
            clock.with_user(self.dispatcher).action_send_explanation()
            message = ticket.message_ids[0]
            self.assertIn("mer. 9 juin, 17:00 CEST", message.body)
            self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
            self.assertIn(self.contact, message.partner_ids)
            with self.assertRaises(AccessError):
                clock.with_user(self.manager).action_send_explanation()
            with self.assertRaises(AccessError):
                clock.with_user(self.paris_manager).action_explain()

    def test_the_report_is_printed_for_the_customer(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        clock = self._clock(ticket, "resolution").with_user(self.dispatcher)
        report = "maintenance_contract.report_sla_explanation"
        html, _type = (
            self.env["ir.actions.report"]
            .with_user(self.dispatcher)
            ._render_qweb_html(report, clock.ids)
        )
        self.assertIn("mer. 9 juin", html.decode())
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.paris_manager)._render_qweb_html(
                report, clock.ids
            )
