from odoo import fields, models

from ..coverage.clause_check import Finding


class MaintenanceClause(models.Model):
    """Exclusions are found in the list of what no contract covers."""

    _inherit = "maintenance.clause"

    source = fields.Selection(
        selection_add=[("exclusions", "Exclusions")], ondelete={"exclusions": "set default"}
    )


class MaintenanceContractClause(models.Model):
    """What a contract does not cover."""

    _inherit = "maintenance.contract.clause"

    def _find_exclusions(self, contract):
        exclusions = self.env["maintenance.exclusion"].search(
            [("company_id", "in", (contract.company_id.id, False))]
        )
        if not exclusions:
            return Finding("missing", self.env._("No exclusion is listed."))
        return Finding("met", ", ".join(exclusions.mapped("name")))
