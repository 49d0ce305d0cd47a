from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.price_formula import is_index_code
from ...tools.price_index import Index, Series


class MaintenancePriceIndex(models.Model):
    """What a statistical office publishes each month, and prices follow: wages, materials…

    The values are kept as published, each in its series; links between the series make them
    comparable (SEMANTICS §5).
    """

    _name = "maintenance.price.index"
    _description = "Price Index"
    _inherit = ["mail.thread"]
    _order = "code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Its name in formulas: a letter, then letters, digits and underscores.",
    )
    source = fields.Char(
        "Published By", tracking=True, help="The office, and where its values are found."
    )
    country_id = fields.Many2one("res.country", ondelete="restrict")
    is_consumer_price = fields.Boolean(
        "Consumer Prices",
        tracking=True,
        help="It follows the general level of prices. French law does not let a contract follow "
        "it.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="restrict",
        help="Empty: shared by all companies. Where a company has an index of the same code, its "
        "own counts.",
    )
    active = fields.Boolean(default=True)
    series_ids = fields.One2many("maintenance.price.index.series", "index_id", copy=True)
    value_ids = fields.One2many("maintenance.price.index.value", "index_id")
    last_month = fields.Char(compute="_compute_last_value", help="The newest month that is known.")
    last_value = fields.Float(compute="_compute_last_value", digits=(16, 6), min_display_digits=1)
    last_series_id = fields.Many2one(
        "maintenance.price.index.series", string="Base", compute="_compute_last_value"
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Code: another index has it already."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for index in self:
            index.display_name = f"{index.code} – {index.name}" if index.code else index.name

    @api.depends("value_ids.month", "value_ids.value", "series_ids.sequence")
    @api.depends_context("lang")
    def _compute_last_value(self):
        for index in self:
            last = index.value_ids.sorted(
                lambda value: (value.month, value.series_id.sequence, value.series_id.id)
            )[-1:]
            index.last_month = last and format_date(self.env, last.month, date_format="LLLL y")
            index.last_value = last.value
            index.last_series_id = last.series_id

    @api.constrains("code")
    def _check_code(self):
        for index in self:
            if not is_index_code(index.code):
                raise ValidationError(
                    self.env._(
                        "Code: “%s” cannot stand in a formula. Give up to 20 letters, digits and "
                        "underscores, a letter first; P, P0, min, max, round and the words of "
                        "Python are taken.",
                        index.code,
                    )
                )

    def write(self, vals):
        if "code" in vals:
            self._check_code_is_free(vals["code"])
        return super().write(vals)

    def _check_code_is_free(self, code):
        """Refuse another code for what formulas call by its code."""
        changed = self.filtered(lambda index: index.code != code)
        if formulas := (
            self.env["maintenance.price.formula"]
            .sudo()
            .with_context(active_test=False)
            .search([("index_ids", "in", changed.ids)])
        ):
            raise UserError(
                self.env._(
                    "Code: formulas call this index by it: %s.", ", ".join(formulas.mapped("name"))
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for index, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", index.name)
            vals.setdefault("code", index._get_free_code())
        return vals_list

    def _get_free_code(self):
        """This code with the first number that no other index has. It does not end on 0: that
        would be the base of an index."""
        stem = self.code[:16]
        indices = self.sudo().with_context(active_test=False)
        taken = set(indices.search([("code", "=like", f"{stem}%")]).mapped("code"))
        codes = (f"{stem}_{number}" for number in range(2, 10**3) if number % 10)
        return next(code for code in codes if code not in taken)

    # === READING === #

    @api.model
    def _get_by_code(self, company):
        """The indices that formulas of a company may name, in superuser mode.

        :param res.company company: empty for the formulas that all companies share
        :rtype: dict[str, maintenance.price.index]
        """
        domain = Domain("company_id", "in", [company.id, False])
        indices = self.sudo().search(domain)
        # Its own index last: it goes before a shared one.
        return {index.code: index for index in indices.sorted(lambda index: bool(index.company_id))}

    def _get_published_by_index(self):
        """Everything that is known of these indices, as the rules want it, in two queries.

        :rtype: dict[maintenance.price.index, tools.price_index.Index]
        """
        self.series_ids.fetch(["index_id", "name", "link"])
        self.value_ids.fetch(["index_id", "series_id", "month", "value", "published_on"])
        return {
            index: Index(
                index.code,
                [series._get_rule_series() for series in index.series_ids],
                [value._get_rule_value() for value in index.value_ids],
            )
            for index in self
        }

    def _get_published(self):
        """The same by code; of the indices of one formula, where a code is one index."""
        return {index.code: rule for index, rule in self._get_published_by_index().items()}

    # === ACTIONS === #

    def action_view_values(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_price_index_value_action"
        )
        series = self.series_ids[-1:]
        return action | {
            "domain": [("index_id", "=", self.id)],
            "context": {"default_series_id": series.id, "fill_temporal": False},
        }


class MaintenancePriceIndexSeries(models.Model):
    """Values of an index that share a base. A new base begins a new series, joined by a link."""

    _name = "maintenance.price.index.series"
    _description = "Series of a Price Index"
    _inherit = ["maintenance.finite.mixin"]
    _order = "index_id, sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name"]
    _number_ranges = {"link": (0, 10**6)}

    index_id = fields.Many2one(
        "maintenance.price.index", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="index_id.company_id", store=True, index=True)
    name = fields.Char("Base", required=True, help="As published, such as “2015 = 100”.")
    complete_name = fields.Char(
        "Index and Base", compute="_compute_complete_name", store=True, precompute=True
    )
    sequence = fields.Integer(default=10, help="The oldest first.")
    link = fields.Float(
        "Link Coefficient",
        digits=(16, 8),
        min_display_digits=1,
        help="A value of the series before, times this, is the value in this series. Empty for the "
        "first series, and until it is published.",
    )
    value_ids = fields.One2many("maintenance.price.index.value", "series_id")

    _name_uniq = models.Constraint(
        "UNIQUE (index_id, name)", "Base: this index has a series of this base already."
    )
    _link_range = models.Constraint("CHECK (link >= 0)", "Link Coefficient: give a number above 0.")

    @api.depends("index_id.code", "name")
    def _compute_complete_name(self):
        for series in self:
            series.complete_name = f"{series.index_id.code}: {series.name}"

    def _get_rule_series(self):
        self.ensure_one()
        return Series(self.name, Decimal(str(self.link)) if self.link else None)
