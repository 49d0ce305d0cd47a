from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.price_index import Missing, Reading
from ...tools.price_revision import Position
from ..core.checks import check_dates
from .const import PRICE_GROUPS


class MaintenancePriceBase(models.Model):
    """What an index was worth when the price of a contract was agreed: I0, frozen as a number."""

    _name = "maintenance.price.base"
    _description = "Base Value of an Index"
    _inherit = ["maintenance.finite.mixin"]
    _order = "contract_id, id"
    _rec_name = "series_id"
    _number_ranges = {"value": (0, 10**9)}

    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    series_id = fields.Many2one(
        "maintenance.price.index.series",
        string="Index and Base",
        required=True,
        ondelete="restrict",
    )
    index_id = fields.Many2one(related="series_id.index_id", store=True)
    value = fields.Float("Base Value", required=True, digits=(16, 6), min_display_digits=1)

    _index_uniq = models.Constraint(
        "UNIQUE (contract_id, index_id)", "Index: the contract has a base value of it already."
    )
    _value_range = models.Constraint("CHECK (value > 0)", "Base Value: give a number above 0.")

    @api.model_create_multi
    def create(self, vals_list):
        bases = super().create(vals_list)
        bases._check_not_revised()
        return bases

    def write(self, vals):
        self._check_not_revised()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_revised(self):
        self._check_not_revised()

    def _check_not_revised(self):
        """What a price was revised from does not change."""
        if revised := self.contract_id._get_revised():
            raise UserError(
                self.env._(
                    "Base Value: the prices of %s were revised from it.",
                    ", ".join(revised.mapped("name")),
                )
            )

    def _get_reading(self):
        self.ensure_one()
        return Reading(self.index_id.code, Decimal(str(self.value)), self.series_id.name)


class MaintenanceContract(models.Model):
    """The clause of a contract by which its prices are revised."""

    _inherit = "maintenance.contract"

    price_formula_id = fields.Many2one(
        "maintenance.price.formula",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        groups=PRICE_GROUPS,
        help="How the prices follow indices. Empty: they are not revised.",
    )
    price_base_date = fields.Date(
        "Base Date",
        tracking=True,
        groups=PRICE_GROUPS,
        help="The day whose prices were agreed. Empty: the start of the contract.",
    )
    price_base_ids = fields.One2many(
        "maintenance.price.base",
        "contract_id",
        string="Base Values",
        copy=False,
        groups=PRICE_GROUPS,
    )

    @api.constrains("price_base_date")
    def _check_price_base_date(self):
        check_dates(self, "price_base_date")

    def write(self, vals):
        if {"price_formula_id", "price_base_date"} & vals.keys() and (
            revised := self._get_revised()
        ):
            raise UserError(
                self.env._(
                    "Price Formula: the prices of %s were revised by it already.",
                    ", ".join(revised.mapped("name")),
                )
            )
        return super().write(vals)

    def _get_revised(self):
        """Those of which a price was revised."""
        lines = self.env["maintenance.price.revision.line"].sudo()
        found = lines._read_group(
            [("contract_id", "in", self.ids), ("is_applied", "=", True)], ["contract_id"]
        )
        return self.browse(contract.id for (contract,) in found)

    def action_read_price_bases(self):
        """Freeze what the indices were worth at the base date, where nothing is noted yet."""
        self.ensure_one()
        self.check_access("write")
        if not self.price_formula_id:
            raise UserError(self.env._("Price Formula: choose one first."))
        day = self.price_base_date or self.date_start
        known = self.price_base_ids.index_id
        readings = self._read_indices(day)
        for index in self.price_formula_id.index_ids - known:
            reading = readings[index.code]
            if isinstance(reading, Missing):
                raise UserError(self._explain_missing([reading]))
            series = index.series_ids.filtered(lambda one, name=reading.series: one.name == name)
            self.env["maintenance.price.base"].create(
                {
                    "contract_id": self.id,
                    "series_id": series.id,
                    "value": float(reading.value),
                }
            )

    def _read_indices(self, day, published=None):
        """What the indices of the clause are worth at a day, by its rule.

        :rtype: dict[str, Reading | Missing]
        """
        clause = self.price_formula_id._get_clause()
        published = published or self.price_formula_id.index_ids._get_published()
        return {
            code: index.at(day, clause.rule, clause.lag)
            for code, index in published.items()
            if code in clause.formula.indices
        }

    def _explain_missing(self, missing):
        """What a revision waits for, in the language of the user.

        :param list[Missing] missing:
        """
        return " ".join(self._explain_one_missing(item) for item in missing)

    def _explain_one_missing(self, missing):
        if missing.what == "value":
            months = [format_date(self.env, day, date_format="LLLL y") for day in missing.months]
            return self.env._(
                "Index %(index)s has no value for %(months)s.",
                index=missing.index,
                months=", ".join(months),
            )
        if missing.what == "link":
            old, new = missing.link
            return self.env._(
                "Index %(index)s has no link coefficient between “%(old)s” and “%(new)s”.",
                index=missing.index,
                old=old,
                new=new,
            )
        return self.env._(
            "The contract has no base value for index %(index)s.", index=missing.index
        )


class MaintenanceCoverage(models.Model):
    """Where the price of a coverage stands, for its next revision."""

    _inherit = "maintenance.coverage"

    revision_line_ids = fields.One2many(
        "maintenance.price.revision.line", "coverage_id", groups=PRICE_GROUPS
    )
    price_count = fields.Integer(compute="_compute_price_count", groups=PRICE_GROUPS)

    @api.depends("price_ids")
    def _compute_price_count(self):
        for coverage in self:
            coverage.price_count = len(coverage.price_ids)

    def action_view_prices(self):
        self.ensure_one()
        self.check_access("read")
        self.env["maintenance.coverage.price"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_coverage_price_action"
        )
        return action | {"domain": [("coverage_id", "=", self.id)]}

    def _get_price_position(self, on, published):
        """What a revision of the price at a day starts from.

        A price that was set later than the contract began, by an amendment or with an equipment
        that was added, follows the indices from its own day on, not from the base date. One that
        was taken over from another coverage goes on from where that one stood.

        :param dict[str, Index] published: what is known of the indices of the clause
        :rtype: Position
        :return: None when there is no price before that day
        """
        self.ensure_one()
        prices = self.price_ids.sorted("date_start")
        in_force = prices.filtered(lambda price: price.date_start <= on)[-1:]
        if not in_force:
            return None
        agreed = prices.filtered(
            lambda price: price.origin != "revision" and price.date_start <= on
        )[-1:]
        price = Decimal(str(in_force.yearly))
        applied = self.revision_line_ids.filtered("is_applied").sorted("date")
        last = applied[-1:]
        if last and (not agreed or last.date >= agreed.date_start):
            return last._get_next_position(price)
        if agreed.date_start == self.date_start and self._has_inherited_price():
            before = self.predecessor_id._get_price_position(self.date_start, published)
            return replace(before, price=price)
        return Position(price, self._get_base_readings(agreed.date_start, published))

    def _get_base_readings(self, day, published):
        contract = self.contract_id
        if day <= contract.date_start:
            return [base._get_reading() for base in contract.price_base_ids]
        readings = contract._read_indices(day, published).values()
        return [reading for reading in readings if isinstance(reading, Reading)]
