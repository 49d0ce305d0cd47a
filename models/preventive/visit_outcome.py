from odoo import fields, models
from odoo.exceptions import UserError

from ..core.windows import open_dialog
from .visit import OPEN_STATES


class MaintenanceVisit(models.Model):
    """What became of a visit: done, skipped for a reason, or taken back into the backlog."""

    _inherit = "maintenance.visit"

    _guarded_fields = frozenset({"done_date"})

    done_date = fields.Date(readonly=True, copy=False, tracking=True)
    skip_reason_id = fields.Many2one(
        "maintenance.skip.reason", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    skip_note = fields.Char(readonly=True, copy=False)
    skip_user_id = fields.Many2one(
        "res.users", string="Skipped By", readonly=True, copy=False, ondelete="restrict"
    )

    # === ACTIONS === #

    def action_skip(self):
        """Open the wizard that asks for the reason."""
        return open_dialog(
            self, self.env._("Skip Visits"), "maintenance.visit.skip", default_visit_ids=self.ids
        )

    def action_reopen(self):
        """Take back a skip, or the cancellation of a visit that is still covered."""
        self.check_access("write")
        for visit in self:
            if visit.state not in ("skipped", "superseded", "cancelled"):
                raise UserError(self.env._("%s is open already.", visit.display_name))
            if visit.coverage_id and visit.coverage_id.state != "validated":
                raise UserError(self.env._("%s: its coverage has ended.", visit.display_name))
            last_day = visit.coverage_id.date_end
            if last_day and visit.nominal_date > last_day:
                raise UserError(
                    self.env._("%s: it falls after the end of its coverage.", visit.display_name)
                )
        self._move_to("upcoming", skip_reason_id=False, skip_note=False, skip_user_id=False)
        self.sudo()._advance(fields.Date.context_today(self))

    # === BUSINESS METHODS === #

    def _get_done_on(self):
        """The day the visit was done, for the rules of the series; None while it is not."""
        self.ensure_one()
        return self.done_date if self.state == "done" else None

    def _skip(self, reason, note):
        """Take these visits off the backlog; a visit planned must be unplanned first."""
        for visit in self:
            if visit.state not in OPEN_STATES:
                raise UserError(
                    self.env._("%s cannot be skipped in its state.", visit.display_name)
                )
        self._move_to(
            "skipped", skip_reason_id=reason.id, skip_note=note, skip_user_id=self.env.user.id
        )

    def _mark_done(self, on):
        """Record that these visits were made on ``on``, and move the next ones as their mode says.

        :param date on: the local day of the visit
        """
        self._move_to("done", done_date=on)
        self.coverage_id.sudo()._move_open_visits(fields.Date.context_today(self))
