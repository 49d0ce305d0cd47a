from odoo import fields, models


class MaintenanceServiceFamily(models.Model):
    """A section of the service catalogue and of the printed tier matrix."""

    _name = "maintenance.service.family"
    _description = "Maintenance Service Family"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, help="Printed under the title of the section in the tier matrix."
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    service_ids = fields.One2many("maintenance.service", "family_id")
    active = fields.Boolean(default=True)
