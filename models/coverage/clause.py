from odoo import api, fields, models

from .contract import CHANGING_STATES


class MaintenanceClause(models.Model):
    """What a contract has to contain: a line of the check-list before it is activated.

    What the record itself can tell is looked up there, by the method that ``source`` names in
    `maintenance.contract.clause`; the rest somebody ticks after reading the contract (seeds 002
    and 004).
    """

    _name = "maintenance.clause"
    _description = "Clause to Check"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=100)
    explanation = fields.Text("What to Look At", translate=True)
    source = fields.Selection(
        [
            ("ticked", "Ticked by hand"),
            ("object", "Covered equipment and tiers"),
            ("term", "Term and renewal"),
            ("end", "Notice"),
        ],
        string="Found In",
        required=True,
        default="ticked",
        help="Where the program looks it up; else somebody reads the contract and ticks it.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    active = fields.Boolean(default=True)

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create(vals_list)
        clauses._reach_contracts()
        return clauses

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"active", "company_id"}:
            self._reach_contracts()
        return result

    @api.model
    def _reach_contracts(self):
        """Have the contracts that are not agreed yet follow the check-list as it is now."""
        contracts = self.env["maintenance.contract"].sudo().with_context(active_test=False)
        contracts.search([("state", "in", CHANGING_STATES)])._update_check_list()
