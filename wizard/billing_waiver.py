from odoo import fields, models


class MaintenanceBillingWaiver(models.TransientModel):
    """Asks why some periods are never invoiced."""

    _name = "maintenance.billing.waiver"
    _description = "Waive Billing Periods"

    period_ids = fields.Many2many("maintenance.billing.period", string="Periods", required=True)
    reason = fields.Char(required=True)

    def action_waive(self):
        self.ensure_one()
        self.period_ids._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
