from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.schedule import to_plan_on, window
from ..core.bulk_insert import insert_records
from ..core.checks import check_dates, check_numbers, check_period, is_in_range

# Not planned yet: the dispatcher may still move or skip them.
OPEN_STATES = ("upcoming", "to_plan", "missed")
BACKLOG_STATES = ("to_plan", "missed")
# Days ahead at which a visit that no plan foresees enters the backlog.
HORIZON_BY_HAND = 60
# The chatter would only say that a program did its work.
SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


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
    """A visit promised for one equipment, from its place in a series to the day it was made.

    A generated visit is known by its coverage, its plan and its rank in the series: the database
    refuses a second one, so that generating twice gives the same rows. `series_date` is where the
    series puts it, `nominal_date` the open day aimed at, `proposed_date` the day that suits its
    group best; window and horizon are counted from the nominal date.
    """

    _name = "maintenance.visit"
    _description = "Maintenance Visit"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "maintenance.finite.mixin",
        "maintenance.guarded.mixin",
    ]
    _order = "nominal_date, id"
    _rec_names_search = ["equipment_id.name", "equipment_id.serial_no", "plan_id.name"]
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "done_date", "series_date", "rank", "plan_id"})
    # What was promised, and what it is judged by.
    _promised_fields = frozenset(
        {
            "company_id", "equipment_id", "coverage_id", "contract_id", "customer_id", "site_id",
            "contract_year", "nominal_date", "earliest_date", "latest_date", "to_plan_date",
        }
    )  # fmt: skip

    state = fields.Selection(
        [
            ("upcoming", "Upcoming"),
            ("to_plan", "To plan"),
            ("missed", "Missed"),
            ("planned", "Planned"),
            ("in_progress", "In progress"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("superseded", "Superseded"),
            ("cancelled", "Cancelled"),
        ],
        default="upcoming",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
    )

    # What is visited, and where: a copy of what was true when the visit was created
    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, index=True, ondelete="restrict", check_company=True
    )
    coverage_id = fields.Many2one(
        "maintenance.coverage",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        compute="_compute_coverage_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    contract_id = fields.Many2one(
        "maintenance.contract",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        compute="_compute_from_coverage",
        store=True,
        readonly=False,
        precompute=True,
    )
    group_id = fields.Many2one(
        "maintenance.visit.group",
        string="Visit Group",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        compute="_compute_from_coverage",
        store=True,
        readonly=False,
        precompute=True,
    )
    customer_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
    )
    site_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        compute="_compute_from_equipment",
        store=True,
        readonly=False,
        precompute=True,
    )

    # Its place in the series
    plan_id = fields.Many2one(
        "maintenance.visit.plan",
        string="Visit Plan",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="Empty for a visit added by hand.",
    )
    rank = fields.Integer(readonly=True, copy=False, help="Rank in the series, from 0.")
    contract_year = fields.Integer(
        readonly=True, aggregator=False, help="The year of the contract that promises it, from 1."
    )
    nested_ids = fields.One2many(
        "maintenance.visit.nested",
        "visit_id",
        string="Contains",
        help="Visits of lower rank that are made with this one.",
    )

    # Its dates
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
    done_date = fields.Date(readonly=True, copy=False, tracking=True)
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
        help="Not done, and its latest day has passed.",
    )
    is_subject_to_renewal = fields.Boolean(
        compute="_compute_is_subject_to_renewal",
        compute_sudo=True,
        help="After the current term of a contract renewed tacitly.",
    )
    is_provisional = fields.Boolean(
        compute="_compute_is_provisional",
        help="It will move when an earlier visit of its plan is done.",
    )

    # What is done: a copy of the plan, taken when it becomes to plan
    duration = fields.Float(
        "Expected Duration",
        compute="_compute_duration",
        store=True,
        readonly=False,
        precompute=True,
    )
    skill_ids = fields.Many2many("hr.skill", string="Skills", copy=False)
    check_ids = fields.One2many("maintenance.check", "visit_id", string="Checklist")
    note = fields.Text()

    # When it was not made
    skip_reason_id = fields.Many2one(
        "maintenance.skip.reason", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    skip_note = fields.Char(readonly=True, copy=False)
    skip_user_id = fields.Many2one(
        "res.users", string="Skipped By", readonly=True, copy=False, ondelete="restrict"
    )
    schedule_error = fields.Char(
        readonly=True, copy=False, help="Why the nightly run left this visit aside."
    )

    _series_uniq = models.UniqueIndex(
        "(coverage_id, plan_id, rank) WHERE plan_id IS NOT NULL",
        "This visit of the series exists already.",
    )
    _window = models.Constraint(
        "CHECK (latest_date >= earliest_date)", "Latest Date: it is before the earliest date."
    )
    _backlog_idx = models.Index("(nominal_date, id) WHERE state IN ('to_plan', 'missed')")
    _upcoming_idx = models.Index("(to_plan_date) WHERE state = 'upcoming'")
    _to_plan_idx = models.Index("(latest_date) WHERE state = 'to_plan'")
    _order_idx = models.Index("(nominal_date, id)")

    # === COMPUTE METHODS === #

    @api.depends("equipment_id", "plan_id", "nominal_date")
    def _compute_display_name(self):
        for visit in self:
            parts = (visit.plan_id.name or self.env._("Visit"), visit.equipment_id.display_name)
            visit.display_name = " – ".join(filter(None, parts))

    @api.depends("equipment_id")
    def _compute_from_equipment(self):
        for visit in self:
            equipment = visit.equipment_id
            visit.company_id = equipment.company_id or visit.company_id or self.env.company
            visit.customer_id = equipment.customer_id
            visit.site_id = equipment.site_id

    @api.depends("equipment_id")
    def _compute_coverage_id(self):
        for visit in self:
            if visit.coverage_id.equipment_id != visit.equipment_id:
                visit.coverage_id = visit.equipment_id.coverage_id

    @api.depends("coverage_id")
    def _compute_from_coverage(self):
        for visit in self:
            visit.contract_id = visit.coverage_id.contract_id
            visit.group_id = visit.coverage_id.visit_group_id

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

    @api.depends("plan_id")
    def _compute_duration(self):
        for visit in self:
            visit.duration = visit.plan_id.duration or visit.duration

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

    @api.depends("nominal_date", "contract_id")
    def _compute_is_subject_to_renewal(self):
        for visit in self:
            contract = visit.contract_id
            visit.is_subject_to_renewal = bool(
                contract.renewal == "tacit"
                and contract.current_term_end
                and visit.nominal_date
                and visit.nominal_date > contract.current_term_end
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

    @api.constrains("duration")
    def _check_duration(self):
        check_numbers(self, "duration", maximum=10000)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        # A visit added by hand enters the backlog without waiting for the night.
        by_hand = visits.filtered(lambda visit: not visit.plan_id and visit.state == "upcoming")
        by_hand.sudo()._advance(fields.Date.context_today(self))
        return visits

    def write(self, vals):
        if self._promised_fields & vals.keys() and not self.env.su:
            self.check_access("write")
            self._check_promise_is_free()
        if vals.get("proposed_date") and not self.env.su:
            vals = {**vals, "is_date_by_hand": True}
        return super().write(vals)

    def _check_promise_is_free(self):
        """Only a visit added by hand may change its equipment or dates, until it is planned."""
        promised = self.filtered(lambda visit: visit.plan_id or visit.state not in OPEN_STATES)
        if promised:
            raise UserError(
                self.env._(
                    "%s: equipment and dates of a promised visit stay as its plan made them.",
                    ", ".join(promised.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_promised(self):
        if promised := self.filtered("plan_id"):
            raise UserError(
                self.env._(
                    "%s: a promised visit is not deleted. Skip it with a reason.",
                    ", ".join(promised.mapped("display_name")),
                )
            )

    @api.model
    def _create_generated(self, vals_list, contained):
        """Create visits of series in one batch, silently.

        :param list[dict] vals_list: complete values
        :param contained: for each, the plan and rank of the visits that it contains
        """
        visits = insert_records(self, vals_list)
        self.env["maintenance.visit.nested"].create(
            [
                {
                    "visit_id": visit_id,
                    "coverage_id": vals["coverage_id"],
                    "plan_id": plan_id,
                    "rank": rank,
                }
                for visit_id, vals, lowers in zip(visits.ids, vals_list, contained, strict=True)
                for plan_id, rank in lowers
            ]
        )
        self.browse(
            visit_id
            for visit_id, vals in zip(visits.ids, vals_list, strict=True)
            if vals["state"] in BACKLOG_STATES
        )._take_snapshot()
        return visits

    # === ACTIONS === #

    def action_skip(self):
        """Open the wizard that asks for the reason."""
        return {
            "name": self.env._("Skip Visits"),
            "type": "ir.actions.act_window",
            "res_model": "maintenance.visit.skip",
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_ids": self.ids},
        }

    def action_reopen(self):
        """Take back a skip, or the cancellation of a visit that is still covered."""
        self.check_access("write")
        for visit in self:
            if visit.state not in ("skipped", "superseded", "cancelled"):
                raise UserError(self.env._("%s is open already.", visit.display_name))
            if visit.coverage_id and visit.coverage_id.state != "validated":
                raise UserError(self.env._("%s: its coverage has ended.", visit.display_name))
            last_day = visit.coverage_id.date_end
            if last_day and visit.nominal_date > last_day:
                raise UserError(
                    self.env._("%s: it falls after the end of its coverage.", visit.display_name)
                )
        self._move_to("upcoming", skip_reason_id=False, skip_note=False, skip_user_id=False)
        self.sudo()._advance(fields.Date.context_today(self))

    # === BUSINESS METHODS === #

    def _get_done_on(self):
        """The day the visit was done, for the rules of the series; None while it is not."""
        self.ensure_one()
        return self.done_date if self.state == "done" else None

    def _skip(self, reason, note):
        """Take these visits off the backlog; a visit planned must be unplanned first."""
        for visit in self:
            if visit.state not in OPEN_STATES:
                raise UserError(
                    self.env._("%s cannot be skipped in its state.", visit.display_name)
                )
        self._move_to(
            "skipped", skip_reason_id=reason.id, skip_note=note, skip_user_id=self.env.user.id
        )

    def _mark_done(self, on):
        """Record that these visits were made on ``on``, and move the next ones as their mode says.

        :param date on: the local day of the visit
        """
        self._move_to("done", done_date=on)
        self.coverage_id.sudo()._move_open_visits(fields.Date.context_today(self))

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
