from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.bulk_insert import insert_records
from ..core.checks import check_numbers

# Not planned yet: the dispatcher may still move or skip them.
OPEN_STATES = ("upcoming", "to_plan", "missed")
BACKLOG_STATES = ("to_plan", "missed")
# The chatter would only say that a program did its work.
SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}


class MaintenanceVisit(models.Model):
    """A visit promised for one equipment, from its place in a series to the day it was made.

    A generated visit is known by its coverage, its plan and its rank in the series: the database
    refuses a second one, so that generating twice gives the same rows.
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
    _guarded_fields = frozenset({"state", "rank", "plan_id"})
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

    _series_uniq = models.UniqueIndex(
        "(coverage_id, plan_id, rank) WHERE plan_id IS NOT NULL",
        "This visit of the series exists already.",
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

    @api.depends("plan_id")
    def _compute_duration(self):
        for visit in self:
            visit.duration = visit.plan_id.duration or visit.duration

    # === CONSTRAINTS === #

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
