from odoo import fields, models

from ..models.helpdesk.intervention import OUTCOMES


class MaintenanceInterventionClosing(models.TransientModel):
    """Where a request waits for the intervention, asks how its equipment was left."""

    _inherit = "maintenance.intervention.closing"

    ticket_id = fields.Many2one(related="intervention_id.ticket_id")
    outcome = fields.Selection(OUTCOMES)
    restored_at = fields.Datetime(default=fields.Datetime.now)

    def action_close(self):
        # EXTENDS fieldwork
        self.ensure_one()
        intervention = self.intervention_id
        if not intervention.ticket_id:
            return super().action_close()
        restored_at = self.outcome != "not_restored" and self.restored_at
        intervention._check_outcome(self.outcome, restored_at)
        action = super().action_close()
        return intervention._settle_request(self.outcome, restored_at) or action
