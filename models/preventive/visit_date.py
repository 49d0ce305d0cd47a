from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.schedule import to_plan_on, window
from ..core.checks import check_dates, check_period, is_in_range
from .visit import OPEN_STATES

# Days ahead at which a visit that no plan foresees enters the backlog.
HORIZON_BY_HAND = 60


def visit_dates(visit):
    """Dates of a visit, as values to write, from the value that the pure rules decided.

    :param tools.visits.Visit visit:
    :rtype: dict
    """
    return {
        "series_date": visit.nominal,
        "nominal_date": visit.on,
        "proposed_date": visit.on,
        "earliest_date": visit.window.earliest,
        "latest_date": visit.window.latest,
        "to_plan_date": visit.to_plan_on,
    }


class MaintenanceVisit(models.Model):
    """When a visit is due: the day aimed at, and the window by which it is judged.

    `series_date` is where the series puts it, `nominal_date` the open day aimed at,
    `proposed_date` the day that suits its group best; window and horizon are counted from the
    nominal date.
    """

    _inherit = "maintenance.visit"

    _guarded_fields = frozenset({"series_date"})

    series_date = fields.Date(readonly=True, copy=False)
    nominal_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The day aimed at, moved off closed days.",
    )
    proposed_date = fields.Date(
        compute="_compute_window",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="The day on which most visits of the group can be made at once.",
    )
    is_date_by_hand = fields.Boolean(
        "Date Chosen by Hand", readonly=True, copy=False, help="Grouping leaves it where it is."
    )
    earliest_date = fields.Date(
        compute="_compute_window", store=True, readonly=False, precompute=True, required=True
    )
    latest_date = fields.Date(
        compute="_compute_window", store=True, readonly=False, precompute=True, required=True
    )
    to_plan_date = fields.Date(
        compute="_compute_window",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="The day on which it enters the backlog.",
    )
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
        help="Not done, and its latest day has passed.",
    )
    is_subject_to_renewal = fields.Boolean(
        compute="_compute_is_subject_to_renewal",
        compute_sudo=True,
        help="After the last term agreed of a contract renewed tacitly.",
    )
    is_provisional = fields.Boolean(
        compute="_compute_is_provisional",
        help="It will move when an earlier visit of its plan is done.",
    )

    _window = models.Constraint(
        "CHECK (latest_date >= earliest_date)", "Latest Date: it is before the earliest date."
    )

    # === COMPUTE METHODS === #

    @api.depends("nominal_date", "plan_id")
    def _compute_window(self):
        for visit in self:
            plan, nominal = visit.plan_id, visit.nominal_date
            if not nominal:
                visit.earliest_date = visit.latest_date = visit.to_plan_date = False
                visit.proposed_date = False
                continue
            if not is_in_range(nominal):
                # Refused when it is saved; what is required has to be there until then.
                visit.earliest_date = visit.latest_date = visit.to_plan_date = nominal
                visit.proposed_date = nominal
                continue
            days = window(nominal, plan.window_before, plan.window_after)
            visit.earliest_date, visit.latest_date = days.earliest, days.latest
            horizon = plan.horizon_days if plan else HORIZON_BY_HAND
            visit.to_plan_date = to_plan_on(nominal, horizon)
            visit.proposed_date = nominal

    @api.depends("state", "latest_date")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for visit in self:
            visit.is_late = bool(
                visit.state in (*OPEN_STATES, "planned", "in_progress")
                and visit.latest_date
                and visit.latest_date < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in", (*OPEN_STATES, "planned", "in_progress")) & Domain(
            "latest_date", "<", fields.Date.context_today(self)
        )

    @api.depends("nominal_date", "contract_id.agreed_end", "contract_id.renewal")
    def _compute_is_subject_to_renewal(self):
        for visit in self:
            contract = visit.contract_id
            visit.is_subject_to_renewal = bool(
                contract.renewal == "tacit"
                and contract.agreed_end
                and visit.nominal_date
                and visit.nominal_date > contract.agreed_end
            )

    @api.depends("plan_id", "state", "rank")
    def _compute_is_provisional(self):
        self.is_provisional = False
        shifting = self.filtered(
            lambda visit: (
                visit.state in OPEN_STATES and visit.plan_id.mode in ("floating", "partial")
            )
        )
        first_open = {
            (coverage.id, plan.id): rank
            for coverage, plan, rank in self.sudo()._read_group(
                [
                    ("coverage_id", "in", shifting.coverage_id.ids),
                    ("plan_id", "in", shifting.plan_id.ids),
                    ("state", "in", (*OPEN_STATES, "planned", "in_progress")),
                ],
                ["coverage_id", "plan_id"],
                ["rank:min"],
            )
        }
        for visit in shifting:
            first = first_open.get((visit.coverage_id.id, visit.plan_id.id), visit.rank)
            visit.is_provisional = visit.rank > first

    # === CONSTRAINTS === #

    @api.constrains("nominal_date", "earliest_date", "latest_date", "proposed_date")
    def _check_dates(self):
        check_dates(self, "nominal_date", "proposed_date")
        check_period(self, "earliest_date", "latest_date")

    @api.constrains("nominal_date", "coverage_id")
    def _check_within_coverage(self):
        for visit in self.filtered(lambda visit: visit.coverage_id and visit.state in OPEN_STATES):
            coverage = visit.coverage_id
            if visit.nominal_date < coverage.date_start or (
                coverage.date_end and visit.nominal_date > coverage.date_end
            ):
                raise ValidationError(
                    self.env._(
                        "Nominal Date: %(date)s is outside the days covered for %(equipment)s.",
                        date=format_date(self.env, visit.nominal_date),
                        equipment=visit.equipment_id.display_name,
                    )
                )

    # === BUSINESS METHODS === #

    def _move_dates(self, moved, today):
        """Give these open visits of one series their new dates.

        A visit that left the term is cancelled: it is not promised any more.

        :param moved: `tools.visits.Visit` by rank
        :param date today: decides their state
        """
        for visit in self:
            target = moved.get(visit.rank)
            if target is None:
                visit._move_to("cancelled")
            elif target.nominal != visit.series_date:
                visit.write(visit_dates(target))
                visit._advance(today)
