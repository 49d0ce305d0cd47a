from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..core.checks import check_numbers
from ..core.windows import open_window

DRAFT_STATES = ("draft", "offered")
# What is agreed may still change: the visits are not promised yet.
CHANGING_STATES = (*DRAFT_STATES, "accepted")


class MaintenanceContract(models.Model):
    """What a customer was promised: for which equipment, at which sites, how long, at what rhythm.

    The contract gives defaults; what is covered, by what and until when is decided by its
    coverages.
    """

    _name = "maintenance.contract"
    _description = "Maintenance Contract"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "maintenance.guarded.mixin",
        "maintenance.numbered.mixin",
        "maintenance.finite.mixin",
    ]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "partner_id.name", "customer_reference"]
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "commercial_partner_id"})
    _agreed_fields = frozenset(
        {
            "name", "partner_id", "company_id", "date_start", "term_months", "renewal",
            "renewal_months",
        }
    )  # fmt: skip

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("active", "Active"),
            ("ended", "Ended"),
            ("terminated", "Terminated"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.currency_id,
    )

    # Who and where
    partner_id = fields.Many2one(
        "res.partner",
        string="Billed Customer",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    customer_reference = fields.Char(copy=False, help="The customer's own number for the contract.")
    site_ids = fields.Many2many(
        "res.partner",
        "maintenance_contract_site_rel",
        "contract_id",
        "partner_id",
        string="Sites",
        check_company=True,
        help="The addresses where the equipment stands.",
    )
    source_id = fields.Many2one(
        "utm.source", string="Origin", ondelete="restrict", help="Where the contract came from."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        index="btree_not_null",
        tracking=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    # Defaults of its coverages
    tier_id = fields.Many2one(
        "maintenance.tier",
        string="Default Tier",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        string="Default Warranty Type",
        check_company=True,
        ondelete="restrict",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Calendar",
        check_company=True,
        ondelete="restrict",
        compute="_compute_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The open days and public holidays that visits and delays are counted on.",
    )

    # Billing
    billing_period = fields.Selection(
        [
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-year"),
            ("year", "Year"),
            ("months", "Several months"),
        ],
        string="Billing Periodicity",
        default="year",
        required=True,
        tracking=True,
    )
    billing_months = fields.Integer(
        string="Months Per Invoice",
        compute="_compute_billing_months",
        store=True,
        readonly=False,
        precompute=True,
    )

    # What is covered
    coverage_ids = fields.One2many("maintenance.coverage", "contract_id", copy=True)
    coverage_count = fields.Integer(compute="_compute_coverage_count")
    note = fields.Html("Terms")

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Number: this company has this contract already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = contract.name or self.env._("New")

    @api.depends("company_id")
    def _compute_calendar_id(self):
        for contract in self:
            calendar = contract.calendar_id
            if not calendar or calendar.company_id not in (False, contract.company_id):
                contract.calendar_id = contract.company_id.resource_calendar_id

    @api.depends("billing_period")
    def _compute_billing_months(self):
        months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
        for contract in self:
            contract.billing_months = months.get(
                contract.billing_period, contract.billing_months or 1
            )

    @api.depends("coverage_ids")
    def _compute_coverage_count(self):
        counts = dict(
            self.env["maintenance.coverage"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.coverage_count = counts.get(contract, 0)

    # === CONSTRAINTS === #

    @api.constrains("billing_months")
    def _check_billing_months(self):
        check_numbers(self, "billing_months", minimum=1, maximum=120)

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for contract in self:
            if contract.calendar_id and not contract.calendar_id._has_opening_hours():
                raise ValidationError(
                    self.env._(
                        "Working Calendar: “%s” has no opening hours.", contract.calendar_id.name
                    )
                )

    @api.constrains("partner_id", "site_ids", "date_start", "term_months", "renewal", "company_id")
    def _check_coverages(self):
        self.coverage_ids._check_equipment_belongs()
        self.coverage_ids._check_within_contract()

    # === CRUD === #

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "coverage_ids" not in (default or {}):
            for contract, vals in zip(self, vals_list, strict=True):
                # What was replaced or removed on the way is history.
                last = contract._get_last_coverages().sorted("id")
                vals["coverage_ids"] = [Command.create(line) for line in last.copy_data()]
        return vals_list

    def write(self, vals):
        if self._agreed_fields & vals.keys() and not self.env.su:
            self._check_not_agreed()
        return super().write(vals)

    def _check_not_agreed(self):
        if agreed := self.filtered(lambda contract: contract.state not in CHANGING_STATES):
            raise UserError(
                self.env._(
                    "%s: number, customer, company, term and renewal are agreed once it is active.",
                    ", ".join(agreed.mapped("name")),
                )
            )

    # === ACTIONS === #

    def action_view_coverages(self):
        return open_window(
            self,
            "maintenance_coverage_action",
            domain=[("contract_id", "=", self.id)],
            context={"default_contract_id": self.id},
        )

    # === BUSINESS METHODS === #

    def _get_last_coverages(self):
        """What is covered until the contract ends, as far as it is known now.

        Equipment that was removed or replaced, and coverages that others have followed, are left
        out.

        :rtype: maintenance.coverage
        """
        self.ensure_one()
        last_day = self._get_last_day()
        return self.coverage_ids.filtered(
            lambda coverage: (
                coverage.state != "cancelled"
                and not coverage.successor_ids.filtered(lambda other: other.state != "cancelled")
                # Those that end with the contract have its reason.
                and (not coverage.end_reason or coverage.date_end == last_day)
            )
        )
