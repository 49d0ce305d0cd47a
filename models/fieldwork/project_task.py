from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime


class ProjectTask(models.Model):
    """A task of the technicians' planning: of an intervention, or a one-off without customer."""

    _inherit = "project.task"

    intervention_id = fields.Many2one(
        "maintenance.intervention",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    intervention_site_id = fields.Many2one(
        related="intervention_id.site_id", store=True, index="btree_not_null", string="Site"
    )
    planned_date_begin = fields.Datetime("Planned Start", index=True, tracking=True, copy=False)
    check_ids = fields.One2many("maintenance.check", "task_id", string="Checklist")
    check_todo_count = fields.Integer(compute="_compute_check_counts")
    check_count = fields.Integer(compute="_compute_check_counts")
    is_field_task = fields.Boolean(
        compute="_compute_is_field_task",
        search="_search_is_field_task",
        help="It is in the field planning of its company.",
    )
    planning_warning = fields.Text(
        compute="_compute_planning_warning", help="Overlaps and absences of the technicians."
    )

    # === COMPUTE METHODS === #

    @api.depends("check_ids.result")
    def _compute_check_counts(self):
        for task in self:
            task.check_count = len(task.check_ids)
            task.check_todo_count = len(task.check_ids.filtered(lambda c: c.result == "todo"))

    @api.depends("project_id")
    def _compute_is_field_task(self):
        for task in self:
            project = task.project_id
            task.is_field_task = bool(project) and project == project.company_id.planning_project_id

    def _search_is_field_task(self, operator, value):
        if operator != "in":
            return NotImplemented
        projects = self.env["res.company"].sudo().search([]).planning_project_id
        return Domain("project_id", "in", projects.ids)

    @api.depends("user_ids", "planned_date_begin", "date_deadline", "state")
    def _compute_planning_warning(self):
        planned = self.filtered(
            lambda task: (
                task.is_field_task and not task.is_closed and task.user_ids and task._is_planned()
            )
        )
        (self - planned).planning_warning = False
        if not planned:
            return
        overlaps = planned._get_overlaps()
        absences = planned._get_absences()
        for task in planned:
            task.planning_warning = "\n".join([*overlaps[task], *absences[task]]) or False

    def _is_planned(self):
        self.ensure_one()
        return bool(
            self.planned_date_begin
            and self.date_deadline
            and self.planned_date_begin < self.date_deadline
        )

    def _get_overlaps(self):
        """What else the technicians of these tasks do at the same time.

        :rtype: dict[project.task, list[str]]
        """
        others = self.search(
            Domain("user_ids", "in", self.user_ids.ids)
            & Domain("is_field_task", "=", True)
            & Domain("is_closed", "=", False)
            & Domain("planned_date_begin", "<", max(self.mapped("date_deadline")))
            & Domain("date_deadline", ">", min(self.mapped("planned_date_begin")))
        )
        warnings = defaultdict(list)
        for task in self:
            for other in others:
                if (
                    other._origin != task._origin
                    and other.planned_date_begin < task.date_deadline
                    and other.date_deadline > task.planned_date_begin
                ):
                    warnings[task] += [
                        self.env._(
                            "%(technician)s is also on “%(task)s”, %(start)s.",
                            technician=user.name,
                            task=other.name,
                            start=format_datetime(self.env, other.planned_date_begin),
                        )
                        for user in task.user_ids & other.user_ids
                    ]
        return warnings

    def _get_absences(self):
        """When the technicians of these tasks are away.

        :rtype: dict[project.task, list[str]]
        """
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                Domain("time_type", "=", "leave")
                & Domain("resource_id.user_id", "in", self.user_ids.ids)
                & Domain("date_from", "<", max(self.mapped("date_deadline")))
                & Domain("date_to", ">", min(self.mapped("planned_date_begin")))
            )
        )
        warnings = defaultdict(list)
        for task in self:
            for leave in leaves:
                user = leave.resource_id.user_id
                if (
                    user in task.user_ids._origin
                    and leave.date_from < task.date_deadline
                    and leave.date_to > task.planned_date_begin
                ):
                    warnings[task].append(
                        self.env._(
                            "%(technician)s is absent from %(start)s to %(end)s.",
                            technician=user.name,
                            start=format_datetime(self.env, leave.date_from),
                            end=format_datetime(self.env, leave.date_to),
                        )
                    )
        return warnings

    # === CONSTRAINTS === #

    @api.constrains("planned_date_begin", "date_deadline")
    def _check_planned_dates(self):
        for task in self:
            if (
                task.planned_date_begin
                and task.date_deadline
                and task.date_deadline < task.planned_date_begin
            ):
                raise ValidationError(
                    self.env._("Deadline: “%s” would end before its planned start.", task.name)
                )

    @api.constrains("intervention_id", "state")
    def _check_intervention_open(self):
        for task in self:
            if task.intervention_id.state in ("closed", "cancelled") and not task.is_closed:
                raise ValidationError(
                    self.env._(
                        "Intervention: %s is closed, it takes no open task.",
                        task.intervention_id.name,
                    )
                )

    # === ACTIONS === #

    def action_close_task(self):
        """The technician or the dispatcher closes the task: it shows as done."""
        self.write({"state": "1_done"})

    def action_checks_ok(self):
        """Tick all that is left of the checklist."""
        self.check_ids.filtered(lambda check: check.result == "todo").action_ok()
