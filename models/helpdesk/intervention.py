from odoo import fields, models
from odoo.exceptions import ValidationError

from ..core.windows import open_form

OUTCOMES = [
    ("restored", "Works again"),
    ("degraded", "Works in degraded mode"),
    ("not_restored", "Does not work"),
]


class MaintenanceIntervention(models.Model):
    """An intervention may be what a request was escalated to: it tells the request what happens."""

    _inherit = "maintenance.intervention"
    _guarded_fields = frozenset({"ticket_id", "outcome", "restored_at"})

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Request",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
    )
    outcome = fields.Selection(
        OUTCOMES,
        readonly=True,
        copy=False,
        help="How the equipment of the request was left.",
    )
    restored_at = fields.Datetime(readonly=True, copy=False)

    # === ACTIONS === #

    def action_view_ticket(self):
        return open_form(self, "ticket_id")

    # === BUSINESS METHODS === #

    def _arrive(self, at):
        # EXTENDS fieldwork: the clock of the on-site arrival stops.
        result = super()._arrive(at)
        self.sudo().ticket_id._reach("on_site", at)
        return result

    def _check_outcome(self, outcome, restored_at):
        """Refuse to close the intervention of a request without saying how it was left.

        :raises ValidationError: naming the field
        """
        self.ensure_one()
        if not outcome:
            raise ValidationError(
                self.env._("Outcome: say how you left the equipment; the request waits for it.")
            )
        if outcome == "not_restored":
            return
        first = self.arrived_at or self.create_date
        if not restored_at or not first <= restored_at <= fields.Datetime.now():
            raise ValidationError(
                self.env._("Restored At: give the moment, after the arrival and not in the future.")
            )

    def _settle_request(self, outcome, restored_at):
        """Tell the request how its equipment was left; see `helpdesk.ticket._settle`."""
        self.ensure_one()
        self.sudo().write({"outcome": outcome, "restored_at": restored_at})
        return self.ticket_id._settle(outcome, restored_at)
