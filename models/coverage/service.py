from odoo import api, fields, models


class MaintenanceService(models.Model):
    """A service of the catalogue: a row of the tier matrix."""

    _name = "maintenance.service"
    _description = "Maintenance Service"
    _inherit = ["maintenance.finite.mixin"]
    _order = "family_sequence, family_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    family_id = fields.Many2one(
        "maintenance.service.family",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    family_sequence = fields.Integer("Section Sequence", related="family_id.sequence", store=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    cell_ids = fields.One2many("maintenance.tier.cell", "service_id")
    active = fields.Boolean(default=True)

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        # A tier that is archived keeps its column whole.
        tiers = self.env["maintenance.tier"].search([("active", "in", (True, False))])
        self.env["maintenance.tier.cell"]._create_missing(tiers, services)
        return services
