from odoo import fields, models

from .visit import SILENT


class MaintenanceCoverage(models.Model):
    """A coverage that goes on after all promises again the visits cancelled with its end."""

    _inherit = "maintenance.coverage"

    def _after_restore(self):
        # EXTENDS coverage
        today = fields.Date.context_today(self)
        for coverage in self.sudo():
            # Of one that took over meanwhile, the visits to come were those of the one before.
            visits = (coverage | coverage._get_series_before()).visit_ids.filtered(
                lambda visit, coverage=coverage: (
                    visit.state == "cancelled" and coverage._is_in_force(visit.nominal_date)
                )
            )
            (visits - coverage.visit_ids)._move_to_coverage(coverage)
            # The message of the contract says it for all of them.
            visits = visits.with_context(**SILENT)
            visits._move_to("upcoming")
            visits._advance(today)
        return super()._after_restore()
