from odoo import models

from .visit import OPEN_STATES, SILENT


class MaintenanceVisit(models.Model):
    """A visit that remains when its coverage is followed by another one goes along."""

    _inherit = "maintenance.visit"

    def _is_taken_by_suspension(self):
        self.ensure_one()
        return self.state == "skipped" and bool(self.suspension_id)

    def _move_to_coverage(self, coverage):
        """Have these visits be promised by ``coverage``; runs in superuser mode.

        Ranks and dates stay. Those of plans that the coverage does not have stay behind, and end
        with theirs.
        """
        plans = coverage.warranty_type_id.plan_ids
        visits = self.filtered(lambda visit: not visit.plan_id or visit.plan_id in plans)
        visits = visits.with_context(**SILENT)
        visits.write({"coverage_id": coverage.id, "equipment_id": coverage.equipment_id.id})
        visits.nested_ids.write({"coverage_id": coverage.id})
        visits.check_ids.write({"equipment_id": coverage.equipment_id.id})

    def _follow_coverage(self):
        """Have open visits that their coverage does not reach any more go to the one after it.

        Without one they are not promised any more. Runs in superuser mode.
        """
        for visit in self.filtered(lambda visit: visit.state in OPEN_STATES):
            if visit._is_promised():
                continue
            successor = visit.coverage_id.successor_ids.filtered(
                lambda coverage, visit=visit: coverage._is_in_force(visit.nominal_date)
            )
            if successor and successor._continues_series():
                visit._move_to_coverage(successor)
            else:
                visit.with_context(**SILENT)._move_to("cancelled")
