from odoo import fields, models


class MaintenanceSkipReason(models.Model):
    """Why a visit was not made. Some reasons are not held against the maintainer."""

    _name = "maintenance.skip.reason"
    _description = "Reason for Skipping a Visit"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_excused = fields.Boolean(
        string="Counted Apart",
        help="The customer refused or the equipment is stopped: the visit is left out of the "
        "compliance rate and counted apart.",
    )
