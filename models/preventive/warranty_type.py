from odoo import api, fields, models

from ..core.checks import check_numbers


class MaintenanceWarrantyType(models.Model):
    """The warranty type says which visits its coverages promise."""

    _inherit = "maintenance.warranty.type"

    plan_ids = fields.One2many(
        "maintenance.visit.plan", "warranty_type_id", string="Visit Plans", copy=True
    )
    nesting_days = fields.Integer(
        "Nesting Window (Days)",
        default=15,
        help="Visits of different ranks at most so many days apart are made as one.",
    )

    @api.constrains("nesting_days")
    def _check_nesting_days(self):
        check_numbers(self, "nesting_days", maximum=366)

    def _get_plans(self):
        """The plans of these types as values for the pure rules.

        :rtype: dict[maintenance.warranty.type, list[tools.visits.Plan]]
        """
        return {
            warranty_type: [plan._get_plan() for plan in warranty_type.plan_ids]
            for warranty_type in self
        }
