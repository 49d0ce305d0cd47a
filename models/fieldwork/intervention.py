from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.contract_dates import MIN_DATE
from ..core.windows import open_dialog, open_form, open_window


class MaintenanceIntervention(models.Model):
    """A numbered intervention file at one site: its tasks, and a result for each equipment.

    It closes when its tasks are closed and each equipment has its result; what was found there
    is then final, and the visits it made are done at their real date.
    """

    _name = "maintenance.intervention"
    _description = "Intervention"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "maintenance.guarded.mixin",
        "maintenance.numbered.mixin",
    ]
    _order = "planned_start desc, id desc"
    _rec_names_search = ["name", "partner_id.name", "site_id.name"]
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "arrived_at", "date_closed", "closed_by_id"})
    # What the report tells the customer: it does not change once the file is closed.
    _final_fields = frozenset(
        {
            "name", "subject", "kind", "company_id", "partner_id", "site_id", "contact_id",
            "contract_id", "user_id", "remarks",
        }
    )  # fmt: skip

    subject = fields.Char(help="What it is about, in a few words.")
    kind = fields.Selection(
        [
            ("preventive", "Preventive"),
            ("curative", "Curative"),
            ("support", "Support"),
            ("installation", "Installation"),
        ],
        default="curative",
        required=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("planned", "Planned"),
            ("in_progress", "In progress"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    site_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="Where the technicians go.",
    )
    contact_id = fields.Many2one(
        "res.partner", string="Contact on Site", ondelete="set null", check_company=True
    )
    contract_id = fields.Many2one(
        "maintenance.contract", index="btree_not_null", ondelete="restrict", check_company=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    # Work
    line_ids = fields.One2many(
        "maintenance.intervention.line", "intervention_id", string="Equipment", copy=True
    )
    task_ids = fields.One2many("project.task", "intervention_id", string="Tasks")
    task_count = fields.Integer(compute="_compute_task_counts")
    open_task_count = fields.Integer(compute="_compute_task_counts")
    technician_ids = fields.Many2many(
        "res.users",
        "maintenance_intervention_technician_rel",
        "intervention_id",
        "user_id",
        compute="_compute_from_tasks",
        store=True,
    )
    planned_start = fields.Datetime(compute="_compute_from_tasks", store=True, index=True)
    planned_end = fields.Datetime(compute="_compute_from_tasks", store=True)
    hours_spent = fields.Float(compute="_compute_hours_spent")
    planning_warning = fields.Text(compute="_compute_planning_warning")
    arrived_at = fields.Datetime(
        "On Site Since", readonly=True, copy=False, help="When the first technician arrived."
    )

    # Result
    remarks = fields.Html(help="Printed on the report.", copy=False)
    internal_note = fields.Html(copy=False)
    date_closed = fields.Datetime(readonly=True, copy=False, tracking=True)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Number: this company has this intervention already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "subject", "site_id.name")
    def _compute_display_name(self):
        for intervention in self:
            number = intervention.name or self.env._("New")
            parts = (number, intervention.subject or intervention.site_id.name)
            intervention.display_name = " – ".join(filter(None, parts))

    @api.depends("site_id", "contract_id")
    def _compute_partner_id(self):
        for intervention in self:
            intervention.partner_id = (
                intervention.partner_id
                or intervention.contract_id.partner_id
                or intervention.site_id.commercial_partner_id
            )

    @api.depends("task_ids.state")
    def _compute_task_counts(self):
        for intervention in self:
            intervention.task_count = len(intervention.task_ids)
            intervention.open_task_count = len(intervention._get_open_tasks())

    @api.depends("task_ids.user_ids", "task_ids.planned_date_begin", "task_ids.date_deadline")
    def _compute_from_tasks(self):
        for intervention in self:
            tasks = intervention.task_ids
            intervention.technician_ids = tasks.user_ids
            intervention.planned_start = min(
                filter(None, tasks.mapped("planned_date_begin")), default=False
            )
            intervention.planned_end = max(
                filter(None, tasks.mapped("date_deadline")), default=False
            )

    @api.depends("task_ids.effective_hours")
    def _compute_hours_spent(self):
        for intervention in self:
            intervention.hours_spent = sum(intervention.sudo().task_ids.mapped("effective_hours"))

    @api.depends("task_ids.planning_warning")
    def _compute_planning_warning(self):
        for intervention in self:
            warnings = filter(None, intervention.task_ids.mapped("planning_warning"))
            intervention.planning_warning = "\n".join(dict.fromkeys(warnings)) or False

    # === CONSTRAINTS === #

    @api.constrains("line_ids", "site_id")
    def _check_equipment_at_site(self):
        self.line_ids._check_equipment()

    # === CRUD === #

    def write(self, vals):
        if self._final_fields & vals.keys() and not self.env.su:
            self._check_not_final()
        return super().write(vals)

    def _check_not_final(self):
        if final := self.filtered(lambda i: i.state in ("closed", "cancelled")):
            raise UserError(
                self.env._(
                    "%s is closed or cancelled: what its report says is final.",
                    ", ".join(final.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_worked(self):
        if kept := self.filtered(lambda i: i.state != "draft" or i.line_ids.visit_id):
            raise UserError(
                self.env._(
                    "%s: a planned intervention is not deleted. Cancel it.",
                    ", ".join(kept.mapped("name")),
                )
            )

    # === ACTIONS === #

    def action_plan(self):
        """Confirm what was entered by hand: at least one task tells who goes and when."""
        self._check_state("draft")
        for intervention in self:
            if not intervention.task_ids:
                raise UserError(
                    self.env._(
                        "Tasks: add at least one to %s before planning it.", intervention.name
                    )
                )
        self._move_to("planned")

    def action_start(self):
        """The first technician has arrived."""
        self._check_state("planned")
        self.sudo().line_ids.visit_id.filtered(lambda v: v.state == "planned")._move_to(
            "in_progress"
        )
        self._move_to("in_progress")
        self._arrive(fields.Datetime.now())

    def action_close(self):
        """Check that the tasks are closed, then ask for the result of each equipment.

        :raises UserError: listing the open tasks by name
        """
        self.ensure_one()
        self._check_state("planned", "in_progress")
        self._check_tasks_closed()
        return open_dialog(
            self,
            self.env._("Close %s", self.name),
            "maintenance.intervention.closing",
            default_intervention_id=self.id,
        )

    def action_cancel(self):
        """Give up the intervention: its visits go back to the backlog, its tasks are cancelled."""
        self._check_state("draft", "planned", "in_progress")
        # Who may open an intervention may give it up: not the technician who is sent.
        self.check_access("create")
        for intervention in self.sudo():
            visits = intervention.line_ids.visit_id
            intervention.line_ids._set_result("cancelled")
            intervention._get_open_tasks().write({"state": "1_canceled"})
            visits._back_to_backlog()
        self._move_to("cancelled")

    def action_view_tasks(self):
        action = open_window(
            self,
            "project_task_action_planning",
            domain=[("intervention_id", "=", self.id)],
            context={
                "default_intervention_id": self.id,
                "default_project_id": self.company_id.planning_project_id.id,
                "default_partner_id": self.partner_id.id,
            },
        )
        # The tasks of one intervention are read as a list first, whenever they are planned.
        action["views"] = sorted(action["views"], key=lambda view: view[1] != "list")
        return action

    def action_view_contract(self):
        return open_form(self, "contract_id")

    def action_print_report(self):
        return self.env.ref("maintenance_contract.action_report_intervention").report_action(self)

    # === BUSINESS METHODS === #

    def _arrive(self, at):
        """Note when the first technician arrived; the caller has checked the rights.

        :param datetime at: UTC
        """
        self.sudo().filtered(lambda i: not i.arrived_at).write({"arrived_at": at})

    def _prepare_task_vals(self, title, start, end, technicians):
        """A task of the technicians' planning for this intervention.

        :param str title: what it is about; the site where there is nothing to say
        :param datetime start: planned start, UTC
        :param datetime end: planned end, UTC
        :param technicians: who goes
        :rtype: dict
        """
        self.ensure_one()
        return {
            "name": " – ".join(filter(None, (self.name, title or self.site_id.name))),
            "project_id": self.company_id.planning_project_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "intervention_id": self.id,
            "user_ids": [fields.Command.set(technicians.ids)],
            "planned_date_begin": start,
            "date_deadline": end,
        }

    def _plan_first_task(self, start, end, technicians):
        """Plan a new intervention at once, with one task for all; see `_prepare_task_vals`."""
        self.ensure_one()
        self._check_state("draft")
        self.env["project.task"].create(
            self._prepare_task_vals(self.subject, start, end, technicians)
        )
        self._move_to("planned")

    def _get_open_tasks(self):
        return self.task_ids.filtered(lambda task: not task.is_closed)

    def _check_tasks_closed(self):
        """Refuse to close while tasks are open (seed 001).

        :raises UserError: with the names of the open tasks
        """
        for intervention in self:
            if open_tasks := intervention._get_open_tasks():
                raise UserError(
                    self.env._(
                        "%(intervention)s cannot be closed: these tasks are still open.\n%(tasks)s",
                        intervention=intervention.name,
                        tasks="\n".join(f"– {task.name}" for task in open_tasks),
                    )
                )

    def _close(self, results):
        """Close the file with the result of each equipment, and settle the visits it made.

        :param results: values of each line: ``result``, ``done_date``, ``reason_id``, ``remark``
        :type results: dict[maintenance.intervention.line, dict]
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state("planned", "in_progress")
        self._check_tasks_closed()
        # The lines are written in superuser mode: those of another file are not his to settle.
        if any(line.intervention_id != self for line in results):
            raise ValidationError(
                self.env._("Equipment: close %s with its own equipment only.", self.name)
            )
        for line, vals in results.items():
            if vals["result"] == "done":
                check_dates_done(self, vals["done_date"])
            line.sudo().write(vals)
        pending = self.line_ids.filtered(lambda line: line.result == "pending")
        if pending:
            raise ValidationError(
                self.env._(
                    "Result: say what was done on %s.",
                    ", ".join(pending.equipment_id.mapped("display_name")),
                )
            )
        self.sudo().line_ids._settle_visits()
        self._move_to("closed", date_closed=fields.Datetime.now(), closed_by_id=self.env.uid)

    def _get_last_work_day(self):
        """The local day of the last work, proposed as the date on which the visits were made."""
        self.ensure_one()
        tasks = self.sudo().task_ids
        worked = tasks.timesheet_ids.mapped("date")
        closed = [fields.Date.context_today(self, day) for day in tasks.mapped("date_end") if day]
        today = fields.Date.context_today(self)
        return min(max(worked or closed or [today]), today)


def check_dates_done(intervention, done_on):
    """Refuse a date of work that is missing, absurd or in the future.

    :raises ValidationError: naming the field
    """
    today = fields.Date.context_today(intervention)
    if not done_on or not MIN_DATE <= done_on <= today:
        raise ValidationError(
            intervention.env._("Done On: give the day of the work, today at the latest.")
        )
