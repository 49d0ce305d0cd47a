from odoo import fields, models
from odoo.tools import SQL

from ..models.core.windows import open_form
from ..models.helpdesk.stage import OPEN_STEPS
from ..models.service_level.const import REQUEST_KINDS


class MaintenanceRequestReport(models.AbstractModel):
    """What the indicators of the service are grouped by: the facts of the request."""

    _name = "maintenance.request.report"
    _description = "Indicators of Requests"

    ticket_id = fields.Many2one("helpdesk.ticket", string="Request", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    request_kind = fields.Selection(REQUEST_KINDS, readonly=True)
    severity_id = fields.Many2one("maintenance.severity", readonly=True)
    tier_id = fields.Many2one("maintenance.tier", readonly=True)
    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    equipment_id = fields.Many2one("maintenance.equipment", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Technician", readonly=True)

    _depends = {
        "helpdesk.ticket": [
            "active",
            "closed_date",
            "commercial_partner_id",
            "company_id",
            "contract_id",
            "equipment_id",
            "maintenance_step",
            "received_at",
            "reopen_count",
            "request_kind",
            "resolved_at",
            "severity_id",
            "stage_id",
            "team_id",
            "tier_id",
            "user_id",
        ],
    }

    def _select_request(self):
        """The columns of these fields, from a request named ``ticket``."""
        return SQL(
            """
            ticket.id AS ticket_id, ticket.company_id, ticket.request_kind, ticket.severity_id,
            ticket.tier_id, ticket.contract_id, ticket.commercial_partner_id AS customer_id,
            ticket.equipment_id, ticket.team_id, ticket.user_id
            """
        )

    def _where_request(self):
        """Whether a request named ``ticket`` is counted: not if it was put away while open."""
        return SQL("(ticket.active OR ticket.maintenance_step NOT IN %s)", OPEN_STEPS)

    def action_open_request(self):
        """Open the request that this row is about."""
        return open_form(self, "ticket_id")
