from odoo import fields, models


class MaintenanceBillingPreviewLine(models.TransientModel):
    """An invoice to come, or a credit note when its amount is negative."""

    _name = "maintenance.billing.preview.line"
    _description = "Invoice to Come"
    _order = "date_invoice, partner_id, id"

    preview_id = fields.Many2one("maintenance.billing.preview", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Billed Customer", ondelete="cascade")
    contract_ids = fields.Many2many("maintenance.contract", string="Contracts")
    date_invoice = fields.Date("To Invoice On")
    period_count = fields.Integer("Periods", readonly=True)
    currency_id = fields.Many2one("res.currency", ondelete="cascade")
    amount = fields.Monetary(readonly=True)
    obstacle = fields.Char("Why Not")
