from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .service_common import ServiceCommon, local


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 11:00"))
class TestRequestCall(ServiceCommon):
    """A call noted by hand: the delays count from the call, not from when it was entered."""

    def _open_dialog(self, user):
        action = self.env.ref("maintenance_contract.helpdesk_ticket_action_call")
        return Form(
            self.env["helpdesk.ticket"].with_user(user).with_context(**safe_eval(action.context)),
            view=action.view_id,
        )

    def test_the_delays_count_from_the_call(self):
        dialog = self._open_dialog(self.technician)
        dialog.partner_id = self.contact
        self.assertEqual(dialog.equipment_id, self.equipment)
        dialog.name = "The press stops"
        dialog.description = "<p>After a minute.</p>"
        dialog.team_id = self.team
        dialog.received_at = local("2027-06-07 09:30")
        ticket = dialog.save()
        self.assertRecordValues(
            ticket,
            [
                {
                    "received_at": local("2027-06-07 09:30"),
                    "contract_id": self.contract.id,
                    "channel_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone").id,
                }
            ],
        )
        self.assertEqual(self._clock(ticket, "resolution").started_at, local("2027-06-07 09:30"))
        self.assertEqual(ticket.action_view_request()["res_id"], ticket.id)

    def test_an_sms_is_noted_in_the_same_place(self):
        sms = self.env.ref("maintenance_contract.helpdesk_ticket_channel_sms")
        dialog = self._open_dialog(self.dispatcher)
        dialog.partner_id = self.contact
        dialog.name = "The press stops"
        dialog.description = "<p>It stops.</p>"
        dialog.channel_id = sms
        self.assertEqual(dialog.save().channel_id, sms)

    def test_a_call_is_for_the_default_team(self):
        self.geneva.request_team_id = self.team.copy({"name": "Hotline", "user_ids": False})
        self.geneva.helpdesk_mgmt_ticket_auto_assign = False
        self.assertEqual(self._open_dialog(self.dispatcher).team_id.name, "Hotline")
        # Who has it himself keeps it in his own team.
        self.geneva.helpdesk_mgmt_ticket_auto_assign = True
        dialog = self._open_dialog(self.technician)
        self.assertEqual(dialog.team_id, self.team)

    def test_a_severity_that_asks_for_a_reason_is_not_saved_without(self):
        dialog = self._open_dialog(self.dispatcher)
        dialog.partner_id = self.contact
        dialog.name = "The press stops"
        dialog.description = "<p>It stops.</p>"
        dialog.severity_id = self.blocking
        with self.assertRaisesRegex(AssertionError, "severity_reason"):
            dialog.save()
        dialog.severity_reason = "The whole line stops."
        self.assertEqual(dialog.save().severity_reason, "The whole line stops.")

    def test_people_are_asked_for_a_reason_by_whatever_door(self):
        for reason in (False, "", "  "):
            for user in (self.technician, self.dispatcher):
                with self.assertRaisesRegex(ValidationError, "Justification"):
                    self._create_ticket(
                        user=user, severity_id=self.blocking.id, severity_reason=reason
                    )
        self._create_ticket(user=self.technician, severity_reason=False)
        idea = self._create_ticket(
            severity_id=self.blocking.id, severity_reason=False, request_kind="idea"
        )
        self.assertFalse(idea.severity_reason)
        program = self.env.ref("base.user_root")
        ticket = self._create_ticket(
            user=program, severity_id=self.blocking.id, severity_reason=False
        ).with_user(self.dispatcher)
        ticket.name = "The press still stops"
        with self.assertRaisesRegex(ValidationError, "Justification"):
            ticket.severity_reason = " "

    def test_another_severity_asks_for_its_reason(self):
        self.tier.sla_policy_id = False
        ticket = self._create_ticket(severity_reason=False)
        self.assertFalse(ticket.sla_clock_ids)
        with self.assertRaisesRegex(ValidationError, "Justification"):
            ticket.severity_id = self.blocking
        ticket.write({"severity_id": self.blocking.id, "severity_reason": "It has spread."})
        self.assertEqual(ticket.severity_id, self.blocking)

    def test_only_a_team_of_the_company_is_its_default(self):
        foreign = self.env["helpdesk.ticket.team"].create(
            {"name": "Paris", "company_id": self.paris.id}
        )
        with self.assertRaises(UserError):
            self.geneva.request_team_id = foreign

    def test_the_title_is_one_short_line(self):
        """Bad inputs 48 and 49, by whatever door."""
        for title, expected in (
            ("Press\0 stops\n now", "Press stops now"),
            ("e" + "\u0301" * 1000, "e" + "\u0301" * 4),
            ("half \ud83d", "half"),
            ("long " * 1000, "long " * 39 + "long…"),
            ("\0", "No subject"),
        ):
            with self.subTest(expected):
                ticket = self._create_ticket(name=title, user=self.technician)
                self.assertEqual(ticket.name, expected)
                ticket.name = "Other"
                ticket.name = title
                self.assertEqual(ticket.name, expected)

    def test_a_call_has_a_caller(self):
        dialog = self._open_dialog(self.dispatcher)
        dialog.name = "The press stops"
        dialog.description = "<p>It stops.</p>"
        with self.assertRaisesRegex(AssertionError, "partner_id"):
            dialog.save()

    def test_who_enters_it_has_it_and_a_program_has_nothing(self):
        self.geneva.helpdesk_mgmt_ticket_auto_assign = True
        requests = self.env["helpdesk.ticket"].with_company(self.geneva)
        entered = requests.with_user(self.technician).default_get(["user_id"])
        self.assertEqual(entered["user_id"], self.technician.id)
        self.assertNotIn("user_id", requests.sudo().default_get(["user_id"]))
        given = requests.sudo().with_context(default_user_id=self.dispatcher.id)
        self.assertEqual(given.default_get(["user_id"])["user_id"], self.dispatcher.id)
