from odoo import fields, models


class MaintenanceRenewalLine(models.TransientModel):
    """The yearly price of a coverage from the new term on."""

    _name = "maintenance.renewal.line"
    _description = "Price From the New Term On"
    _inherit = ["maintenance.finite.mixin"]
    _number_ranges = {"price": (0, 1e12)}

    renewal_id = fields.Many2one("maintenance.renewal", required=True, ondelete="cascade")
    coverage_id = fields.Many2one("maintenance.coverage", required=True, ondelete="cascade")
    equipment_id = fields.Many2one(related="coverage_id.equipment_id")
    currency_id = fields.Many2one(related="coverage_id.currency_id")
    price_before = fields.Monetary("Yearly Price", readonly=True)
    price = fields.Monetary("New Yearly Price")

    def _is_changed(self):
        self.ensure_one()
        return bool(self.currency_id.compare_amounts(self.price, self.price_before))
