from odoo import fields, models


class MaintenanceVisit(models.Model):
    """Who plans a visit knows that the service of its contract is stopped.

    It stays in the backlog: it was promised, and is owed again once the stop is lifted. Whether
    somebody goes meanwhile is for the dispatcher to say.
    """

    _inherit = "maintenance.visit"

    is_service_stopped = fields.Boolean(
        "Service Stopped",
        compute="_compute_is_service_stopped",
        compute_sudo=True,
        search="_search_is_service_stopped",
    )

    def _compute_is_service_stopped(self):
        for visit in self:
            visit.is_service_stopped = visit.contract_id.is_service_stopped

    def _search_is_service_stopped(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Technicians read their visits and no contract.
        stopped = (
            self.env["maintenance.contract"].sudo().search([("is_service_stopped", "=", True)])
        )
        return [("contract_id", "in", stopped.ids)]
