from odoo import fields, models
from odoo.fields import Domain

from .visit import OPEN_STATES, SILENT


class MaintenanceContract(models.Model):
    """A suspension takes the visits of its days off the backlog; lifted, it gives them back."""

    _inherit = "maintenance.contract"

    def _after_suspension(self):
        # EXTENDS coverage
        self.sudo()._suspend_visits()
        return super()._after_suspension()

    def _suspend_visits(self):
        """Skip the open visits that fall on suspended days, and give back those that do not.

        Visits planned with the customer are left to the dispatcher. Doing it twice changes
        nothing; runs in superuser mode.
        """
        for contract in self.filtered("suspension_ids"):
            contract._give_back_visits()
            for suspension in contract._get_live_suspensions():
                in_it = Domain("nominal_date", ">=", suspension.date_start)
                if suspension.date_end:
                    in_it &= Domain("nominal_date", "<=", suspension.date_end)
                visits = self.env["maintenance.visit"].search(
                    Domain("contract_id", "=", contract.id)
                    & Domain("state", "in", OPEN_STATES)
                    & in_it
                )
                # The message of the contract says it for all of them.
                visits.with_context(**SILENT)._move_to(
                    "skipped",
                    skip_reason_id=self.env.ref("maintenance_contract.skip_reason_suspended").id,
                    skip_note=suspension.reason,
                    skip_user_id=suspension.user_id.id,
                    suspension_id=suspension.id,
                )

    def _give_back_visits(self):
        """Open the visits that a suspension took and that are promised again."""
        self.ensure_one()
        taken = self.env["maintenance.visit"].search(
            [
                ("contract_id", "=", self.id),
                ("suspension_id", "!=", False),
                ("state", "=", "skipped"),
            ]
        )
        visits = taken.filtered(lambda visit: not visit._is_suspended() and visit._is_promised())
        visits = visits.with_context(**SILENT)
        visits._move_to(
            "upcoming",
            skip_reason_id=False,
            skip_note=False,
            skip_user_id=False,
            suspension_id=False,
        )
        visits._advance(fields.Date.context_today(self))
        visits.group_id._propose_dates()
