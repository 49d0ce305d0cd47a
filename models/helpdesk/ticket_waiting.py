from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.windows import open_dialog

# Events before which no pause can begin any more: the clocks have counted across them.
_TURNS = ("start", "pause", "resume", "change", "reopen")

_BACK_DATING_GROUPS = (
    "maintenance_contract.group_contract_manager,helpdesk_mgmt.group_helpdesk_manager"
)

# Steps at which something is waited for: anything, or that the customer confirms.
WAITING_STEPS = ("waiting", "resolved")


class HelpdeskTicket(models.Model):
    """A request that waits: the clocks its reason stops are paused, and who waited why is logged.

    While it is the customer who is waited for, he is reminded (see `ticket_reminder`), and any
    word of his ends the waiting at the time he said it.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"waiting_since", "pause_reason_id"})

    waiting_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when the request waits, or since when the customer is asked to confirm that "
        "it is resolved.",
    )
    pause_reason_id = fields.Many2one(
        "maintenance.pause.reason",
        string="Waiting For",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    # === ACTIONS === #

    def action_wait(self):
        """Ask why, and since when, the request waits."""
        self._check_step("new", "in_progress")
        return self._open_wizard(self.env._("Wait for Customer"), "maintenance.ticket.waiting")

    def action_customer_answered(self):
        """Ask when the customer answered, by phone or SMS."""
        self._check_waits_for_customer()
        return self._open_wizard(self.env._("Customer Answered"), "maintenance.ticket.answer")

    def action_resume(self):
        """What was waited for is there: work goes on, and so do the clocks."""
        self._check_step("waiting")
        self.check_access("write")
        for ticket in self:
            ticket._end_waiting()
            ticket._move_to_step("in_progress")

    def _open_wizard(self, name, model):
        self.ensure_one()
        self.check_access("write")
        return open_dialog(self, name, model, default_ticket_id=self.id)

    # === BUSINESS METHODS === #

    def _enter_step(self, old_step):
        # EXTENDS: what has left the waiting waits for nothing (RM6).
        if self.waiting_since and self.maintenance_step not in WAITING_STEPS:
            self._end_waiting()
        return super()._enter_step(old_step)

    def _wait(self, reason, at=None, note=None):
        """Let the request wait; asked twice, it waits once.

        :param maintenance.pause.reason reason: what for
        :param datetime at: since when; None: now. Earlier is for managers, and shows in the log.
        :param str note: for the log, never shown to the customer
        :raises AccessError: when the user may not back-date
        :raises UserError: when the request waits already, or not in the past
        """
        self.ensure_one()
        self.check_access("write")
        self._check_step("new", "in_progress")
        now = fields.Datetime.now()
        at = at or now
        self._check_pause_start(at, now)
        self._reach("acknowledge")
        self._pause(reason, at, note)
        self._move_to_step("waiting", waiting_since=at, pause_reason_id=reason.id)
        if reason.is_waiting_for_customer:
            self._start_reminders(at)

    def _check_pause_start(self, at, now):
        if at < now and not self._may_back_date():
            raise AccessError(
                self.env._("Since: only a manager may let a pause begin earlier than now.")
            )
        turns = self.sudo().sla_event_ids.filtered(lambda event: event.name in _TURNS)
        earliest = max(turns.mapped("at"), default=self.received_at)
        if not min(earliest, now) <= at <= now:
            raise UserError(
                self.env._(
                    "Since: a pause begins after what the clocks already know, and not later "
                    "than now."
                )
            )

    @api.model
    def _may_back_date(self):
        return self.env.su or self.env.user.has_groups(_BACK_DATING_GROUPS)

    def _end_waiting(self, at=None):
        """What the request waited for is there: its clocks go on from then.

        :param datetime at: when it was there, brought between the beginning of the waiting and
            now; None: now
        """
        self.ensure_one()
        if self.pause_reason_id:
            self._resume(self._clamp(at))
        self._stop_reminders()
        self.sudo().write({"waiting_since": False, "pause_reason_id": False})

    def _clamp(self, at):
        """Bring a moment told by somebody between the beginning of the waiting and now."""
        return self._clamp_since(at, self.waiting_since)

    def _clamp_since(self, at, since):
        now = fields.Datetime.now()
        return min(max(at or now, since or now), now)

    def _is_waiting_for_customer(self):
        """Whether the next word is the customer's: an answer, or that what was done works."""
        self.ensure_one()
        if not self.waiting_since or self.maintenance_step not in WAITING_STEPS:
            return False
        return self.maintenance_step == "resolved" or self.pause_reason_id.is_waiting_for_customer

    def _check_waits_for_customer(self):
        for ticket in self:
            if not ticket._is_waiting_for_customer():
                raise UserError(self.env._("%s does not wait for its customer.", ticket.number))

    def _hear_customer(self, message):
        # EXTENDS: what waits for an answer has it, at the time it was written.
        if self._is_waiting_for_customer():
            self._take_answer(message.date)
        return super()._hear_customer(message)

    def _take_answer(self, at):
        """The customer answered: the request goes on from then.

        :param datetime at: when he did; brought between the beginning of the waiting and now
        """
        self._end_waiting(at)
        self._move_to_step("in_progress")

    def _note_answer(self, at, note):
        """Note what the customer said by phone or SMS, and when.

        :param datetime at: when he said it
        :param str note: what he said
        """
        self.ensure_one()
        self.check_access("write")
        self._check_waits_for_customer()
        self._take_answer(at)
        self.message_post(body=note)
