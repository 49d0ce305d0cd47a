from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .fieldwork_common import FieldworkCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-01 08:00:00")
class TestPlanning(FieldworkCommon):
    """From visits of the backlog to tasks on the technicians' planning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.press = cls._create_equipment("Press")
        cls.lathe = cls._create_equipment("Lathe")
        cls.mill = cls._create_equipment("Mill", site_id=cls.site_2.id)

    def _create_visits(self, *equipment):
        return self._get_first_visits(self._create_contract(*equipment, state="active"))

    # === FROM VISITS TO INTERVENTIONS === #

    def test_one_visit_opens_one_intervention_with_its_task(self):
        """The task says who goes, where, when and for how long, and carries the checklist."""
        visit = self._create_visits(self.press)
        intervention = self._plan(visit, self.technician | self.technician_2)
        self.assertRecordValues(
            intervention,
            [
                {
                    "state": "planned",
                    "kind": "preventive",
                    "subject": "Annual visit",
                    "partner_id": self.customer.id,
                    "site_id": self.site.id,
                    "contract_id": visit.contract_id.id,
                    "technician_ids": (self.technician | self.technician_2).ids,
                    "planned_start": datetime(2027, 3, 10, 7),
                    "planned_end": datetime(2027, 3, 10, 10),
                }
            ],
        )
        self.assertRecordValues(
            intervention.line_ids,
            [{"equipment_id": self.press.id, "visit_id": visit.id, "result": "pending"}],
        )
        self.assertRecordValues(
            intervention.task_ids,
            [
                {
                    "project_id": self.geneva.planning_project_id.id,
                    "is_field_task": True,
                    "allocated_hours": 3.0,
                    "check_count": 2,
                    "check_todo_count": 2,
                }
            ],
        )
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.planned_date, datetime(2027, 3, 10, 7))

    def test_several_visits_of_a_site_share_one_intervention(self):
        """One task for all; it lasts as long as all the visits together."""
        visits = self._create_visits(self.press, self.lathe)
        intervention = self._plan(visits, self.technician)
        self.assertEqual(len(intervention), 1)
        self.assertEqual(intervention.line_ids.equipment_id, self.press | self.lathe)
        self.assertEqual(len(intervention.task_ids), 1)
        self.assertEqual(intervention.task_ids.allocated_hours, 6)
        self.assertEqual(intervention.task_ids.check_count, 4)

    def test_one_task_for_each_equipment(self):
        """When it is asked for, each equipment has its task with its own checklist."""
        visits = self._create_visits(self.press, self.lathe)
        intervention = self._plan(visits, self.technician, is_task_per_equipment=True)
        self.assertEqual(
            intervention.task_ids.mapped(lambda task: task.check_ids.equipment_id.name),
            ["Press", "Lathe"],
        )

    def test_two_sites_are_two_interventions(self):
        visits = self._create_visits(self.press, self.mill)
        wizard = (
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .new({"visit_ids": visits.ids})
        )
        self.assertEqual(wizard.intervention_count, 2)
        interventions = self._plan(visits, self.technician)
        self.assertEqual(interventions.site_id, self.site | self.site_2)

    def test_sites_of_two_customers_are_told_as_two_interventions(self):
        """What the wizard announces is what it opens, also where two customers share an address."""
        visits = self._create_visits(self.press, self.lathe)
        visits[1].sudo().customer_id = self.other_customer
        wizard = (
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .new({"visit_ids": visits.ids})
        )
        self.assertEqual(wizard.intervention_count, 2)
        self.assertEqual(len(self._plan(visits, self.technician)), 2)

    def test_the_whole_group_takes_only_windows_that_overlap(self):
        """Windows 15 days before and 30 after: 1 March meets 20 March, not 1 June."""
        drill = self._create_equipment("Drill")
        group = self.env["maintenance.visit.group"].create(
            {"name": "Hall 1", "site_id": self.site.id}
        )
        contract = self._create_contract(self.press, self.lathe, drill)
        for coverage, first in zip(
            contract.coverage_ids.sorted("id"),
            (date(2027, 3, 1), date(2027, 3, 20), date(2027, 6, 1)),
            strict=True,
        ):
            coverage.write({"visit_group_id": group.id, "first_visit_date": first})
        contract.action_offer()
        contract.action_accept()
        contract.action_activate()
        visit = self._get_first_visits(contract).filtered(lambda v: v.equipment_id == self.press)

        form = Form(
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .with_context(**visit.action_plan()["context"])
        )
        self.assertTrue(form.has_group)
        self.assertEqual(len(form.planned_visit_ids), 1)
        form.is_whole_group = True
        form.technician_ids.add(self.technician)
        wizard = form.save()
        self.assertEqual(wizard.planned_visit_ids.equipment_id, self.press | self.lathe)
        wizard.action_plan()
        self.assertEqual(
            visit.intervention_id.line_ids.equipment_id.sorted("name"), self.lathe | self.press
        )

    def test_a_visit_is_planned_once(self):
        """Two tabs with the same visit: the second is told, and opens nothing."""
        visit = self._create_visits(self.press)
        second_tab = (
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .create({"visit_ids": visit.ids, "technician_ids": self.technician.ids})
        )
        intervention = self._plan(visit, self.technician)
        with self.assertRaisesRegex(UserError, "Press"):
            second_tab.action_plan()
        with self.assertRaisesRegex(UserError, "Press"):
            visit.action_plan()
        self.assertEqual(visit.line_ids.intervention_id, intervention)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_intervention_for_a_visit(self):
        """Even code that forgets to look cannot plan a visit twice."""
        visit = self._create_visits(self.press)
        line = self._plan(visit, self.technician).line_ids
        with self.assertRaises(IntegrityError):
            line.sudo().copy({"visit_id": visit.id})

    def test_a_technician_does_not_plan(self):
        visit = self._create_visits(self.press).sudo(False)
        with self.assertRaises(AccessError):
            self.env["maintenance.visit.planning"].with_user(self.technician).create(
                {"visit_ids": visit.ids, "technician_ids": self.technician.ids}
            )

    def test_the_end_is_after_the_start(self):
        visit = self._create_visits(self.press)
        with self.assertRaisesRegex(ValidationError, "End"):
            self._plan(visit, self.technician, hours=0)

    # === NUMBERS === #

    def _create_intervention(self, user, site):
        company = user.company_id
        return (
            self.env["maintenance.intervention"]
            .with_user(user)
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
            .create({"site_id": site.id, "kind": "support"})
        )

    def test_numbers_by_company_and_year(self):
        """Each company has its numbers, from 1 again on 1 January of its own time."""
        names = []
        for now in ("2027-12-31 22:59:00", "2027-12-31 23:00:00", "2028-01-02 08:00:00"):
            with freeze_time(now):
                names.append(
                    (
                        self._create_intervention(self.dispatcher, self.site).name,
                        self._create_intervention(self.paris_manager, self.site).name,
                    )
                )
        self.assertEqual(
            names,
            [
                ("INT/2027/0001", "INT/2027/0001"),
                ("INT/2028/0001", "INT/2028/0001"),
                ("INT/2028/0002", "INT/2028/0002"),
            ],
        )

    # === WARNINGS === #

    def test_overlap_and_absence_warn_and_do_not_block(self):
        """The dispatcher sees them while choosing, and may plan all the same."""
        first, second = self._create_visits(self.press, self.lathe)
        self._plan(first, self.technician)
        self.env["hr.employee"].create({"name": "Two", "user_id": self.technician_2.id})
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": self.technician_2.employee_id.resource_id.id,
                "calendar_id": self.calendar.id,
                "date_from": datetime(2027, 3, 10, 6),
                "date_to": datetime(2027, 3, 10, 18),
                "time_type": "leave",
            }
        )
        form = Form(
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .with_context(default_visit_ids=second.ids)
        )
        form.start = datetime(2027, 3, 10, 9)
        form.technician_ids.add(self.technician)
        self.assertIn("mc_technician", form.warning)
        self.assertIn(first.intervention_id.task_ids.name, form.warning)
        form.technician_ids.add(self.technician_2)
        self.assertIn("absent", form.warning)
        form.start = datetime(2027, 3, 10, 10)
        self.assertNotIn(
            first.intervention_id.task_ids.name, form.warning, "one begins as the other ends"
        )
        form.start = datetime(2027, 3, 10, 9)
        form.save().action_plan()
        self.assertEqual(second.state, "planned")
        for intervention in (first.intervention_id, second.intervention_id):
            self.assertIn("mc_technician", intervention.planning_warning)
        self.assertIn("absent", second.intervention_id.planning_warning)

    def test_window_and_skills_warn(self):
        """A day outside the window, or technicians without the skill, are told."""
        visit = self._create_visits(self.press)
        skill_type = self.env["hr.skill.type"].create(
            {
                "name": "Machines",
                "skill_ids": [Command.create({"name": "Laser"})],
                "skill_level_ids": [Command.create({"name": "Good", "level_progress": 80})],
            }
        )
        skill = skill_type.skill_ids
        visit.sudo().skill_ids = skill
        employee = self.env["hr.employee"].create({"name": "One", "user_id": self.technician.id})
        form = Form(
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .with_context(default_visit_ids=visit.ids)
        )
        form.technician_ids.add(self.technician)
        self.assertIn("Laser", form.warning)
        self.env["hr.employee.skill"].create(
            {
                "employee_id": employee.id,
                "skill_id": skill.id,
                "skill_type_id": skill_type.id,
                "skill_level_id": skill_type.skill_level_ids.id,
            }
        )
        form.start = datetime(2027, 3, 11, 7)
        self.assertFalse(form.warning)
        form.start = datetime(2027, 4, 1, 7)
        self.assertIn("window", form.warning)

    # === THE PLANNING BOARD === #

    def _create_one_off(self, user, **values):
        form = Form(
            self.env["project.task"].with_user(user).with_context(field_planning=True),
            "project.view_task_form2",
        )
        form.name = "Tidy the van"
        form.user_ids.add(values.get("technician", user))
        form.planned_date_begin = datetime(2027, 3, 10, 8)
        form.date_deadline = datetime(2027, 3, 10, 9, 30)
        return form.save()

    def test_one_off_tasks_stand_in_the_same_planning(self):
        """A technician or a dispatcher adds one, without customer or intervention."""
        for user in (self.technician, self.dispatcher):
            task = self._create_one_off(user, technician=self.technician)
            self.assertRecordValues(
                task,
                [
                    {
                        "project_id": self.geneva.planning_project_id.id,
                        "is_field_task": True,
                        "partner_id": False,
                        "intervention_id": False,
                        "allocated_hours": 1.5,
                    }
                ],
            )
        self.assertIn("Tidy the van", task.planning_warning, "the two overlap")

    def test_tasks_of_the_board_belong_to_the_company_one_works_in(self):
        task = (
            self.env["project.task"]
            .with_user(self.paris_manager)
            .with_context(field_planning=True, allowed_company_ids=self.paris.ids)
            .create({"name": "Tidy the van"})
        )
        self.assertEqual(task.project_id, self.paris.planning_project_id)
        self.assertFalse(task.user_ids, "nobody is put on it without being asked")

    def test_planned_hours_over_several_days_are_open_hours(self):
        """From Friday noon to Monday noon, nobody works at the weekend."""
        task = (
            self.env["project.task"]
            .with_user(self.dispatcher)
            .with_context(field_planning=True)
            .create(
                {
                    "name": "Fair",
                    "planned_date_begin": datetime(2027, 3, 5, 11),
                    "date_deadline": datetime(2027, 3, 8, 11),
                }
            )
        )
        self.assertEqual(task.allocated_hours, 5 + 3)

    def test_moving_a_task_on_the_board_moves_its_intervention(self):
        """Dragging to another row changes one technician, and leaves the others on the task."""
        visit = self._create_visits(self.press)
        intervention = self._plan(visit, self.technician | self.technician_2)
        intervention.task_ids.with_user(self.dispatcher).write(
            {
                "planned_date_begin": datetime(2027, 3, 11, 7),
                "date_deadline": datetime(2027, 3, 11, 9),
                "user_ids": [
                    Command.unlink(self.technician.id),
                    Command.link(self.dispatcher.id),
                ],
            }
        )
        self.assertEqual(intervention.technician_ids, self.technician_2 | self.dispatcher)
        self.assertEqual(intervention.planned_start, datetime(2027, 3, 11, 7))
        self.assertEqual(visit.planned_date, datetime(2027, 3, 11, 7))

    def test_rows_of_the_board(self):
        """Technicians of the company, busy or not, and whoever else has tasks on it."""
        self._create_user(
            "mc_paris_technician", "maintenance_contract.group_technician", self.paris
        )
        tasks = self.env["project.task"].with_user(self.dispatcher)
        names = [row["id"] for row in tasks.get_planning_technicians([])]
        self.assertEqual(sorted(names), sorted((self.technician | self.technician_2).ids))
        names = [row["id"] for row in tasks.get_planning_technicians(self.dispatcher.ids)]
        self.assertIn(self.dispatcher.id, names)

    def test_the_board_is_not_for_the_portal(self):
        portal = new_test_user(self.env, login="mc_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.env["project.task"].with_user(portal).get_planning_technicians(self.dispatcher.ids)

    def test_a_field_task_ends_after_its_start(self):
        with self.assertRaisesRegex(ValidationError, "Deadline"):
            self.env["project.task"].with_user(self.dispatcher).create(
                {
                    "name": "Backwards",
                    "project_id": self.geneva.planning_project_id.id,
                    "planned_date_begin": datetime(2027, 3, 10, 9),
                    "date_deadline": datetime(2027, 3, 10, 8),
                }
            )

    # === BY HAND === #

    def test_a_visit_added_by_hand_knows_coverage_customer_and_site(self):
        """It enters the backlog at once and is planned like the others."""
        contract = self._create_contract(self.press, state="active")
        form = Form(self.env["maintenance.visit"].with_user(self.dispatcher))
        form.equipment_id = self.press
        form.nominal_date = date(2027, 3, 15)
        visit = form.save()
        self.assertRecordValues(
            visit,
            [
                {
                    "coverage_id": contract.coverage_ids.id,
                    "contract_id": contract.id,
                    "customer_id": self.customer.id,
                    "site_id": self.site.id,
                    "plan_id": False,
                    "proposed_date": date(2027, 3, 15),
                    "state": "to_plan",
                }
            ],
        )
        self.assertEqual(self._plan(visit, self.technician).state, "planned")

    def test_a_date_chosen_by_hand_survives_regrouping(self):
        """What the dispatcher moved in the calendar stays where he put it."""
        group = self.env["maintenance.visit.group"].create(
            {"name": "Meyrin", "site_id": self.site.id, "company_id": self.geneva.id}
        )
        visit, other = self._create_visits(self.press, self.lathe)
        (visit | other).sudo().group_id = group
        visit.write({"proposed_date": date(2027, 3, 9)})
        other.sudo().proposed_date = date(2027, 3, 9)
        group._propose_dates()
        self.assertEqual(visit.proposed_date, date(2027, 3, 9))
        self.assertEqual(other.proposed_date, other.nominal_date)

    @freeze_time("2027-03-06 05:00:00")
    def test_a_saturday_is_not_proposed(self):
        """A visit due on Saturday is proposed for Monday at eight."""
        visit = self._create_visits(self.press)
        visit.write({"proposed_date": date(2027, 3, 6)})
        wizard = self.env["maintenance.visit.planning"].with_user(self.dispatcher)
        wizard = wizard.create(
            {"visit_ids": visit.ids, "technician_ids": [Command.set(self.technician.ids)]}
        )
        self.assertEqual(wizard.start, datetime(2027, 3, 8, 7))
