from odoo import fields, models


class MaintenanceTicketWorkaround(models.TransientModel):
    """Asks what lets the customer work again before the cause is removed."""

    _name = "maintenance.ticket.workaround"
    _inherit = "maintenance.ticket.wizard"
    _description = "Workaround of a Request"

    kind = fields.Selection(
        [("provisional", "Provisional"), ("final", "Final")],
        required=True,
        default="provisional",
        help="Final: the customer can live with it. Once he accepts it, the request is resolved.",
    )
    is_degraded_mode = fields.Boolean(
        "Degraded Mode", default=True, help="It works with restrictions until the cause is removed."
    )
    at = fields.Datetime("Since", help="When the customer could work again. Empty: now.")
    note = fields.Text("Workaround", required=True, help="What it is. Sent to the customer.")
    accepted_by_id = fields.Many2one(
        "res.partner",
        ondelete="cascade",
        help="The contact who has accepted it already. Empty: asked later.",
    )
    commercial_partner_id = fields.Many2one(related="ticket_id.commercial_partner_id")

    def action_set(self):
        self.ensure_one()
        ticket = self.ticket_id
        ticket._set_workaround(self.kind, self.note, self.at, self.is_degraded_mode)
        if self.accepted_by_id:
            ticket._accept_workaround(self.accepted_by_id)
        return {"type": "ir.actions.act_window_close"}
