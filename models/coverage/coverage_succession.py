from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class MaintenanceCoverage(models.Model):
    """A coverage that changes in the middle of a term is followed by another one.

    What was agreed is never edited in place: the old coverage ends on the day before, the new one
    begins, and what remains to be done passes to it.
    """

    _inherit = "maintenance.coverage"
    _guarded_fields = frozenset({"predecessor_id"})

    predecessor_id = fields.Many2one(
        "maintenance.coverage",
        string="Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The coverage that this one took over from.",
    )
    successor_ids = fields.One2many(
        "maintenance.coverage", "predecessor_id", string="Followed By", copy=False
    )

    _predecessor_uniq = models.UniqueIndex(
        "(predecessor_id) WHERE state IN ('validated', 'ended')",
        "Another coverage follows this one already.",
    )

    def write(self, vals):
        if "tier_id" in vals and not self.env.su:
            self._check_tier_is_free()
        return super().write(vals)

    def _check_tier_is_free(self):
        if agreed := self.filtered(
            lambda coverage: coverage.contract_id and coverage.state in ("validated", "ended")
        ):
            raise UserError(
                self.env._(
                    "Tier: that of %s is agreed. Make an amendment of the contract.",
                    ", ".join(agreed.mapped("display_name")),
                )
            )

    @api.constrains("predecessor_id")
    def _check_predecessor(self):
        if self._has_cycle("predecessor_id"):
            raise ValidationError(self.env._("Follows: a coverage cannot follow itself."))

    def _succeed(self, on, reason, **values):
        """End this coverage on the day before ``on``, and cover from that day by another one.

        :param date on: first day of the new coverage
        :param str reason: kept on the old one
        :param values: what is different in the new one
        :return: the new coverage, validated
        :rtype: maintenance.coverage
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_followed()
        successor = self.sudo().create({**self._prepare_successor_vals(on, values), **values})
        successor = successor.sudo(self.env.su)
        self._hand_over(successor)
        self._end(on - timedelta(days=1), reason)
        # The message of the amendment says it.
        successor.with_context(tracking_disable=True).action_validate()
        return successor

    def _check_not_followed(self):
        """Say, naming its day, what the database would refuse: another one follows already."""
        self.ensure_one()
        if following := self.successor_ids.filtered(
            lambda coverage: coverage.state in ("validated", "ended")
        ):
            raise UserError(
                self.env._(
                    "Covered Equipment: %(equipment)s is covered otherwise from %(day)s on "
                    "already. Change that coverage.",
                    equipment=self.equipment_id.display_name,
                    day=format_date(self.env, following[0].date_start),
                )
            )

    def _prepare_successor_vals(self, on, values):
        """Values of the coverage that follows; ``values`` replace some of them afterwards."""
        self.ensure_one()
        coverage = self.sudo()
        return {
            "predecessor_id": coverage.id,
            "contract_id": coverage.contract_id.id,
            "company_id": coverage.company_id.id,
            "equipment_id": coverage.equipment_id.id,
            "warranty_type_id": coverage.warranty_type_id.id,
            "tier_id": coverage.tier_id.id,
            "price": coverage._get_price_on(on),
            "date_start": on,
            "date_end": coverage.date_end,
        }

    def _hand_over(self, successor):
        """Hook: what passes to the coverage that follows, before this one ends."""

    def _get_price_on(self, day):
        """Hook: the yearly price in force on ``day``; runs in superuser mode."""
        self.ensure_one()
        return self.price

    def _change_price(self, on, price, reason):
        """Hook: have it cost ``price`` a year from ``on``; here by a coverage that follows it.

        :return: the coverage that has this price
        """
        return self._succeed(on, reason, price=price)
