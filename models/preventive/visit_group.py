from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.grouping import group
from ...tools.schedule import Window
from ..core.windows import open_window
from .visit import OPEN_STATES


class MaintenanceVisitGroup(models.Model):
    """Equipment of one site whose visits are made together where their windows overlap."""

    _name = "maintenance.visit.group"
    _description = "Visit Group"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    site_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", check_company=True
    )
    coverage_ids = fields.One2many("maintenance.coverage", "visit_group_id")
    visit_ids = fields.One2many("maintenance.visit", "group_id")
    coverage_count = fields.Integer(compute="_compute_coverage_count")

    @api.depends("coverage_ids")
    def _compute_coverage_count(self):
        counts = dict(
            self.env["maintenance.coverage"]._read_group(
                [("visit_group_id", "in", self.ids)], ["visit_group_id"], ["__count"]
            )
        )
        for visit_group in self:
            visit_group.coverage_count = counts.get(visit_group, 0)

    @api.constrains("site_id", "coverage_ids")
    def _check_one_site(self):
        for visit_group in self:
            for coverage in visit_group.coverage_ids:
                if coverage.state in ("draft", "validated") and (
                    coverage.equipment_id.site_id != visit_group.site_id
                ):
                    raise ValidationError(
                        self.env._(
                            "Visit Group: “%(group)s” visits %(site)s, but %(equipment)s stands at "
                            "%(other)s.",
                            group=visit_group.name,
                            site=visit_group.site_id.display_name,
                            equipment=coverage.equipment_id.display_name,
                            other=coverage.equipment_id.site_id.display_name
                            or self.env._("no site"),
                        )
                    )

    def _propose_dates(self):
        """Give the open visits of each group the date on which most can be made at once."""
        moves = defaultdict(list)
        for visits, day in self._get_trips():
            moves[day] += visits.filtered(
                lambda visit, day=day: visit.proposed_date != day and not visit.is_date_by_hand
            ).ids
        for day, ids in moves.items():
            self.env["maintenance.visit"].sudo().browse(ids).write({"proposed_date": day})

    def _get_trips(self):
        """The open visits of these groups, those that can be made on one day together.

        Two visits of the same plan on the same equipment are never one trip.

        :return: the visits of each trip and its date
        :rtype: list[tuple[maintenance.visit, date]]
        """
        # A group may have more visits than memory holds with all their fields.
        visits = self.env["maintenance.visit"].search_fetch(
            [("group_id", "in", self.ids), ("state", "in", OPEN_STATES)],
            [
                *("group_id", "equipment_id", "plan_id", "nominal_date", "earliest_date"),
                *("latest_date", "proposed_date", "is_date_by_hand"),
            ],
            order="id",
        )
        series = {visit.id: (visit.equipment_id.id, visit.plan_id.id) for visit in visits}
        return [
            (visits.browse(trip.ids), trip.on)
            for group_visits in visits.grouped("group_id").values()
            for trip in group(
                (
                    (visit.id, visit.nominal_date, Window(visit.earliest_date, visit.latest_date))
                    for visit in group_visits
                ),
                apart=series.get,
            )
        ]

    def action_view_visits(self):
        return open_window(
            self,
            "maintenance_visit_action",
            domain=[("group_id", "=", self.id)],
            context={"search_default_open": 1},
        )
