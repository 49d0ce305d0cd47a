from babel.dates import get_day_names

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import babel_locale_parse, get_lang

from ...tools import recurrence
from ...tools.schedule import FIXED, FLOATING, Shift
from ...tools.visits import Plan
from ..core.checks import check_numbers, check_percents

RULE_FIELDS = frozenset(
    {
        "rule_kind", "interval_count", "interval_unit", "nth", "weekday", "every_months",
        "iso_week", "date_ids", "per_year", "mode", "late_percent", "early_percent",
        "tolerance_days",
    }
)  # fmt: skip


class MaintenanceVisitPlan(models.Model):
    """How often an equipment is visited, and how precisely (SEMANTICS §2).

    The rule of a plan that has visits is frozen: changing it would move promises already made.
    Window, horizon, duration, skills and checklist may change at any time; a visit takes a copy of
    the last three when it becomes *to plan*.
    """

    _name = "maintenance.visit.plan"
    _description = "Visit Plan"
    _inherit = ["maintenance.finite.mixin"]
    _order = "package desc, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="warranty_type_id.company_id", store=True, index=True)

    # The series
    rule_kind = fields.Selection(
        [
            ("interval", "Every …"),
            ("per_year", "Times per contract year"),
            ("nth_weekday", "Weekday of the month"),
            ("iso_week", "Week of the year"),
            ("dates", "List of dates"),
        ],
        string="Periodicity",
        default="interval",
        required=True,
    )
    interval_count = fields.Integer("Every", default=12)
    interval_unit = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months"), ("year", "Years")],
        string="Unit",
        default="month",
    )
    per_year = fields.Integer("Visits per Contract Year", default=1)
    nth = fields.Selection(
        [("1", "First"), ("2", "Second"), ("3", "Third"), ("4", "Fourth"), ("-1", "Last")],
        string="Which",
        default="1",
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        default="0",
    )
    every_months = fields.Integer("Every (Months)", default=1)
    iso_week = fields.Integer("Week Number", default=1)
    date_ids = fields.One2many("maintenance.visit.plan.date", "plan_id", string="Dates", copy=True)

    # How the series moves when a visit is early or late
    mode = fields.Selection(
        [("fixed", "Fixed"), ("floating", "Floating"), ("partial", "Partial shift")],
        default="fixed",
        required=True,
        help="Fixed: the next visit is counted from the date foreseen. Floating: from the date "
        "done. Partial shift: the next date moves by a share of the days late or early.",
    )
    late_percent = fields.Integer("Shift When Late (%)", default=100)
    early_percent = fields.Integer("Shift When Early (%)", default=100)
    tolerance_days = fields.Integer(
        "Tolerance (Days)", help="Up to so many days early or late, the next date does not move."
    )

    # When it must be done, and when it must be planned
    window_before = fields.Integer("Window Before (Days)", default=15)
    window_after = fields.Integer("Window After (Days)", default=15)
    horizon_days = fields.Integer(
        "Horizon (Days)", default=60, help="How long ahead a visit enters the backlog."
    )
    closed_day_rule = fields.Selection(
        [
            ("keep", "Keep the date"),
            ("next", "Next open day"),
            ("previous", "Previous open day"),
            ("skip", "Skip the visit"),
        ],
        string="On a Closed Day",
        default="next",
        required=True,
    )
    overlap_rule = fields.Selection(
        [("stack", "Keep both"), ("supersede", "Keep the newer one")],
        string="When the Next Is Due",
        default="stack",
        required=True,
        help="What happens to a visit still open on the day of the next one of this plan.",
    )
    spacing_days = fields.Integer(
        "Days Between Two Visits",
        default=1,
        help="Two visits of this plan closer than this cannot both count: the promise meter uses "
        "it to tell which promised visits cannot fit any more in the contract year.",
    )
    package = fields.Integer(
        string="Rank",
        default=1,
        help="A visit of a higher rank contains those of lower rank that fall near it: the annual "
        "one swallows the quarterly one.",
    )

    # What is done
    duration = fields.Float("Expected Duration", default=2.0, help="In hours.")
    skill_ids = fields.Many2many("hr.skill", string="Skills")
    checklist_id = fields.Many2one("maintenance.checklist", check_company=True, ondelete="restrict")

    summary = fields.Char(compute="_compute_summary")

    _interval_range = models.Constraint(
        "CHECK (interval_count BETWEEN 1 AND 3660)", "Every: give from 1 to 3660."
    )
    _per_year_range = models.Constraint(
        "CHECK (per_year BETWEEN 1 AND 365)", "Visits per Contract Year: give from 1 to 365."
    )
    _window_range = models.Constraint(
        "CHECK (window_before BETWEEN 0 AND 3660 AND window_after BETWEEN 0 AND 3660 "
        "AND horizon_days BETWEEN 0 AND 3660 AND tolerance_days BETWEEN 0 AND 3660)",
        "Window, horizon and tolerance: give from 0 to 3660 days.",
    )
    _duration_range = models.Constraint(
        "CHECK (duration >= 0 AND duration <= 10000)", "Expected Duration: give 0 hours or more."
    )

    @api.depends(
        "rule_kind", "interval_count", "interval_unit", "per_year", "nth", "weekday",
        "every_months", "iso_week", "date_ids",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_summary(self):
        for plan in self:
            plan.summary = plan._describe_rule()

    def _describe_rule(self):
        self.ensure_one()
        match self.rule_kind:
            case "interval":
                return self._describe_interval(self.interval_count, self.interval_unit)
            case "per_year" if self.per_year == 1:
                return self.env._("Once per contract year")
            case "per_year":
                return self.env._("%s times per contract year", self.per_year)
            case "nth_weekday":
                return self.env._(
                    "%(nth)s %(weekday)s: %(every)s",
                    nth=dict(self._fields["nth"]._description_selection(self.env)).get(self.nth),
                    weekday=self._get_weekday_name(),
                    every=self._describe_interval(self.every_months, "month").lower(),
                )
            case "iso_week":
                return self.env._(
                    "Every year: %(weekday)s of week %(week)s",
                    weekday=self._get_weekday_name(),
                    week=self.iso_week,
                )
        return ", ".join(format_date(self.env, line.date) for line in self.date_ids if line.date)

    def _describe_interval(self, count, unit):
        # A sentence for each unit: in many languages the words around it agree with it.
        match unit:
            case "day":
                one, many = self.env._("Every day"), self.env._("Every %s days", count)
            case "week":
                one, many = self.env._("Every week"), self.env._("Every %s weeks", count)
            case "month":
                one, many = self.env._("Every month"), self.env._("Every %s months", count)
            case "year":
                one, many = self.env._("Every year"), self.env._("Every %s years", count)
            case _:
                return ""
        return one if count == 1 else many

    def _get_weekday_name(self):
        """The weekday as it is written inside a sentence."""
        if not self.weekday:
            return ""
        locale = babel_locale_parse(get_lang(self.env).code)
        return get_day_names(locale=locale)[int(self.weekday)]

    # === CONSTRAINTS === #

    @api.constrains(
        "interval_count", "interval_unit", "per_year", "every_months", "iso_week", "date_ids",
        "rule_kind",
    )  # fmt: skip
    def _check_rule(self):
        for unit, longest in recurrence.LONGEST.items():
            plans = self.filtered_domain([("interval_unit", "=", unit)])
            check_numbers(plans, "interval_count", minimum=1, maximum=min(longest, 3660))
        check_numbers(self, "per_year", minimum=1, maximum=365)
        check_numbers(self, "every_months", minimum=1, maximum=120)
        check_numbers(self, "iso_week", minimum=1, maximum=53)
        for plan in self:
            if plan.rule_kind == "dates" and not plan.date_ids:
                raise ValidationError(
                    self.env._("Dates: list at least one date for “%s”.", plan.name)
                )
            try:
                plan._get_rule()
            except ValueError as error:
                raise ValidationError(
                    self.env._("Periodicity: “%s” gives no dates.", plan.name)
                ) from error

    @api.constrains("mode", "rule_kind", "late_percent", "early_percent", "tolerance_days")
    def _check_shift(self):
        check_percents(self, "late_percent", "early_percent")
        check_numbers(self, "tolerance_days", maximum=3660)
        for plan in self:
            if plan.mode != "fixed" and plan.rule_kind != "interval":
                raise ValidationError(
                    self.env._(
                        "Mode: only a plan “every so many days or months” can move with the date "
                        "done; “%s” must stay fixed.",
                        plan.name,
                    )
                )

    @api.constrains("window_before", "window_after", "horizon_days", "spacing_days", "duration")
    def _check_days(self):
        check_numbers(self, "window_before", "window_after", "horizon_days", maximum=3660)
        check_numbers(self, "spacing_days", minimum=1, maximum=3660)
        check_numbers(self, "duration", maximum=10000)

    def write(self, vals):
        if vals.keys() & RULE_FIELDS:
            self._check_rule_is_free(vals)
        return super().write(vals)

    def _check_rule_is_free(self, vals):
        changed = self.filtered(
            lambda plan: any(
                name in vals and (name == "date_ids" or plan[name] != vals[name])
                for name in RULE_FIELDS
            )
        )
        if (
            self.env["maintenance.visit"]
            .sudo()
            .search_count([("plan_id", "in", changed.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "Periodicity: %s has visits already. Archive it and add another plan, or copy "
                    "the warranty type.",
                    ", ".join(changed.mapped("name")),
                )
            )

    # === BUSINESS METHODS === #

    def _get_rule(self):
        """The series of this plan as a value for the pure rules.

        :raises ValueError: when the settings make no rule
        :rtype: recurrence.Rule
        """
        self.ensure_one()
        match self.rule_kind:
            case "interval":
                return recurrence.Every(self.interval_count, self.interval_unit)
            case "per_year":
                return recurrence.PerYear(self.per_year)
            case "nth_weekday":
                return recurrence.NthWeekday(int(self.nth), int(self.weekday), self.every_months)
            case "iso_week":
                return recurrence.IsoWeek(self.iso_week, int(self.weekday))
        return recurrence.Dates(tuple(sorted(self.date_ids.mapped("date"))))

    def _get_shift(self):
        self.ensure_one()
        match self.mode:
            case "floating":
                return Shift(FLOATING.late, FLOATING.early, self.tolerance_days)
            case "partial":
                return Shift(self.late_percent, self.early_percent, self.tolerance_days)
        return FIXED

    def _get_plan(self):
        """This plan as a value for the pure rules.

        :rtype: tools.visits.Plan
        """
        self.ensure_one()
        return Plan(
            id=self.id,
            rule=self._get_rule(),
            shift=self._get_shift(),
            before=self.window_before,
            after=self.window_after,
            horizon=self.horizon_days,
            closed_day_rule=self.closed_day_rule,
            package=self.package,
        )
