from odoo import api, fields, models


class MaintenanceTicketWaiting(models.TransientModel):
    """Asks what a request waits for."""

    _name = "maintenance.ticket.waiting"
    _inherit = "maintenance.ticket.wizard"
    _description = "Let a Request Wait"

    reason_id = fields.Many2one(
        "maintenance.pause.reason",
        string="Waiting For",
        required=True,
        ondelete="cascade",
        default=lambda self: self._get_default_reason(),
    )
    is_waiting_for_customer = fields.Boolean(related="reason_id.is_waiting_for_customer")
    is_back_dating_allowed = fields.Boolean(compute="_compute_is_back_dating_allowed")
    at = fields.Datetime("Since", help="Empty: from now on.")
    note = fields.Char(
        "Internal Note", help="For the log of the clocks. The customer never sees it."
    )

    @api.model
    def _get_default_reason(self):
        return self.env.ref("maintenance_contract.pause_reason_customer", raise_if_not_found=False)

    @api.depends("ticket_id")
    def _compute_is_back_dating_allowed(self):
        for wizard in self:
            wizard.is_back_dating_allowed = wizard.ticket_id._may_back_date()

    def action_wait(self):
        self.ensure_one()
        self.ticket_id._wait(self.reason_id, self.at, self.note)
        return {"type": "ir.actions.act_window_close"}
