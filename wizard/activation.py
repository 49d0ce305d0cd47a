from odoo import api, fields, models


class MaintenanceActivation(models.TransientModel):
    """Shows what the check-list of a contract lacks before it is activated all the same."""

    _name = "maintenance.activation"
    _description = "Activation of an Incomplete Contract"

    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    missing_ids = fields.Many2many("maintenance.contract.clause", compute="_compute_missing_ids")

    @api.depends("contract_id")
    def _compute_missing_ids(self):
        for wizard in self:
            rows = wizard.contract_id.clause_ids
            wizard.missing_ids = rows.filtered(lambda row: row.state == "missing")

    def action_activate(self):
        self.ensure_one()
        self.contract_id._activate_incomplete()
        return {"type": "ir.actions.act_window_close"}

    def action_complete(self):
        """Go to the check-list instead."""
        self.ensure_one()
        return self.contract_id.action_view_check_list()
