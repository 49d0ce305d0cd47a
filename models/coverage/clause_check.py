from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date


class Finding(NamedTuple):
    """What the record of a contract says about a clause.

    :param str state: one of the states of `maintenance.contract.clause`
    :param str text: what was found, or what is missing, in the language of the reader
    """

    state: str
    text: str = ""


class MaintenanceContractClause(models.Model):
    """A line of the check-list of one contract: whether it says what it has to.

    Nothing has to be typed: the rows come with the contract, and what its record tells is read
    from it each time. An answer given by hand, with who gave it and when, goes before that.
    """

    _name = "maintenance.contract.clause"
    _description = "Clause of a Contract"
    _inherit = ["maintenance.guarded.mixin"]
    _order = "contract_id, clause_id"
    _rec_name = "clause_id"
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset(
        {"contract_id", "clause_id", "answer", "answered_by_id", "answered_on"}
    )

    contract_id = fields.Many2one(
        "maintenance.contract",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    clause_id = fields.Many2one(
        "maintenance.clause",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    explanation = fields.Text(related="clause_id.explanation")
    state = fields.Selection(
        [("met", "Met"), ("missing", "Missing"), ("not_applicable", "Not applicable")],
        compute="_compute_state",
        compute_sudo=True,
    )
    finding = fields.Char("Found", compute="_compute_state", compute_sudo=True)

    # What somebody said
    answer = fields.Selection(
        [("met", "In the contract"), ("not_applicable", "Not applicable")], readonly=True
    )
    answered_by_id = fields.Many2one(
        "res.users", string="Ticked By", readonly=True, ondelete="restrict"
    )
    answered_on = fields.Date("Ticked On", readonly=True)
    place = fields.Char("Where", help="The article or the page of the contract: it is printed.")
    note = fields.Char(help="What there is to say about it: it is printed.")

    _clause_uniq = models.Constraint(
        "UNIQUE (contract_id, clause_id)", "This clause is in the check-list already."
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "answer", "clause_id.source",
        "contract_id.coverage_ids.state", "contract_id.coverage_ids.tier_id",
        "contract_id.coverage_ids.equipment_id", "contract_id.coverage_ids.date_end",
        "contract_id.date_start", "contract_id.agreed_end", "contract_id.renewal",
        "contract_id.renewal_months", "contract_id.notice_months",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_state(self):
        for row in self:
            finding = row._find()
            row.state = row.answer or finding.state
            row.finding = finding.text

    # === ACTIONS === #

    def action_tick(self):
        """Say that the contract contains it, whatever the record tells."""
        self._answer("met")

    def action_not_applicable(self):
        """Say that this contract needs none."""
        self._answer("not_applicable")

    def action_clear(self):
        """Take an answer back: what the record tells counts again."""
        self._answer(False)

    # === BUSINESS METHODS === #

    def _answer(self, answer):
        self.check_access("write")
        for company, rows in self.grouped("company_id").items():
            rows.sudo().write(
                {
                    "answer": answer,
                    "answered_by_id": answer and self.env.uid,
                    "answered_on": answer and company._get_today(),
                }
            )

    def _find(self):
        """What the record of the contract says; it says nothing of what is ticked by hand.

        :rtype: Finding
        """
        self.ensure_one()
        source = self.clause_id.source
        if not source or source == "ticked":
            return Finding("missing", "" if self.answer else self.env._("Nobody has ticked it."))
        return getattr(self, f"_find_{source}")(self.contract_id)

    def _find_object(self, contract):
        coverages = contract._get_last_coverages()
        if not coverages:
            return Finding("missing", self.env._("No equipment is covered."))
        if bare := coverages.filtered(lambda coverage: not coverage.tier_id):
            names = ", ".join(bare.equipment_id.mapped("display_name"))
            return Finding("missing", self.env._("No tier says what is done for: %s", names))
        return Finding(
            "met",
            self.env._(
                "Equipment: %(count)s (%(tiers)s)",
                count=len(coverages.equipment_id),
                tiers=", ".join(coverages.tier_id.sorted().mapped("name")),
            ),
        )

    def _find_term(self, contract):
        if not contract.agreed_end:
            return Finding("missing", self.env._("It has no end."))
        days = {
            "start": format_date(self.env, contract.date_start),
            "end": format_date(self.env, contract.agreed_end),
        }
        match contract.renewal:
            case "tacit":
                text = self.env._(
                    "From %(start)s to %(end)s, then renewed tacitly for %(months)s months each "
                    "time",
                    months=contract.renewal_months,
                    **days,
                )
            case "express":
                text = self.env._("From %(start)s to %(end)s, then renewed by agreement", **days)
            case _:
                text = self.env._("From %(start)s to %(end)s, without renewal", **days)
        return Finding("met", text)

    def _find_end(self, contract):
        if contract.renewal == "never":
            return Finding("met", self.env._("It ends at its term, without notice."))
        if not contract.notice_months:
            return Finding("missing", self.env._("How long before the end notice is given."))
        return Finding(
            "met",
            self.env._("Notice of %s months before the end of a term", contract.notice_months),
        )
