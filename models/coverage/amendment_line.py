from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

PRICE_GROUPS = (
    "maintenance_contract.group_contract_manager,account.group_account_invoice,"
    "account.group_account_readonly"
)


class MaintenanceAmendmentLine(models.Model):
    """One change: equipment added, removed or replaced, or covered otherwise."""

    _name = "maintenance.amendment.line"
    _description = "Change of an Amendment"
    _inherit = ["maintenance.finite.mixin", "maintenance.guarded.mixin"]
    _order = "amendment_id, sequence, id"
    _rec_name = "summary"
    _check_company_auto = True
    _guarded_fields = frozenset({"new_coverage_id"})
    _number_ranges = {"price": (0, 1e12)}

    amendment_id = fields.Many2one(
        "maintenance.amendment", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="amendment_id.company_id", store=True, index=True)
    contract_id = fields.Many2one(related="amendment_id.contract_id")
    currency_id = fields.Many2one(related="amendment_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("add", "Add equipment"),
            ("remove", "Remove equipment"),
            ("change", "Change the coverage"),
            ("replace", "Replace equipment"),
        ],
        required=True,
        default="change",
    )
    coverage_id = fields.Many2one(
        "maintenance.coverage",
        string="Covered Equipment",
        ondelete="restrict",
        check_company=True,
        domain="[('contract_id', '=', contract_id), ('state', '=', 'validated')]",
        help="What changes.",
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        string="New Equipment",
        ondelete="restrict",
        check_company=True,
    )

    # What it will be: what it is, until something else is chosen
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        compute="_compute_from_coverage",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        check_company=True,
    )
    tier_id = fields.Many2one(
        "maintenance.tier",
        compute="_compute_from_coverage",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        check_company=True,
    )
    price = fields.Monetary(
        "New Yearly Price",
        compute="_compute_price",
        store=True,
        readonly=False,
        groups=PRICE_GROUPS,
    )

    # What it was, and what came of it
    tier_before_id = fields.Many2one(related="coverage_id.tier_id", string="Tier Before")
    price_before = fields.Monetary(
        "Yearly Price Before",
        compute="_compute_price_before",
        store=True,
        groups=PRICE_GROUPS,
        help="On the day of the amendment, without it.",
    )
    new_coverage_id = fields.Many2one(
        "maintenance.coverage", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    summary = fields.Char(compute="_compute_summary")

    _coverage_uniq = models.UniqueIndex(
        "(amendment_id, coverage_id) WHERE coverage_id IS NOT NULL",
        "Covered Equipment: it is changed by another line of this amendment.",
    )
    _price_range = models.Constraint(
        "CHECK (price IS NULL OR (price >= 0 AND price < 1e12))", "Yearly Price: give 0 or more."
    )

    # === COMPUTE METHODS === #

    @api.depends("coverage_id", "kind", "amendment_id.contract_id")
    def _compute_from_coverage(self):
        for line in self:
            # An added equipment is covered as the contract says.
            model = line.contract_id if line.kind == "add" else line.coverage_id
            line.warranty_type_id = model.warranty_type_id
            line.tier_id = model.tier_id or model.warranty_type_id.tier_id

    @api.depends("coverage_id", "kind")
    def _compute_price(self):
        for line in self:
            is_kept = line.coverage_id and line.kind in ("change", "replace")
            line.price = line._get_price_before() if is_kept else 0

    @api.depends("coverage_id", "amendment_id.date")
    def _compute_price_before(self):
        for line in self:
            line.price_before = line.coverage_id and line._get_price_before()

    def _get_price_before(self):
        """The price of the coverage without this amendment, on the day of it."""
        self.ensure_one()
        coverage = self.coverage_id.sudo()
        day = self.amendment_id.date
        return coverage._get_price_on(day) if day else coverage.price

    @api.depends("kind", "coverage_id", "equipment_id", "warranty_type_id", "tier_id")
    @api.depends_context("lang")
    def _compute_summary(self):
        for line in self:
            line.summary = line._describe()

    def _describe(self):
        """What this line does, in words, without the price: not all may read it."""
        self.ensure_one()
        old = self.coverage_id.equipment_id.display_name or ""
        new = self.equipment_id.display_name or ""
        match self.kind:
            case "add":
                return self.env._(
                    "%(equipment)s is covered: %(coverage)s",
                    equipment=new,
                    coverage=self._describe_coverage(),
                )
            case "remove":
                return self.env._("%s is not covered any more", old)
            case "replace":
                return self.env._("%(old)s is replaced by %(new)s", old=old, new=new)
        return self.env._(
            "%(equipment)s: %(changes)s",
            equipment=old,
            changes=", ".join(self._describe_changes()) or self.env._("price"),
        )

    def _describe_coverage(self):
        names = (self.tier_id.name, self.warranty_type_id.name)
        return ", ".join(dict.fromkeys(filter(None, names)))

    def _describe_changes(self):
        """Yield “before → after” of what is different, price left out."""
        for name in ("tier_id", "warranty_type_id"):
            before, after = self.coverage_id[name], self[name]
            if before != after:
                yield f"{before.name or '–'} → {after.name or '–'}"

    # === CONSTRAINTS === #

    @api.constrains("kind", "coverage_id", "equipment_id", "warranty_type_id")
    def _check_complete(self):
        for line in self:
            if line.kind != "add" and not line.coverage_id:
                raise ValidationError(self.env._("Covered Equipment: choose what changes."))
            if line.kind in ("add", "replace") and not line.equipment_id:
                raise ValidationError(self.env._("New Equipment: choose it."))
            if line.kind != "remove" and not line.warranty_type_id:
                raise ValidationError(self.env._("Warranty Type: choose what covers it."))
            if line.kind == "replace" and line.equipment_id == line.coverage_id.equipment_id:
                raise ValidationError(
                    self.env._(
                        "New Equipment: %s is the one to replace.", line.equipment_id.display_name
                    )
                )

    @api.constrains("coverage_id", "amendment_id")
    def _check_coverage_belongs(self):
        for line in self.filtered("coverage_id"):
            if line.coverage_id.contract_id != line.contract_id:
                raise ValidationError(
                    self.env._(
                        "Covered Equipment: %s is not under this contract.",
                        line.coverage_id.equipment_id.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.amendment_id._check_draft()
        return lines

    def write(self, vals):
        if not self.env.su:
            self.amendment_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        self.amendment_id._check_draft()

    # === BUSINESS METHODS === #

    def _check_can_apply(self):
        for line in self:
            day = line.amendment_id.date
            coverage = line.coverage_id
            if coverage and not (coverage.state == "validated" and coverage._is_in_force(day)):
                raise UserError(
                    self.env._(
                        "Covered Equipment: %(equipment)s is not covered on %(day)s.",
                        equipment=coverage.equipment_id.display_name,
                        day=format_date(self.env, day),
                    )
                )
            if line.kind == "change" and not line._get_changes():
                raise UserError(
                    self.env._(
                        "Covered Equipment: nothing changes for %s.",
                        coverage.equipment_id.display_name,
                    )
                )

    def _get_changes(self):
        """The values of the coverage that are different."""
        self.ensure_one()
        changes = {
            name: self[name].id
            for name in ("tier_id", "warranty_type_id")
            if self[name] != self.coverage_id[name]
        }
        line = self.sudo()
        if line.currency_id.compare_amounts(line.price, line.price_before):
            changes["price"] = line.price
        return changes

    def _apply(self):
        """Do what this line says; the caller checked that it can be done."""
        self.ensure_one()
        reason = self.amendment_id.display_name
        self.sudo().new_coverage_id = getattr(self, f"_apply_{self.kind}")(
            self.amendment_id.date, reason
        )

    def _apply_add(self, on, reason):
        coverage = self.env["maintenance.coverage"].create(
            {
                "contract_id": self.contract_id.id,
                "equipment_id": self.equipment_id.id,
                "warranty_type_id": self.warranty_type_id.id,
                "tier_id": self.tier_id.id,
                "price": self.price,
                "date_start": on,
            }
        )
        coverage.with_context(tracking_disable=True).action_validate()
        return coverage

    def _apply_remove(self, on, reason):
        self.coverage_id._end(fields.Date.subtract(on, days=1), reason)
        return self.env["maintenance.coverage"]

    def _apply_change(self, on, reason):
        changes = self._get_changes()
        if set(changes) == {"price"}:
            return self.coverage_id._change_price(on, self.price, reason)
        return self.coverage_id._succeed(on, reason, **changes)

    def _apply_replace(self, on, reason):
        return self.coverage_id._succeed(
            on, reason, equipment_id=self.equipment_id.id, **self._get_changes()
        )
