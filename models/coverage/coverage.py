from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core.batch import process_in_batches, tell_failure
from ..core.checks import check_numbers, check_period, is_in_range
from ..core.windows import open_dialog

COVERAGES_PER_BATCH = 1000


class MaintenanceCoverage(models.Model):
    """One equipment covered: by which warranty type and tier, from when to when, at what price.

    SLA, visits, price and rights all derive from this line. Two coverages of the same kind never
    overlap on one equipment: the database refuses it.
    """

    _name = "maintenance.coverage"
    _description = "Coverage"
    _inherit = ["mail.thread", "maintenance.finite.mixin", "maintenance.guarded.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["equipment_id.name", "equipment_id.serial_no", "contract_id.name"]
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "kind", "end_reason"})

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("validated", "Validated"),
            ("ended", "Ended"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    kind = fields.Selection(
        [("warranty", "Warranty"), ("contract", "Contract")],
        compute="_compute_kind",
        store=True,
        precompute=True,
        help="A warranty comes with a delivery, a coverage under contract with a contract.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        required=True,
        index=True,
        precompute=True,
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        "maintenance.contract", index="btree_not_null", ondelete="cascade", check_company=True
    )
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")

    # What is covered, by what
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    customer_id = fields.Many2one(
        related="equipment_id.customer_id", store=True, index="btree_not_null"
    )
    site_id = fields.Many2one(related="equipment_id.site_id", store=True, index="btree_not_null")
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        required=True,
        ondelete="restrict",
        check_company=True,
        compute="_compute_warranty_type_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    tier_id = fields.Many2one(
        "maintenance.tier",
        ondelete="restrict",
        check_company=True,
        compute="_compute_tier_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )

    # When and how much
    date_start = fields.Date(
        "Start",
        required=True,
        copy=False,
        tracking=True,
        compute="_compute_date_start",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_end = fields.Date(
        "End",
        copy=False,
        tracking=True,
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day covered. Empty: until it is ended.",
    )
    end_reason = fields.Char(readonly=True, copy=False, tracking=True)
    price = fields.Monetary(
        "Yearly Price",
        groups="maintenance_contract.group_contract_manager,account.group_account_invoice,"
        "account.group_account_readonly",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")

    _period = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)", "End: it is before the start."
    )
    _price_range = models.Constraint(
        "CHECK (price IS NULL OR (price >= 0 AND price < 1e12))", "Yearly Price: give 0 or more."
    )
    # The range of one identifier stands for its equality: it needs no extension of PostgreSQL.
    _overlap_contract = models.Constraint(
        "EXCLUDE USING gist (int4range(equipment_id, equipment_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (kind = 'contract' AND state IN ('validated', 'ended'))",
        "Equipment: it is under contract already on some of these days.",
    )
    _overlap_warranty = models.Constraint(
        "EXCLUDE USING gist (int4range(equipment_id, equipment_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (kind = 'warranty' AND state IN ('validated', 'ended'))",
        "Equipment: it has a warranty already on some of these days.",
    )

    # === COMPUTE METHODS === #

    @api.depends("equipment_id.name", "equipment_id.serial_no", "tier_id.name", "contract_id.name")
    def _compute_display_name(self):
        for coverage in self:
            parts = (
                coverage.equipment_id.display_name,
                coverage.contract_id.name or coverage.warranty_type_id.name,
            )
            coverage.display_name = " – ".join(filter(None, parts))

    @api.depends("contract_id")
    def _compute_kind(self):
        for coverage in self:
            coverage.kind = "contract" if coverage.contract_id else "warranty"

    @api.depends("contract_id.company_id", "equipment_id.company_id")
    def _compute_company_id(self):
        for coverage in self:
            coverage.company_id = (
                coverage.contract_id.company_id
                or coverage.company_id
                or coverage.equipment_id.company_id
                or self.env.company
            )

    @api.depends("contract_id.currency_id", "company_id")
    def _compute_currency_id(self):
        for coverage in self:
            coverage.currency_id = (
                coverage.contract_id.currency_id or coverage.company_id.currency_id
            )

    # Two methods: a default given to one of these fields must not keep the other from its own.
    @api.depends("contract_id")
    def _compute_warranty_type_id(self):
        for coverage in self:
            coverage.warranty_type_id = (
                coverage.warranty_type_id or coverage.contract_id.warranty_type_id
            )

    @api.depends("contract_id.date_start")
    def _compute_date_start(self):
        for coverage in self:
            start, contract_start = coverage.date_start, coverage.contract_id.date_start
            if coverage.state == "draft" and start and contract_start:
                # A contract put off takes along the equipment that would start before it.
                start = max(start, contract_start)
            coverage.date_start = start or contract_start or fields.Date.context_today(self)

    @api.depends("contract_id", "warranty_type_id")
    def _compute_tier_id(self):
        for coverage in self:
            coverage.tier_id = (
                coverage.tier_id
                or coverage.contract_id.tier_id
                or coverage.warranty_type_id.tier_id
            )

    @api.depends("contract_id.date_end", "contract_id.renewal", "warranty_type_id", "date_start")
    def _compute_date_end(self):
        for coverage in self.filtered(lambda coverage: coverage.state == "draft"):
            if coverage.contract_id:
                coverage.date_end = coverage.contract_id._get_last_day()
            elif coverage.warranty_type_id and is_in_range(coverage.date_start):
                coverage.date_end = coverage.warranty_type_id._get_end_date(coverage.date_start)
            else:
                coverage.date_end = coverage.date_end

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        check_period(self, "date_start", "date_end")

    @api.constrains("price")
    def _check_price(self):
        check_numbers(self.sudo(), "price", maximum=1e12)

    @api.constrains("date_start", "date_end", "contract_id")
    def _check_within_contract(self):
        for coverage in self.filtered("contract_id"):
            contract = coverage.contract_id
            last_day = contract._get_last_day()
            if coverage.date_start < contract.date_start:
                raise ValidationError(
                    self.env._(
                        "Start: %(equipment)s would be covered from %(start)s, before its contract "
                        "(%(contract_start)s).",
                        equipment=coverage.equipment_id.display_name,
                        start=format_date(self.env, coverage.date_start),
                        contract_start=format_date(self.env, contract.date_start),
                    )
                )
            if last_day and (not coverage.date_end or coverage.date_end > last_day):
                raise ValidationError(
                    self.env._(
                        "End: %(equipment)s would be covered after the end of its contract "
                        "(%(last_day)s).",
                        equipment=coverage.equipment_id.display_name,
                        last_day=format_date(self.env, last_day),
                    )
                )

    @api.constrains("equipment_id", "contract_id")
    def _check_equipment_belongs(self):
        """Refuse to cover, under a customer's contract, the equipment of another customer."""
        for coverage in self.filtered("contract_id"):
            contract, equipment = coverage.contract_id, coverage.equipment_id
            owners = (equipment.customer_id | equipment.site_id).commercial_partner_id
            parties = contract.commercial_partner_id | contract.site_ids.commercial_partner_id
            if owners and not owners & parties:
                raise ValidationError(
                    self.env._(
                        "Equipment: %(equipment)s belongs to %(owner)s, not to the customer or a "
                        "site of %(contract)s.",
                        equipment=equipment.display_name,
                        owner=owners[0].display_name,
                        contract=contract.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_validated(self):
        if validated := self.filtered(
            lambda coverage: coverage.state not in ("draft", "cancelled")
        ):
            raise UserError(
                self.env._(
                    "%s: a validated coverage is kept. End it instead.",
                    ", ".join(validated.mapped("display_name")),
                )
            )

    # === ACTIONS === #

    def action_validate(self):
        """Start these coverages. Validating again, from anywhere, changes nothing."""
        self.check_access("write")
        # Two tabs or servers at once: one works, the other is told to try again.
        # The contract first: each of the two could otherwise lock some of its coverages.
        self.contract_id.lock_for_update(allow_referencing=True)
        self.lock_for_update(allow_referencing=True)
        drafts = self.filtered(lambda coverage: coverage.state == "draft")
        drafts._check_overlap()
        drafts._check_can_validate()
        drafts._move_to("validated")
        self.filtered(lambda coverage: coverage.state == "validated")._after_validate()

    def action_end(self):
        """Open the wizard that asks for the date and the reason."""
        return open_dialog(
            self,
            self.env._("End the Coverage"),
            "maintenance.termination",
            default_coverage_ids=self.ids,
        )

    # === BUSINESS METHODS === #

    def _is_in_force(self, day):
        """Whether the equipment was covered on a day, whatever the state is today (SEMANTICS §6).

        :param date day: a local day
        """
        self.ensure_one()
        return (
            self.state in ("validated", "ended")
            and self.date_start <= day
            and (not self.date_end or day <= self.date_end)
        )

    def _check_can_validate(self):
        for contract in self.contract_id:
            if contract.state not in ("accepted", "active"):
                raise UserError(
                    self.env._(
                        "%s is not accepted yet: its equipment is validated after that.",
                        contract.name,
                    )
                )

    def _check_overlap(self):
        """Say, naming the other coverage, what the database would refuse once these are validated.

        :raises ValidationError: on the first equipment covered twice by the same kind
        """
        self.flush_model()
        overlaps = self.env.execute_query(
            SQL(
                """
                SELECT mine.id, other.id
                  FROM maintenance_coverage mine
                  JOIN maintenance_coverage other
                    ON other.equipment_id = mine.equipment_id
                   AND other.kind = mine.kind
                   AND other.id != mine.id
                   AND (other.state IN ('validated', 'ended') OR other.id IN %(ids)s)
                   AND daterange(other.date_start, other.date_end, '[]')
                       && daterange(mine.date_start, mine.date_end, '[]')
                 WHERE mine.id IN %(ids)s
                 LIMIT 1
                """,
                ids=self._ids or (0,),
            )
        )
        for mine_id, other_id in overlaps:
            mine, other = self.browse(mine_id), self.sudo().browse(other_id)
            raise ValidationError(
                self.env._(
                    "Equipment: %(equipment)s is covered already from %(start)s to %(end)s "
                    "(%(other)s).",
                    equipment=mine.equipment_id.display_name,
                    start=format_date(self.env, other.date_start),
                    end=format_date(self.env, other.date_end) or "…",
                    other=other.contract_id.name or other.warranty_type_id.name,
                )
            )

    def _filter_covered_elsewhere(self, after, last_day):
        """Those whose equipment is under another contract on days between these.

        :param date after: the day before the first one
        :param last_day: a date, or False for no end
        """
        others = self.sudo().search(
            Domain("equipment_id", "in", self.equipment_id.ids)
            & Domain("id", "not in", self.ids)
            & Domain("kind", "=", "contract")
            & Domain("state", "in", ("validated", "ended"))
            & (Domain("date_end", "=", False) | Domain("date_end", ">", after))
            & (Domain("date_start", "<=", last_day) if last_day else Domain.TRUE)
        )
        return self.filtered(lambda coverage: coverage.equipment_id in others.equipment_id)

    def _after_validate(self):
        """Hook: what follows from being covered. Called again for those covered already."""

    def _end(self, on, reason):
        """End these coverages on ``on``, their last day; those not started by then are cancelled.

        :param date on: last day covered
        :param str reason: kept on the coverage
        """
        self.check_access("write")
        today = fields.Date.context_today(self)
        open_coverages = self.filtered(
            lambda coverage: (
                coverage.state in ("draft", "validated")
                and (not coverage.date_end or coverage.date_end > on)
            )
        )
        # Those that end on that day anyway keep the reason: a renewal then leaves them out.
        self.filtered(
            lambda coverage: coverage.state == "validated" and coverage.date_end == on
        )._move_to("validated", end_reason=reason)
        never_started = open_coverages.filtered(
            lambda coverage: coverage.state == "draft" or coverage.date_start > on
        )
        never_started._move_to("cancelled", end_reason=reason)
        for coverage in open_coverages - never_started:
            state = "ended" if on < today else "validated"
            coverage._move_to(state, date_end=on, end_reason=reason)
        open_coverages._after_end()

    def _check_nothing_after(self, on):
        """Hook: refuse a last day, already past, after which something would have to be undone.

        :param date on: last day covered
        """

    def _after_end(self):
        """Hook: what follows from ending earlier than promised."""

    @api.model
    def _end_elapsed(self, days):
        """Mark as ended the validated coverages whose last day has passed.

        :param days: the local day of each company, as given by `_get_local_days`
        :return: whether all were closed in the time of the run
        :rtype: bool
        """
        return process_in_batches(
            # The end was known: no message has to say that its day has come.
            self.with_context(tracking_disable=True),
            Domain("state", "=", "validated")
            & Domain.OR(
                Domain("company_id", "=", company.id) & Domain("date_end", "<", today)
                for company, today in days.items()
            ),
            COVERAGES_PER_BATCH,
            lambda coverages: coverages._move_to("ended"),
            tell_failure,
        )
