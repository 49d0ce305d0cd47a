from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.price_formula import FormulaError, compose, parse
from ...tools.price_index import LONGEST_LAG
from ...tools.price_revision import Clause
from ..core.checks import check_numbers
from .formula_error import explain_formula_error

HUNDRED = Decimal(100)
NOTICE_DAYS = (0, 365)


class MaintenancePriceFormula(models.Model):
    """How a price follows indices: the formula, and what limits what it gives (SEMANTICS §5).

    It is composed of a fixed part and weighted indices, or typed; both are the same thing once
    they are read: an expression of our own small grammar, which Python never runs.
    """

    _name = "maintenance.price.formula"
    _description = "Price Formula"
    _inherit = ["mail.thread", "maintenance.finite.mixin"]
    _order = "name, id"
    _check_company_auto = True
    _number_ranges = {
        "fixed_part": (0, 1),
        "lag_months": (0, LONGEST_LAG),
        "threshold": (0, 100),
        "cap": (0, 1000),
        "floor": (-100, 1000),
        "notice_days": NOTICE_DAYS,
    }

    name = fields.Char(required=True, translate=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    active = fields.Boolean(default=True)

    # The formula
    kind = fields.Selection(
        [("terms", "A fixed part and weighted indices"), ("text", "Typed")],
        string="Formula Is",
        default="terms",
        required=True,
    )
    fixed_part = fields.Float(
        digits=(16, 6),
        min_display_digits=1,
        default=0.15,
        help="The share of the price that no index moves: 0.15 is 15 %.",
    )
    term_ids = fields.One2many("maintenance.price.formula.term", "formula_id", copy=True)
    text = fields.Char(
        "Typed Formula",
        help="P0 is the price that is revised. An index is written as its code, and its base value "
        "as its code followed by 0. There are + - * / ( ), min, max and round.",
    )
    expression = fields.Char(
        compute="_compute_expression",
        store=True,
        tracking=True,
        help="The formula as it is computed, and printed in the letter.",
    )
    index_ids = fields.Many2many(
        "maintenance.price.index",
        "maintenance_price_formula_index_rel",
        "formula_id",
        "index_id",
        string="Indices",
        compute="_compute_expression",
        store=True,
        ondelete="restrict",
        check_company=True,
        context={"active_test": False},
    )
    formula_error = fields.Char(compute="_compute_formula_error")

    # How the indices are read
    base_mode = fields.Selection(
        [("origin", "Price and indices of the origin"), ("chained", "Those of the last revision")],
        string="Starts From",
        default="origin",
        required=True,
        tracking=True,
    )
    reading_rule = fields.Selection(
        [
            ("month", "Value of the month"),
            ("last", "Last value published"),
            ("mean", "Mean of twelve months"),
        ],
        default="month",
        required=True,
        tracking=True,
        help="Which value of an index counts at the date of the revision.",
    )
    lag_months = fields.Integer(
        "Lag", default=0, tracking=True, help="Months before the date of the revision."
    )

    # What becomes of the result
    coefficient_rounding = fields.Selection(
        [
            ("none", "Not rounded"),
            ("up_3", "3 decimals, up"),
            ("half_up_4", "4 decimals, half up"),
        ],
        default="none",
        required=True,
        tracking=True,
    )
    price_rounding = fields.Selection(
        [("0.01", "To 0.01"), ("0.05", "To 0.05"), ("1", "To 1")],
        default="0.01",
        required=True,
        tracking=True,
    )
    threshold = fields.Float(
        digits=(16, 4),
        min_display_digits=1,
        tracking=True,
        help="In percent of the price. A smaller change, up or down, changes nothing now, and adds "
        "to the next one.",
    )
    is_capped = fields.Boolean("Has a Cap", tracking=True)
    cap = fields.Float(
        digits=(16, 4),
        min_display_digits=1,
        tracking=True,
        help="In percent: what one revision adds at most.",
    )
    is_floored = fields.Boolean("Has a Floor", tracking=True)
    floor = fields.Float(
        digits=(16, 4),
        min_display_digits=1,
        tracking=True,
        help="In percent: -3 takes away 3 % at most, 1 adds 1 % at least.",
    )
    is_upward_only = fields.Boolean("Upward Only", tracking=True, help="The price never falls.")
    notice_days = fields.Integer(
        default=30,
        tracking=True,
        help="Days between the letter and the first day of the new price.",
    )

    # What prices are revised by: changed, the next revision would not start where the last ended.
    _clause_fields = frozenset(
        {
            "kind", "fixed_part", "term_ids", "text", "company_id", "base_mode", "reading_rule",
            "lag_months", "coefficient_rounding", "price_rounding", "threshold", "is_capped", "cap",
            "is_floored", "floor", "is_upward_only",
        }
    )  # fmt: skip

    _notice_range = models.Constraint(
        "CHECK (notice_days BETWEEN 0 AND 365)", "Notice Days: give 0 to 365."
    )
    _lag_range = models.Constraint("CHECK (lag_months BETWEEN 0 AND 60)", "Lag: give 0 to 60.")

    # === COMPUTES === #

    @api.depends("kind", "fixed_part", "term_ids.weight", "term_ids.index_id", "text", "company_id")
    def _compute_expression(self):
        for formula in self:
            try:
                parsed, indices = formula._parse()
            except FormulaError:
                formula.expression = False
                formula.index_ids = False
            else:
                formula.expression = parsed.text
                formula.index_ids = indices

    @api.depends("kind", "fixed_part", "term_ids.weight", "term_ids.index_id", "text", "company_id")
    def _compute_formula_error(self):
        for formula in self:
            formula.formula_error = formula._explain()

    # === THE FORMULA === #

    def _parse(self):
        """The formula, and the indices that it names.

        :rtype: tuple[tools.price_formula.Formula, maintenance.price.index]
        :raises FormulaError: on whatever is no formula
        """
        self.ensure_one()
        if self.kind == "terms":
            terms = self.term_ids.filtered("index_id")
            weights = [(term.index_id.code, Decimal(str(term.weight))) for term in terms]
            return compose(Decimal(str(self.fixed_part)), weights), terms.index_id
        known = self.env["maintenance.price.index"]._get_by_code(self.company_id)
        parsed = parse(self.text or "", known)
        named = self.env["maintenance.price.index"].union(*(known[code] for code in parsed.indices))
        return parsed, named

    def _explain(self):
        """What is wrong with the formula; False when nothing is."""
        try:
            parsed, _indices = self._parse()
        except FormulaError as error:
            return explain_formula_error(self.env, error)
        if not parsed.indices:
            return self.env._("It names no index: the price would never change.")
        return False

    def _get_formula(self):
        """The formula as it was checked: what is archived or named alike since changes nothing.

        :rtype: tools.price_formula.Formula
        """
        self.ensure_one()
        return parse(self.expression, self.index_ids.mapped("code"))

    def _get_clause(self):
        """The clause, as the rules want it.

        :rtype: tools.price_revision.Clause
        """
        self.ensure_one()
        return Clause(
            formula=self._get_formula(),
            mode=self.base_mode,
            coefficient=self.coefficient_rounding,
            step=Decimal(self.price_rounding),
            threshold=_share(self.threshold),
            cap=_share(self.cap) if self.is_capped else None,
            floor=_share(self.floor) if self.is_floored else None,
            upward_only=self.is_upward_only,
            rule=self.reading_rule,
            lag=self.lag_months,
        )

    # === CONSTRAINTS === #

    @api.constrains("kind", "fixed_part", "term_ids", "text", "company_id")
    def _check_formula(self):
        for formula in self:
            if problem := formula._explain():
                field = formula._fields["text" if formula.kind == "text" else "term_ids"]
                raise ValidationError(
                    self.env._(
                        "%(field)s: %(problem)s",
                        field=field._description_string(self.env),
                        problem=problem,
                    )
                )

    @api.constrains("is_capped", "cap", "is_floored", "floor")
    def _check_limits(self):
        check_numbers(self, "floor", minimum=-100, maximum=1000)
        for formula in self:
            if formula.is_capped and formula.is_floored and formula.floor > formula.cap:
                raise ValidationError(self.env._("Floor: it is above the cap."))

    def write(self, vals):
        if self._clause_fields & vals.keys():
            self._check_not_used()
        return super().write(vals)

    def _check_not_used(self):
        """Refuse to change what prices were revised by."""
        lines = self.env["maintenance.price.revision.line"].sudo()
        contracts = lines.search(
            [("is_applied", "=", True), ("contract_id.price_formula_id", "in", self.ids)]
        ).contract_id
        if contracts:
            raise UserError(
                self.env._(
                    "Price Formula: prices were revised by it: %s. Copy it for other contracts.",
                    ", ".join(contracts.mapped("name")),
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for formula, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", formula.name)
        return vals_list


def _share(percent):
    return Decimal(str(percent)) / HUNDRED
