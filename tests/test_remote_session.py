from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .service_common import ServiceCommon, local

RECEIVED = "2027-06-07 09:00"


class RemoteSessionCommon(ServiceCommon):
    """A request of Monday nine o'clock, given to the technician, with a promise to begin soon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teamviewer = cls.env.ref("maintenance_contract.remote_tool_teamviewer")
        cls.phone = cls.env.ref("maintenance_contract.remote_tool_phone")
        cls.tier.sla_policy_id = cls._create_policy(
            ("acknowledge", 2, "open_hours"),
            ("remote_start", 4, "open_hours"),
            ("resolution", 24, "open_hours"),
        )
        cls.ticket = cls._create_ticket(RECEIVED, user_id=cls.technician.id)

    def _open_dialog(self, ticket=None, user=None):
        """The dialog that the button opens, as a form."""
        user = user or self.technician
        action = (ticket or self.ticket).with_user(user).action_start_remote_session()
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    def _start(self, ticket=None, user=None, **values):
        """Start a session by its dialog, and return it."""
        ticket = ticket or self.ticket
        before = ticket.remote_session_ids
        form = self._open_dialog(ticket, user)
        for name, value in values.items():
            form[name] = value
        form.save().action_start()
        return (ticket.remote_session_ids - before).with_user(user or self.technician)


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 10:00"))
class TestRemoteSession(RemoteSessionCommon):
    """The log of remote sessions, by those who help from afar."""

    def test_starting_reaches_the_remote_start(self):
        session = self._start(identifier="123 456 789")
        self.assertRecordValues(
            session,
            [
                {
                    "tool_id": self.teamviewer.id,
                    "user_id": self.technician.id,
                    "start": local("2027-06-07 10:00"),
                    "end": False,
                    "url": "https://start.teamviewer.com/123456789",
                }
            ],
        )
        for kind in ("acknowledge", "remote_start"):
            self.assertRecordValues(
                self._clock(self.ticket, kind),
                [{"state": "met", "stopped_at": local("2027-06-07 10:00")}],
            )
        self.assertEqual(self._clock(self.ticket, "resolution").state, "running")

    def test_the_button_opens_the_tool(self):
        dialog = self._open_dialog()
        dialog.identifier = "123456789"
        action = dialog.save().action_start()
        self.assertEqual(action["url"], "https://start.teamviewer.com/123456789")
        self.assertEqual(self.ticket.remote_session_ids.action_open()["url"], action["url"])
        dialog = self._open_dialog(user=self.dispatcher)
        dialog.tool_id = self.phone
        self.assertEqual(dialog.save().action_start()["type"], "ir.actions.act_window_close")

    def test_looking_at_the_dialog_starts_nothing(self):
        """A browser that is closed saves the dialog that is open."""
        self._open_dialog().save()
        self.assertFalse(self.ticket.remote_session_ids)
        self.assertEqual(self._clock(self.ticket, "remote_start").state, "running")

    def test_noted_afterwards_the_start_counts_when_it_was(self):
        """The clock stops when the help began, whenever somebody wrote it down."""
        session = self._start(start=local("2027-06-07 09:20"))
        self.assertEqual(
            self._clock(self.ticket, "remote_start").stopped_at, local("2027-06-07 09:20")
        )
        with self.assertRaisesRegex(UserError, "Start"):
            session.write({"start": local("2027-06-07 09:10")})
        with self.assertRaisesRegex(UserError, "Request"):
            session.write({"ticket_id": self._create_ticket().id})

    def test_people_enter_minutes(self):
        """Received at 9:59:40, helped from 9:59 on: nobody enters seconds."""
        ticket = self._create_ticket("2027-06-07 09:59:40", user_id=self.technician.id)
        self._start(ticket, start=local("2027-06-07 09:59"))
        self.assertEqual(
            self._clock(ticket, "remote_start").stopped_at, local("2027-06-07 09:59:40")
        )

    def test_the_first_start_counts(self):
        self._start(start=local("2027-06-07 09:20")).action_end_interrupted()
        self._start()
        self.assertEqual(
            self._clock(self.ticket, "remote_start").stopped_at, local("2027-06-07 09:20")
        )

    def test_ending_with_a_result(self):
        session = self._start(identifier="123456789")
        with freeze_time(local("2027-06-07 10:45")):
            session.action_end_not_solved()
        self.assertRecordValues(
            session,
            [{"end": local("2027-06-07 10:45"), "duration": 0.75, "result": "not_solved"}],
        )
        note = self.ticket.message_ids[0]
        self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("TeamViewer, 45 min", note.body)
        with self.assertRaisesRegex(UserError, "ended already"):
            session.action_end_solved()

    def test_wrong_periods_are_refused(self):
        sessions = self.env["maintenance.remote.session"].with_user(self.technician)
        noted = {"ticket_id": self.ticket.id, "tool_id": self.phone.id}
        for values, message in (
            ({"start": local("2027-06-07 10:01")}, "Start: a session is noted once"),
            ({"start": local("2027-06-07 08:59")}, "before the request was received"),
            ({"end": local("2027-06-07 09:59"), "result": "solved"}, "End: it is before"),
            ({"end": local("2027-06-07 10:01"), "result": "solved"}, "in the future"),
            ({"start": datetime(1980, 1, 1)}, "Start"),
            ({"end": local("2027-06-07 10:00")}, "Result"),
            ({"result": "solved"}, "Result"),
        ):
            with self.subTest(**values):
                self.assertRefused(message, sessions.create, {**noted, **values})

    def test_a_forgotten_session_asks_when_it_ended(self):
        session = self._start()
        with freeze_time(local("2027-06-08 10:00:01")):
            self.assertRefused("24 hours at most", session.action_end_solved)
            session.write({"end": local("2027-06-08 10:00"), "result": "solved"})
        self.assertEqual(session.duration, 24)

    def test_one_open_session_for_each_technician_and_request(self):
        session = self._start()
        self._start(user=self.dispatcher)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._start()
        session.invalidate_recordset()
        session.action_end_interrupted()
        self._start()
        self.assertEqual(self.ticket.remote_session_count, 3)

    def test_the_button_hides_while_a_session_is_open(self):
        mine = self.ticket.with_user(self.technician)
        self.assertFalse(mine.has_my_remote_session)
        session = self._start()
        self.assertTrue(mine.has_my_remote_session)
        self.assertFalse(self.ticket.with_user(self.dispatcher).has_my_remote_session)
        self.assertEqual(mine.action_end_remote_session()["res_id"], session.id)
        session.action_end_solved()
        self.assertFalse(mine.has_my_remote_session)

    def test_the_last_identifier_is_proposed(self):
        """Of the same tool and equipment, whoever used it."""
        self._start(identifier="123456789")
        other = self._create_ticket(RECEIVED, user_id=self.technician_2.id)
        self.assertEqual(self._start(other, user=self.technician_2).identifier, "123456789")
        dialog = self._open_dialog(other, self.dispatcher)
        self.assertEqual(dialog.identifier, "123456789")
        dialog.tool_id = self.phone
        self.assertFalse(dialog.identifier)

    def test_the_identifier_of_another_customer_is_not_proposed(self):
        self._start(identifier="123456789")
        stranger = self.env["res.partner"].create(
            {"name": "X", "parent_id": self.other_customer.id}
        )
        ticket = self._create_ticket(
            RECEIVED, user_id=self.technician.id, partner_id=stranger.id, equipment_id=False
        )
        self.assertFalse(self._start(ticket).identifier)

    # === WHAT IS REFUSED === #

    def test_the_identifier_never_becomes_another_address(self):
        for identifier in (
            "javascript:alert(1)",
            "../../x",
            "12345",
            "123456789/../x",
            "٣٣٣٣٣٣٣٣٣",
        ):
            with self.subTest(identifier):
                self.assertRefused("Identifier", self._start, identifier=identifier)

    def test_the_address_of_a_tool_is_https(self):
        tool = self.teamviewer.with_user(self.administrator)
        for address in (
            "javascript:alert({identifier})",
            "http://start.teamviewer.com/{identifier}",
            "https://{identifier}.example/",
            "https://start.teamviewer.com/",
        ):
            with self.subTest(address):
                self.assertRefused("Address", tool.write, {"url_template": address})

    def test_no_session_on_what_is_closed_or_an_idea(self):
        self.ticket.sudo().stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        with self.assertRaises(UserError):
            self.ticket.with_user(self.technician).action_start_remote_session()
        with self.assertRaises(UserError):
            self.env["maintenance.remote.session"].with_user(self.technician).create(
                {"ticket_id": self.ticket.id, "tool_id": self.phone.id}
            )
        idea = self._create_ticket(RECEIVED, request_kind="idea", user_id=self.technician.id)
        with self.assertRaisesRegex(UserError, "idea"):
            idea.with_user(self.technician).action_start_remote_session()

    def test_sessions_of_a_closed_request_are_final(self):
        session = self._start()
        session.action_end_solved()
        session.note = "Restarted."
        self.ticket.sudo().stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        with self.assertRaisesRegex(UserError, "final"):
            session.note = "Nothing happened."
        with self.assertRaises(AccessError):
            session.unlink()

    # === WHO MAY === #

    def test_a_technician_notes_his_own_sessions(self):
        sessions = self.env["maintenance.remote.session"].with_user(self.technician)
        with self.assertRaises(AccessError):
            sessions.create(
                {
                    "ticket_id": self.ticket.id,
                    "tool_id": self.phone.id,
                    "user_id": self.dispatcher.id,
                }
            )
        of_dispatcher = self._start(user=self.dispatcher)
        self.assertEqual(sessions.search([]), of_dispatcher)
        with self.assertRaises(AccessError):
            of_dispatcher.with_user(self.technician).action_end_solved()

    def test_requests_of_other_teams_are_not_his(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Software", "company_id": self.geneva.id}
        )
        ticket = self._create_ticket(RECEIVED, team_id=team.id)
        self._start(ticket, user=self.dispatcher, identifier="123456789")
        sessions = self.env["maintenance.remote.session"].with_user(self.technician)
        self.assertFalse(sessions.search([]))
        with self.assertRaises(AccessError):
            sessions.create({"ticket_id": ticket.id, "tool_id": self.phone.id})
        with self.assertRaises(AccessError):
            self.env["maintenance.remote.start"].with_user(self.technician).create(
                {"ticket_id": ticket.id}
            )
        self.assertFalse(ticket.remote_session_ids.with_user(self.technician).has_access("read"))

    def test_another_company_sees_none(self):
        self._start()
        sessions = self.env["maintenance.remote.session"].with_user(self.paris_manager)
        self.assertFalse(sessions.with_context(allowed_company_ids=self.paris.ids).search([]))

    # === THE TIER === #

    def test_help_that_the_tier_does_not_include_is_told_before(self):
        service = self.env.ref("maintenance_contract.service_remote_maintenance")
        cell = self.tier.cell_ids.filtered(lambda cell: cell.service_id == service)
        cell.kind = "excluded"
        dialog = self._open_dialog()
        self.assertIn(service.name, dialog.tier_warning)
        dialog.tool_id = self.phone
        self.assertFalse(dialog.tier_warning)
        cell.kind = "included"
        self.assertFalse(self._open_dialog().tier_warning)

    def test_hours_are_those_of_ended_sessions(self):
        session = self._start(start=local(RECEIVED) + timedelta(minutes=30))
        self.assertEqual(session.duration, 0)
        session.action_end_solved()
        self.assertEqual(session.duration, 0.5)
