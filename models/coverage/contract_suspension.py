from odoo import models


class MaintenanceContract(models.Model):
    """A contract may be suspended: visits and invoices ask here for the days on which it is."""

    _inherit = "maintenance.contract"

    def _get_suspensions(self):
        """Hook: the days on which this contract promises and bills nothing.

        :return: first and last day of each suspension, None for one that nobody has ended yet
        :rtype: list[tuple[date, date | None]]
        """
        self.ensure_one()
        return []
