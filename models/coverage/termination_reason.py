from odoo import fields, models


class MaintenanceTerminationReason(models.Model):
    """Why contracts end before their term, or at it: what a firm wants to count."""

    _name = "maintenance.termination.reason"
    _description = "Reason for Termination"
    _inherit = "maintenance.finite.mixin"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_notice = fields.Boolean(
        string="By Notice",
        help="The contract ends at its term, as agreed: it counts as ended, not as terminated.",
    )
