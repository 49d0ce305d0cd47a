from odoo import api, fields, models


class MaintenanceContract(models.Model):
    """The contract counts the visits that its coverages promise."""

    _inherit = "maintenance.contract"

    visit_ids = fields.One2many("maintenance.visit", "contract_id")
    visit_count = fields.Integer(compute="_compute_visit_counts")
    visit_missed_count = fields.Integer(compute="_compute_visit_counts")
    has_schedule_error = fields.Boolean(
        compute="_compute_has_schedule_error",
        help="The visits of some covered equipment could not be created.",
    )

    @api.depends("visit_ids.state")
    def _compute_visit_counts(self):
        counts = {
            (contract, state): count
            for contract, state, count in self.env["maintenance.visit"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id", "state"], ["__count"]
            )
        }
        for contract in self:
            contract.visit_count = sum(
                count for (other, _state), count in counts.items() if other == contract
            )
            contract.visit_missed_count = counts.get((contract, "missed"), 0)

    @api.depends("coverage_ids.schedule_error")
    def _compute_has_schedule_error(self):
        failed = self.env["maintenance.coverage"]._read_group(
            [("contract_id", "in", self.ids), ("schedule_error", "!=", False)], ["contract_id"]
        )
        for contract in self:
            contract.has_schedule_error = (contract._origin,) in failed

    def action_view_visits(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_visit_action"
        )
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"search_default_group_state": 1},
        }
