from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .service_common import ServiceCommon, local

RECEIVED = "2027-06-07 09:00"


class EscalationCommon(ServiceCommon):
    """A request of Monday nine o'clock whose arrival on site is promised once it is escalated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.sla_policy_id = cls._create_policy(
            {"kind": "on_site", "amount": 8, "unit": "open_hours", "start_event": "escalated"},
            ("workaround", 24, "open_hours"),
            ("resolution", 40, "open_hours"),
        )
        cls.ticket = cls._create_ticket(RECEIVED, user_id=cls.technician.id)

    def _escalate(self, ticket=None, user=None, **values):
        """Escalate by the wizard that the button opens; return the intervention."""
        user = user or self.dispatcher
        ticket = ticket or self.ticket
        before = ticket.sudo().intervention_ids
        action = ticket.with_user(user).action_escalate_on_site()
        form = Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))
        form.reason = "<p>No picture, whatever we tried. Bring a camera.</p>"
        for name, value in values.items():
            form[name] = value
        form.save().action_escalate()
        return (ticket.sudo().intervention_ids - before).with_user(user)

    def _escalate_and_plan(self, **values):
        return self._escalate(
            technician_ids=self.technician_2,
            start=local("2027-06-07 14:00"),
            end=local("2027-06-07 16:00"),
            **values,
        )

    def _close(self, intervention, user, **values):
        """Close the tasks and the intervention by its wizard; return what the wizard returns."""
        intervention = intervention.with_user(user)
        intervention.task_ids.action_close_task()
        action = intervention.action_close()
        form = Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))
        for name, value in values.items():
            form[name] = value
        return form.save().action_close()


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 10:00"))
class TestEscalation(EscalationCommon):
    """From the request to the intervention on site."""

    def test_the_intervention_is_of_the_main_job(self):
        intervention = self._escalate()
        self.assertRecordValues(
            intervention,
            [
                {
                    "ticket_id": self.ticket.id,
                    "kind": "curative",
                    "state": "draft",
                    "subject": "The press stops",
                    "partner_id": self.customer.id,
                    "site_id": self.site.id,
                    "contact_id": self.contact.id,
                    "contract_id": self.contract.id,
                    "user_id": self.dispatcher.id,
                    "company_id": self.geneva.id,
                }
            ],
        )
        self.assertEqual(intervention.line_ids.equipment_id, self.equipment)
        self.assertIn("Bring a camera", intervention.internal_note)
        self.assertFalse(intervention.remarks)

    def test_linked_both_ways(self):
        intervention = self._escalate()
        ticket = self.ticket.with_user(self.dispatcher)
        self.assertEqual((ticket.intervention_count, ticket.open_intervention_count), (1, 1))
        self.assertEqual(ticket.action_view_interventions()["res_id"], intervention.id)
        self.assertEqual(intervention.action_view_ticket()["res_id"], self.ticket.id)
        self.assertIn(intervention.name, ticket.message_ids[0].body)
        second = self._escalate()
        action = ticket.action_view_interventions()
        self.assertEqual(
            self.env["maintenance.intervention"].search(action["domain"]), second | intervention
        )

    def test_planned_at_once(self):
        intervention = self._escalate_and_plan()
        self.assertEqual(intervention.state, "planned")
        self.assertRecordValues(
            intervention.task_ids,
            [
                {
                    "user_ids": self.technician_2.ids,
                    "planned_date_begin": local("2027-06-07 14:00"),
                    "date_deadline": local("2027-06-07 16:00"),
                    "allocated_hours": 2,
                    "project_id": self.geneva.planning_project_id.id,
                }
            ],
        )

    def test_half_a_plan_is_refused(self):
        two, four = local("2027-06-07 14:00"), local("2027-06-07 16:00")
        escalations = self.env["maintenance.escalation"].with_user(self.dispatcher)
        for technicians, start, end, message in (
            (self.technician_2, False, False, "To plan at once"),
            (self.technician_2, two, False, "To plan at once"),
            (self.env["res.users"], two, four, "To plan at once"),
            (self.technician_2, two, two, "End"),
            (self.paris_manager, two, four, "Technicians"),
        ):
            with self.subTest(message, technicians=technicians.login, start=start, end=end):
                self.assertRefused(
                    message,
                    escalations.create,
                    {
                        "ticket_id": self.ticket.id,
                        "reason": "<p>Go there.</p>",
                        "technician_ids": [Command.set(technicians.ids)],
                        "start": start,
                        "end": end,
                    },
                )

    def test_a_technician_asks_for_it_and_does_not_plan(self):
        """The dispatcher who leads the team is responsible for the new intervention."""
        intervention = self._escalate(user=self.technician)
        self.assertEqual(intervention.sudo().user_id, self.dispatcher)
        self.assertEqual(intervention.sudo().state, "draft")
        wizard = (
            self.env["maintenance.escalation"]
            .with_user(self.technician)
            .create(
                {
                    "ticket_id": self.ticket.id,
                    "reason": "<p>I go there.</p>",
                    "technician_ids": [Command.set(self.technician.ids)],
                    "start": local("2027-06-07 14:00"),
                    "end": local("2027-06-07 16:00"),
                }
            )
        )
        with self.assertRaises(AccessError):
            wizard.action_escalate()

    def test_dialogs_tell_nothing_of_requests_of_others(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Software", "company_id": self.geneva.id}
        )
        ticket = self._create_ticket(RECEIVED, team_id=team.id)
        with self.assertRaises(AccessError):
            self.env["maintenance.escalation"].with_user(self.technician).create(
                {"ticket_id": ticket.id, "reason": "<p>Who is it?</p>"}
            )
        for name in (
            "escalation",
            "remote.start",
            "ticket.answer",
            "ticket.cancellation",
            "ticket.resolution",
            "ticket.waiting",
            "ticket.workaround",
        ):
            dialogs = self.env[f"maintenance.{name}"].with_user(self.technician)
            spec = dict.fromkeys(dialogs._fields, {})
            with self.subTest(name=name), self.assertRaises(AccessError):
                dialogs.onchange({"ticket_id": ticket.id}, ["ticket_id"], spec)
            with self.subTest(name=name, by="context"), self.assertRaises(AccessError):
                dialogs.with_context(default_ticket_id=ticket.id).onchange({}, [], spec)
            dialogs.with_context(default_ticket_id=self.ticket.id).onchange({}, [], spec)

    def test_who_helped_from_afar_follows_it_but_does_not_change_it(self):
        intervention = self._escalate(user=self.technician)
        self.assertEqual(intervention.name, intervention.sudo().name)
        self.assertEqual(intervention.line_ids.equipment_id, self.equipment)
        with self.assertRaises(AccessError):
            intervention.write({"subject": "Mine"})
        with self.assertRaises(AccessError):
            intervention.with_user(self.technician_2).read(["name"])

    def test_who_is_sent_reads_the_request(self):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Software", "company_id": self.geneva.id}
        )
        ticket = self._create_ticket(RECEIVED, team_id=team.id)
        mine = ticket.with_user(self.technician_2)
        self.assertFalse(mine.has_access("read"))
        self._escalate(
            ticket,
            technician_ids=self.technician_2,
            start=local("2027-06-07 14:00"),
            end=local("2027-06-07 16:00"),
        )
        self.assertEqual(mine.name, "The press stops")
        self.assertFalse(mine.has_access("write"))

    def test_a_request_without_equipment_goes_to_the_customer(self):
        ticket = self._create_ticket(RECEIVED, equipment_id=False)
        ticket.sudo().write({"equipment_id": False})
        intervention = self._escalate(ticket)
        self.assertEqual(intervention.site_id, self.customer)
        self.assertFalse(intervention.line_ids)

    def test_no_escalation_of_what_is_closed_or_an_idea(self):
        idea = self._create_ticket(RECEIVED, request_kind="idea")
        with self.assertRaisesRegex(UserError, "idea"):
            self._escalate(idea)
        self.ticket.sudo().stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        with self.assertRaises(UserError):
            self._escalate()

    def test_nobody_links_an_intervention_by_hand(self):
        """The link keeps a request from being closed, and opens it to who is sent."""
        other = self._create_ticket(RECEIVED)
        intervention = self._escalate_and_plan()
        for user in (self.technician_2, self.dispatcher, self.administrator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                intervention.with_user(user).write({"ticket_id": other.id})
        free = self.env["maintenance.intervention"].with_user(self.dispatcher)
        with self.assertRaises(AccessError):
            free.create({"partner_id": self.customer.id, "ticket_id": other.id})
        created = free.with_context(default_ticket_id=other.id).create(
            {"partner_id": self.customer.id}
        )
        self.assertFalse(created.ticket_id)

    def test_a_copy_is_not_of_the_request(self):
        self.assertFalse(self._escalate().copy().ticket_id)

    # === CLOCKS === #

    def test_escalating_starts_the_clock_of_the_arrival(self):
        self.assertEqual(self._clock(self.ticket, "on_site").state, "pending")
        self._escalate()
        self.assertRecordValues(
            self._clock(self.ticket, "on_site"),
            [
                {
                    "state": "running",
                    "started_at": local("2027-06-07 10:00"),
                    "deadline": local("2027-06-08 10:00"),
                }
            ],
        )
        with freeze_time(local("2027-06-07 11:00")):
            self._escalate()
        self.assertEqual(self._clock(self.ticket, "on_site").started_at, local("2027-06-07 10:00"))

    def test_the_wizard_tells_by_when_to_be_there(self):
        """Before the escalation, by when it would be if it were now."""
        mine = self.ticket.with_user(self.dispatcher)
        with freeze_time(local("2027-06-07 11:00")):
            self.assertEqual(mine._get_arrival_deadline(), local("2027-06-08 11:00"))
        intervention = self._escalate_and_plan()
        with freeze_time(local("2027-06-07 11:00")):
            self.assertEqual(mine._get_arrival_deadline(), local("2027-06-08 10:00"))
        intervention.with_user(self.technician_2).action_start()
        self.assertFalse(mine._get_arrival_deadline())

    def test_the_wizard_proposes_where_to_go(self):
        self._escalate()
        action = self.ticket.with_user(self.technician).action_escalate_on_site()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.technician)
            .with_context(**action["context"])
        )
        self.assertEqual(form.arrival_deadline, local("2027-06-08 10:00"))
        self.assertEqual(form.site_id, self.site)
        self.assertEqual(form.open_intervention_count, 1)
        self.assertFalse(form.can_plan)

    def test_the_arrival_stops_its_clock(self):
        intervention = self._escalate_and_plan()
        with freeze_time(local("2027-06-07 14:10")):
            intervention.task_ids.with_user(self.technician_2).action_start_intervention()
        self.assertEqual(intervention.arrived_at, local("2027-06-07 14:10"))
        self.assertRecordValues(
            self._clock(self.ticket, "on_site"),
            [{"state": "met", "stopped_at": local("2027-06-07 14:10")}],
        )
        self.assertEqual(self._clock(self.ticket, "resolution").state, "running")
        event = self.ticket.sla_event_ids.filtered(lambda event: event.kind == "on_site")[-1:]
        self.assertEqual(event.user_id, self.technician_2)

    def test_the_first_arrival_counts(self):
        first, second = self._escalate_and_plan(), self._escalate_and_plan()
        with freeze_time(local("2027-06-07 14:10")):
            first.with_user(self.technician_2).action_start()
        with freeze_time(local("2027-06-07 15:10")):
            second.with_user(self.technician_2).action_start()
        self.assertEqual(self._clock(self.ticket, "on_site").stopped_at, local("2027-06-07 14:10"))
        self.assertEqual(second.arrived_at, local("2027-06-07 15:10"))


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 17:00"))
class TestSettlement(EscalationCommon):
    """How the intervention ends, and what the request learns from it."""

    def setUp(self):
        super().setUp()
        with freeze_time(local("2027-06-07 10:00")):
            self.intervention = self._escalate_and_plan()
        with freeze_time(local("2027-06-07 14:00")):
            self.intervention.with_user(self.technician_2).action_start()

    def test_an_open_intervention_keeps_the_request_open(self):
        other = self._escalate()
        with self.assertRaises(UserError) as raised:
            self.ticket._check_can_close()
        for intervention in (self.intervention, other):
            self.assertIn(intervention.name, str(raised.exception))
        self.intervention.action_cancel()
        with self.assertRaises(UserError) as raised:
            self.ticket._check_can_close()
        self.assertNotIn(self.intervention.name, str(raised.exception))
        other.action_cancel()
        self.ticket._check_can_close()

    def test_the_outcome_is_asked_for(self):
        self.intervention.task_ids.with_user(self.technician_2).action_close_task()
        for values, message in (
            ({}, "Outcome"),
            ({"outcome": "restored", "restored_at": False}, "Restored At"),
            ({"outcome": "restored", "restored_at": local("2027-06-07 13:59")}, "Restored At"),
            ({"outcome": "degraded", "restored_at": local("2027-06-07 17:01")}, "Restored At"),
        ):
            with self.subTest(values):
                closing = (
                    self.env["maintenance.intervention.closing"]
                    .with_user(self.technician_2)
                    .create({"intervention_id": self.intervention.id, **values})
                )
                self.assertRefused(message, closing.action_close)
        self.assertEqual(self.intervention.state, "in_progress")

    def test_degraded_mode_is_a_workaround(self):
        self._close(
            self.intervention,
            self.technician_2,
            outcome="degraded",
            restored_at=local("2027-06-07 15:30"),
        )
        self.assertRecordValues(
            self.intervention,
            [
                {
                    "state": "closed",
                    "outcome": "degraded",
                    "restored_at": local("2027-06-07 15:30"),
                }
            ],
        )
        self.assertEqual(
            self._clock(self.ticket, "workaround").stopped_at, local("2027-06-07 15:30")
        )
        self.assertEqual(self._clock(self.ticket, "resolution").state, "running")

    def test_who_closes_his_own_request_is_asked_at_once(self):
        """The wizard begins with what was reported; the resolution counts from then."""
        self.ticket.sudo().user_id = False
        self.team.user_ids |= self.technician_2
        self.intervention.with_user(self.technician_2).remarks = "<p>Camera replaced.</p>"
        action = self._close(
            self.intervention,
            self.technician_2,
            outcome="restored",
            restored_at=local("2027-06-07 15:30"),
        )
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.technician_2)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.at, local("2027-06-07 15:30"))
        self.assertIn("Camera replaced.", wizard.note)
        self.assertEqual(self._clock(self.ticket, "resolution").state, "running")
        wizard.save().action_resolve()
        self.assertEqual(self.ticket.maintenance_step, "resolved")
        self.assertEqual(
            self._clock(self.ticket, "resolution").stopped_at, local("2027-06-07 15:30")
        )

    def test_else_the_dispatcher_is_asked(self):
        for outcome, asked in (("restored", "resolve the request"), ("not_restored", "what next")):
            with self.subTest(outcome):
                intervention = self._escalate_and_plan()
                with freeze_time(local("2027-06-07 17:30")):
                    self._close(intervention, self.technician_2, outcome=outcome)
                self.assertIn(asked, self.ticket.activity_ids[-1:].summary)
                self.assertEqual(self.ticket.activity_ids[-1:].user_id, self.dispatcher)

    def test_what_was_reported_is_proposed_later(self):
        self._close(
            self.intervention,
            self.technician_2,
            outcome="restored",
            restored_at=local("2027-06-07 15:30"),
        )
        self.assertRecordValues(
            self.ticket,
            [
                {
                    "settled_intervention_id": self.intervention.id,
                    "site_outcome": "restored",
                    "site_restored_at": local("2027-06-07 15:30"),
                }
            ],
        )
        mine = self.ticket.with_user(self.technician)
        self.assertEqual(mine.action_resolve()["context"]["default_at"], local("2027-06-07 15:30"))
        self.assertNotIn("default_at", mine.action_workaround()["context"])

    def test_with_another_one_open_nothing_is_resolved(self):
        self._escalate()
        self.team.user_ids |= self.technician_2
        action = self._close(
            self.intervention,
            self.technician_2,
            outcome="restored",
            restored_at=local("2027-06-07 15:30"),
        )
        self.assertEqual(action["type"], "ir.actions.act_window_close")

    def test_neither_resolved_nor_closed_nor_cancelled_while_somebody_is_there(self):
        mine = self.ticket.with_user(self.dispatcher)
        for step in (
            mine.action_resolve,
            lambda: mine._resolve("Done."),
            lambda: mine._cancel("wrong"),
            lambda: mine._close("no_answer"),
        ):
            with self.assertRaisesRegex(UserError, self.intervention.name):
                step()

    def test_not_restored_stops_no_clock(self):
        self._close(self.intervention, self.technician_2, outcome="not_restored")
        self.assertRecordValues(
            self.intervention, [{"outcome": "not_restored", "restored_at": False}]
        )
        self.assertEqual(self._clock(self.ticket, "workaround").state, "running")

    def test_the_outcome_is_for_the_wizard_only(self):
        for values in ({"outcome": "restored"}, {"restored_at": local("2027-06-07 15:30")}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.intervention.with_user(self.technician_2).write(values)

    def test_an_intervention_without_request_asks_no_outcome(self):
        intervention = self.intervention.with_user(self.dispatcher).copy()
        self.env["project.task"].with_user(self.dispatcher).with_context(
            field_planning=True
        ).create({"name": "Look", "intervention_id": intervention.id, "state": "1_done"})
        intervention.action_plan()
        self._close(intervention, self.dispatcher)
        self.assertEqual(intervention.state, "closed")


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 10:00"))
class TestReplacement(EscalationCommon):
    """What the customer works with until the repair is done."""

    def test_the_replacement_is_another_equipment(self):
        spare = self._create_equipment("Spare press", customer_id=False, site_id=False)
        mine = self.ticket.with_user(self.dispatcher)
        self.assertRefused(
            "Replacement Equipment",
            mine.write,
            {"replacement_equipment_id": self.equipment.id},
        )
        mine.replacement_equipment_id = spare
        self.assertEqual(
            self.ticket._prepare_loan_vals(),
            {
                "ticket_id": self.ticket.id,
                "equipment_id": spare.id,
                "replaced_equipment_id": self.equipment.id,
                "partner_id": self.customer.id,
                "company_id": self.geneva.id,
            },
        )

    def test_the_replacement_is_of_the_same_company(self):
        foreign = self._create_equipment(
            "Paris press", company_id=self.paris.id, customer_id=False, site_id=False
        )
        with self.assertRaises(UserError):
            self.ticket.replacement_equipment_id = foreign
