from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .life_common import LifeCommon

QUARTERLY = {"name": "Quarterly", "interval_count": 3, "interval_unit": "month", "horizon_days": 30}


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestSuspension(LifeCommon):
    """A suspension stops the visits inside it and nothing else.

    The contract has a visit on the first of March, June, September and December 2027.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls._create_equipment(),
            state="active",
            term_months=12,
            warranty_type_id=cls._create_warranty_type(QUARTERLY).id,
        ).with_user(cls.manager)
        cls.visits = cls.contract.visit_ids

    def _suspend(self, first, last=False, contract=None, reason="Works"):
        wizard = self._open(
            (contract or self.contract).action_suspend,
            date_start=first,
            date_end=last,
            reason=reason,
        )
        wizard.action_apply()
        return (contract or self.contract).suspension_ids[:1]

    def _lift(self, last, contract=None):
        wizard = self._open((contract or self.contract).action_lift_suspension)
        wizard.date_end = last
        wizard.action_apply()

    def assertStates(self, *states):
        self.assertEqual(self.visits.mapped("state"), list(states))

    # === VISITS === #

    def test_visits_inside_are_skipped_with_the_reason(self):
        """Its first and its last day are suspended, the days beside them are not."""
        self._suspend(date(2027, 6, 1), date(2027, 9, 1))
        self.assertStates("upcoming", "skipped", "skipped", "upcoming")
        visit = self.visits[1]
        self.assertEqual(visit.skip_reason_id.name, "Contract suspended")
        self.assertTrue(visit.skip_reason_id.is_excused, "not held against the maintainer")
        self.assertEqual((visit.skip_note, visit.skip_user_id), ("Works", self.manager))

    def test_days_beside_it(self):
        self._suspend(date(2027, 6, 2), date(2027, 8, 31))
        self.assertStates("upcoming", "upcoming", "upcoming", "upcoming")

    def test_lifted_early_the_rest_is_given_back(self):
        self._suspend(date(2027, 5, 1), date(2027, 12, 31))
        self._lift(date(2027, 8, 31))
        self.assertStates("upcoming", "skipped", "upcoming", "upcoming")
        self.assertFalse(self.visits[2].skip_reason_id)

    def test_prolonged_more_is_skipped(self):
        self._suspend(date(2027, 5, 1), date(2027, 8, 31))
        self._lift(date(2027, 12, 31))
        self.assertStates("upcoming", "skipped", "skipped", "skipped")

    def test_cancelled_before_it_began(self):
        suspension = self._suspend(date(2027, 5, 1))
        self._lift(date(2027, 4, 30))
        self.assertTrue(suspension.is_cancelled)
        self.assertEqual(set(self.visits.mapped("state")), {"upcoming"})
        self.assertEqual(self.contract._get_suspensions(), [])
        self._suspend(date(2027, 5, 1), date(2027, 5, 2))
        with self.assertRaisesRegex(UserError, "was cancelled"):
            self.contract._end_suspension(suspension, date(2027, 6, 1))

    def test_a_visit_given_back_late_is_to_plan_or_missed(self):
        self._suspend(date(2027, 5, 1))
        with freeze_time("2027-08-20 08:00:00"):
            self._lift(date(2027, 5, 2))
        self.assertStates("upcoming", "missed", "to_plan", "upcoming")

    def test_open_end_reaches_visits_created_later(self):
        """Tacitly renewed and suspended until further notice: new visits are off from the start."""
        contract = self._create_active("tacit")
        self._suspend(date(2027, 2, 1), contract=contract)
        self._run_cron("2028-04-02", "ir_cron_generate_visits")
        self.assertEqual(max(contract.visit_ids.mapped("nominal_date")), date(2030, 3, 1))
        self.assertEqual(set(contract.visit_ids.mapped("state")), {"skipped"})
        with freeze_time("2028-04-03 08:00:00"):
            self._lift(date(2028, 12, 31), contract)
        self.assertEqual(
            contract.visit_ids.mapped("state"), ["skipped", "skipped", "upcoming", "upcoming"]
        )

    def test_the_whole_contract(self):
        """Bad input 24: allowed; no visit at all."""
        self._suspend(date(2027, 3, 1), date(2028, 2, 29))
        self.assertEqual(set(self.visits.mapped("state")), {"skipped"})
        self.assertEqual(self.contract.state, "active")

    def test_done_visits_stay(self):
        with freeze_time("2027-03-02 08:00:00"):
            self.visits[0].sudo()._mark_done(date(2027, 3, 2))
        with freeze_time("2027-04-01 08:00:00"):
            self._suspend(date(2027, 2, 1))
        self.assertStates("done", "skipped", "skipped", "skipped")

    def test_a_visit_skipped_by_hand_is_not_given_back(self):
        reason = self.env.ref("maintenance_contract.skip_reason_customer_refused")
        self.visits[1].with_user(self.dispatcher)._skip(reason, "No")
        self._suspend(date(2027, 5, 1))
        self._lift(date(2027, 4, 1))
        self.assertStates("upcoming", "skipped", "upcoming", "upcoming")

    def test_not_opened_again_by_hand(self):
        self._suspend(date(2027, 5, 1))
        with self.assertRaisesRegex(UserError, "suspended"):
            self.visits[1].with_user(self.dispatcher).action_reopen()

    def test_lifted_after_the_end_of_a_coverage(self):
        """What is not promised any more does not come back."""
        self._suspend(date(2027, 5, 1))
        self.contract.coverage_ids._end(date(2027, 7, 1), "Sold")
        self._lift(date(2027, 4, 1))
        self.assertStates("upcoming", "upcoming", "skipped", "skipped")

    # === PLANNED VISITS === #

    def test_planned_visits_are_left_to_the_dispatcher(self):
        """FM13: he is asked once, and not any more when the suspension is over before."""
        intervention = self._plan(
            self.visits[1].with_user(self.dispatcher), self.technician, datetime(2027, 6, 3, 7)
        )
        self._suspend(date(2027, 6, 1), date(2027, 8, 31))
        self._lift(date(2027, 7, 31))
        self.assertStates("upcoming", "planned", "upcoming", "upcoming")
        self.assertEqual(len(intervention.activity_ids), 1)
        self.assertEqual(intervention.activity_ids.user_id, self.dispatcher)
        to_decide = self.env.ref("maintenance_contract.mail_activity_suspended_visit")
        self.assertEqual(intervention.activity_ids.activity_type_id, to_decide)
        self._lift(date(2027, 6, 2))
        self.assertFalse(intervention.activity_ids)

    def test_a_visit_taken_back_from_planning_is_suspended_too(self):
        intervention = self._plan(
            self.visits[1].with_user(self.dispatcher), self.technician, datetime(2027, 6, 3, 7)
        )
        self._suspend(date(2027, 6, 1), date(2027, 8, 31))
        intervention.with_user(self.dispatcher).action_cancel()
        self.assertStates("upcoming", "skipped", "upcoming", "upcoming")

    # === WHAT IS SHOWN === #

    def test_suspended_today_or_soon(self):
        suspension = self._suspend(date(2027, 6, 1), date(2027, 8, 31), reason="Works")
        contracts = self.env["maintenance.contract"].with_user(self.dispatcher)
        for day, is_suspended in (
            ("2027-05-31", False), ("2027-06-01", True),
            ("2027-08-31", True), ("2027-09-01", False),
        ):  # fmt: skip
            with self.subTest(day), freeze_time(f"{day} 10:00:00"):
                self.contract.invalidate_recordset()
                self.assertEqual(self.contract.is_suspended, is_suspended)
                found = contracts.search([("is_suspended", "=", True)])
                self.assertEqual(self.contract in found, is_suspended)
                others = contracts.search([("is_suspended", "=", False)])
                self.assertEqual(self.contract in others, not is_suspended)
                shown = suspension if day < "2027-09-01" else suspension.browse()
                self.assertEqual(self.contract.suspension_id, shown)
        self.assertIn("Works", str(self.contract.message_ids[0].body))

    def test_days_for_the_invoices(self):
        self._suspend(date(2027, 10, 1))
        self._suspend(date(2027, 6, 1), date(2027, 8, 31))
        self.assertEqual(
            self.contract._get_suspensions(),
            [(date(2027, 6, 1), date(2027, 8, 31)), (date(2027, 10, 1), None)],
        )

    # === BAD INPUT === #

    def test_bad_days(self):
        """Bad input 24."""
        self._suspend(date(2027, 6, 1), date(2027, 8, 31))
        for first, last, field in (
            (date(2027, 5, 2), date(2027, 5, 1), "To"),
            (date(2027, 8, 31), False, "suspended already"),
            (date(2027, 1, 1), date(2027, 6, 1), "suspended already"),
            (date(2027, 1, 1), False, "suspended already"),
            (date(2026, 1, 1), date(2027, 2, 28), "the contract runs"),
            (date(2028, 3, 1), False, "the contract runs"),
            (date(206, 1, 1), date(2027, 5, 1), "From"),
            (date(2027, 9, 1), date(9999, 12, 31), "To"),
        ):
            with self.subTest(first=first, last=last):
                self.assertRefused(field, self._suspend, first, last)
        self.assertEqual(len(self.contract.suspension_ids), 1)

    def test_no_reason(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._suspend(date(2027, 6, 1), reason=False)

    def test_the_database_refuses_overlapping_ones(self):
        suspension = self._suspend(date(2027, 6, 1), date(2027, 8, 31)).sudo()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "INSERT INTO maintenance_suspension (contract_id, date_start, reason) "
                "VALUES (%s, '2027-08-31', 'x')",
                [suspension.contract_id.id],
            )

    def test_not_before_acceptance_and_not_by_others(self):
        with self.assertRaisesRegex(UserError, "Draft"):
            self._create_contract(self._create_equipment("Lathe")).action_suspend()
        with self.assertRaises(AccessError):
            self.contract.with_user(self.dispatcher)._suspend(date(2027, 6, 1), False, "x")
        with self.assertRaises(AccessError):
            self.env["maintenance.suspension"].with_user(self.manager).create(
                {
                    "contract_id": self.contract.id,
                    "date_start": date(2027, 6, 1),
                    "reason": "x",
                }
            )
        suspension = self._suspend(date(2027, 6, 1))
        with self.assertRaises(AccessError):
            suspension.date_end = date(2027, 7, 1)
        with self.assertRaises(AccessError):
            suspension.unlink()

    def test_one_contract_does_not_lift_that_of_another(self):
        suspension = self._suspend(date(2027, 6, 1))
        other = self._create_active("never")
        wizard = (
            self.env["maintenance.suspension.change"]
            .with_user(self.manager)
            .create({"contract_id": other.id, "suspension_id": suspension.id})
        )
        with self.assertRaisesRegex(UserError, "another contract"):
            wizard.action_apply()

    def test_hand_made_visits_too(self):
        visit = (
            self.env["maintenance.visit"]
            .with_user(self.dispatcher)
            .create(
                {
                    "equipment_id": self.contract.coverage_ids.equipment_id.id,
                    "coverage_id": self.contract.coverage_ids.id,
                    "nominal_date": date(2027, 7, 1),
                    "skill_ids": [Command.clear()],
                }
            )
        )
        self._suspend(date(2027, 6, 1), date(2027, 8, 31))
        self.assertEqual(visit.state, "skipped")
