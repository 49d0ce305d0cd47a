from odoo import fields, models


class MaintenanceTicketResolution(models.TransientModel):
    """Asks what was done for a request, and when it worked again."""

    _name = "maintenance.ticket.resolution"
    _inherit = "maintenance.ticket.wizard"
    _description = "Resolve a Request"

    at = fields.Datetime("Resolved At", help="When it worked again. Empty: now.")
    note = fields.Text("What Was Done", required=True, help="Sent to the customer.")

    def action_resolve(self):
        self.ensure_one()
        self.ticket_id._resolve(self.note, self.at)
        return {"type": "ir.actions.act_window_close"}
