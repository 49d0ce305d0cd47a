from odoo import fields, models


class MaintenanceCoverage(models.Model):
    """A coverage knows what it was before the termination of its contract ended it."""

    _inherit = "maintenance.coverage"
    _guarded_fields = frozenset({"before_end"})

    before_end = fields.Json(
        readonly=True,
        copy=False,
        help="What it was before its contract was terminated; taking that back restores it.",
    )

    def _get_end_values(self):
        """What ending these coverages may change, of those that are not over.

        :rtype: dict[maintenance.coverage, dict]
        """
        return {
            coverage: {
                "state": coverage.state,
                "date_end": fields.Date.to_string(coverage.date_end),
                "end_reason": coverage.end_reason,
            }
            for coverage in self
            if coverage.state in ("draft", "validated", "cancelled")
        }

    def _end(self, on, reason):
        # EXTENDS: what ends for its own reason does not come back with the contract.
        self.sudo().before_end = False
        return super()._end(on, reason)

    def _prepare_successor_vals(self, on, values):
        # EXTENDS succession
        return {**super()._prepare_successor_vals(on, values), "before_end": self.before_end}

    def _restore(self, last_day):
        """Have these coverages be what they were before their contract was terminated.

        :param date last_day: of the contract, by the termination
        :return: those left out: their equipment is under another contract by then
        :rtype: maintenance.coverage
        """
        ended = self.filtered("before_end")
        left_out = ended._filter_covered_elsewhere(last_day, self.contract_id._get_last_day())
        restored = (ended - left_out).with_context(tracking_disable=True)
        for coverage in restored.sorted("date_start"):
            values = dict(coverage.before_end)
            coverage._move_to(
                values.pop("state"),
                **values,
                before_end=False,
                predecessor_id=coverage.predecessor_id._get_last_successor(coverage).id,
            )
        restored.filtered(lambda coverage: coverage.state == "validated")._after_restore()
        return left_out

    def _get_last_successor(self, besides):
        """The last of those that follow this one: another one may have since it was followed.

        :param maintenance.coverage besides: left out of it
        """
        last = self
        while following := last.successor_ids.filtered(
            lambda coverage: coverage.state in ("validated", "ended") and coverage != besides
        ):
            last = following
        return last

    def _after_restore(self):
        """Hook: what follows from being covered after all."""
        self._after_validate()
