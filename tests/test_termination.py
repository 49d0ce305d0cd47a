from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .fieldwork_common import FieldworkCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-06-01 08:00:00")
class TestTermination(FieldworkCommon):
    """How contracts and coverages end, by hand or by the night."""

    def _terminate(self, contract, last_day):
        wizard = (
            self.env["maintenance.termination"]
            .with_user(self.manager)
            .create({"contract_id": contract.id, "last_day": last_day, "reason": "Sold"})
        )
        wizard.action_terminate()

    def _run_night(self, day):
        with freeze_time(f"{day} 01:00:00"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_advance_visits").method_direct_trigger()
        self.env.invalidate_all()

    def test_active_until_its_last_day(self):
        """Terminated for the end of August, the contract runs until then."""
        contract = self._create_contract(self._create_equipment(), state="active")
        self._terminate(contract, date(2027, 8, 31))
        self.assertEqual(contract.state, "active")
        self._run_night("2027-08-31")
        self.assertEqual(contract.state, "active")
        self._run_night("2027-09-01")
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(contract.coverage_ids.state, "ended")

    def test_a_contract_that_never_started_is_over_at_once(self):
        """Accepted and given up: nothing waits for a last day to come."""
        contract = self._create_contract(self._create_equipment(), state="accepted")
        self._terminate(contract, date(2027, 8, 31))
        self.assertEqual(contract.state, "terminated")
        self.assertEqual(contract.coverage_ids.state, "cancelled")

    def test_not_after_its_end(self):
        """A contract of two years does not end in 2095."""
        contract = self._create_contract(self._create_equipment(), state="active")
        with self.assertRaisesRegex(UserError, "Last Day"):
            self._terminate(contract, date(2095, 1, 1))

    def test_a_planned_visit_is_left_to_the_dispatcher(self):
        """The day was agreed with the customer: somebody decides, and is told so."""
        contract = self._create_contract(self._create_equipment(), state="active")
        visit = contract.visit_ids.filtered("rank").with_user(self.dispatcher)
        intervention = self._plan(visit, self.technician)
        self._terminate(contract, date(2027, 8, 31))
        self.assertEqual(visit.state, "planned")
        self.assertEqual(intervention.activity_ids.user_id, self.dispatcher)
        self.assertIn("coverage has ended", intervention.activity_ids.summary)

    def test_one_contract_that_fails_does_not_stop_the_night(self):
        """Its reason is in its chatter; the others end, and visits go on."""
        poison, other = (
            self._create_contract(self._create_equipment(name), state="active")
            for name in ("Press", "Lathe")
        )
        visit = other.visit_ids[0]
        close = type(poison)._close_elapsed

        def fail(contracts):
            if poison in contracts:
                raise ValueError("no way")
            return close(contracts)

        with (
            patch.object(type(poison), "_close_elapsed", fail),
            mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
        ):
            self._run_night("2029-03-01")
            self._run_night("2029-03-02")
        self.assertEqual((poison.state, other.state), ("active", "ended"))
        self.assertEqual(visit.state, "missed")
        told = poison.message_ids.filtered(lambda message: "no way" in str(message.body))
        self.assertEqual(len(told), 1)
