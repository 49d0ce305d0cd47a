from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.core.checks import check_period


class MaintenanceSuspensionChange(models.TransientModel):
    """Asks from when to when a contract is suspended, or on which day its suspension ends."""

    _name = "maintenance.suspension.change"
    _description = "Suspension of a Contract"

    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    suspension_id = fields.Many2one("maintenance.suspension", ondelete="cascade")
    date_start = fields.Date(
        "From", compute="_compute_dates", store=True, readonly=False, precompute=True, required=True
    )
    date_end = fields.Date(
        "To",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        help="Last day suspended. Empty: until it is lifted.",
    )
    reason = fields.Char(
        compute="_compute_dates", store=True, readonly=False, precompute=True, required=True
    )

    @api.depends("suspension_id")
    def _compute_dates(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            suspension = wizard.suspension_id
            wizard.date_start = suspension.date_start or wizard.date_start or today
            wizard.reason = suspension.reason or wizard.reason
            # Lifted today, the service is due again from today on.
            wizard.date_end = suspension and today - timedelta(days=1)

    def action_apply(self):
        self.ensure_one()
        suspension = self.suspension_id
        if not suspension:
            check_period(self, "date_start", "date_end")
            self.contract_id._suspend(self.date_start, self.date_end, self.reason)
        elif suspension.contract_id != self.contract_id:
            raise UserError(self.env._("This suspension is of another contract."))
        else:
            self.contract_id._end_suspension(suspension, self.date_end)
        return {"type": "ir.actions.act_window_close"}
