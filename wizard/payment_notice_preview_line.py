from odoo import fields, models


class MaintenancePaymentNoticePreviewLine(models.TransientModel):
    """What the notice of a contract will say, or why it gets none."""

    _name = "maintenance.payment.notice.preview.line"
    _description = "Payment Notice to Send"

    preview_id = fields.Many2one(
        "maintenance.payment.notice.preview", required=True, ondelete="cascade"
    )
    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="contract_id.partner_id", string="Billed Customer")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    invoice_count = fields.Integer("Invoices", readonly=True)
    overdue_since = fields.Date(readonly=True)
    amount = fields.Monetary("Overdue", readonly=True)
    due_by = fields.Date("Pay By", readonly=True)
    stops_on = fields.Date("Service Stops On", readonly=True)
    obstacle = fields.Char("Why Not", readonly=True)
