from odoo import api, fields, models

from ..coverage.clause_check import Finding


class MaintenanceClause(models.Model):
    """Prices and their revision are found in the coverages and the price clause."""

    _inherit = "maintenance.clause"

    source = fields.Selection(
        selection_add=[("price", "Prices and billing"), ("revision", "Price revision")],
        ondelete={"price": "set default", "revision": "set default"},
    )


class MaintenanceContractClause(models.Model):
    """What a contract costs; the check-list is read by many, so that it names no amount."""

    _inherit = "maintenance.contract.clause"

    @api.depends(
        "contract_id.coverage_ids.price", "contract_id.billing_period",
        "contract_id.billing_timing", "contract_id.price_formula_id", "contract_id.price_base_ids",
        "contract_id.term_months",
    )  # fmt: skip
    def _compute_state(self):
        # EXTENDS coverage: what it depends on.
        return super()._compute_state()

    def _find_price(self, contract):
        coverages = contract._get_last_coverages()
        if not coverages:
            return Finding("missing", self.env._("No equipment is covered."))
        if free := coverages.filtered(lambda coverage: not coverage.price):
            names = ", ".join(free.equipment_id.mapped("display_name"))
            return Finding("missing", self.env._("No price: %s", names))
        rhythm = contract.with_env(self.env)._describe_rhythm()
        return Finding("met", self.env._("A yearly price for each equipment, invoiced %s", rhythm))

    def _find_revision(self, contract):
        formula = contract.price_formula_id
        if not formula:
            if contract.renewal == "never" and contract.term_months <= 12:
                return Finding("not_applicable", self.env._("The contract lasts a year at most."))
            return Finding("missing", self.env._("No formula says how the prices are revised."))
        if lacking := formula.index_ids - contract.price_base_ids.index_id:
            names = ", ".join(lacking.mapped("display_name"))
            return Finding("missing", self.env._("No base value of: %s", names))
        return Finding("met", self.env._("By a formula that follows indices"))
