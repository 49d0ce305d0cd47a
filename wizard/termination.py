from odoo import api, fields, models
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
    invoiced_until = fields.Date(
        compute="_compute_invoiced_until", help="Last day that is on an invoice."
    )
    is_invoiced_beyond = fields.Boolean(compute="_compute_is_invoiced_beyond")
    is_past = fields.Boolean(compute="_compute_is_invoiced_beyond")
    is_credited = fields.Boolean(
        "Credit What Was Invoiced Beyond",
        help="It ended before it was told: the days invoiced after the last one are credited.",
    )

    @api.depends("contract_id", "coverage_ids")
    def _compute_invoiced_until(self):
        for wizard in self:
            coverages = wizard.contract_id.coverage_ids | wizard.coverage_ids
            wizard.invoiced_until = coverages._get_invoiced_until()

    @api.depends("invoiced_until", "last_day")
    def _compute_is_invoiced_beyond(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            until, last_day = wizard.invoiced_until, wizard.last_day
            wizard.is_invoiced_beyond = until and last_day and last_day < until
            wizard.is_past = last_day and last_day < today

    def action_terminate(self):
        self.ensure_one()
        check_dates(self, "last_day")
        if not self.contract_id and not self.coverage_ids:
            raise UserError(self.env._("Choose the contract or the covered equipment to end."))
        if not self.reason_id and not (self.reason or "").strip():
            raise UserError(self.env._("Reason: say why it ends."))
        if self.contract_id:
            self.contract_id._terminate(
                self.last_day, self.reason, self.reason_id, after_the_fact=self.is_credited
            )
        elif not self.is_credited:
            self.coverage_ids._check_nothing_after(self.last_day)
        why = ": ".join(filter(None, [self.reason_id.name, self.reason]))
        self.coverage_ids._end(self.last_day, why)
        return {"type": "ir.actions.act_window_close"}
