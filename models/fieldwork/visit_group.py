from odoo import models

from ...tools.schedule import Window, group
from ..preventive.visit import OPEN_STATES


class MaintenanceVisitGroup(models.Model):
    """A whole group is planned at once: the visits that can be made on the same day."""

    _inherit = "maintenance.visit.group"

    def _get_visits_with(self, visits):
        """The open visits of these groups that merge with some of ``visits``, these included."""
        others = self.env["maintenance.visit"].search(
            [("group_id", "in", self.ids), ("state", "in", OPEN_STATES)]
        )
        merged_ids = set(visits.ids)
        for group_visits in others.grouped("group_id").values():
            for merged in group(
                [
                    (v.id, v.nominal_date, Window(v.earliest_date, v.latest_date))
                    for v in group_visits
                ]
            ):
                if merged_ids & set(merged.ids):
                    merged_ids |= set(merged.ids)
        return self.env["maintenance.visit"].browse(sorted(merged_ids))
