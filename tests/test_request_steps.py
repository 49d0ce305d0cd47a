from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .conversation_common import ConversationCommon
from .service_common import local


@tagged("post_install", "-at_install")
class TestRequestSteps(ConversationCommon):
    """Bad input 38: a stage written by hand goes through the checks of the buttons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["helpdesk.ticket.stage"].search([("team_ids", "=", False)])
        cls.stages = {
            step: stages.filtered(lambda stage, step=step: stage.maintenance_step == step)[:1]
            for step in stages.mapped("maintenance_step")
        }

    def _put(self, step):
        """A request at a step, as a program can put it there."""
        ticket = self._open()
        with self.at("2027-06-07 09:30"):
            ticket.sudo().stage_id = self.stages[step]
        return ticket.with_user(self.technician)

    def test_what_is_still_promised_is_not_archived(self):
        for step in ("new", "in_progress", "waiting", "resolved"):
            ticket = self._put(step)
            with self.subTest(step=step), self.assertRaisesRegex(UserError, ticket.number):
                ticket.active = False
        for step in ("closed", "cancelled"):
            self._put(step).active = False
        spam = self._put("new")
        spam.sudo().is_sender_unverified = True
        spam.active = False

    def test_each_step_has_its_stage(self):
        names = {
            "new": "helpdesk_mgmt.helpdesk_ticket_stage_new",
            "in_progress": "helpdesk_mgmt.helpdesk_ticket_stage_in_progress",
            "waiting": "helpdesk_mgmt.helpdesk_ticket_stage_awaiting",
            "resolved": "maintenance_contract.stage_resolved",
            "closed": "helpdesk_mgmt.helpdesk_ticket_stage_done",
            "cancelled": "helpdesk_mgmt.helpdesk_ticket_stage_cancelled",
        }
        self.assertEqual(self.stages, {step: self.env.ref(name) for step, name in names.items()})
        rejected = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        self.assertEqual(rejected.maintenance_step, "cancelled")
        order = [stage.maintenance_step for stage in self.env["helpdesk.ticket.stage"].search([])]
        self.assertEqual(order[:6], list(names))

    def test_a_stage_of_ones_own_has_the_step_it_looks_like(self):
        stages = self.env["helpdesk.ticket.stage"]
        for values, step in (
            ({}, "in_progress"),
            ({"unattended": True}, "new"),
            ({"closed": True}, "closed"),
            ({"closed": True, "maintenance_step": "cancelled"}, "cancelled"),
            ({"maintenance_step": "waiting"}, "waiting"),
        ):
            stage = stages.create({"name": "Own", **values})
            self.assertEqual(stage.maintenance_step, step)
        with self.assertRaisesRegex(ValidationError, "Step"):
            self.stages["waiting"].maintenance_step = "closed"

    def test_what_a_drag_does_and_what_it_refuses(self):
        allowed = {
            ("new", "in_progress"),
            ("waiting", "in_progress"),
            ("resolved", "in_progress"),
            ("resolved", "closed"),
            ("closed", "in_progress"),
        }
        for old in self.stages:
            for new in self.stages.keys() - {old}:
                ticket = self._put(old)
                with self.subTest(old=old, new=new):
                    if (old, new) in allowed:
                        ticket.stage_id = self.stages[new]
                        self.assertStep(ticket, new)
                    else:
                        with self.assertRaisesRegex(UserError, ticket.number):
                            ticket.write({"stage_id": self.stages[new].id, "name": "Moved"})
                        self.assertStep(ticket, old)

    def test_the_button_to_use_is_named(self):
        ticket = self._put("in_progress")
        for step, button in (
            ("waiting", "Wait for Customer"),
            ("resolved", "Resolve"),
            ("closed", "Resolve"),
            ("cancelled", "Cancel"),
        ):
            with self.assertRaisesRegex(UserError, f"“{button}”"):
                ticket.stage_id = self.stages[step]

    def test_a_drag_acknowledges_as_the_button_does(self):
        ticket = self._open()
        with self.at("2027-06-07 09:30"):
            ticket.with_user(self.technician).stage_id = self.stages["in_progress"]
        self.assertEqual(ticket.acknowledged_at, local("2027-06-07 09:30"))

    def test_several_stages_of_one_step(self):
        tests = self.env["helpdesk.ticket.stage"].create({"name": "Tests", "company_id": False})
        ticket = self._put("new")
        ticket.stage_id = tests
        self.assertEqual(ticket.stage_id, tests)
        ticket.stage_id = self.stages["in_progress"]
        self.assertEqual(ticket.stage_id, self.stages["in_progress"])

    def test_the_stage_of_another_team_is_refused(self):
        team = self.team.copy({"name": "Other"})
        stage = self.env["helpdesk.ticket.stage"].create({"name": "X", "team_ids": team.ids})
        ticket = self._put("in_progress")
        with self.assertRaisesRegex(UserError, "team"):
            ticket.stage_id = stage
        with self.assertRaises(UserError):
            ticket.stage_id = False

    def test_another_team_goes_on_at_the_same_step(self):
        team = self.team.copy({"name": "Other"})
        stages = self.env["helpdesk.ticket.stage"].create(
            [
                {"name": "First", "team_ids": team.ids, "unattended": True, "sequence": 0},
                {"name": "Solved", "team_ids": team.ids, "maintenance_step": "resolved"},
            ]
        )
        self.stages["resolved"].team_ids = self.team
        ticket = self._put("resolved").sudo()
        ticket.team_id = team
        self.assertEqual(ticket.stage_id, stages[1])

    def test_a_request_is_opened_at_the_beginning(self):
        for step, stage in self.stages.items():
            if step in ("new", "in_progress"):
                self.assertEqual(self._open(stage_id=stage.id).stage_id, stage)
                continue
            with self.assertRaises(UserError):
                self._open(stage_id=stage.id)

    def test_a_program_that_closes_leaves_no_clock_running(self):
        for step, state in (("closed", "met"), ("cancelled", "cancelled")):
            ticket = self._put(step)
            self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {state})
            with self.at("2027-06-07 10:00"):
                ticket.sudo().stage_id = self.stages["in_progress"]
            self.assertEqual(self._clock(ticket, "resolution").state, "running")
