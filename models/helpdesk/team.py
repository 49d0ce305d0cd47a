from odoo import models


class HelpdeskTicketTeam(models.Model):
    """A team as the form of requests offers it; who is in it and what it has to do is not told."""

    _name = "helpdesk.ticket.team"
    _inherit = ["helpdesk.ticket.team", "maintenance.portal.fields.mixin"]

    _portal_fields = frozenset(
        {
            "id",
            "display_name",
            "name",
            "complete_name",
            "parent_id",
            "company_id",
            "active",
            "sequence",
            "show_in_portal",
        }
    )
