from odoo import fields, models
from odoo.exceptions import UserError


class MaintenanceVisit(models.Model):
    """A visit knows the suspension that took it off the backlog, so that it can come back."""

    _inherit = "maintenance.visit"

    _guarded_fields = frozenset({"suspension_id"})

    suspension_id = fields.Many2one(
        "maintenance.suspension",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Its contract was suspended on this day.",
    )

    def action_reopen(self):
        # EXTENDS: what a suspension took, lifting it gives back.
        if suspended := self.filtered(lambda visit: visit._is_suspended()):
            raise UserError(
                self.env._(
                    "%s: the contract is suspended on that day.",
                    ", ".join(suspended.mapped("display_name")),
                )
            )
        result = super().action_reopen()
        self.sudo().suspension_id = False
        return result

    def _is_suspended(self):
        """Whether its nominal date falls on a suspended day."""
        self.ensure_one()
        return any(
            suspension._touches(self.nominal_date, self.nominal_date)
            for suspension in self.contract_id.sudo()._get_live_suspensions()
        )

    def _is_promised(self):
        """Whether its coverage, if any, still reaches its nominal date."""
        self.ensure_one()
        coverage = self.coverage_id
        return not coverage or coverage._is_in_force(self.nominal_date)
