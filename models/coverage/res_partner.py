from odoo import fields, models

from ..core.windows import open_window


class ResPartner(models.Model):
    """A customer or a site: what is under contract there."""

    _inherit = "res.partner"

    maintenance_contract_count = fields.Integer(
        compute="_compute_maintenance_counts",
        groups="maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager",
    )
    maintenance_equipment_count = fields.Integer(
        compute="_compute_maintenance_counts",
        groups="maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager",
    )

    def _compute_maintenance_counts(self):
        contracts = dict(
            self.env["maintenance.contract"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.maintenance_contract_count = contracts.get(partner.commercial_partner_id, 0)
            partner.maintenance_equipment_count = self.env["maintenance.equipment"].search_count(
                partner._get_maintenance_equipment_domain()
            )

    def _get_maintenance_equipment_domain(self):
        self.ensure_one()
        return ["|", ("customer_id", "child_of", self.ids), ("site_id", "child_of", self.ids)]

    def action_view_maintenance_contracts(self):
        return open_window(
            self,
            "maintenance_contract_action",
            domain=[("commercial_partner_id", "=", self.commercial_partner_id.id)],
            context={"default_partner_id": self.id},
        )

    def action_view_maintenance_equipment(self):
        return open_window(
            self,
            "maintenance_equipment_action_installed",
            domain=self._get_maintenance_equipment_domain(),
            context={"default_site_id": self.id},
        )
