from odoo import fields, models


class MaintenanceIntervention(models.Model):
    """Who goes knows before the work what the customer pays."""

    _inherit = "maintenance.intervention"

    ticket_verdict = fields.Selection(related="ticket_id.verdict", string="Verdict")
    verdict_terms = fields.Char(related="ticket_id.verdict_terms")
    verdict_summary = fields.Char(related="ticket_id.verdict_summary")
