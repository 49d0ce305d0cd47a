from odoo import api, fields, models


class MaintenanceTicketWizard(models.AbstractModel):
    """A dialog about one request, it tells nothing about those of others.

    What a dialog proposes is read from the request in superuser mode: the right of the user
    on it is checked first, while the dialog is filled in as when it is saved.
    """

    _name = "maintenance.ticket.wizard"
    _description = "Request"

    # The right on the request that its user needs.
    _ticket_access = "read"

    ticket_id = fields.Many2one("helpdesk.ticket", "Request", required=True, ondelete="cascade")

    @api.constrains("ticket_id")
    def _check_ticket(self):
        # A check is run in superuser mode.
        self.sudo(False).ticket_id.check_access(self._ticket_access)

    def onchange(self, values, field_names, fields_spec):
        given = {**self.default_get(["ticket_id"]), **values}.get("ticket_id")
        self.env["helpdesk.ticket"].browse(given or []).check_access(self._ticket_access)
        return super().onchange(values, field_names, fields_spec)
