from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...tools.visits import new_visits
from ..core.checks import check_dates, is_in_range
from ..core.windows import open_window
from .visit import OPEN_STATES, SILENT

# An open-ended coverage always knows its visits so far ahead.
MONTHS_AHEAD = 24
# Above it, validating hands the creation of visits over to the cron: no click lasts a minute.
COVERAGES_AT_ONCE = 500


class MaintenanceCoverage(models.Model):
    """A validated coverage has the visits that its warranty type promises."""

    _inherit = "maintenance.coverage"
    _guarded_fields = frozenset({"visits_until", "schedule_error"})
    # What the visits were created from.
    _promise_fields = frozenset(
        {"equipment_id", "warranty_type_id", "date_start", "first_visit_date", "contract_id"}
    )

    visit_group_id = fields.Many2one(
        "maintenance.visit.group",
        index="btree_not_null",
        check_company=True,
        ondelete="set null",
        domain="[('site_id', '=', site_id)]",
        help="Visits of the same group are made together where their windows overlap.",
    )
    first_visit_date = fields.Date(
        compute="_compute_first_visit_date",
        copy=False,
        store=True,
        readonly=False,
        precompute=True,
        help="The date from which the visits are counted.",
    )
    visit_ids = fields.One2many("maintenance.visit", "coverage_id")
    visit_count = fields.Integer(compute="_compute_visit_count")
    visit_preview = fields.Html(compute="_compute_visit_preview", sanitize=False)

    # How far the visits are created
    visits_until = fields.Date(
        readonly=True, copy=False, help="The visits are created up to this day."
    )
    schedule_error = fields.Char(
        readonly=True, copy=False, help="Why the visits could not be created."
    )

    # What the nightly run looks for: coverages whose visits are not all there yet.
    _visits_until_idx = models.Index("(visits_until) WHERE state = 'validated'")

    # === COMPUTE METHODS === #

    @api.depends("date_start")
    def _compute_first_visit_date(self):
        for coverage in self:
            if coverage.state == "draft" or not coverage.first_visit_date:
                coverage.first_visit_date = coverage.date_start

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        counts = dict(
            self.env["maintenance.visit"]._read_group(
                [("coverage_id", "in", self.ids)], ["coverage_id"], ["__count"]
            )
        )
        for coverage in self:
            coverage.visit_count = counts.get(coverage, 0)

    @api.depends(
        "date_start",
        "date_end",
        "first_visit_date",
        "warranty_type_id",
        "equipment_id",
        "contract_id",
        "visits_until",
    )
    @api.depends_context("lang")
    def _compute_visit_preview(self):
        today = fields.Date.context_today(self)
        for coverage in self:
            coverage.visit_preview = self.env["ir.qweb"]._render(
                "maintenance_contract.visit_preview", coverage._get_preview_values(today)
            )

    def _get_preview_values(self, today):
        """The visits of the next 24 months, by month, whether they exist already or not."""
        self.ensure_one()
        first = self.date_start if is_in_range(self.date_start) else today
        start = max(first, today).replace(day=1)
        end = start + relativedelta(months=MONTHS_AHEAD, days=-1)
        months = {start + relativedelta(months=index): [] for index in range(MONTHS_AHEAD)}
        visits = self._get_created_visits() if self.visits_until else self._get_visits_to_come(end)
        for day, name, nested in visits:
            if start <= day <= end:
                months[day.replace(day=1)].append((day, name, nested))
        return {"months": months, "coverage": self, "is_empty": not any(months.values())}

    def _get_created_visits(self):
        """Yield day, plan and contained plans of the visits that exist, save those given up."""
        visits = self.visit_ids.filtered(
            lambda visit: visit.state not in ("skipped", "superseded", "cancelled")
        )
        for visit in visits.sorted("nominal_date"):
            name = visit.plan_id.name or self.env._("Visit")
            yield visit.nominal_date, name, visit.nested_ids.plan_id.mapped("name")

    def _get_visits_to_come(self, end):
        """Yield day, plan and contained plans of the visits that validating would create."""
        dates = (self.date_start, self.first_visit_date)
        if not (all(map(is_in_range, dates)) and self.warranty_type_id):
            return
        last_day = self._get_last_day(end)
        names = {plan.id: plan.name for plan in self.warranty_type_id.plan_ids}
        for visit in new_visits(
            [plan._get_plan() for plan in self.warranty_type_id.plan_ids],
            self._get_term(end),
            last_day,
            open_days=self._get_open_days(last_day)[self],
            within=self.warranty_type_id.nesting_days,
        ):
            yield visit.on, names[visit.plan], [names[plan] for plan, _rank in visit.contains]

    # === CONSTRAINTS === #

    @api.constrains("first_visit_date", "date_start", "date_end")
    def _check_first_visit_date(self):
        check_dates(self, "first_visit_date")
        for coverage in self:
            first = coverage.first_visit_date
            if (
                first
                and coverage.state == "draft"
                # One that follows another goes on counting from its first visit.
                and not coverage.predecessor_id
                and (
                    first < coverage.date_start or (coverage.date_end and first > coverage.date_end)
                )
            ):
                raise ValidationError(
                    self.env._(
                        "First Visit Date: %s is outside the days covered.",
                        format_date(self.env, first),
                    )
                )

    @api.constrains("visit_group_id", "equipment_id")
    def _check_visit_group(self):
        self.visit_group_id._check_one_site()

    # === CRUD === #

    def write(self, vals):
        if self._promise_fields & vals.keys() and not self.env.su:
            self._check_promise_is_free()
        if "date_end" in vals and not self.env.su:
            self._check_end_is_not_earlier(fields.Date.to_date(vals["date_end"]))
        result = super().write(vals)
        if "date_end" in vals:
            # A later end promises more visits: the schedule is completed again.
            self.sudo().filtered("visits_until").write({"visits_until": False})
        return result

    def _check_promise_is_free(self):
        if promised := self.filtered(lambda coverage: coverage.state != "draft"):
            raise UserError(
                self.env._(
                    "%s: equipment, warranty type and dates are agreed once validated. Make an "
                    "amendment of the contract, or end the coverage and add another one.",
                    ", ".join(promised.mapped("display_name")),
                )
            )

    def _check_end_is_not_earlier(self, date_end):
        """Ending early cancels visits: it takes the button, and a reason."""
        shortened = self.filtered(
            lambda coverage: (
                coverage.state != "draft"
                and date_end
                and (not coverage.date_end or date_end < coverage.date_end)
            )
        )
        if shortened:
            raise UserError(
                self.env._(
                    "End: use the button to end the coverage of %s earlier.",
                    ", ".join(shortened.mapped("display_name")),
                )
            )

    # === ACTIONS === #

    def action_view_visits(self):
        return open_window(
            self, "maintenance_visit_action", domain=[("coverage_id", "=", self.id)], context={}
        )

    # === LIFE CYCLE === #

    def _check_can_validate(self):
        # EXTENDS coverage
        for calendar in self._get_calendars():
            if not calendar._has_opening_hours():
                raise ValidationError(
                    self.env._("Working Calendar: “%s” has no opening hours.", calendar.name)
                )
        return super()._check_can_validate()

    def _after_validate(self):
        # EXTENDS coverage
        if len(self) > COVERAGES_AT_ONCE:
            self.env.ref("maintenance_contract.ir_cron_generate_visits")._trigger()
        else:
            self.sudo()._generate_visits(fields.Date.context_today(self))
        return super()._after_validate()

    def _after_end(self):
        # EXTENDS coverage
        unpromised = self.sudo().visit_ids.filtered(
            lambda visit: (
                visit.state in OPEN_STATES
                and (
                    visit.coverage_id.state == "cancelled"
                    or visit.nominal_date > visit.coverage_id.date_end
                )
            )
        )
        # The message of the coverage says it for all of them.
        unpromised.with_context(**SILENT)._move_to("cancelled")
        return super()._after_end()

    def _get_calendar(self):
        """The calendar on whose open days the visits fall."""
        self.ensure_one()
        return self.contract_id.calendar_id or self.company_id.resource_calendar_id

    def _get_calendars(self):
        return self.env["resource.calendar"].union(*(coverage._get_calendar() for coverage in self))
