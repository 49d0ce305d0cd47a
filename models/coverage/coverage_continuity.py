from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.continuity import first_gap

COVERED_STATES = ("validated", "ended")


class MaintenanceCoverage(models.Model):
    """Whether the equipment was covered without a gap since it was delivered (seed 000 §3.3).

    Software updates are offered on that condition. Warranty counts as well as a contract; what
    covers the equipment may change. A suspension is no gap: requests stay covered.
    """

    _inherit = "maintenance.coverage"

    is_continuous = fields.Boolean(
        "Continuous Since Delivery",
        compute="_compute_continuity",
        compute_sudo=True,
        search="_search_is_continuous",
        help="No day without warranty or contract, from the delivery of the equipment to today.",
    )
    continuity_gap = fields.Char(
        compute="_compute_continuity",
        compute_sudo=True,
        help="The first days on which nothing covered the equipment.",
    )

    @api.depends(
        "date_start", "date_end", "equipment_id.delivery_date", "equipment_id.coverage_ids.state",
        "equipment_id.coverage_ids.date_start", "equipment_id.coverage_ids.date_end",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_continuity(self):
        today = fields.Date.context_today(self)
        for coverage in self:
            delivered = coverage.equipment_id.delivery_date
            if not delivered or not coverage.date_start:
                coverage.is_continuous = False
                coverage.continuity_gap = self.env._("The delivery date is not known.")
                continue
            # Of one still to come, what is asked is whether it follows without a gap.
            last = max(today, coverage.date_start)
            if coverage.date_end:
                last = min(last, coverage.date_end)
            others = coverage.equipment_id.coverage_ids.filtered(
                lambda other: other.state in COVERED_STATES
            )
            gap = first_gap(
                [(one.date_start, one.date_end or None) for one in others | coverage],
                delivered,
                last,
            )
            coverage.is_continuous = not gap
            coverage.continuity_gap = gap and self.env._(
                "From %(first)s to %(last)s",
                first=format_date(self.env, gap[0]),
                last=format_date(self.env, gap[1]),
            )

    def _search_is_continuous(self, operator, value):
        if operator != "in":
            return NotImplemented
        candidates = self.search(
            Domain("state", "in", COVERED_STATES)
            & Domain("equipment_id.delivery_date", "!=", False)
        )
        return Domain("id", "in", candidates.filtered("is_continuous").ids)
