from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.checks import check_period


class MaintenanceContractTerm(models.Model):
    """A term of a contract: the days for which it was agreed, at once or by a renewal.

    A renewal adds a row; no end is ever edited. Rows are written by the steps of the contract
    only. A contract that ends before its term keeps the row: until when it ran is its own date.
    """

    _name = "maintenance.contract.term"
    _description = "Contract Term"
    _inherit = ["maintenance.guarded.mixin"]
    _order = "contract_id, rank"
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset(
        {
            "contract_id", "rank", "date_start", "date_end", "months", "origin", "decided_on",
            "user_id",
        }
    )  # fmt: skip

    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    rank = fields.Integer("No.", required=True, readonly=True, aggregator=None, help="From 1.")
    date_start = fields.Date("From", required=True, readonly=True)
    date_end = fields.Date("To", required=True, readonly=True, help="Last day of the term.")
    months = fields.Integer(required=True, readonly=True, aggregator=None)
    origin = fields.Selection(
        [
            ("initial", "First term"),
            ("tacit", "Renewed tacitly"),
            ("express", "Renewed by agreement"),
        ],
        required=True,
        readonly=True,
        default="initial",
    )
    decided_on = fields.Date(
        required=True,
        readonly=True,
        help="The day on which it was agreed; of a tacit renewal, the day after the last notice.",
    )
    user_id = fields.Many2one(
        "res.users", string="Decided By", readonly=True, ondelete="restrict", help="Who agreed."
    )

    _rank_uniq = models.Constraint(
        "UNIQUE (contract_id, rank)", "This contract has this term already."
    )
    _period = models.Constraint("CHECK (date_end >= date_start)", "To: it is before the start.")
    # The range of one identifier stands for its equality: it needs no extension of PostgreSQL.
    _overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(contract_id, contract_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&)",
        "This contract has a term already on some of these days.",
    )

    @api.depends("rank", "contract_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for term in self:
            term.display_name = self.env._(
                "%(contract)s, term %(rank)s", contract=term.contract_id.name, rank=term.rank
            )

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        check_period(self, "date_start", "date_end")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_program(self):
        if not self.env.su:
            raise UserError(self.env._("The terms of a contract are kept."))
