from markupsafe import Markup

from odoo import api, fields, models

from ..core.bulk_insert import insert_records
from ..core.windows import open_dialog, open_window


class MaintenanceContract(models.Model):
    """A contract is checked against what it has to contain before it is activated."""

    _inherit = "maintenance.contract"

    clause_ids = fields.One2many("maintenance.contract.clause", "contract_id", string="Check-list")
    clause_count = fields.Integer(
        compute="_compute_clause_counts", compute_sudo=True, help="Those that apply."
    )
    clause_met_count = fields.Integer(compute="_compute_clause_counts", compute_sudo=True)
    has_missing_clauses = fields.Boolean(
        "Check-list Incomplete",
        compute="_compute_clause_counts",
        compute_sudo=True,
        search="_search_has_missing_clauses",
    )

    # === COMPUTE METHODS === #

    @api.depends("clause_ids.state")
    def _compute_clause_counts(self):
        for contract in self:
            states = contract.clause_ids.mapped("state")
            contract.clause_count = len(states) - states.count("not_applicable")
            contract.clause_met_count = states.count("met")
            contract.has_missing_clauses = "missing" in states

    def _search_has_missing_clauses(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Of one that is over nobody asks any more what it lacks.
        contracts = self.sudo().with_context(active_test=False)
        live = contracts.search([("state", "not in", ("ended", "terminated"))])
        return [("id", "in", live.filtered("has_missing_clauses").ids)]

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts.sudo()._update_check_list()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.sudo()._update_check_list()
        return result

    # === ACTIONS === #

    def action_check_and_activate(self):
        """Activate the contract, unless something is missing: then ask first."""
        self.ensure_one()
        self._check_state("accepted")
        if not self.has_missing_clauses:
            return self.action_activate()
        return open_dialog(
            self,
            self.env._("Activate an Incomplete Contract?"),
            "maintenance.activation",
            default_contract_id=self.id,
        )

    def action_view_check_list(self):
        return open_window(
            self,
            "maintenance_contract_clause_action",
            domain=[("contract_id", "=", self.id)],
            context={},
        )

    # === BUSINESS METHODS === #

    def _update_check_list(self):
        """Have the rows of these contracts be the check-list of their company.

        What is no clause any more leaves, unless somebody answered it. Doing it twice changes
        nothing; runs in superuser mode.
        """
        clauses = self.env["maintenance.clause"].search([("active", "=", True)])
        everybody = self.env["res.company"]
        vals_list = []
        for contract in self:
            companies = (everybody, contract.company_id)
            wanted = clauses.filtered(
                lambda clause, companies=companies: clause.company_id in companies
            )
            gone = contract.clause_ids.filtered(
                lambda row, wanted=wanted: row.clause_id not in wanted and not row.answer
            )
            kept = contract.clause_ids - gone
            gone.unlink()
            vals_list += [
                {
                    "contract_id": contract.id,
                    "company_id": contract.company_id.id,
                    "clause_id": clause.id,
                }
                for clause in wanted - kept.clause_id
            ]
        insert_records(self.env["maintenance.contract.clause"], vals_list)

    def _activate_incomplete(self):
        """Activate a contract of which clauses are missing, and say which in the chatter."""
        self.ensure_one()
        missing = self.clause_ids.filtered(lambda row: row.state == "missing")
        self.action_activate()
        if missing:
            self.message_post(
                body=Markup("%s<ul>%s</ul>")
                % (
                    self.env._("Activated although the check-list is incomplete:"),
                    Markup().join(Markup("<li>%s</li>") % row.clause_id.name for row in missing),
                )
            )
