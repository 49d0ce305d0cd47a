from odoo import api, fields, models
from odoo.exceptions import UserError

from ..service_level.sla_clock import OPEN_STATES
from .stage import OPEN_STEPS


class HelpdeskTicket(models.Model):
    """A request is resolved by us, confirmed by the customer, and closed.

    He confirms that he has tested what was done, and that it is in production (seed 003 §1.4.2).
    Until then he is reminded as for any answer, and at the end the request is closed without him.
    What turns out not to be resolved is opened again.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset(
        {
            "resolved_at",
            "resolution_note",
            "confirmed_at",
            "confirmed_by_id",
            "is_in_production",
            "closing_reason",
            "reopen_count",
            "closed_date",
        }
    )

    resolved_at = fields.Datetime(
        readonly=True, copy=False, index=True, help="When it worked again."
    )
    resolution_note = fields.Text(
        "What Was Done", readonly=True, copy=False, help="Told to the customer."
    )
    confirmed_at = fields.Datetime(
        readonly=True, copy=False, help="When the customer said that he has tested it."
    )
    confirmed_by_id = fields.Many2one("res.partner", readonly=True, copy=False, ondelete="restrict")
    is_in_production = fields.Boolean(
        "In Production",
        readonly=True,
        copy=False,
        help="The customer uses what was done, and not only in a test.",
    )
    closing_reason = fields.Selection(
        [
            ("confirmed", "Confirmed by the customer"),
            ("no_answer", "No answer"),
            ("duplicate", "Duplicate"),
            ("wrong", "Opened by mistake"),
            ("withdrawn", "Withdrawn by the customer"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    reopen_count = fields.Integer("Re-opened", readonly=True, copy=False)

    # === ACTIONS === #

    def action_resolve(self):
        """Ask what was done, and when it worked again."""
        self._check_step(*OPEN_STEPS)
        self._check_can_close()
        return self._open_wizard(self.env._("Resolve"), "maintenance.ticket.resolution")

    def action_tested(self):
        """Note that the customer has tested what was done; that he uses it is still awaited."""
        self._note_confirmation(is_in_production=False)

    def action_confirm(self):
        """Note that the customer has tested what was done and uses it: the request is closed."""
        self._note_confirmation(is_in_production=True)

    def action_reopen(self):
        """The request was not resolved, or has come back."""
        self.check_access("write")
        for ticket in self:
            ticket._reopen()

    def action_cancel_request(self):
        """Ask why the request is given up."""
        self._check_step(*OPEN_STEPS)
        return self._open_wizard(self.env._("Cancel Request"), "maintenance.ticket.cancellation")

    def _enter_step(self, old_step):
        # EXTENDS: no clock runs on what is closed, and those of what is opened again do.
        step = self.maintenance_step
        if step == "closed":
            self._reach("resolution")
        elif step == "cancelled":
            self._cancel_clocks()
        elif step in OPEN_STEPS and old_step not in OPEN_STEPS:
            self._continue_clocks()
        return super()._enter_step(old_step)

    # === RESOLVING === #

    def _check_work_date(self, at):
        """A date of work: now if empty, not in the future, not before the request.

        :rtype: datetime
        """
        self.ensure_one()
        now = fields.Datetime.now()
        at = at or now
        if not min(self.received_at, now) <= at <= now:
            raise UserError(
                self.env._(
                    "When: give a time after the request was received, and not later than now."
                )
            )
        return at

    def _resolve(self, note, at=None):
        """What the customer asked for is done; he is told, and asked to confirm.

        :param str note: what was done, told to the customer
        :param datetime at: when it worked again; None: now
        :raises UserError: when something is still open
        """
        self.ensure_one()
        self.check_access("write")
        self._check_step(*OPEN_STEPS)
        self._finish(note, self._check_work_date(at))

    def _finish(self, note, at):
        self._check_can_close()
        self._end_waiting(at)
        self._reach("resolution", at)
        self._move_to_step("resolved", resolved_at=at, resolution_note=note, is_degraded_mode=False)
        self._start_reminders(fields.Datetime.now())
        self._start_awaited("resolved", at)
        self._write_to_customer("mail_template_resolved")

    # === CONFIRMING === #

    def _note_confirmation(self, is_in_production):
        """A member of staff notes what the customer told him."""
        self.check_access("write")
        for ticket in self:
            ticket._confirm(ticket.partner_id, is_in_production)

    def _confirm(self, partner, is_in_production=True):
        """The customer confirms; the request is closed once it is in production.

        :param res.partner partner: who confirms
        :param bool is_in_production: False: tested only, and asked again later
        """
        self.ensure_one()
        self._check_step("resolved")
        now = fields.Datetime.now()
        self.sudo().write(
            {
                "confirmed_at": self.confirmed_at or now,
                "confirmed_by_id": (self.confirmed_by_id or partner).id,
                "is_in_production": is_in_production,
            }
        )
        if is_in_production:
            self._close("confirmed")
        else:
            self._stop_reminders()
            self._start_reminders(now)

    # === CLOSING === #

    def _close(self, reason):
        """Close the request.

        :param str reason: one of the closing reasons
        """
        self.ensure_one()
        self._check_can_close()
        self._end_waiting()
        self._move_to_step("closed", closing_reason=reason)

    def _close_unanswered(self):
        """Close the request whose customer was reminded three times; he may open it again.

        What had not been resolved ends here: its clock stops, and stays late if it was.
        """
        self.ensure_one()
        self._close("no_answer")
        self._queue_automatic_mail("mail_template_closed_unanswered")

    def _cancel(self, reason, duplicate_of=None, note=None):
        """Give the request up: its clocks are not counted.

        :param str reason: ``duplicate``, ``wrong`` or ``withdrawn``
        :param helpdesk.ticket duplicate_of: the request that is worked on instead
        """
        self.ensure_one()
        self.check_access("write")
        self._check_step(*OPEN_STEPS)
        self._check_can_close()
        self._check_original(duplicate_of)
        if self._is_done_by_staff():
            self._reach("acknowledge")
        self._cancel_clocks(note)
        self._end_waiting()
        self._move_to_step(
            "cancelled",
            closing_reason=reason,
            duplicate_id=duplicate_of.id if duplicate_of else False,
        )
        self._write_to_customer("mail_template_cancelled")

    @api.constrains("duplicate_id", "partner_id")
    def _check_duplicate(self):
        """Nobody reads the number and the title of another customer's request."""
        tickets = self.sudo()
        # Two requests without a contact get theirs one after the other.
        following = tickets.duplicate_ids.filtered("partner_id")
        for ticket in tickets.filtered("duplicate_id") | following:
            ticket._check_original(ticket.duplicate_id)

    def _check_original(self, duplicate_of):
        """The customer is told the number of the other request: it is one of his."""
        if not duplicate_of:
            return
        duplicate_of.check_access("read")
        if self == duplicate_of or self.commercial_partner_id != duplicate_of.commercial_partner_id:
            raise UserError(
                self.env._("Duplicate Of: choose another request of the same customer.")
            )

    def _cancel_clocks(self, note=None):
        if self.sudo().sla_clock_ids.filtered(lambda clock: clock.state in OPEN_STATES):
            self._record_event("cancel", note=note)

    # === OPENING AGAIN === #

    def _reopen(self, at=None):
        """Open the request again; its clocks go on by the rule they were promised with.

        :param datetime at: when the customer said that it does not work; None: now
        """
        self.ensure_one()
        self._check_step("resolved", "closed")
        at = self._clamp_since(at, self.resolved_at or self.closed_date)
        self._end_waiting()
        self._continue_clocks(at)
        self._move_to_step(
            "in_progress",
            closing_reason=False,
            confirmed_at=False,
            confirmed_by_id=False,
            is_in_production=False,
            closed_date=False,
            reopen_count=self.reopen_count + 1,
        )

    def _continue_clocks(self, at=None):
        """The resolution was none: its clock goes on, unless it runs already."""
        resolution = self.sudo().sla_clock_ids.filtered(lambda clock: clock.kind == "resolution")
        if resolution and all(clock.stopped_at for clock in resolution):
            self._reopen_clocks(at)

    def _take_answer(self, at):
        # EXTENDS: he may confirm or complain, which a person has to read. His silence is counted
        # anew from here.
        if self.maintenance_step != "resolved":
            super()._take_answer(at)
            return
        since = self._clamp(at)
        self._stop_reminders()
        self._start_reminders(since)

    def _hear_customer(self, message):
        # EXTENDS: the customer speaks after we said that it is done.
        step = self.maintenance_step
        result = super()._hear_customer(message)
        if step == "resolved":
            self._warn_dispatcher(
                self.env._("The customer answered"),
                self.env._("Does it work? Confirm for the customer, or re-open the request."),
            )
        elif step == "cancelled" and message.subtype_id != self._creation_subtype():
            # The mail that opened the request may have been rejected on its way in.
            self._warn_dispatcher(
                self.env._("The customer wrote on a cancelled request"),
                self.env._("Answer, or open a new request."),
            )
        elif step == "closed" and self._is_past_reopening():
            self._open_following(message)
        elif step == "closed":
            self._reopen(message.date)
        return result

    def _open_following(self, message):
        """Open a new request for what the customer wrote on one closed long ago."""
        self.ensure_one()
        following = self.copy(
            {
                "previous_ticket_id": self.id,
                "description": message.body,
                "received_at": message.date,
            }
        )
        self._message_log(
            body=self.env._(
                "Closed too long ago to be re-opened: the customer's message opened %s.",
                following._get_html_link(),
            )
        )
        return following
