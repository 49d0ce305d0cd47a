from odoo import models

from .visit import OPEN_STATES


class MaintenanceCoverage(models.Model):
    """A coverage that follows another one goes on with its series of visits.

    Where the warranty type stays, the plans do: the visits that remain keep rank and dates and
    only change their coverage; history stays where it was made.
    """

    _inherit = "maintenance.coverage"

    def _prepare_successor_vals(self, on, values):
        # EXTENDS coverage
        type_id = values.get("warranty_type_id", self.warranty_type_id.id)
        if type_id == self.warranty_type_id.id:
            first_visit = self.first_visit_date
        else:
            # Other plans have their own ranks; they start with the visit that would come next.
            first_visit = min(self._get_remaining_visits(on).mapped("nominal_date"), default=on)
        equipment = self.env["maintenance.equipment"].browse(
            values.get("equipment_id", self.equipment_id.id)
        )
        return {
            **super()._prepare_successor_vals(on, values),
            "first_visit_date": first_visit,
            "visit_group_id": (
                self.visit_group_id.id if equipment.site_id == self.equipment_id.site_id else False
            ),
        }

    def _get_remaining_visits(self, on):
        """The visits not made from ``on`` on; runs in superuser mode."""
        return self.sudo().visit_ids.filtered(
            lambda visit: (
                visit.nominal_date >= on
                and (visit.state in (*OPEN_STATES, "planned") or visit._is_taken_by_suspension())
            )
        )

    def _hand_over(self, successor):
        # EXTENDS coverage
        visits = self._get_remaining_visits(successor.date_start)
        if successor.equipment_id != self.equipment_id:
            # The day agreed with the customer is the dispatcher's to confirm.
            visits = visits.filtered(lambda visit: visit.state != "planned")
        visits._move_to_coverage(successor)
        return super()._hand_over(successor)

    def _continues_series(self):
        """Whether the visits of this coverage are counted with those of the one before it."""
        self.ensure_one()
        return self.predecessor_id.warranty_type_id == self.warranty_type_id

    def _get_known_visits(self):
        # EXTENDS schedule: what was made under the coverage before is part of the same series.
        known = super()._get_known_visits()
        chains = {coverage: coverage._get_series_before() for coverage in self}
        before = self.browse().union(*chains.values())
        if before:
            past = super(MaintenanceCoverage, before)._get_known_visits()
            for coverage, chain in chains.items():
                for one in chain:
                    known[coverage] += past[one]
        return known

    def _get_series_before(self):
        """The coverages before this one whose series it continues."""
        self.ensure_one()
        chain = self.browse()
        coverage = self
        while coverage.predecessor_id and coverage._continues_series():
            coverage = coverage.predecessor_id
            chain |= coverage
        return chain
