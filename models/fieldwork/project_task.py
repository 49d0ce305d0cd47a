from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from odoo.addons.project.models.project_task import CLOSED_STATES

from ..core.checks import check_dates
from ..core.windows import open_form


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
    intervention_site_address = fields.Char(
        related="intervention_site_id.contact_address_inline", string="Address"
    )
    intervention_state = fields.Selection(
        related="intervention_id.state", string="Intervention Status"
    )
    planned_date_begin = fields.Datetime("Planned Start", index=True, tracking=True, copy=False)
    check_ids = fields.One2many("maintenance.check", "task_id", string="Checklist")
    check_todo_count = fields.Integer(compute="_compute_check_counts")
    check_done_count = fields.Integer(compute="_compute_check_counts")
    check_count = fields.Integer(compute="_compute_check_counts")
    is_checklist_final = fields.Boolean(
        compute="_compute_is_checklist_final", help="Its intervention is closed."
    )
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
            task.check_done_count = task.check_count - task.check_todo_count

    @api.depends("intervention_state")
    def _compute_is_checklist_final(self):
        for task in self:
            task.is_checklist_final = task.intervention_state == "closed"

    @api.depends("project_id")
    def _compute_is_field_task(self):
        for task in self:
            project = task.project_id
            task.is_field_task = bool(project) and project == project.company_id.planning_project_id

    def _search_is_field_task(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = self.env["res.company"].sudo().search([("planning_project_id", "!=", False)])
        return Domain("project_id", "in", companies.planning_project_id.ids)

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

    def _get_planned_hours(self):
        """Hours from planned start to deadline; over several days, the open ones among them."""
        self.ensure_one()
        start, end = self.planned_date_begin, self.date_deadline
        if end - start <= timedelta(days=1):
            return (end - start).total_seconds() / 3600
        calendar = (self.company_id or self.env.company).resource_calendar_id
        return calendar.get_work_hours_count(start, end, compute_leaves=False)

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
        busy = defaultdict(list)
        for other in others:
            for user in other.user_ids:
                busy[user].append(other)
        warnings = defaultdict(list)
        for task in self:
            # In a form not saved yet the technicians are those chosen, not those in the database.
            for user in task.user_ids._origin:
                warnings[task] += [
                    self.env._(
                        "%(technician)s is also on “%(task)s”, %(start)s.",
                        technician=user.name,
                        task=other.name,
                        start=format_datetime(
                            self.env, other.planned_date_begin, dt_format="short"
                        ),
                    )
                    for other in busy[user]
                    if other != task._origin
                    and other.planned_date_begin < task.date_deadline
                    and other.date_deadline > task.planned_date_begin
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
                            start=format_datetime(self.env, leave.date_from, dt_format="short"),
                            end=format_datetime(self.env, leave.date_to, dt_format="short"),
                        )
                    )
        return warnings

    # === CONSTRAINTS === #

    @api.constrains("planned_date_begin", "date_deadline")
    def _check_planned_dates(self):
        check_dates(self.filtered("is_field_task"), "planned_date_begin", "date_deadline")
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

    # === CRUD === #

    @api.model
    def default_get(self, fields):
        # EXTENDS project
        return super(ProjectTask, self._with_planning_project()).default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_intervention_id")
        self._check_may_see({vals.get("intervention_id", default) for vals in vals_list})
        tasks = super(ProjectTask, self._with_planning_project()).create(vals_list)
        for task in tasks:
            # Without it, what is planned on the board would weigh nothing in the workload.
            if task.is_field_task and task._is_planned() and not task.allocated_hours:
                task.allocated_hours = task._get_planned_hours()
        return tasks

    @api.model
    def _with_planning_project(self):
        """Where tasks are added on the planning board, default to the company's planning project.

        An action cannot name it: it differs from one company to the other.
        """
        context = self.env.context
        if not context.get("field_planning") or context.get("default_project_id"):
            return self
        company = self.env["res.company"].browse(
            context.get("default_company_id") or self.env.company.id
        )
        return self.with_context(default_project_id=company.planning_project_id.id)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_intervention(self):
        """Its checklist and its hours are part of what the intervention reports."""
        if kept := self.sudo().filtered(
            lambda task: task.intervention_id and task.intervention_id.state != "draft"
        ):
            raise UserError(
                self.env._(
                    "%s: a task of an intervention is not deleted. Cancel it.",
                    ", ".join(kept.mapped("name")),
                )
            )

    def write(self, vals):
        if "intervention_id" in vals and not self.env.su:
            self._check_may_see({vals["intervention_id"]})
            self._check_work_is_not_reported(vals["intervention_id"])
        if "user_ids" in vals and not self.env.su and self.sudo().intervention_id:
            # Who is sent sees the whole file: the dispatcher decides, not the technician.
            self.env["maintenance.intervention"].check_access("create")
        # EXTENDS project: a task of the field planning has no stage that would date its end.
        if "state" in vals and "date_end" not in vals:
            is_closed = vals["state"] in CLOSED_STATES
            field_tasks = self.filtered("is_field_task")
            super(ProjectTask, field_tasks).write(
                {**vals, "date_end": fields.Datetime.now() if is_closed else False}
            )
            return super(ProjectTask, self - field_tasks).write(vals)
        return super().write(vals)

    def _check_may_see(self, intervention_ids):
        """Who has a task of an intervention sees it: nobody gives himself one he may not see."""
        self.env["maintenance.intervention"].browse(filter(None, intervention_ids)).check_access(
            "read"
        )

    def _check_work_is_not_reported(self, intervention_id):
        """Refuse to take a task, its checklist and its hours out of a closed intervention."""
        reported = self.sudo().intervention_id.filtered(
            lambda i: i.state == "closed" and i.id != intervention_id
        )
        if reported:
            raise UserError(
                self.env._(
                    "%s is closed: its tasks stay with it.", ", ".join(reported.mapped("name"))
                )
            )

    # === ACTIONS === #

    def action_start_intervention(self):
        """The technician has arrived: the intervention of his task is in progress."""
        self.intervention_id.action_start()

    def action_view_intervention(self):
        return open_form(self, "intervention_id")

    def action_close_task(self):
        """The technician or the dispatcher closes the task: it shows as done."""
        self.write({"state": "1_done"})

    def action_checks_ok(self):
        """Tick all that is left of the checklist."""
        self.check_ids.filtered(lambda check: check.result == "todo").action_ok()

    # === PLANNING BOARD === #

    @api.model
    @api.readonly
    def get_planning_technicians(self, also):
        """The rows of the planning board: all technicians, those without any task included.

        Who is a technician by another role, a dispatcher for instance, has a row when he has tasks.

        :param list[int] also: users who have tasks on the board
        :rtype: list[dict]
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("The planning board is for the company's own users."))
        technicians = (
            self.env["res.users"]
            .sudo()
            .search(
                Domain("company_ids", "in", self.env.companies.ids)
                & (
                    Domain(
                        "group_ids",
                        "in",
                        self.env.ref("maintenance_contract.group_technician").ids,
                    )
                    | Domain("id", "in", also)
                )
            )
        )
        return [{"id": user.id, "name": user.name} for user in technicians.sorted("name")]
