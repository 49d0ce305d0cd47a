from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MaintenanceContract(models.Model):
    """A contract may promise other delays than its tier does, and count them by other hours."""

    _name = "maintenance.contract"
    _inherit = ["maintenance.contract", "maintenance.request.count.mixin"]

    _request_field = "contract_id"
    _number_ranges = {"sla_allowance": (0, 1000)}

    sla_policy_id = fields.Many2one(
        "maintenance.sla.policy",
        string="SLA Policy",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Replaces the policy of the tier.",
    )
    sla_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="When delays are counted. Empty: as the policy says.",
    )
    site_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Customer's Hours",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Delays are counted only while both are open. Empty: the customer's hours do not "
        "matter.",
    )
    sla_allowance = fields.Float(
        "Time Difference Allowance",
        tracking=True,
        help="Hours added to each delay, for customers far away. Shown wherever a deadline is "
        "explained.",
    )
    is_supplier_part_suspending = fields.Boolean(
        "Supplier Delays Suspend",
        tracking=True,
        help="Waiting for a supplier's part stops the clocks.",
    )

    @api.constrains("sla_calendar_id", "site_calendar_id")
    def _check_sla_calendars(self):
        for contract in self:
            for name in ("sla_calendar_id", "site_calendar_id"):
                calendar = contract[name]
                if calendar and not calendar._has_opening_hours():
                    raise ValidationError(
                        self.env._(
                            "%(field)s: “%(calendar)s” has no opening hours.",
                            field=self._fields[name]._description_string(self.env),
                            calendar=calendar.name,
                        )
                    )

    def _get_sla_policy(self, tier):
        """The policy that this contract and tier promise; either may be empty.

        :param maintenance.tier tier: of the coverage
        """
        return self.sla_policy_id or tier.sla_policy_id or self.tier_id.sla_policy_id

    def _get_request_defaults(self):
        # EXTENDS: somebody of the customer calls.
        return {**super()._get_request_defaults(), "default_partner_id": self.partner_id.id}
