from odoo import fields, models

WHO_READ = "maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager"


class ResPartner(models.Model):
    """A contact who followed trainings, or a customer whose contacts did."""

    _inherit = "res.partner"

    training_count = fields.Integer(compute="_compute_training_count", groups=WHO_READ)

    def _compute_training_count(self):
        trainings = self.env["maintenance.training"]
        for partner in self:
            partner.training_count = trainings.search_count(
                [("partner_id", "child_of", partner.ids)]
            )

    def action_view_trainings(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_training_action"
        )
        return {
            **action,
            "domain": [("partner_id", "child_of", self.ids)],
            "context": {} if self.is_company else {"default_partner_id": self.id},
        }
