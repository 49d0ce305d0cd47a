from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..models.core.checks import check_dates


class MaintenanceVisitPlanning(models.TransientModel):
    """Plans visits: who goes, when, with which visits of the group; opens the interventions."""

    _name = "maintenance.visit.planning"
    _description = "Plan Visits"

    visit_ids = fields.Many2many("maintenance.visit", required=True)
    is_whole_group = fields.Boolean(
        string="With the Visits of the Group",
        help="Add the visits of the same group that can be made on the same day.",
    )
    has_group = fields.Boolean(compute="_compute_planned_visit_ids")
    planned_visit_ids = fields.Many2many(
        "maintenance.visit",
        "maintenance_visit_planning_planned_rel",
        string="Visits",
        compute="_compute_planned_visit_ids",
    )
    intervention_count = fields.Integer(compute="_compute_planned_visit_ids")
    start = fields.Datetime(
        required=True, compute="_compute_start", store=True, readonly=False, precompute=True
    )
    end = fields.Datetime(
        required=True, compute="_compute_end", store=True, readonly=False, precompute=True
    )
    technician_ids = fields.Many2many(
        "res.users", string="Technicians", required=True, domain="[('share', '=', False)]"
    )
    is_task_per_equipment = fields.Boolean("One Task per Equipment")
    warning = fields.Text(compute="_compute_warning")

    @api.depends("visit_ids", "is_whole_group")
    def _compute_planned_visit_ids(self):
        for wizard in self:
            visits = wizard.visit_ids._origin
            wizard.has_group = bool(visits.group_id)
            if wizard.is_whole_group:
                visits = visits.group_id._get_visits_with(visits)
            wizard.planned_visit_ids = visits
            wizard.intervention_count = len(visits._group_by_intervention())

    @api.depends("visit_ids")
    def _compute_start(self):
        for wizard in self:
            company = wizard.visit_ids[:1].company_id or self.env.company
            today = company._get_today()
            day = max(min(wizard.visit_ids.mapped("proposed_date"), default=today), today)
            wizard.start = max(
                self._get_morning(self._get_open_day(day, company), company), self._get_next_hour()
            )

    @api.depends("start", "planned_visit_ids")
    def _compute_end(self):
        for wizard in self:
            hours = sum(wizard.planned_visit_ids.mapped("duration")) or 1.0
            wizard.end = wizard.start and wizard.start + timedelta(hours=hours)

    @api.model
    def _get_open_day(self, day, company):
        """The first day from ``day`` on that the company's calendar opens, if there is one."""
        calendar = company.sudo().resource_calendar_id
        if not calendar:
            return day
        open_days = calendar._get_open_days(day, day + timedelta(days=31))[calendar]
        return open_days.next_open(day) or day

    @api.model
    def _get_next_hour(self):
        """The next full hour, in UTC."""
        return fields.Datetime.now().replace(minute=0, second=0) + timedelta(hours=1)

    @api.model
    def _get_morning(self, day, company):
        """Eight o'clock of a local day at the company's, as UTC."""
        zone = timezone(company.sudo().resource_calendar_id.tz or "UTC")
        return zone.localize(datetime.combine(day, time(8))).astimezone(utc).replace(tzinfo=None)

    @api.depends("start", "end", "technician_ids", "planned_visit_ids")
    def _compute_warning(self):
        for wizard in self:
            wizard.warning = "\n".join(wizard._get_warnings()) or False

    def _get_warnings(self):
        """What the dispatcher should know before planning: nothing of it blocks.

        :rtype: list[str]
        """
        self.ensure_one()
        if not (self.start and self.end):
            return []
        warnings = []
        day = fields.Date.context_today(self, self.start)
        # In the open wizard these are records of the form: compare what they stand for.
        visits, technicians = self.planned_visit_ids._origin, self.technician_ids._origin
        for visit in visits:
            if not visit.earliest_date <= day <= visit.latest_date:
                warnings.append(
                    self.env._(
                        "%(visit)s: outside its window, %(earliest)s to %(latest)s.",
                        visit=visit.display_name,
                        earliest=format_date(self.env, visit.earliest_date),
                        latest=format_date(self.env, visit.latest_date),
                    )
                )
        warnings += [
            self.env._(
                "%s: the service of the contract is stopped for payment.", visit.display_name
            )
            for visit in visits.filtered("is_service_stopped")
        ]
        missing = visits.skill_ids - technicians.sudo().employee_ids.skill_ids
        if technicians and missing:
            warnings.append(
                self.env._("None of the technicians has: %s.", ", ".join(missing.mapped("name")))
            )
        if technicians and self.start < self.end:
            task = self.env["project.task"].new(
                {
                    "project_id": self.env.company.planning_project_id.id,
                    "planned_date_begin": self.start,
                    "date_deadline": self.end,
                    "user_ids": technicians.ids,
                }
            )
            warnings += [*task._get_overlaps()[task], *task._get_absences()[task]]
        return warnings

    @api.constrains("technician_ids", "visit_ids")
    def _check_technicians(self):
        for wizard in self:
            companies = wizard.visit_ids.company_id
            strangers = wizard.technician_ids.sudo().filtered(
                lambda user, companies=companies: user.share or companies - user.company_ids
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "Technicians: %s do not work for this company.",
                        ", ".join(strangers.mapped("name")),
                    )
                )

    @api.constrains("start", "end")
    def _check_period(self):
        check_dates(self, "start", "end")
        for wizard in self:
            if wizard.end <= wizard.start:
                raise ValidationError(self.env._("End: it must be after the start."))

    def action_plan(self):
        """Open the interventions and show them."""
        self.ensure_one()
        interventions = self.planned_visit_ids._open_interventions(
            self.start, self.end, self.technician_ids, self.is_task_per_equipment
        )
        action = {
            "name": self.env._("Interventions"),
            "type": "ir.actions.act_window",
            "res_model": "maintenance.intervention",
        }
        if len(interventions) == 1:
            return {**action, "view_mode": "form", "res_id": interventions.id}
        return {**action, "view_mode": "list,form", "domain": [("id", "in", interventions.ids)]}
