from odoo import api, fields, models

from .const import PRICE_GROUPS

# Whose law refuses some clauses.
FRANCE = "FR"


class MaintenancePriceFormula(models.Model):
    """What French law says against a formula, said before it is agreed with a customer."""

    _inherit = "maintenance.price.formula"

    law_warning = fields.Char(compute="_compute_law_warning")

    @api.depends(
        "is_upward_only",
        "is_floored",
        "floor",
        "expression",
        "index_ids.is_consumer_price",
        "company_id",
    )
    @api.depends_context("company", "lang")
    def _compute_law_warning(self):
        for formula in self:
            company = formula.company_id or self.env.company
            is_french = company.sudo().country_id.code == FRANCE
            formula.law_warning = formula._get_law_warning() if is_french else False

    def _get_law_warning(self):
        """What French law says against this formula, or nothing.

        Code monétaire et financier, art. L. 112-1 and L. 112-2; Cass. 3e civ., 14 January 2016,
        no. 14-24.681 on clauses that only raise a price.
        """
        self.ensure_one()
        if self.index_ids.filtered("is_consumer_price"):
            return self.env._(
                "Under French law a price does not follow consumer prices: choose an index tied to "
                "what the contract is about or to the trade of a party (Code monétaire et "
                "financier, art. L. 112-2)."
            )
        if self._can_only_rise():
            return self.env._(
                "Under French law a clause that can only raise the price counts as unwritten: let "
                "it fall, too (Code monétaire et financier, art. L. 112-1)."
            )
        return False

    def _can_only_rise(self):
        """Whether no index ever lowers the price: by the setting, a floor, or the formula."""
        self.ensure_one()
        if self.is_upward_only or (self.is_floored and self.floor >= 0):
            return True
        return bool(self.expression) and self._get_formula().can_only_rise()


class MaintenanceContract(models.Model):
    """The law that a contract is under, and whether its price clause stands there."""

    _inherit = "maintenance.contract"

    law_country_id = fields.Many2one(
        "res.country",
        string="Governing Law",
        ondelete="restrict",
        tracking=True,
        default=lambda self: self.env.company.country_id,
        help="The country whose law the contract is under.",
    )
    price_law_warning = fields.Char(
        compute="_compute_price_law_warning", compute_sudo=True, groups=PRICE_GROUPS
    )

    @api.depends(
        "law_country_id.code",
        "price_formula_id.is_upward_only",
        "price_formula_id.is_floored",
        "price_formula_id.floor",
        "price_formula_id.expression",
        "price_formula_id.index_ids.is_consumer_price",
    )
    @api.depends_context("lang")
    def _compute_price_law_warning(self):
        for contract in self:
            formula = contract.price_formula_id
            is_concerned = formula and contract.law_country_id.code == FRANCE
            contract.price_law_warning = formula._get_law_warning() if is_concerned else False


class MaintenancePriceRevision(models.Model):
    """What is said of the clauses is said again before prices are revised by them."""

    _inherit = "maintenance.price.revision"

    law_warning = fields.Text(compute="_compute_law_warning", compute_sudo=True)

    @api.depends("line_ids.contract_id.price_law_warning")
    @api.depends_context("lang")
    def _compute_law_warning(self):
        for revision in self:
            contracts = revision.line_ids.contract_id.filtered("price_law_warning")
            revision.law_warning = "\n".join(
                self.env._(
                    "%(contracts)s: %(warning)s",
                    contracts=", ".join(own.mapped("name")),
                    warning=warning,
                )
                for warning, own in contracts.grouped("price_law_warning").items()
            )
