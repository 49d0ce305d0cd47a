from odoo import api, fields, models

from .const import KINDS


class MaintenanceSlaWarning(models.Model):
    """Who is told when how much of a delay has gone."""

    _name = "maintenance.sla.warning"
    _description = "SLA Warning"
    _inherit = ["maintenance.finite.mixin"]
    _number_ranges = {"percent": (1, 1000)}
    _order = "policy_id, percent, id"

    policy_id = fields.Many2one(
        "maintenance.sla.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    percent = fields.Integer(required=True, help="Of the delay: 100 is the deadline.")
    kind = fields.Selection(KINDS, help="Empty: all clocks.")
    recipient = fields.Selection(
        [
            ("technician", "Technician in charge"),
            ("team_leader", "Team leader"),
            ("contract_manager", "Contract manager"),
            ("customer", "Customer"),
        ],
        required=True,
        default="technician",
    )

    _percent_uniq = models.UniqueIndex(
        "(policy_id, percent, recipient, COALESCE(kind, ''))",
        "This policy has this warning already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        warnings = super().create(vals_list)
        warnings.policy_id._bump_version()
        return warnings

    def write(self, vals):
        self.policy_id._bump_version()
        return super().write(vals)

    def unlink(self):
        self.policy_id._bump_version()
        return super().unlink()
