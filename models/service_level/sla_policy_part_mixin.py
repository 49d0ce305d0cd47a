from odoo import api, fields, models


class MaintenanceSlaPolicyPartMixin(models.AbstractModel):
    """A line of an SLA policy: changing it makes a new version of the policy."""

    _name = "maintenance.sla.policy.part.mixin"
    _description = "Line of an SLA Policy"

    policy_id = fields.Many2one(
        "maintenance.sla.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.policy_id._bump_version()
        return parts

    def write(self, vals):
        self.policy_id._bump_version()
        return super().write(vals)

    def unlink(self):
        self.policy_id._bump_version()
        return super().unlink()
