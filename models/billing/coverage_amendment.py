from odoo import models

from .coverage import SERVED_STATES


class MaintenanceCoverage(models.Model):
    """What becomes of a history of prices when an amendment changes the coverage, or its price.

    What goes on at the same price goes on as it was: the prices that were set for later, and where
    the next revision starts from. Another price is agreed on its day: the revisions that had been
    approved for later were of the old one, and wait in their campaigns to be simulated again.
    """

    _inherit = "maintenance.coverage"

    def _change_price(self, on, price, reason):
        # OVERRIDE coverage: the price has its own history and needs no other coverage.
        self.sudo()._undo_revisions(on)
        self._set_price(on, price, "amendment")
        return self

    def _get_price_on(self, day):
        # OVERRIDE coverage: the history knows what is to come, too.
        known = self.price_ids.filtered(lambda price: price.date_start <= day)
        return known.sorted("date_start")[-1:].yearly if known else super()._get_price_on(day)

    def _hand_over(self, successor):
        # EXTENDS coverage
        result = super()._hand_over(successor)
        coverage, heir = self.sudo(), successor.sudo()
        on = heir.date_start
        coverage._keep_first_prices()
        if heir.price != coverage._get_price_on(on):
            coverage._undo_revisions(on)
        later = coverage.price_ids.filtered(
            lambda price: price.date_start >= on and price.origin != "initial"
        )
        first = later.filtered(lambda price: price.date_start == on)
        if not first:
            heir._keep_first_prices()
        elif first.yearly != heir.price:
            first.write({"yearly": heir.price, "origin": "amendment"})
        later.coverage_id = heir
        coverage._get_revisions_from(on).coverage_id = heir
        return result

    def _get_revisions_from(self, day):
        """The approved revisions of these prices that begin on ``day`` or later."""
        return self.revision_line_ids.filtered(lambda line: line.is_applied and line.date >= day)

    def _undo_revisions(self, day):
        self._get_revisions_from(day)._undo(day)

    def _get_heirs(self):
        """The coverages that took over the price of one of these."""
        return self.successor_ids.filtered(
            lambda heir: heir.state in SERVED_STATES and heir._has_inherited_price()
        )

    def _has_inherited_price(self):
        """Whether it began at the price that the coverage before it had."""
        first, before = self.date_start, self.predecessor_id
        return bool(before) and before._get_price_on(first) == self._get_price_on(first)
