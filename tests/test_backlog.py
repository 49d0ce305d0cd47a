from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.maintenance_contract.models.preventive import visit_backlog

from .common import MaintenanceCommon

NIGHT = "01:00:00"


class BacklogCommon(MaintenanceCommon):
    """The nightly run, at the dates a test asks for."""

    @classmethod
    def _activate(cls, *plans, equipment=None, **values):
        """Visits of an active contract from 1 March 2027, as the dispatcher sees them."""
        contract = cls._create_contract(
            equipment or cls._create_equipment(),
            state="accepted",
            **{
                "warranty_type_id": cls._create_warranty_type(*plans).id,
                "term_months": 12,
                **values,
            },
        )
        contract.with_user(cls.manager).action_activate()
        return contract.visit_ids.with_user(cls.dispatcher)

    def _run_night(self, day, at=NIGHT):
        with freeze_time(f"{day} {at}"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_advance_visits").method_direct_trigger()
        self.env.invalidate_all()

    def _states_by_night(self, visit, *days):
        states = []
        for day in days:
            self._run_night(day)
            states.append(visit.state)
        return states


@tagged("post_install", "-at_install")
@freeze_time("2026-11-02 08:00:00")
class TestBacklog(BacklogCommon):
    """Visits move through the backlog by the day."""

    def test_visit_is_to_plan_at_its_horizon_and_missed_after_its_window(self):
        """60 days ahead of 1 March is 31 December; the last day of its window is 31 March."""
        visit = self._activate()
        states = self._states_by_night(
            visit, "2026-12-30", "2026-12-31", "2027-03-31", "2027-04-01", "2027-04-02"
        )
        self.assertEqual(states, ["upcoming", "to_plan", "to_plan", "missed", "missed"])
        self.assertFalse(visit.is_late, "not yet in November 2026")
        with freeze_time("2027-04-02"):
            visit.invalidate_recordset()
            self.assertTrue(visit.is_late)
            self.assertIn(visit, self.env["maintenance.visit"].search([("is_late", "=", True)]))

    def test_downtime_of_the_server_loses_nothing(self):
        visit = self._activate()
        self.assertEqual(self._states_by_night(visit, "2027-06-01"), ["missed"])
        self.assertEqual(visit.check_ids.mapped("name"), ["Back up", "Clean"])

    def test_running_twice_is_running_once(self):
        visit = self._activate()
        self._run_night("2026-12-31")
        checks, messages = visit.check_ids, visit.message_ids
        self._run_night("2026-12-31")
        self.assertEqual(visit.check_ids, checks)
        self.assertEqual(visit.message_ids, messages)

    def test_entering_copies_the_plan_as_it_is_then(self):
        """Checklist, duration and skills are those of the day; later edits change no visit."""
        skill_type = self.env["hr.skill.type"].create(
            {
                "name": "Trades",
                "skill_ids": [Command.create({"name": "Hydraulics"})],
                "skill_level_ids": [Command.create({"name": "Good", "default_level": True})],
            }
        )
        visit = self._activate()
        visit.plan_id.sudo().write({"duration": 4.5, "skill_ids": skill_type.skill_ids.ids})
        self._run_night("2026-12-31")
        visit.plan_id.sudo().write({"duration": 9, "skill_ids": [Command.clear()]})
        self.checklist.line_ids[0].unlink()
        self.checklist.line_ids.name = "Sweep"
        self._run_night("2027-01-01")
        self.assertEqual(visit.duration, 4.5)
        self.assertEqual(visit.skill_ids.mapped("name"), ["Hydraulics"])
        self.assertEqual(visit.check_ids.mapped("name"), ["Back up", "Clean"])

    def test_checklist_is_in_the_language_of_the_company(self):
        self.geneva.partner_id.lang = "fr_FR"
        self.checklist.line_ids[0].with_context(lang="fr_FR").name = "Sauvegarder"
        visit = self._activate()
        self._run_night("2026-12-31")
        self.assertEqual(visit.check_ids[0].name, "Sauvegarder")

    def test_annual_visit_brings_the_checklist_of_what_it_contains(self):
        monthly = self.env["maintenance.checklist"].create(
            {"name": "Monthly", "line_ids": [Command.create({"name": "Grease"})]}
        )
        visits = self._activate(
            {"package": 2},
            {"name": "Half-yearly", "interval_count": 6, "checklist_id": monthly.id},
        )
        self._run_night("2026-12-31")
        self.assertEqual(visits[0].check_ids.mapped("name"), ["Back up", "Clean", "Grease"])

    def test_archived_equipment_is_left_alone(self):
        visit = self._activate()
        visit.equipment_id.sudo().active = False
        self.assertEqual(self._states_by_night(visit, "2027-01-01"), ["upcoming"])
        visit.equipment_id.sudo().active = True
        self.assertEqual(self._states_by_night(visit, "2027-01-02"), ["to_plan"])

    def test_ended_contract_owes_the_visits_of_its_days_only(self):
        visits = self._activate({"interval_count": 3})
        contract = visits.contract_id.with_user(self.manager)
        contract._terminate(date(2027, 3, 31), "sold")
        self._run_night("2027-04-01")
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(contract.coverage_ids.state, "ended")
        self.assertEqual(visits.mapped("state"), ["missed", "cancelled", "cancelled", "cancelled"])

    def test_contract_ends_at_its_term(self):
        contract = self._activate().contract_id
        self._run_night("2028-02-29")
        self.assertEqual(contract.state, "active")
        self._run_night("2028-03-01")
        self.assertEqual(contract.state, "ended")
        self.assertEqual(contract.coverage_ids.state, "ended")

    def test_floating_visit_waits_for_the_one_before(self):
        visits = self._activate({"mode": "floating", "interval_count": 6})
        self._run_night("2027-08-15")
        self.assertEqual(visits.mapped("state"), ["missed", "upcoming"])
        with freeze_time("2027-08-16 10:00:00"):
            visits[0].sudo()._mark_done(date(2027, 8, 16))
        self.assertEqual(visits[1].nominal_date, date(2028, 2, 16))
        self.assertEqual(
            self._states_by_night(visits[1], "2027-12-17", "2027-12-18"), ["upcoming", "to_plan"]
        )

    def test_stack_keeps_both_visits(self):
        visits = self._activate({"interval_count": 1, "overlap_rule": "stack", "horizon_days": 5})
        self._run_night("2027-04-01")
        self.assertEqual(visits[:2].mapped("state"), ["missed", "to_plan"])

    def test_supersede_keeps_the_newer_one(self):
        visits = self._activate(
            {"interval_count": 1, "overlap_rule": "supersede", "horizon_days": 5}
        )
        self._run_night("2027-03-31")
        self.assertEqual(visits[:2].mapped("state"), ["to_plan", "to_plan"])
        self._run_night("2027-04-01")
        self.assertEqual(visits[:2].mapped("state"), ["superseded", "to_plan"])

    def test_planned_visit_is_not_superseded(self):
        visits = self._activate(
            {"interval_count": 1, "overlap_rule": "supersede", "horizon_days": 5}
        )
        visits[0]._open_interventions(
            datetime(2027, 4, 2, 7), datetime(2027, 4, 2, 9), self.technician
        )
        self._run_night("2027-04-01")
        self.assertEqual(visits[0].state, "planned")

    def test_each_batch_is_committed(self):
        """A kill loses one batch at most, and a run out of time is continued by the next one."""
        visits = self._activate({"interval_count": 1, "horizon_days": 3000})
        self.assertEqual(set(visits.mapped("state")), {"to_plan"})
        visits.sudo().write({"state": "upcoming"})
        batches = []
        advance = type(visits)._advance

        def record(batch, today):
            batches.append(len(batch))
            return advance(batch, today)

        with (
            patch.object(visit_backlog, "VISITS_PER_BATCH", 5),
            patch.object(type(visits), "_advance", record),
        ):
            self._run_night("2026-11-03")
        self.assertEqual(batches, [5, 5, 2])
        self.assertEqual(set(visits.mapped("state")), {"to_plan"})

    def test_run_out_of_time_tells_what_remains(self):
        """Odoo starts the run again at once only when it knows of something left to do."""
        visits = self._activate({"interval_count": 1, "horizon_days": 3000})
        visits.sudo().write({"state": "upcoming"})
        told = []

        def out_of_time(cron, processed=0, *, remaining=None, **_kwargs):
            told.append((processed, remaining))
            return 0

        with (
            patch.object(visit_backlog, "VISITS_PER_BATCH", 5),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", out_of_time),
        ):
            with freeze_time(f"2026-11-03 {NIGHT}"):
                self.env["maintenance.visit"]._cron_advance()
            self.assertEqual(told[-2:], [(0, 12), (5, None)])
            told.clear()
            with freeze_time(f"2028-03-01 {NIGHT}"):
                self.env["maintenance.visit"]._cron_advance()
            self.assertEqual(told, [(0, 1), (1, None)], "contracts first: visits have to wait")

    def test_failing_visit_is_left_aside_with_its_reason(self):
        visits = self._activate({"interval_count": 6})
        poison = visits[0]
        prepare = type(visits)._prepare_check_vals

        def fail(visit, line, sequence):
            if visit == poison:
                raise ValueError("no checklist")
            return prepare(visit, line, sequence)

        with (
            patch.object(type(visits), "_prepare_check_vals", fail),
            mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
        ):
            self._run_night("2027-08-01")
        self.assertEqual(poison.schedule_error, "no checklist")
        self.assertEqual(visits.mapped("state"), ["upcoming", "to_plan"])


@tagged("post_install", "-at_install")
@freeze_time("2027-03-10 08:00:00")
class TestVisitByHand(BacklogCommon):
    """What people do to visits: add, skip with a reason, reopen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.excused, cls.held = cls.env["maintenance.skip.reason"].create(
            [{"name": "Customer refuses", "is_excused": True}, {"name": "No technician"}]
        )

    def _skip(self, visits, reason, note=False):
        wizard = self.env["maintenance.visit.skip"].with_user(self.dispatcher)
        wizard.create({"visit_ids": visits.ids, "reason_id": reason.id, "note": note}).action_skip()

    def test_visit_added_by_hand_enters_the_backlog_at_once(self):
        equipment = self._create_equipment()
        visit = (
            self.env["maintenance.visit"]
            .with_user(self.dispatcher)
            .create(
                {
                    "equipment_id": equipment.id,
                    "nominal_date": date(2027, 3, 12),
                    "latest_date": date(2027, 3, 20),
                    "to_plan_date": date(2027, 3, 1),
                }
            )
        )
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "to_plan",
                    "company_id": self.geneva.id,
                    "site_id": self.site.id,
                    "customer_id": self.customer.id,
                    "plan_id": False,
                }
            ],
        )
        later = visit.copy({"nominal_date": date(2027, 9, 1)})
        self.assertEqual(later.state, "upcoming")

    def test_skip_keeps_the_reason_and_the_author(self):
        visit = self._activate()
        self._skip(visit, self.excused, "shut down until May")
        self.assertRecordValues(
            visit,
            [
                {
                    "state": "skipped",
                    "skip_reason_id": self.excused.id,
                    "skip_note": "shut down until May",
                    "skip_user_id": self.dispatcher.id,
                }
            ],
        )
        self.assertEqual(self._states_by_night(visit, "2027-06-01"), ["skipped"])

    def test_planned_visit_is_not_skipped(self):
        visit = self._activate()
        visit._open_interventions(
            datetime(2027, 3, 15, 7), datetime(2027, 3, 15, 9), self.technician
        )
        with self.assertRaisesRegex(UserError, visit.display_name):
            self._skip(visit, self.held)
        self.assertEqual(visit.state, "planned")

    def test_reopened_visit_is_what_the_day_says(self):
        visit = self._activate()
        self._skip(visit, self.held)
        visit.action_reopen()
        self.assertRecordValues(
            visit, [{"state": "to_plan", "skip_reason_id": False, "skip_user_id": False}]
        )
        self._skip(visit, self.held)
        with freeze_time("2027-05-01"):
            visit.action_reopen()
        self.assertEqual(visit.state, "missed")

    def test_visit_of_an_ended_coverage_is_not_reopened(self):
        visits = self._activate({"interval_count": 3})
        visits.coverage_id.sudo()._end(date(2027, 3, 9), "sold")
        self.assertEqual(visits[1].state, "cancelled")
        with self.assertRaisesRegex(UserError, "coverage has ended"):
            visits[1].action_reopen()

    def test_skipped_visit_does_not_come_back(self):
        visits = self._activate({"interval_count": 3})
        self._skip(visits[1], self.held)
        visits.coverage_id.sudo().action_validate()
        self.assertEqual(len(visits.contract_id.visit_ids), 4)
        self.assertEqual(visits[1].state, "skipped")

    def test_promised_visit_is_not_deleted(self):
        visit = self._activate()
        with self.assertRaisesRegex(UserError, "Skip it with a reason"):
            visit.sudo().unlink()

    def test_equipment_that_moves_takes_its_open_visits_along(self):
        visits = self._activate({"interval_count": 6})
        with freeze_time("2027-03-11 08:00:00"):
            visits[0].sudo()._mark_done(date(2027, 3, 11))
        visits.equipment_id.sudo().site_id = self.site_2
        self.assertEqual(visits.mapped("site_id"), self.site | self.site_2)
        self.assertEqual(visits[0].site_id, self.site, "history stays where it was made")
        self.assertEqual(visits[1].site_id, self.site_2)

    def test_latest_day_before_the_earliest_is_refused(self):
        visit = self._activate()
        visit = visit.create({"equipment_id": visit.equipment_id.id})
        with self.assertRaisesRegex(UserError, "Latest Date"):
            visit.latest_date = visit.earliest_date - timedelta(days=1)


@tagged("post_install", "-at_install")
class TestLocalDay(BacklogCommon):
    """The day of a visit begins at midnight at its company's, wherever the server stands."""

    def test_it_is_tomorrow_already_in_geneva(self):
        """At 23:30 UTC of 31 December it is New Year in Geneva and Paris, not in UTC."""
        utc = self._create_company("Atelier UTC", "base.uk", "UTC")
        with freeze_time("2027-12-31 23:30:00"):
            days = self.env["res.company"]._get_local_days()
        self.assertEqual(days[self.geneva], date(2028, 1, 1))
        self.assertEqual(days[self.paris], date(2028, 1, 1))
        self.assertEqual(days[utc], date(2027, 12, 31))

    def test_the_night_run_takes_the_day_of_each_company(self):
        """The same visit enters the backlog of Geneva an hour before that of a firm on UTC."""
        utc = self._create_company("Atelier UTC", "base.uk", "UTC")
        with freeze_time("2027-06-01 12:00:00"):
            equipment = self._create_equipment()
            other = self._create_equipment("Lathe", company_id=utc.id)
            visits = self.env["maintenance.visit"].create(
                [
                    {
                        "equipment_id": item.id,
                        "nominal_date": date(2028, 1, 20),
                        "to_plan_date": date(2028, 1, 1),
                    }
                    for item in (equipment, other)
                ]
            )
        self.assertEqual(visits.mapped("state"), ["upcoming", "upcoming"])
        self._run_night("2027-12-31", at="23:30:00")
        self.assertEqual(visits.mapped("state"), ["to_plan", "upcoming"])
