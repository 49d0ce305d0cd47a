from odoo import fields, models

from ..core.windows import open_window
from ..service_level.ticket_decision import DECIDING_GROUPS


class ResPartner(models.Model):
    """A contact who followed trainings, or a customer whose contacts did."""

    _inherit = "res.partner"

    training_count = fields.Integer(compute="_compute_training_count", groups=DECIDING_GROUPS)

    def _compute_training_count(self):
        trainings = self.env["maintenance.training"]
        for partner in self:
            partner.training_count = trainings.search_count(
                [("partner_id", "child_of", partner.ids)]
            )

    def action_view_trainings(self):
        return open_window(
            self,
            "maintenance_training_action",
            domain=[("partner_id", "child_of", self.ids)],
            context={} if self.is_company else {"default_partner_id": self.id},
        )
