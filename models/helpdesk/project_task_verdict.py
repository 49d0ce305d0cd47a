from odoo import fields, models


class ProjectTask(models.Model):
    """The technician reads on his task what the customer pays."""

    _inherit = "project.task"

    verdict_summary = fields.Char(related="intervention_id.verdict_summary")
