from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain

from ...tools.contract_dates import MAX_DATE, term_containing
from ...tools.open_days import EVERY_DAY
from ...tools.schedule import due_state
from ...tools.visits import Known, Term, moved_visits, new_visits
from ..core.batch import process_in_batches
from .coverage import MONTHS_AHEAD
from .visit import OPEN_STATES, SILENT
from .visit_date import visit_dates

COVERAGES_PER_BATCH = 200


class MaintenanceCoverage(models.Model):
    """The schedule of a coverage: which visits it promises, created by batches and kept ahead."""

    _inherit = "maintenance.coverage"

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
        coverages._get_complete_groups(today)._propose_dates()
        return visits

    def _get_complete_groups(self, today):
        """The visit groups of these coverages, but for those that still wait for visits.

        The dates of a large group are so proposed once, with its last batch, and not with each.
        """
        groups = self.visit_group_id
        is_behind = Domain.OR(
            self._get_to_schedule_domain(company, today) for company in self.company_id
        )
        waiting = self._read_group(
            is_behind
            & Domain("visit_group_id", "in", groups.ids)
            # What fails is not waited for.
            & Domain("schedule_error", "=", False),
            ["visit_group_id"],
        )
        return groups - groups.browse().union(*(group for (group,) in waiting))

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
        series = coverages.visit_ids.filtered(lambda visit: visit.state in OPEN_STATES).grouped(
            lambda visit: (visit.coverage_id, visit.plan_id)
        )
        for coverage in coverages:
            term = coverage._get_term(horizons[coverage])
            for plan in coverage.warranty_type_id.plan_ids.filtered(lambda p: p.mode != "fixed"):
                moved = moved_visits(plan._get_plan(), term, known[coverage], open_days[coverage])
                if (coverage, plan) in series:
                    series[coverage, plan]._move_dates(moved, today)
        coverages._generate_visits(today)

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
            company._at_work(coverages)._generate_visits(days[company])

    def _note_schedule_error(self, error):
        """Keep on the coverage why its visits could not be created, and tell somebody once."""
        self.ensure_one()
        if self.schedule_error == str(error):
            return
        self.schedule_error = str(error)
        coverage = self.company_id._at_work(self)
        coverage.message_post(body=coverage.env._("The visits could not be created: %s", error))
