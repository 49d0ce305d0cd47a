from odoo import api, fields, models
from odoo.exceptions import UserError


class MaintenanceTicketCancellation(models.TransientModel):
    """Asks why a request is given up."""

    _name = "maintenance.ticket.cancellation"
    _inherit = "maintenance.ticket.wizard"
    _description = "Cancel a Request"

    reason = fields.Selection(
        [
            ("duplicate", "Duplicate"),
            ("wrong", "Opened by mistake"),
            ("withdrawn", "Withdrawn by the customer"),
        ],
        required=True,
    )
    duplicate_of_id = fields.Many2one(
        "helpdesk.ticket",
        compute="_compute_duplicate_of_id",
        store=True,
        readonly=False,
        ondelete="cascade",
        help="The request that is worked on instead.",
    )
    note = fields.Char(
        "Internal Note", help="For the log of the clocks. The customer never sees it."
    )
    commercial_partner_id = fields.Many2one(related="ticket_id.commercial_partner_id")

    @api.depends("reason")
    def _compute_duplicate_of_id(self):
        for wizard in self:
            if wizard.reason != "duplicate":
                wizard.duplicate_of_id = False

    def action_cancel_request(self):
        self.ensure_one()
        if self.reason == "duplicate" and not self.duplicate_of_id:
            raise UserError(
                self.env._("Duplicate Of: choose the request that is worked on instead.")
            )
        self.ticket_id._cancel(self.reason, self.duplicate_of_id, self.note)
        return {"type": "ir.actions.act_window_close"}
