from datetime import datetime, time, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .fieldwork_common import FieldworkCommon


@tagged("post_install", "-at_install")
class TestPlanningBoard(FieldworkCommon, HttpCase):
    """The board in a browser, in the week of today."""

    def test_planning_board(self):
        """A task moves from one of its technicians to another, who was on something else."""
        idle = self._create_user("mc_idle", "maintenance_contract.group_technician")
        noon = datetime.combine(fields.Date.today(), time(12))
        tasks = (
            self.env["project.task"]
            .with_user(self.dispatcher)
            .with_context(field_planning=True)
            .create(
                [
                    {
                        "name": name,
                        "planned_date_begin": noon,
                        "date_deadline": noon + timedelta(hours=4),
                        "user_ids": [Command.set(technicians.ids)],
                    }
                    for name, technicians in (
                        ("Measure together", self.technician | self.technician_2),
                        ("Tidy the van", idle),
                    )
                ]
            )
        )
        self.start_tour("/odoo/field-planning", "planning_board", login="mc_dispatcher")
        self.assertEqual(tasks[0].user_ids, self.technician | idle)
        one_off = self.env["project.task"].search([("name", "=", "Wash the van")])
        self.assertTrue(one_off.is_field_task)
