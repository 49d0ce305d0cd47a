from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.contract_dates import MAX_DATE, term_containing
from ...tools.open_days import EVERY_DAY
from ...tools.schedule import due_state
from ...tools.visits import Known, Term, moved_visits, new_visits
from ..core.batch import process_in_batches
from ..core.checks import check_dates
from .visit import OPEN_STATES, SILENT, visit_dates

# An open-ended coverage always knows its visits so far ahead.
MONTHS_AHEAD = 24
COVERAGES_PER_BATCH = 200
# Above it, validating hands the creation of visits over to the cron: no click lasts a minute.
COVERAGES_AT_ONCE = 500


class MaintenanceCoverage(models.Model):
    """A validated coverage has the visits that its warranty type promises."""

    _inherit = "maintenance.coverage"
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
        start = max(self.date_start or today, today).replace(day=1)
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
        if not (self.date_start and self.first_visit_date and self.warranty_type_id):
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
        if "date_end" in vals:
            # A later end promises more visits: the schedule is completed again.
            vals = {"visits_until": False, **vals}
        return super().write(vals)

    def _check_promise_is_free(self):
        if promised := self.filtered(lambda coverage: coverage.state != "draft"):
            raise UserError(
                self.env._(
                    "%s: equipment, warranty type and dates are agreed once validated. End the "
                    "coverage and add another one.",
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
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_visit_action"
        )
        return {**action, "domain": [("coverage_id", "=", self.id)], "context": {}}

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

    # === VISITS === #

    def _get_horizon(self, today):
        """The day up to which the visits have to exist.

        The whole term when it has an end; otherwise two years ahead, to the end of that month, so
        that a coverage is extended once a month and not every night.
        """
        self.ensure_one()
        return self.date_end or self._get_open_horizon(max(today, self.date_start))

    @api.model
    def _get_open_horizon(self, today):
        return min(today + relativedelta(months=MONTHS_AHEAD, day=31), MAX_DATE)

    def _get_last_day(self, default):
        self.ensure_one()
        return self.date_end or max(default, self.date_start)

    def _generate_visits(self, today):
        """Create the visits these coverages promise and that do not exist yet.

        Who may validate a coverage may have its visits created: the caller checked that, and this
        runs in superuser mode.

        :param date today: the local day
        :return: the visits created
        :rtype: maintenance.visit
        """
        coverages = self.filtered(lambda coverage: coverage.state == "validated")
        known = coverages._get_known_visits()
        horizons = {coverage: coverage._get_horizon(today) for coverage in coverages}
        open_days = coverages._get_open_days(max(horizons.values(), default=today))
        plans = coverages.warranty_type_id._get_plans()
        vals_list, contained = [], []
        for coverage in coverages:
            common = coverage._prepare_common_visit_vals()
            for visit in new_visits(
                plans[coverage.warranty_type_id],
                coverage._get_term(horizons[coverage]),
                horizons[coverage],
                known[coverage],
                open_days[coverage],
                coverage.warranty_type_id.nesting_days,
            ):
                vals_list.append({**common, **coverage._prepare_visit_vals(visit, today)})
                contained.append(visit.contains)
        visits = self.env["maintenance.visit"]._create_generated(vals_list, contained)
        for horizon, scheduled in coverages.grouped(horizons.get).items():
            scheduled.write({"visits_until": horizon, "schedule_error": False})
        coverages.visit_group_id._propose_dates()
        return visits

    def _get_term(self, horizon):
        """The term of this coverage as a value; one without an end lasts to the horizon.

        :rtype: tools.visits.Term
        """
        self.ensure_one()
        return Term(self.first_visit_date, self.date_start, self._get_last_day(horizon))

    def _get_known_visits(self):
        """The visits of these coverages, as the rules want them, in two queries.

        :rtype: dict[maintenance.coverage, list[Known]]
        """
        known = defaultdict(list)
        visits = self.env["maintenance.visit"].search_fetch(
            [("coverage_id", "in", self.ids), ("plan_id", "!=", False)],
            ["coverage_id", "plan_id", "rank", "series_date", "nominal_date", "done_date", "state"],
        )
        for visit in visits:
            known[visit.coverage_id].append(
                Known(visit.plan_id.id, visit.rank, visit.series_date, visit._get_done_on())
            )
        for nested in self.env["maintenance.visit.nested"].search(
            [("coverage_id", "in", self.ids)]
        ):
            known[nested.coverage_id].append(
                Known(
                    nested.plan_id.id,
                    nested.rank,
                    nested.visit_id.series_date,
                    nested.visit_id._get_done_on(),
                    contained=True,
                )
            )
        return known

    def _get_open_days(self, last):
        """Open days of each coverage's calendar, each calendar read once.

        :rtype: dict[maintenance.coverage, OpenDays]
        """
        calendars = {coverage: coverage._get_calendar() for coverage in self}
        first = min(self.mapped("date_start"), default=last)
        days = self._get_calendars()._get_open_days(first, last)
        return {
            coverage: days[calendar] if calendar else EVERY_DAY
            for coverage, calendar in calendars.items()
        }

    def _move_open_visits(self, today):
        """Move the open visits of shifting plans to where the visits done put them.

        Dates of planned visits stay: they were agreed with the customer.
        """
        coverages = self.filtered(
            lambda coverage: (
                coverage.state == "validated"
                and any(plan.mode != "fixed" for plan in coverage.warranty_type_id.plan_ids)
            )
        )
        if not coverages:
            return
        known = coverages._get_known_visits()
        horizons = {coverage: coverage._get_horizon(today) for coverage in coverages}
        open_days = coverages._get_open_days(max(horizons.values()))
        visits = coverages.visit_ids.filtered(lambda visit: visit.state in OPEN_STATES)
        for coverage in coverages:
            term = coverage._get_term(horizons[coverage])
            for plan in coverage.warranty_type_id.plan_ids.filtered(lambda p: p.mode != "fixed"):
                moved = moved_visits(plan._get_plan(), term, known[coverage], open_days[coverage])
                visits.filtered(
                    lambda visit, coverage=coverage, plan=plan: (
                        visit.coverage_id == coverage and visit.plan_id == plan
                    )
                )._move_dates(moved, today)
        coverages._generate_visits(today)
        coverages.visit_group_id._propose_dates()

    def _prepare_common_visit_vals(self):
        """Values that all visits of this coverage share when they are created."""
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "coverage_id": self.id,
            "contract_id": self.contract_id.id,
            "equipment_id": self.equipment_id.id,
            "customer_id": self.customer_id.id,
            "site_id": self.site_id.id,
            "group_id": self.visit_group_id.id,
        }

    def _prepare_visit_vals(self, visit, today):
        """The other values of a visit to create: with them, nothing is left to compute.

        :param tools.visits.Visit visit:
        :param date today: decides whether it is upcoming, to plan or missed already
        """
        self.ensure_one()
        start = self.contract_id.date_start or self.date_start
        return {
            "plan_id": visit.plan,
            "rank": visit.rank,
            "duration": self.env["maintenance.visit.plan"].browse(visit.plan).duration,
            "contract_year": term_containing(start, 12, max(visit.on, start))[0] + 1,
            **visit_dates(visit),
            "state": due_state(today, visit.to_plan_on, visit.window.latest),
        }

    # === CRON === #

    @api.model
    def _cron_generate_visits(self):
        """Create the visits that are missing: of large contracts, and as open ends move on."""
        days = self.env["res.company"]._get_local_days()
        process_in_batches(
            self.sudo().with_context(**SILENT),
            Domain.OR(self._get_to_schedule_domain(*company_day) for company_day in days.items()),
            COVERAGES_PER_BATCH,
            lambda coverages: coverages._generate_by_company(days),
            lambda coverage, error: coverage._note_schedule_error(error),
        )

    @api.model
    def _get_to_schedule_domain(self, company, today):
        """Coverages of ``company`` whose visits do not exist as far as they have to."""
        is_behind = Domain("visits_until", "=", False) | (
            Domain("date_end", "=", False)
            & Domain("visits_until", "<", self._get_open_horizon(today))
        )
        return Domain("company_id", "=", company.id) & Domain("state", "=", "validated") & is_behind

    def _generate_by_company(self, days):
        for company, coverages in self.grouped("company_id").items():
            coverages.with_company(company)._generate_visits(days[company])

    def _note_schedule_error(self, error):
        """Keep on the coverage why its visits could not be created, and tell somebody once."""
        self.ensure_one()
        if self.schedule_error == str(error):
            return
        self.schedule_error = str(error)
        self.message_post(body=self.env._("The visits could not be created: %s", error))
