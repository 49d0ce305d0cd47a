from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .fieldwork_common import FieldworkCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-12 08:00:00")
class TestTamper(FieldworkCommon):
    """What a user with some rights tries by RPC: no way around the buttons, nor to others' work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.press = cls._create_equipment("Press")
        cls.lathe = cls._create_equipment("Lathe")
        cls.contract = cls._create_contract(cls.press, cls.lathe, state="active")
        cls.visits = cls._get_first_visits(cls.contract)
        cls.visit = cls.visits.filtered(lambda visit: visit.equipment_id == cls.press)
        cls.other_visit = cls.visits - cls.visit
        cls.mine = cls._plan(cls.visit, cls.technician).with_user(cls.technician)
        cls.other = cls._plan(cls.other_visit, cls.technician_2)

    def _close(self, intervention):
        self._close_tasks(intervention)
        self._open_closing(intervention).action_close()

    # === THE CONTEXT === #

    def test_the_context_gives_no_state(self):
        """A default from the context or from the user, as a kanban column gives, is no button."""
        for user, model, values, defaults in (
            (
                self.manager,
                "maintenance.contract",
                {"partner_id": self.customer.id},
                {"state": "active"},
            ),
            (
                self.dispatcher,
                "maintenance.intervention",
                {"partner_id": self.customer.id},
                {"state": "closed"},
            ),
            (
                self.dispatcher,
                "maintenance.visit",
                {"equipment_id": self.press.id},
                {"state": "done", "done_date": "2027-03-01", "plan_id": self.plan.id, "rank": 99},
            ),
        ):
            records = self.env[model].with_user(user)
            plain = records.create(values)
            context = {f"default_{name}": value for name, value in defaults.items()}
            tried = records.with_context(**context).create(values)
            for name in defaults:
                with self.subTest(model=model, field=name):
                    self.assertEqual(tried[name], plain[name])

    # === THE WORK OF OTHERS === #

    def test_a_line_keeps_its_visit_and_its_equipment(self):
        """They open the rights on the visit and the equipment to the technician who is sent."""
        line = self.mine.line_ids
        with self.assertRaises(AccessError):
            line.write({"visit_id": self.other_visit.id})
        with self.assertRaises(AccessError):
            line.write({"equipment_id": self.lathe.id})
        with self.assertRaises(AccessError):
            line.with_user(self.dispatcher).write({"visit_id": self.other_visit.id})
        with self.assertRaisesRegex(UserError, "Press"):
            line.with_user(self.dispatcher).write({"equipment_id": self.lathe.id})
        line.write({"remark": "Worn belt"})
        self.assertEqual(line.remark, "Worn belt")

    def test_nobody_gives_himself_a_task_of_an_intervention_he_may_not_see(self):
        project = self.geneva.planning_project_id
        values = {
            "name": "Mine now",
            "project_id": project.id,
            "user_ids": [Command.set(self.technician.ids)],
        }
        tasks = self.env["project.task"].with_user(self.technician)
        with self.assertRaises(AccessError):
            tasks.create({**values, "intervention_id": self.other.id})
        with self.assertRaises(AccessError):
            tasks.with_context(default_intervention_id=self.other.id).create(values)
        task = tasks.create(values)
        with self.assertRaises(AccessError):
            task.write({"intervention_id": self.other.id})
        task.write({"intervention_id": self.mine.id})
        self.assertIn(task, self.mine.task_ids)

    def test_closing_settles_its_own_equipment_only(self):
        self._close_tasks(self.mine)
        closing = self._open_closing(self.mine)
        closing.line_ids = [
            Command.create(
                {
                    "line_id": self.other.line_ids.id,
                    "result": "done",
                    "done_date": date(2027, 3, 11),
                }
            )
        ]
        with self.assertRaises(ValidationError):
            closing.action_close()
        self.assertEqual(self.other.line_ids.result, "pending")

    def test_a_technician_does_not_move_his_visit(self):
        with self.assertRaises(AccessError):
            self.visit.with_user(self.technician).write({"latest_date": date(2030, 1, 1)})

    # === WHAT WAS PROMISED === #

    def test_a_promised_visit_keeps_its_dates(self):
        """The window judges what is on time: it is not stretched afterwards."""
        later = self.contract.visit_ids.filtered("rank")[0].with_user(self.dispatcher)
        for values in (
            {"latest_date": date(2030, 1, 1)},
            {"equipment_id": self.lathe.id},
            {"contract_year": 9},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                later.write(values)
        later.write({"proposed_date": later.earliest_date, "duration": 4})
        by_hand = later.create({"equipment_id": self.press.id})
        by_hand.write({"nominal_date": date(2027, 4, 1)})
        self.assertEqual(by_hand.nominal_date, date(2027, 4, 1))

    def test_computed_promises_are_not_written(self):
        manager = self.contract.with_user(self.manager)
        with self.assertRaises(AccessError):
            manager.write({"date_end": date(2090, 1, 1)})
        with self.assertRaises(AccessError):
            manager.coverage_ids[0].write({"kind": "warranty"})

    def test_a_visit_after_the_end_of_its_coverage_stays_cancelled(self):
        coverage = self.contract.coverage_ids[0]
        later = coverage.visit_ids.filtered("rank")[0]
        coverage._end(date(2027, 6, 30), "Sold")
        self.assertEqual((coverage.state, later.state), ("validated", "cancelled"))
        with self.assertRaisesRegex(UserError, "end of its coverage"):
            later.with_user(self.dispatcher).action_reopen()

    def test_an_archived_contract_ends_on_its_day(self):
        self.contract.active = False
        with freeze_time("2029-03-01 01:00:00"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_advance_visits").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.contract.state, "ended")

    # === WHAT IS CLOSED === #

    def test_a_closed_intervention_is_final(self):
        self._close(self.mine)
        dispatcher = self.mine.with_user(self.dispatcher)
        for intervention in (self.mine, dispatcher):
            with self.assertRaises(UserError):
                intervention.write({"remarks": "All was well"})
            with self.assertRaises(UserError):
                intervention.line_ids.write({"remark": "All was well"})
        with self.assertRaises(UserError):
            dispatcher.write({"line_ids": [Command.create({"equipment_id": self.lathe.id})]})
        with self.assertRaises(UserError):
            dispatcher.line_ids.unlink()
        with self.assertRaises(UserError):
            self.mine.task_ids.write({"intervention_id": False})
        self.mine.message_post(body="The customer thanks us.")

    def test_work_was_done_in_this_age(self):
        self._close_tasks(self.mine)
        closing = self._open_closing(self.mine)
        closing.line_ids.done_date = date(202, 3, 11)
        with self.assertRaisesRegex(ValidationError, "Done On"):
            closing.action_close()

    def test_checks_tell_nothing_to_who_may_not_write_them(self):
        """The refusal comes before the number of the closed intervention."""
        self._close(self.mine)
        with self.assertRaises(AccessError):
            self.mine.task_ids.check_ids.with_user(self.technician_2).action_ok()

    # === WHO IS SENT === #

    def test_a_technician_does_not_send_himself(self):
        """Joining a colleague's task would open the whole file of its intervention."""
        task = self.other.task_ids.with_user(self.technician)
        with self.assertRaises(AccessError):
            task.write({"user_ids": [Command.link(self.technician.id)]})
        self.assertEqual(task.sudo().user_ids, self.technician_2)

    def test_only_own_staff_is_sent(self):
        """Neither a portal user nor another company's technician can be planned."""
        visit = self.contract.visit_ids.filtered("rank")[0]
        portal = self._create_user("mc_portal", "base.group_portal")
        for stranger in (portal, self.paris_manager):
            with (
                self.subTest(user=stranger.login),
                self.assertRaisesRegex(ValidationError, "Technicians"),
            ):
                self._plan(visit.with_user(self.dispatcher), stranger)

    def test_the_schedule_is_not_declared_complete(self):
        """Writing how far the visits exist would keep the nightly run from creating them."""
        coverage = self.contract.coverage_ids[0].with_user(self.manager)
        with self.assertRaises(AccessError):
            coverage.write({"visits_until": date(2090, 1, 1)})
