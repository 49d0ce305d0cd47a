from odoo import fields, models


class ResCompany(models.Model):
    """A company may promise delays to customers without a contract, too."""

    _inherit = "res.company"

    sla_policy_id = fields.Many2one(
        "maintenance.sla.policy",
        string="SLA Policy Out of Contract",
        check_company=True,
        ondelete="restrict",
        groups="base.group_user",
        help="The delays of requests that no coverage answers for. Empty: none.",
    )
