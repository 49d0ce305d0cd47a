from odoo import models


class MaintenanceVisitGroup(models.Model):
    """A whole group is planned at once: the visits that can be made on the same day."""

    _inherit = "maintenance.visit.group"

    def _get_visits_with(self, visits):
        """The open visits of these groups that merge with some of ``visits``, these included."""
        return self.env["maintenance.visit"].union(
            visits, *(trip for trip, _day in self._get_trips() if trip & visits)
        )
