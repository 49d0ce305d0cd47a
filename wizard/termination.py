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
    reason_id = fields.Many2one(
        "maintenance.termination.reason", ondelete="cascade", domain=[("is_notice", "=", False)]
    )
    reason = fields.Char("Note", help="What there is to say beside the reason.")

    def action_terminate(self):
        self.ensure_one()
        check_dates(self, "last_day")
        if not self.contract_id and not self.coverage_ids:
            raise UserError(self.env._("Choose the contract or the covered equipment to end."))
        if not self.reason_id and not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why it ends."))
        if self.contract_id:
            self.contract_id._terminate(self.last_day, self.reason, self.reason_id)
        why = ": ".join(filter(None, [self.reason_id.name, self.reason]))
        self.coverage_ids._end(self.last_day, why)
        return {"type": "ir.actions.act_window_close"}
