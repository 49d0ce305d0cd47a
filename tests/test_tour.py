from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon

TOUR = "contract to closed intervention"


@tagged("post_install", "-at_install")
class TestTour(MaintenanceCommon, HttpCase):
    """The main job in the browser, each step by the role that does it, in English."""

    @classmethod
    def _create_users(cls):
        cls.env["res.lang"]._activate_lang("en_US")
        result = super()._create_users()
        users = cls.manager | cls.dispatcher | cls.technician
        users.lang = "en_US"
        cls.technician.name = "Toni Technician"
        for user in users:
            user.password = user.login
        return result

    def test_contract_to_closed_intervention(self):
        """A contract is made and activated; its visit is planned, made, closed and reported."""
        press = self._create_equipment()
        self._start("contract manager", "maintenance_contract_action", self.manager)
        self._start("dispatcher", "maintenance_visit_backlog_action", self.dispatcher)
        with mute_logger("odoo.http"):  # the technician first tries to close with an open task
            self._start("technician", "project_task_action_my", self.technician)
        self._start("closing", "maintenance_intervention_action", self.dispatcher)

        today = fields.Date.context_today(self.technician)
        visit = self.env["maintenance.visit"].search([("equipment_id", "=", press.id)])
        self.assertRecordValues(visit, [{"state": "done", "done_date": today}])
        self.assertEqual(visit.contract_id.user_id, self.manager)
        intervention = visit.intervention_id
        self.assertEqual(intervention.technician_ids, self.technician)
        self.assertRecordValues(
            visit.check_ids,
            [
                {"name": "Back up", "result": "ok", "remark": False},
                {"name": "Clean", "result": "ok", "remark": "Lens scratched"},
            ],
        )
        self.assertEqual(visit.check_ids.checked_by_id, self.technician)
        report, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.dispatcher)
            ._render_qweb_html("maintenance_contract.action_report_intervention", intervention.ids)
        )
        self.assertIn("Lens scratched", report.decode())

    def _start(self, role, action, user):
        self.start_tour(
            f"/odoo/action-maintenance_contract.{action}",
            f"{TOUR}: {role}",
            login=user.login,
        )
