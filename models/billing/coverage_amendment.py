from odoo import models


class MaintenanceCoverage(models.Model):
    """The price of a coverage has its own history: amending it needs no other coverage."""

    _inherit = "maintenance.coverage"

    def _change_price(self, on, price, reason):
        # OVERRIDE coverage
        self._set_price(on, price, "amendment")
        return self

    def _get_price_on(self, day):
        # OVERRIDE coverage: the history knows what is to come, too.
        known = self.price_ids.filtered(lambda price: price.date_start <= day)
        return known.sorted("date_start")[-1:].yearly if known else super()._get_price_on(day)
