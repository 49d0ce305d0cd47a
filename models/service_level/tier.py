from odoo import fields, models


class MaintenanceTier(models.Model):
    """A tier promises its delays by a policy."""

    _inherit = "maintenance.tier"
    _check_company_auto = True

    sla_policy_id = fields.Many2one(
        "maintenance.sla.policy",
        string="SLA Policy",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The delays promised to equipment covered by this tier.",
    )
