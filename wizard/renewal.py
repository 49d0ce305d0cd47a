from datetime import timedelta

from odoo import api, fields, models

from ..models.core.checks import check_numbers, is_in_range
from ..tools.contract_dates import end_of_term


class MaintenanceRenewal(models.TransientModel):
    """Asks for how long a contract is renewed."""

    _name = "maintenance.renewal"
    _description = "Renewal of a Contract"

    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    after = fields.Date(
        "Agreed Until",
        compute="_compute_after",
        store=True,
        precompute=True,
        help="The end of the term that is renewed, when this window was opened.",
    )
    months = fields.Integer(
        "Renew for (Months)",
        compute="_compute_after",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_start = fields.Date("From", compute="_compute_period")
    date_end = fields.Date("To", compute="_compute_period")

    @api.depends("contract_id")
    def _compute_after(self):
        for wizard in self:
            wizard.after = wizard.contract_id.agreed_end
            wizard.months = wizard.contract_id.renewal_months

    @api.depends("after", "months")
    def _compute_period(self):
        self.date_start = self.date_end = False
        for wizard in self.filtered("after"):
            wizard.date_start = wizard.after + timedelta(days=1)
            if is_in_range(wizard.date_start) and 1 <= wizard.months <= 1200:
                wizard.date_end = end_of_term(wizard.date_start, wizard.months)

    @api.constrains("months")
    def _check_months(self):
        check_numbers(self, "months", minimum=1, maximum=1200)

    def action_renew(self):
        self.ensure_one()
        self.contract_id._renew(self.months, self.after)
        return {"type": "ir.actions.act_window_close"}
