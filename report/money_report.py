from odoo import models


class MaintenanceMoneyReport(models.AbstractModel):
    """Indicators that add up facts of many kinds, in one wide query.

    PostgreSQL would compile such a query for ten seconds, to run it in one.
    """

    _name = "maintenance.money.report"
    _description = "Indicators of Money"

    def _search(self, *args, **kwargs):
        # EXTENDS 'base': for this transaction only.
        self.env.cr.execute("SET LOCAL jit TO off")
        return super()._search(*args, **kwargs)
