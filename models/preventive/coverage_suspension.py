from odoo import models


class MaintenanceCoverage(models.Model):
    """Visits created for suspended days are off the backlog from the start."""

    _inherit = "maintenance.coverage"

    def _generate_visits(self, today):
        # EXTENDS schedule
        visits = super()._generate_visits(today)
        self.contract_id._suspend_visits()
        return visits
