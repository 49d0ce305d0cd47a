from contextlib import contextmanager
from datetime import date

from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from .conversation_common import ConversationCommon
from .service_common import local

TOUR = "breakdown by e-mail"


@tagged("post_install", "-at_install")
class TestRequestTour(ConversationCommon, HttpCase):
    """A breakdown from the customer's mail to his confirmation, each step by who does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create(
            {"name": "geneve.example", "company_ids": [Command.set(cls.geneva.ids)]}
        )
        cls.team.write(
            {
                "alias_name": "support",
                "alias_domain_id": domain.id,
                "alias_contact": "everyone",
            }
        )
        for kind in ("breakdown", "part"):
            cls.tier._get_cell(kind, cls.geneva).kind = "included"
        # What makes users for tests gives them all the same address.
        cls.contact.write({"name": "Anne Rochat", "email": "anne.rochat@horloger.example"})
        cls.dispatcher.write({"lang": "en_US", "password": cls.dispatcher.login})
        cls.portal_user.write({"lang": "en_US", "password": cls.portal_user.login})

    def test_breakdown_by_email(self):
        with self.at("2027-06-07 09:00"), self._mail_server():
            self._receive("The press stops", "It stops after a minute.")
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "The press stops")])
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.verdict, "covered")
        self.assertEqual(len(ticket.sla_clock_ids), 4)

        with self._browser_at("2027-06-07 10:00"):
            self._start("taken, answered, waiting")
        self.assertEqual(self._clock(ticket, "first_answer").result, "in_time")

        for day in ("08", "09", "10", "11", "14", "15", "16"):
            self._run(f"2027-06-{day} 12:00")
        # The severity is major: after three working days, and after six.
        self.assertEqual(
            ticket.reminder_ids.sorted("rank").mapped(lambda r: (r.rank, str(r.sent_at.date()))),
            [(1, "2027-06-10"), (2, "2027-06-15")],
        )
        with self.at("2027-06-17 11:00"), self._mail_server():
            question = ticket.message_ids.filtered(lambda m: "Which error" in (m.body or ""))
            self._receive("Re: The press stops", "Error 7.", In_Reply_To=question.message_id)
        self.assertStep(ticket, "in_progress")

        with self._browser_at("2027-06-17 14:00"):
            self._start("workaround, on site")
        intervention = ticket.intervention_ids
        self.assertEqual(intervention.line_ids.equipment_id, self.equipment)
        self._work_on_site(intervention)
        with self._browser_at("2027-06-18 11:00"):
            self._start("resolved")
            self._confirm(ticket)
        self.assertStep(ticket, "closed")
        self.assertTrue(ticket.is_in_production)
        self.assertEqual(ticket.confirmed_by_id, self.contact)
        self.assertEqual(set(ticket.sla_clock_ids.mapped("result")), {"in_time"})
        with self.at("2027-06-18 12:00"):
            self.assertFalse(ticket._compare_clocks())

    @contextmanager
    def enter_registry_test_mode(self):
        # OVERRIDE: the server of the browser has entered it already.
        yield

    def _receive(self, subject, text, **headers):
        lines = [
            f"From: {self.contact.email_formatted}",
            "To: support@geneve.example",
            f"Subject: {subject}",
            f"Message-Id: <{len(subject)}@horloger.example>",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        mail = "\r\n".join([*lines, "", text]).encode()
        self.env["mail.thread"].sudo().message_process(None, mail)

    @contextmanager
    def _browser_at(self, moment):
        """The world at a local moment, where time passes: a browser waits for things."""
        self.env.flush_all()
        with freeze_time(local(moment), tick=True):
            self.env.invalidate_all()
            yield
        self.env.invalidate_all()

    def _start(self, step):
        self.start_tour(
            "/odoo/action-maintenance_contract.helpdesk_ticket_action_requests",
            f"{TOUR}: {step}",
            login=self.dispatcher.login,
        )

    def _work_on_site(self, intervention):
        """The intervention is planned, done and closed by the main job."""
        intervention = intervention.with_user(self.dispatcher)
        with self.at("2027-06-18 08:00"):
            start, end = local("2027-06-18 09:00"), local("2027-06-18 10:00")
            intervention._plan_first_task(start, end, self.technician)
        with self.at("2027-06-18 09:00"):
            intervention.with_user(self.technician).action_start()
        with self.at("2027-06-18 10:30"):
            intervention.task_ids.with_user(self.technician).write({"state": "1_done"})
            vals = {"result": "done", "done_date": date(2027, 6, 18)}
            intervention._close(dict.fromkeys(intervention.line_ids, vals))

    def _confirm(self, ticket):
        """The customer confirms on the portal."""
        self.authenticate(self.portal_user.login, self.portal_user.login)
        page = self.url_open(f"/my/ticket/{ticket.id}").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = self.url_open(f"/my/ticket/{ticket.id}/confirm", data={"csrf_token": token})
        self.assertEqual(answer.status_code, 200)
