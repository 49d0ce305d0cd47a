from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...tools.price_revision import Position, Revision, Term, regularise
from .price_figures import get_figures, to_reading

OUTCOMES = [
    ("revised", "Revised"),
    ("unchanged", "Unchanged"),
    ("held", "Held"),
    ("waiting", "Waiting"),
]


class MaintenancePriceRevisionLine(models.Model):
    """The revision of one price, with every number that leads to it."""

    _name = "maintenance.price.revision.line"
    _description = "Revised Price"
    _order = "revision_id desc, contract_id, id"
    _rec_name = "coverage_id"
    _check_company_auto = True
    _allow_sudo_commands = False

    revision_id = fields.Many2one(
        "maintenance.price.revision", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="revision_id.company_id", store=True, index=True)
    date = fields.Date(related="revision_id.date", store=True)
    coverage_id = fields.Many2one(
        "maintenance.coverage",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    contract_id = fields.Many2one(related="coverage_id.contract_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    equipment_id = fields.Many2one(related="coverage_id.equipment_id")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    formula = fields.Char(readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    explanation = fields.Char("Why", readonly=True)
    is_applied = fields.Boolean("Approved", readonly=True)
    is_released = fields.Boolean("Let Pass", readonly=True, help="It was held, and looked at.")
    is_invoiced = fields.Boolean(readonly=True)
    is_provisional = fields.Boolean(
        "Provisional", readonly=True, help="An index has no definitive value yet."
    )
    price_before = fields.Monetary(readonly=True)
    coefficient = fields.Float(
        digits=(16, 8), min_display_digits=3, readonly=True, aggregator=False
    )
    change = fields.Float(readonly=True, aggregator="avg", help="Before threshold, cap and floor.")
    price_after = fields.Monetary(readonly=True)
    price_provisional = fields.Monetary(
        "Provisional Price",
        readonly=True,
        help="What it was until the indices had their definitive values.",
    )
    figures = fields.Json(readonly=True)
    index_summary = fields.Text("Indices", compute="_compute_index_summary")

    _applied_uniq = models.UniqueIndex(
        "(coverage_id, date) WHERE is_applied", "From: this price was revised on this day already."
    )

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_index_summary(self):
        for line in self:
            line.index_summary = "\n".join(
                self.env._(
                    "%(index)s: %(now)s / %(base)s = %(ratio)s (%(series)s, %(months)s)", **term
                )
                for term in line._get_terms()
            )

    def _get_terms(self):
        """The indices of this revision, as they are shown and printed.

        :rtype: list[dict]
        """
        self.ensure_one()
        return [
            {
                "index": term["now"]["index"],
                "series": term["now"]["series"],
                "now": self._format(term["now"]["value"]),
                "base": self._format(term["base"]["value"]),
                "ratio": term["ratio"] and self._format(term["ratio"]),
                "months": self._format_months(term["now"]["months"]),
                "is_provisional": term["now"]["provisional"],
            }
            for term in (self.figures or {}).get("terms", [])
        ]

    def _format(self, number):
        text = formatLang(self.env, float(number), digits=6)
        point = self.env["res.lang"]._get_data(code=self.env.lang or "en_US").decimal_point
        return text.rstrip("0").rstrip(point or ".")

    def _format_months(self, months):
        shown = [
            format_date(self.env, months[position], date_format="LLLL y")
            for position in ((0, -1) if len(months) > 1 else range(len(months)))
        ]
        return " – ".join(shown)

    def action_release(self):
        """Let pass what was held for its size: a person looked at it."""
        for line in self:
            line.revision_id.check_access("write")
            line.revision_id._check_state("simulated")
            proposed = (line.figures or {}).get("proposed")
            if line.outcome != "held" or line.is_invoiced or not proposed or Decimal(proposed) < 0:
                raise UserError(
                    self.env._("%s: this price cannot be let pass.", line.coverage_id.display_name)
                )
            line.sudo().write(
                {"outcome": "revised", "is_released": True, "price_after": float(proposed)}
            )

    def _undo(self, day):
        """Have these revisions be simulated again: the price is another one from ``day`` on.

        Runs in superuser mode, for the amendment that agreed on the other price.
        """
        undone = [(line.coverage_id, line.date) for line in self]
        self.write(
            {
                "is_applied": False,
                "is_provisional": False,
                "outcome": "waiting",
                "explanation": self.env._(
                    "Another price was agreed from %s. Simulate again.", format_date(self.env, day)
                ),
            }
        )
        for coverage, date in undone:
            coverage.price_ids.filtered(lambda price, on=date: price.date_start == on).unlink()
        for revision, lines in self.grouped("revision_id").items():
            revision._move_to("simulated")
            revision._message_log(
                body=self.env._(
                    "Another price was agreed for %s: simulate again.",
                    ", ".join(lines.coverage_id.mapped("display_name")),
                )
            )

    def _get_next_position(self, price):
        """What the revision after this one starts from.

        :param Decimal price: in force
        """
        self.ensure_one()
        figures = self.figures
        is_chained = figures["mode"] == "chained"
        bases = [to_reading(term["now"]) for term in figures["terms"]]
        if not is_chained:
            bases = [to_reading(base) for base in figures["bases"]]
        base_price = figures["proposed"] if is_chained else figures["base_price"]
        return Position(price, bases, Decimal(base_price), self.date)

    def _regularise(self):
        """Set the price that definitive values give, if all of them are known by now.

        :return: whether they are
        """
        formula = self.contract_id.price_formula_id
        indices = formula.index_ids._get_published()
        regularisation = regularise(self._get_result(), indices)
        if regularisation is None or regularisation.difference is None:
            return False
        definitive = regularisation.definitive
        after = float(definitive.after)
        self.write(
            {
                "is_provisional": False,
                "price_provisional": self.price_after,
                "price_after": after,
                "coefficient": float(definitive.rounded or 0),
                "change": float(definitive.change or 0),
                "figures": get_figures(definitive),
                "explanation": self.env._("Definitive values of the indices."),
            }
        )
        if regularisation.difference:
            self.coverage_id._set_price(self.date, after, "correction")
        return True

    def _get_result(self):
        """This revision as it was approved.

        :rtype: Revision
        """
        figures = self.figures
        position = Position(
            Decimal(figures["price"]),
            [to_reading(base) for base in figures["bases"]],
            Decimal(figures["base_price"]),
        )
        terms = [
            Term(
                to_reading(term["now"]),
                to_reading(term["base"]),
                term["ratio"] and Decimal(term["ratio"]),
            )
            for term in figures["terms"]
        ]
        return Revision(
            self.contract_id.price_formula_id._get_clause(),
            position,
            self.date,
            "revised",
            "",
            terms=tuple(terms),
            proposed=Decimal(figures["proposed"]),
        )
