from datetime import date, datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .fieldwork_common import FieldworkCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-12 08:00:00")
class TestIntervention(FieldworkCommon):
    """From a planned intervention to a closed one, and what its visits become."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["maintenance.skip.reason"].create({"name": "No access"})
        cls.press = cls._create_equipment("Press")
        cls.lathe = cls._create_equipment("Lathe")
        cls.drill = cls._create_equipment("Drill")
        cls.contract = cls._create_contract(cls.press, cls.lathe, cls.drill, state="active")
        cls.visits = cls._get_first_visits(cls.contract)
        cls.visit = cls.visits.filtered(lambda visit: visit.equipment_id == cls.press)
        cls.intervention = cls._plan(cls.visit, cls.technician)

    def _close_with(self, intervention, **values):
        """Close the tasks, then the intervention with these values on each equipment."""
        self._close_tasks(intervention)
        closing = self._open_closing(intervention)
        closing.line_ids.write(values)
        closing.action_close()

    # === LIFE === #

    def test_open_tasks_are_listed_by_name(self):
        """Trying to close names each open task, and only those."""
        second = self._create_task(self.intervention, "Measure again")
        closed = self._create_task(self.intervention, "Already closed")
        closed.action_close_task()
        with self.assertRaises(UserError) as raised:
            self.intervention.with_user(self.dispatcher).action_close()
        message = str(raised.exception)
        self.assertIn(self.intervention.name, message)
        self.assertIn(self.intervention.task_ids[0].name, message)
        self.assertIn(second.name, message)
        self.assertNotIn(closed.name, message)

    def _create_task(self, intervention, name, **values):
        return (
            self.env["project.task"]
            .with_user(self.dispatcher)
            .with_context(field_planning=True)
            .create({"name": name, "intervention_id": intervention.id, **values})
        )

    def test_a_technician_starts_and_closes_his_intervention(self):
        mine = self.intervention.with_user(self.technician)
        mine.task_ids.action_start_intervention()
        self.assertEqual((mine.state, self.visit.state), ("in_progress", "in_progress"))
        with self.assertRaisesRegex(UserError, "In progress"):
            mine.action_start()
        mine.task_ids.action_close_task()
        self._open_closing(mine, self.technician).action_close()
        self.assertRecordValues(
            self.intervention,
            [
                {
                    "state": "closed",
                    "closed_by_id": self.technician.id,
                    "date_closed": datetime(2027, 3, 12, 8),
                }
            ],
        )

    def test_the_day_of_the_last_work_is_proposed(self):
        """The day the task was closed: half past eleven at night UTC is tomorrow in Geneva."""
        with freeze_time("2027-03-10 23:30:00"):
            self._close_tasks(self.intervention)
        closing = self._open_closing(self.intervention)
        self.assertEqual(closing.line_ids.done_date, date(2027, 3, 11))

    def test_the_day_of_the_timesheet_is_truer_than_that_of_the_closing(self):
        """A task that the office closes later was still done on the day that was worked."""
        task = self.intervention.task_ids
        self.env["hr.employee"].create(
            {"user_id": self.technician.id, "company_id": self.geneva.id, "name": "Toni"}
        )
        self.env["account.analytic.line"].with_user(self.technician).create(
            {
                "name": "On site",
                "project_id": task.project_id.id,
                "task_id": task.id,
                "date": date(2027, 3, 9),
                "unit_amount": 2.0,
            }
        )
        self._close_tasks(self.intervention)
        closing = self._open_closing(self.intervention)
        self.assertEqual(closing.line_ids.done_date, date(2027, 3, 9))

    def test_a_technician_cannot_give_up_his_intervention(self):
        """He reports what he did; giving up is for who may open an intervention."""
        with self.assertRaises(AccessError):
            self.intervention.with_user(self.technician).action_cancel()
        self.assertEqual(self.intervention.state, "planned")

    def test_each_equipment_has_its_result(self):
        """Done at its real date; not done, back to the backlog; given up, skipped with why."""
        lathe_visit, drill_visit = (self.visits - self.visit).sorted("equipment_id")
        intervention = self._plan(lathe_visit | drill_visit, self.technician)
        third = self._create_equipment("Saw")
        intervention.with_user(self.dispatcher).line_ids = [
            Command.create({"equipment_id": third.id})
        ]
        self._close_tasks(intervention)
        closing = self._open_closing(intervention)
        lathe, drill, saw = closing.line_ids
        lathe.write({"result": "not_done", "reason_id": self.reason.id})
        drill.write({"result": "skipped", "reason_id": self.reason.id, "remark": "door locked"})
        saw.done_date = date(2027, 3, 11)
        closing.action_close()
        self.assertRecordValues(
            intervention.line_ids,
            [
                {"result": "not_done", "done_date": False, "reason_id": self.reason.id},
                {"result": "skipped", "done_date": False, "reason_id": self.reason.id},
                {"result": "done", "done_date": date(2027, 3, 11), "reason_id": False},
            ],
        )
        self.assertEqual(lathe_visit.state, "to_plan")
        self.assertRecordValues(
            drill_visit,
            [
                {
                    "state": "skipped",
                    "skip_reason_id": self.reason.id,
                    "skip_note": "door locked",
                    "skip_user_id": self.dispatcher.id,
                }
            ],
        )
        again = self._plan(lathe_visit, self.technician, start=datetime(2027, 3, 15, 7))
        self.assertNotEqual(again, intervention)
        self.assertEqual(again.task_ids.check_count, 2, "the checklist comes along again")

    def test_a_visit_is_done_at_its_real_date(self):
        self._close_with(self.intervention, done_date=date(2027, 3, 11))
        self.assertRecordValues(self.visit, [{"state": "done", "done_date": date(2027, 3, 11)}])

    def test_a_visit_not_done_after_its_window_is_missed(self):
        with freeze_time("2027-04-02 08:00:00"):
            self._close_with(self.intervention, result="not_done", reason_id=self.reason.id)
            self.assertEqual(self.visit.state, "missed")

    def test_what_is_not_done_has_a_reason(self):
        with self.assertRaisesRegex(ValidationError, "Reason.*Press"):
            self._close_with(self.intervention, result="not_done")
        self.assertEqual(self.intervention.state, "planned")

    def test_work_is_not_done_tomorrow(self):
        for done_on in (date(2027, 3, 13), False):
            with self.assertRaisesRegex(ValidationError, "Done On"):
                self._close_with(self.intervention, done_date=done_on)
        self.assertEqual(self.visit.state, "planned")

    def test_fixed_visits_stay_and_floating_ones_follow_the_day_done(self):
        """Done on 11 March instead of 1 March: the next fixed one is still on 1 March 2028."""
        floating = self._create_warranty_type({"mode": "floating"}, name="Floating")
        saw = self._create_equipment("Saw")
        contract = self._create_contract(saw, warranty_type_id=floating.id, state="active")
        intervention = self._plan(self._get_first_visits(contract), self.technician)
        for closed in (self.intervention, intervention):
            self._close_with(closed, done_date=date(2027, 3, 11))
        nexts = (self.contract | contract).visit_ids.filtered("rank")
        self.assertEqual(
            {visit.equipment_id.name: visit.nominal_date for visit in nexts},
            {
                "Press": date(2028, 3, 1),
                "Lathe": date(2028, 3, 1),
                "Drill": date(2028, 3, 1),
                "Saw": date(2028, 3, 11),
            },
        )

    def test_cancelling_gives_the_visits_back(self):
        """Its tasks are cancelled, its checklist follows the visit to the next intervention."""
        self.intervention.with_user(self.dispatcher).action_cancel()
        self.assertEqual(self.intervention.state, "cancelled")
        self.assertEqual(self.intervention.line_ids.result, "cancelled")
        self.assertEqual(self.intervention.task_ids.state, "1_canceled")
        self.assertEqual(self.visit.state, "to_plan")
        self.assertFalse(self.visit.intervention_id)
        again = self._plan(self.visit, self.technician)
        self.assertEqual(self.visit.check_ids.task_id, again.task_ids)

    def test_a_technician_does_not_cancel_the_work_of_another(self):
        with self.assertRaises(AccessError):
            self.intervention.with_user(self.technician_2).action_cancel()

    def test_a_planned_intervention_is_kept(self):
        with self.assertRaisesRegex(UserError, self.intervention.name):
            self.intervention.with_user(self.dispatcher).unlink()

    # === BY HAND === #

    def test_an_intervention_by_hand_is_planned_with_a_task(self):
        """A repair: customer and site from the equipment's address, then a task, then planned."""
        form = Form(self.env["maintenance.intervention"].with_user(self.dispatcher))
        form.site_id = self.site
        form.subject = "Camera 3 gives no picture"
        with form.line_ids.new() as line:
            line.equipment_id = self.press
        intervention = form.save()
        self.assertRecordValues(
            intervention,
            [{"kind": "curative", "state": "draft", "partner_id": self.customer.id}],
        )
        with self.assertRaisesRegex(UserError, "Tasks"):
            intervention.action_plan()
        with Form(intervention) as form, form.task_ids.new() as task:
            task.name = "Replace the camera"
        self.assertEqual(intervention.task_ids.project_id, self.geneva.planning_project_id)
        intervention.action_plan()
        self.assertEqual(intervention.state, "planned")

    def test_equipment_of_another_site_is_refused(self):
        mill = self._create_equipment("Mill", site_id=self.site_2.id)
        with self.assertRaisesRegex(ValidationError, "Equipment.*Mill"):
            self.env["maintenance.intervention"].with_user(self.dispatcher).create(
                {"site_id": self.site.id, "line_ids": [Command.create({"equipment_id": mill.id})]}
            )

    def test_support_without_equipment_closes(self):
        intervention = (
            self.env["maintenance.intervention"]
            .with_user(self.dispatcher)
            .create({"site_id": self.site.id, "kind": "support"})
        )
        self._create_task(intervention, "Call").action_close_task()
        intervention.action_plan()
        self._open_closing(intervention).action_close()
        self.assertEqual(intervention.state, "closed")

    # === RIGHTS === #

    def test_a_technician_sees_his_interventions_only(self):
        other = self._plan(self.visits - self.visit, self.technician_2)
        seen = self.env["maintenance.intervention"].with_user(self.technician).search([])
        self.assertEqual(seen, self.intervention)
        self.assertEqual(
            self.env["maintenance.visit"].with_user(self.technician).search([]), self.visit
        )
        self.assertEqual(
            self.env["maintenance.equipment"].with_user(self.technician).search([]), self.press
        )
        with self.assertRaises(AccessError):
            other.with_user(self.technician).read(["name"])

    def test_a_technician_opens_his_screens(self):
        """Visit, intervention and task read all that their forms show, for him too."""
        for record in (self.visit, self.intervention, self.intervention.task_ids):
            self.assertTrue(Form(record.with_user(self.technician)).id)

    def test_a_technician_does_not_close_the_work_of_another(self):
        self._close_tasks(self.intervention)
        with self.assertRaises(AccessError):
            self.intervention.with_user(self.technician_2).action_close()
        closing = (
            self.env["maintenance.intervention.closing"]
            .sudo()
            .create({"intervention_id": self.intervention.id})
        )
        with self.assertRaises(AccessError):
            closing.with_user(self.technician_2).sudo(False).action_close()
        self.assertEqual(self.intervention.state, "planned")

    def test_states_are_moved_by_their_buttons_only(self):
        """The right to write on a record is not the right to write its state."""
        for record, values in (
            (self.intervention, {"state": "closed"}),
            (self.intervention, {"closed_by_id": self.manager.id}),
            (self.intervention.line_ids, {"result": "done"}),
            (self.visit, {"state": "done"}),
            (self.visit, {"done_date": date(2027, 3, 1)}),
        ):
            for user in (self.dispatcher, self.technician, self.administrator):
                with self.subTest(record=record, user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self.env["maintenance.intervention"].with_user(self.dispatcher).create(
                {"site_id": self.site.id, "state": "closed"}
            )

    # === WHAT IS CLOSED IS FINAL === #

    def test_the_checklist_is_final_once_closed(self):
        task = self.intervention.with_user(self.technician).task_ids
        self.assertFalse(task.is_checklist_final)
        task.check_ids[0].write({"result": "not_ok", "remark": "worn"})
        task.action_checks_ok()
        self.assertRecordValues(
            task.check_ids,
            [
                {"result": "not_ok", "remark": "worn", "checked_by_id": self.technician.id},
                {"result": "ok", "remark": False, "checked_by_id": self.technician.id},
            ],
        )
        self._close_with(self.intervention)
        self.assertTrue(task.is_checklist_final)
        with self.assertRaisesRegex(UserError, self.intervention.name):
            task.check_ids[0].write({"result": "ok"})
        with self.assertRaisesRegex(UserError, self.intervention.name):
            task.check_ids.with_user(self.dispatcher).unlink()
        with self.assertRaisesRegex(UserError, self.intervention.name):
            self.env["maintenance.check"].with_user(self.technician).create(
                {"name": "Added later", "task_id": task.id}
            )

    def test_a_closed_intervention_takes_no_open_task(self):
        self._close_with(self.intervention)
        with self.assertRaisesRegex(ValidationError, self.intervention.name):
            self.intervention.task_ids.with_user(self.dispatcher).write({"state": "01_in_progress"})
        with self.assertRaisesRegex(ValidationError, self.intervention.name):
            self._create_task(self.intervention, "One more")
