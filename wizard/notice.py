from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..models.core.checks import check_dates, is_in_range


class MaintenanceNotice(models.TransientModel):
    """Asks who gave notice, and when; tells at the end of which term the contract ends by it."""

    _name = "maintenance.notice"
    _description = "Notice to End a Contract"

    contract_id = fields.Many2one("maintenance.contract", required=True, ondelete="cascade")
    received_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="The day on which the notice arrived at the other party.",
    )
    given_by = fields.Selection(
        [("customer", "The customer"), ("us", "We")], required=True, default="customer"
    )
    note = fields.Char(help="Why, in their words.")
    attachment_ids = fields.Many2many("ir.attachment", string="Letter")
    ends_on = fields.Date(
        "Last Day", compute="_compute_ends_on", help="The contract ends at the end of this term."
    )
    is_late = fields.Boolean(compute="_compute_ends_on")

    @api.depends("contract_id", "received_on")
    def _compute_ends_on(self):
        self.ends_on = self.is_late = False
        for wizard in self.filtered(lambda wizard: is_in_range(wizard.received_on)):
            contract = wizard.contract_id
            wizard.ends_on = contract._get_notice_end(wizard.received_on)
            wizard.is_late = wizard.ends_on > contract._get_term_end(wizard.received_on)

    @api.constrains("received_on")
    def _check_received_on(self):
        check_dates(self, "received_on")

    def action_give_notice(self):
        self.ensure_one()
        if self.received_on > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "Received On: %s has not come yet.", format_date(self.env, self.received_on)
                )
            )
        self.contract_id._give_notice(
            self.received_on, self.given_by, self.note, self.attachment_ids
        )
        return {"type": "ir.actions.act_window_close"}
