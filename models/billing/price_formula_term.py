from odoo import api, fields, models


class MaintenancePriceFormulaTerm(models.Model):
    """One index of a formula, and its weight."""

    _name = "maintenance.price.formula.term"
    _description = "Index of a Price Formula"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"
    _rec_name = "index_id"
    _check_company_auto = True
    _number_ranges = {"weight": (0, 1)}

    formula_id = fields.Many2one(
        "maintenance.price.formula", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="formula_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    index_id = fields.Many2one(
        "maintenance.price.index", required=True, ondelete="restrict", check_company=True
    )
    weight = fields.Float(
        required=True,
        digits=(16, 6),
        min_display_digits=1,
        help="Its share of the price: 0.85 is 85 %. With the fixed part, the weights sum to 1.",
    )

    _index_uniq = models.Constraint(
        "UNIQUE (formula_id, index_id)", "Index: the formula has it already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms.formula_id._check_not_used()
        return terms

    def write(self, vals):
        self.formula_id._check_not_used()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.formula_id._check_not_used()

    @api.constrains("weight", "index_id")
    def _check_formula(self):
        self.formula_id._check_formula()
