from odoo import fields, models
from odoo.exceptions import UserError

from ..models.core.checks import check_dates


class MaintenanceTermination(models.TransientModel):
    """Asks from when on, and why, a contract or some coverages end."""

    _name = "maintenance.termination"
    _description = "Termination of Contract or Coverage"

    contract_id = fields.Many2one("maintenance.contract", ondelete="cascade")
    coverage_ids = fields.Many2many("maintenance.coverage")
    last_day = fields.Date(
        required=True, default=fields.Date.context_today, help="Last day covered."
    )
    reason = fields.Char(required=True)

    def action_terminate(self):
        self.ensure_one()
        check_dates(self, "last_day")
        if not self.contract_id and not self.coverage_ids:
            raise UserError(self.env._("Choose the contract or the covered equipment to end."))
        if self.contract_id:
            self.contract_id._terminate(self.last_day, self.reason)
        self.coverage_ids._end(self.last_day, self.reason)
        return {"type": "ir.actions.act_window_close"}
