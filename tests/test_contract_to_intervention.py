from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-01 06:00:00")
class TestContractToIntervention(MaintenanceCommon):
    """The main job, each step by the role that does it."""

    def test_from_contract_to_closed_intervention(self):
        """A contract promises two yearly visits; the first is planned, made and reported."""
        press = self._create_equipment()
        contract = self._create_contract(press, state="accepted").with_user(self.manager)
        contract.action_activate()
        self.assertEqual(contract.state, "active")
        self.assertRecordValues(
            contract.visit_ids,
            [
                {"nominal_date": date(2027, 3, 1), "rank": 0, "state": "to_plan"},
                {"nominal_date": date(2028, 3, 1), "rank": 1, "state": "upcoming"},
            ],
        )

        visit = contract.visit_ids[0].with_user(self.dispatcher)
        self.assertEqual(visit.check_ids.mapped("name"), ["Back up", "Clean"])
        wizard = (
            self.env["maintenance.visit.planning"]
            .with_user(self.dispatcher)
            .create({"visit_ids": visit.ids, "technician_ids": self.technician.ids})
        )
        self.assertEqual(wizard.start, datetime(2027, 3, 1, 7), "eight o'clock in Geneva")
        self.assertEqual(wizard.end, datetime(2027, 3, 1, 10), "three hours of work")
        wizard.action_plan()
        intervention = visit.intervention_id
        self.assertEqual(intervention.name, "INT/2027/0001")
        self.assertEqual(visit.state, "planned")
        self.assertEqual(intervention.technician_ids, self.technician)

        as_technician = intervention.with_user(self.technician)
        as_technician.action_start()
        self.assertEqual(visit.state, "in_progress")
        task = as_technician.task_ids
        with self.assertRaisesRegex(UserError, task.name):
            as_technician.action_close()
        task.check_ids[0].write({"result": "not_ok", "remark": "disk full"})
        task.action_checks_ok()
        task.action_close_task()
        closing = (
            self.env["maintenance.intervention.closing"]
            .with_user(self.technician)
            .create({"intervention_id": intervention.id})
        )
        closing.action_close()
        self.assertEqual(intervention.state, "closed")
        self.assertRecordValues(visit, [{"state": "done", "done_date": date(2027, 3, 1)}])
        self.assertEqual(task.check_ids.mapped("result"), ["not_ok", "ok"])
