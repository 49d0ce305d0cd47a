from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.reminders import Ladder, next_step, plan
from ..core.batch import process_in_batches, tell_failure
from ..service_level.instants import to_datetime, to_instant
from ..service_level.sla_term import Promised

TICKETS_PER_BATCH = 20
# When what could not be done is tried again.
PUT_OFF = timedelta(hours=1)


class HelpdeskTicket(models.Model):
    """The customer who does not answer is reminded, and then the request is closed (seed 003).

    The days come from the severity and are working days; `tools/reminders.py` decides, from the
    beginning of the waiting and the reminders that really left. Each run takes at most one step
    for each request: after weeks of downtime, the customer gets one reminder, not three (FM8).
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"waiting_cycle", "next_reminder_at", "closing_at", "reminder_ids"})

    waiting_cycle = fields.Integer(
        readonly=True, copy=False, help="How many times the customer has been waited for."
    )
    next_reminder_at = fields.Datetime("Next Reminder", readonly=True, copy=False, index=True)
    closing_at = fields.Datetime(
        "Closes On",
        readonly=True,
        copy=False,
        index=True,
        help="When the request is closed if the customer does not answer.",
    )
    reminder_ids = fields.One2many("maintenance.reminder", "ticket_id", readonly=True)
    reminder_count = fields.Integer(
        "Reminders Sent",
        compute="_compute_reminder_count",
        compute_sudo=True,
        help="Since the customer is waited for.",
    )

    @api.depends("reminder_ids.sent_at", "waiting_cycle", "waiting_since")
    def _compute_reminder_count(self):
        for ticket in self:
            ticket.reminder_count = len(ticket._get_reminders().filtered("sent_at"))

    def write(self, vals):
        result = super().write(vals)
        if "severity_id" in vals:
            self._plan_anew()
        return result

    def _change_severity(self, severity, reason, rule=None):
        # EXTENDS: the button does not write as a form does.
        result = super()._change_severity(severity, reason, rule)
        self._plan_anew()
        return result

    def _plan_anew(self):
        """Go on by the ladder of the new severity, from the same beginning (RM7)."""
        for ticket in self.sudo():
            if ticket._is_waiting_for_customer():
                ticket._plan_reminders()

    # === THE LADDER === #

    def _start_reminders(self, since):
        """The customer's word is awaited from now on: a new ladder begins, at its first rung."""
        self.ensure_one()
        vals = {"waiting_since": since, "waiting_cycle": self.waiting_cycle + 1}
        if known := self._get_unheard_messages():
            # Whoever asks now has read what is here.
            vals["last_customer_message_id"] = known[-1].id
        self.sudo().write(vals)
        self._plan_reminders()

    def _stop_reminders(self):
        """The customer's word is not awaited any more: nothing that was planned is left."""
        self.ensure_one()
        reminders = self.sudo()._get_reminders()
        reminders._cancel_unsent()
        reminders.activity_id.unlink()
        self.sudo().write({"next_reminder_at": False, "closing_at": False})

    def _plan_reminders(self):
        """Count down anew to the next reminder and to the closing."""
        self.ensure_one()
        dates = {step.name: to_datetime(step.at) for step in reversed(plan(*self._get_ladder()))}
        self._set_countdown(dates.get("remind", False), dates.get("close", False))
        if not dates:
            self._warn_dispatcher(
                self.env._("The customer could not be reminded"),
                self.env._("No deadline computable: the service hours never open."),
            )

    def _set_countdown(self, next_reminder_at, closing_at):
        self.sudo().write({"next_reminder_at": next_reminder_at, "closing_at": closing_at})
        next_at = next_reminder_at or closing_at
        if next_at and next_at > fields.Datetime.now():
            self._wake_reminders(next_at)

    def _get_reminders(self):
        """The reminders of the present waiting."""
        return self.reminder_ids.filtered(
            lambda reminder: reminder.cycle == reminder.ticket_id.waiting_cycle
        )

    def _get_ladder(self):
        """What the rules of reminders need to know: the arguments of `next_step` and `plan`."""
        ticket = self.sudo()
        severity = ticket.severity_id or ticket.severity_id._get_default(ticket.company_id)
        sent = ticket._get_reminders().filtered("sent_at").mapped("sent_at")
        return (
            Ladder(
                (severity.reminder_day_1, severity.reminder_day_2, severity.reminder_day_3),
                severity.closing_days,
            ),
            to_instant(ticket.waiting_since),
            sorted(map(to_instant, sent)),
            ticket._get_working_calendars(),
            to_instant(fields.Datetime.now()),
        )

    def _get_working_calendars(self):
        """The hours in which both the service and, if the contract says so, the site are open."""
        terms = self.env["maintenance.sla.term"]
        case = Promised(
            self.sla_policy_id,
            self.contract_id,
            self.severity_id,
            self.request_kind,
            self.company_id,
        )
        calendars = terms._get_calendar(case) | self.contract_id.site_calendar_id
        return tuple(version._get_value() for version in calendars._get_versions().values())

    # === THE CRON === #

    @api.model
    def _cron_remind(self):
        """Take the steps that are due, one for each request, in committed batches."""
        now = fields.Datetime.now()
        process_in_batches(
            self.sudo(),
            Domain("next_reminder_at", "<=", now) | Domain("closing_at", "<=", now),
            TICKETS_PER_BATCH,
            lambda tickets: [ticket._take_step() for ticket in tickets],
            lambda ticket, error: ticket._put_off(error),
        )

    @api.model
    def _wake_reminders(self, at=None):
        """Start the cron then; without a date, as soon as this is committed."""
        self.env.ref("maintenance_contract.ir_cron_remind_customers").sudo()._trigger(at=at)

    def _put_off(self, error):
        """Leave the step that failed for later, and say why."""
        tell_failure(self, error)
        self._set_countdown(fields.Datetime.now() + PUT_OFF, False)

    def _take_step(self):
        """Do the one thing that is due for this request, in the language of its company."""
        self.ensure_one()
        ticket = self.company_id._at_work(self)
        if not ticket._is_waiting_for_customer():
            ticket._stop_reminders()
        elif answer := ticket._get_unheard_answer():
            ticket._hear_customer(answer)
        elif pending := ticket._get_pending_reminder():
            ticket._follow_up(pending)
        else:
            ticket._climb()

    def _climb(self):
        """Take the next step of the ladder, if its time has come; all before it have left."""
        self._get_reminders().activity_id.unlink()
        step = next_step(*self._get_ladder())
        if step.name == "close":
            self._close_and_tell()
        elif step.name == "remind":
            self._send_reminder(step)
        else:
            self._plan_reminders()

    def _close_and_tell(self):
        """Close the request if the customer can be told so now; else a little later."""
        if self._may_send_automatic_mail():
            self._close_unanswered()
            return
        self._set_countdown(False, fields.Datetime.now() + PUT_OFF)
        if not self._get_told():
            self._warn_dispatcher(
                self.env._("The customer could not be reminded"),
                self.env._("The contact has no e-mail address that can be used."),
            )

    def _get_pending_reminder(self):
        """The reminder of this waiting that has not left, or came back."""
        reminders = self._get_reminders()
        reminders._note_bounces()
        return reminders.filtered(lambda reminder: not reminder.sent_at)[:1]

    def _get_unheard_answer(self):
        """A word of the customer since he is waited for, whatever way it came into the request.

        It counts by when it came: a mail written before he was asked, and fetched after, may say
        what he was asked for, and the clock of his computer may be wrong.

        The request is locked: whoever answers at this very second waits for us, or we have read
        what he wrote (FM25).
        """
        return self._get_unheard_messages()[:1]

    def _get_unheard_messages(self):
        """What the customer wrote and the request has not followed yet, in order."""
        ticket = self.sudo()
        messages = ticket.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("id", ">", ticket.last_customer_message_id.id or 0),
                ("message_type", "in", ("comment", "email")),
            ],
            order="id",
        )
        return messages.filtered(self._is_customer_message)

    def _follow_up(self, reminder):
        """Nothing comes after a reminder that has not left (RM4)."""
        retry_at = reminder._follow_up(fields.Datetime.now())
        if retry_at:
            self._set_countdown(retry_at, False)

    def _send_reminder(self, step):
        if self._get_told() and not self._may_send_automatic_mail():
            # Enough was written today, or nothing may be: the reminder waits its turn.
            self._set_countdown(fields.Datetime.now() + PUT_OFF, False)
            return
        # The mail tells when the request is closed: counted as if it left now.
        self._plan_reminders()
        reminder = self.env["maintenance.reminder"].create(
            {
                "ticket_id": self.id,
                "cycle": self.waiting_cycle,
                "rank": step.rank,
                "due_at": to_datetime(step.at),
            }
        )
        reminder._send()

    def _get_reminder_template(self):
        """What the contact is asked: to answer, or to confirm that it works."""
        if self.maintenance_step == "resolved":
            return "mail_template_confirmation_reminder"
        return "mail_template_answer_reminder"

    def _message_receive_bounce(self, email, partner):
        # EXTENDS 'mail': a reminder may have come back; do not wait for the next one to find out.
        result = super()._message_receive_bounce(email, partner)
        for ticket in self.sudo():
            if ticket._is_waiting_for_customer():
                ticket._set_countdown(fields.Datetime.now(), False)
        self._wake_reminders()
        return result
