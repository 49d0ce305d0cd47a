from odoo import fields, models
from odoo.exceptions import UserError


class MaintenanceTicketAnswer(models.TransientModel):
    """Asks when, and what, the customer answered by another channel than mail or portal."""

    _name = "maintenance.ticket.answer"
    _inherit = "maintenance.ticket.wizard"
    _description = "Note the Customer's Answer"

    at = fields.Datetime(
        "Answered At",
        required=True,
        default=fields.Datetime.now,
        help="The clocks go on from then.",
    )
    note = fields.Text("Answer", required=True, help="What the customer said. An internal note.")

    def action_note(self):
        self.ensure_one()
        if self.at > fields.Datetime.now():
            raise UserError(self.env._("Answered At: it is in the future."))
        self.ticket_id._note_answer(self.at, self.note)
        return {"type": "ir.actions.act_window_close"}
