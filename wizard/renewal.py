from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..models.core.checks import check_numbers, is_in_range
from ..tools.contract_dates import end_of_term


class MaintenanceRenewal(models.TransientModel):
    """Asks for how long a contract is renewed, and at which prices."""

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
    has_new_prices = fields.Boolean(
        "Agree on New Prices", help="From the first day of the new term on."
    )
    line_ids = fields.One2many(
        "maintenance.renewal.line",
        "renewal_id",
        string="Prices",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

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

    @api.depends("contract_id", "after", "has_new_prices")
    def _compute_line_ids(self):
        for wizard in self:
            coverages = wizard._get_coverages() if wizard.has_new_prices else ()
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {"coverage_id": coverage.id, "price_before": price, "price": price}
                    )
                    for coverage in coverages
                    for price in [coverage.sudo()._get_price_on(wizard.after)]
                ),
            ]

    def _get_coverages(self):
        """Those that go on in the new term."""
        self.ensure_one()
        return self.contract_id._get_last_coverages().filtered(
            lambda coverage: not coverage.end_reason and coverage.date_end in (False, self.after)
        )

    @api.constrains("months")
    def _check_months(self):
        check_numbers(self, "months", minimum=1, maximum=1200)

    def action_renew(self):
        self.ensure_one()
        changed = self.line_ids.filtered(lambda line: self.has_new_prices and line._is_changed())
        if changed.coverage_id - self.contract_id.coverage_ids:
            raise UserError(self.env._("Prices: choose equipment of this contract."))
        first = self.date_start
        self.contract_id._renew(self.months, self.after)
        # Equipment under another contract by then is left out.
        agreed = changed.filtered(lambda line: line.coverage_id._is_in_force(first))
        if agreed:
            self._set_prices(agreed, first)
        return {"type": "ir.actions.act_window_close"}

    def _set_prices(self, lines, first):
        """Have the coverages of these lines cost what was agreed from the new term on."""
        prices = {line.coverage_id.id: line.price for line in lines}
        lines.coverage_id._set_prices(first, prices, "renewal")
        # Not all who read the chatter may read prices.
        self.contract_id.message_post(
            body=self.env._(
                "New prices from %(day)s on: %(equipment)s.",
                day=format_date(self.env, first),
                equipment=", ".join(lines.equipment_id.mapped("display_name")),
            )
        )
