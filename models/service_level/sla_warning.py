from odoo import fields, models

from .const import KINDS


class MaintenanceSlaWarning(models.Model):
    """Who is told when how much of a delay has gone."""

    _name = "maintenance.sla.warning"
    _description = "SLA Warning"
    _inherit = ["maintenance.sla.policy.part.mixin", "maintenance.finite.mixin"]
    _number_ranges = {"percent": (1, 1000)}
    _order = "policy_id, percent, id"

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
