from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the company's field planning."""

    _inherit = "res.config.settings"

    planning_project_id = fields.Many2one(
        related="company_id.planning_project_id",
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    maintenance_calendar_id = fields.Many2one(
        related="company_id.resource_calendar_id", string="Default Working Calendar"
    )
