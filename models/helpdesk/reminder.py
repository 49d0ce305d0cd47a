from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize

# Hours until a mail that did not leave is tried again: 1, 2, 4… and once a day at last.
_LONGEST_WAIT = 24


class MaintenanceReminder(models.Model):
    """A reminder to a customer whose answer is awaited, from its decision to its departure.

    The row and the mail are committed together before anything is sent: whoever starts again
    after a crash finds them, and sends the same mail with the same Message-Id. Only what really
    left counts (*Sent At*); what failed is tried again, and nothing comes after it (FM6, FM7).
    """

    _name = "maintenance.reminder"
    _description = "Reminder to Customer"
    _order = "id desc"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", string="Request", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    cycle = fields.Integer(
        required=True, readonly=True, help="Which waiting of the request it belongs to."
    )
    rank = fields.Integer(
        "Reminder", required=True, readonly=True, help="First, second or third of its waiting."
    )
    due_at = fields.Datetime(readonly=True, help="When the severity asked for it.")
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    email = fields.Char(readonly=True, help="The address it was sent to.")
    mail_message_id = fields.Many2one(
        "mail.message",
        string="Message",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    sent_at = fields.Datetime(readonly=True, help="When it really left.")
    attempt_count = fields.Integer("Attempts", readonly=True)
    failure = fields.Char(readonly=True, help="Why it did not leave.")
    is_address_wrong = fields.Boolean(
        readonly=True, help="Trying again is of no use before the contact has another address."
    )
    retry_at = fields.Datetime("Tried Again At", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")
    state = fields.Selection(
        [("queued", "On its way"), ("sent", "Sent"), ("failed", "Failed")],
        compute="_compute_state",
    )

    _ticket_cycle_rank_uniq = models.Constraint(
        "UNIQUE (ticket_id, cycle, rank)", "This reminder exists already."
    )

    @api.depends("ticket_id.number", "rank")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = self.env._(
                "%(request)s: reminder %(rank)s",
                request=reminder.ticket_id.number,
                rank=reminder.rank,
            )

    @api.depends("sent_at", "failure")
    def _compute_state(self):
        for reminder in self:
            if reminder.sent_at:
                reminder.state = "sent"
            else:
                reminder.state = "failed" if reminder.failure else "queued"

    # === BUSINESS METHODS === #

    def _send(self):
        """Put the mail in the queue, or say why it cannot be."""
        self.ensure_one()
        ticket = self.ticket_id
        contact = ticket.partner_id
        self.write(
            {
                "attempt_count": self.attempt_count + 1,
                "partner_id": contact.id,
                "email": email_normalize(contact.email) or contact.email,
                "failure": False,
                "retry_at": False,
                "is_address_wrong": False,
            }
        )
        if not ticket._get_told():
            self._fail(self.env._("The contact has no e-mail address that can be used."), True)
            return
        self.mail_message_id = ticket._queue_automatic_mail(ticket._get_reminder_template())
        if not self.mail_message_id:
            self._fail(self.env._("Automatic mail is switched off, or too much was sent today."))

    def _fail(self, reason, is_address_wrong=False):
        self.write({"sent_at": False, "failure": reason, "is_address_wrong": is_address_wrong})

    def _follow_up(self, now):
        """Look after a reminder that has not left: report it, and try again in time.

        :return: when to look again, False: at the next run
        """
        self.ensure_one()
        if not self.failure and self._get_mails():
            return False
        if not self.failure:
            self._fail(self.env._("The mail was cancelled."))
        if self._may_retry(now):
            self._retry()
        elif not self.retry_at:
            self._plan_retry(now)
            self._report()
        elif self.retry_at <= now:
            self._plan_retry(now)
        return self.retry_at

    def _plan_retry(self, now):
        """Look again in some hours: the contact may have another address by then."""
        hours = min(2 ** max(self.attempt_count - 1, 0), _LONGEST_WAIT)
        self.retry_at = now + timedelta(hours=hours)

    def _report(self):
        """Tell the dispatcher, unless he knows, that the customer does not."""
        if self.activity_id:
            return
        self.activity_id = self.ticket_id._warn_dispatcher(
            self.env._("The customer could not be reminded"),
            self.env._(
                "Reminder %(rank)s to %(contact)s did not leave: %(failure)s The request stays "
                "open until it does.",
                rank=self.rank,
                contact=self.partner_id.display_name or self.env._("nobody"),
                failure=f"{self.failure.rstrip('.')}.",
            ),
        )

    def _may_retry(self, now):
        if self.is_address_wrong:
            address = email_normalize(self.ticket_id.partner_id.email)
            return bool(address) and address != self.email
        return bool(self.retry_at) and self.retry_at <= now

    def _retry(self):
        """Try again: the same mail, or another one when it is gone or goes to another address."""
        mails = self._get_mails()
        if not mails or self.is_address_wrong:
            self._send()
            return
        mails.mark_outgoing()
        self.write({"attempt_count": self.attempt_count + 1, "failure": False, "retry_at": False})
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _cancel_unsent(self):
        """Keep back what is still in the queue: the customer has answered meanwhile (RM6)."""
        mails = self.filtered(lambda reminder: not reminder.sent_at)._get_mails()
        mails.filtered(lambda mail: mail.state == "outgoing").cancel()

    def _get_mails(self):
        """The mails of these reminders that have not left, nor been given up."""
        return self.env["mail.mail"].search(
            [
                ("mail_message_id", "in", self.mail_message_id.ids),
                ("recipient_ids", "in", self.partner_id.ids),
                ("state", "in", ("outgoing", "exception")),
            ]
        )

    # === WHAT BECAME OF THE MAIL === #

    def _note_departure(self, messages, reached, failure, is_address_wrong):
        """Note which mails left, from within the run that sends them.

        Only the row of the reminder is written, which nobody else writes meanwhile: a conflict
        here would come after the mail has left, and send it twice.

        :param mail.message messages: of the mails
        :param reached: contacts whose mail left
        :param str failure: why the others' did not
        """
        reminders = self.sudo().search(
            [("mail_message_id", "in", messages.ids), ("sent_at", "=", False)]
        )
        for reminder in reminders:
            if reminder.partner_id in reached:
                reminder.write({"sent_at": fields.Datetime.now(), "failure": False})
            else:
                reminder._fail(
                    failure or self.env._("The mail server refused it."), is_address_wrong
                )
        if reminders:
            self.env["helpdesk.ticket"]._wake_reminders()

    def _note_bounces(self):
        """What came back did not arrive: it does not count."""
        sent = self.filtered("sent_at")
        bounced = sent.mail_message_id.notification_ids.filtered(
            lambda notification: notification.notification_status == "bounce"
        ).mail_message_id
        for reminder in sent.filtered(lambda reminder: reminder.mail_message_id in bounced):
            reminder._fail(self.env._("The mail came back."), is_address_wrong=True)
