from odoo import api, fields, models

from .quantity import Quantities


class MaintenanceContract(models.Model):
    """A contract shows what is left of the quantities that its tiers give each year."""

    _inherit = "maintenance.contract"

    quantity_table = fields.Html(
        "Quantities Left", compute="_compute_quantity_table", compute_sudo=True, sanitize=False
    )

    @api.depends("coverage_ids.state", "coverage_ids.tier_id", "tier_id", "date_start")
    @api.depends_context("lang")
    def _compute_quantity_table(self):
        counted = {contract: contract._get_counted_cells() for contract in self}
        quantities = Quantities(
            self.env["maintenance.tier.cell"].union(*counted.values()),
            {contract for contract in self if counted[contract]},
        )
        for contract, cells in counted.items():
            today = contract.company_id._get_today()
            contract.quantity_table = bool(cells) and self.env["ir.qweb"]._render(
                "maintenance_contract.contract_quantities",
                {
                    "rows": [
                        (cell, max(quantities.get_left(cell, contract, today), 0)) for cell in cells
                    ]
                },
            )

    def _get_counted_cells(self):
        """The quantities that requests use up, of the tiers by which the contract covers today."""
        self.ensure_one()
        today = self.company_id._get_today()
        if not self._is_in_force(today):
            return self.env["maintenance.tier.cell"]
        in_force = self.coverage_ids.filtered(lambda coverage: coverage._is_in_force(today))
        cells = (in_force.tier_id | self.tier_id).cell_ids
        return cells.filtered(lambda cell: cell.kind == "quantity" and cell.quantity_of)
