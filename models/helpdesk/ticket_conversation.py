from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.sla import stops_with
from .ticket_automatic_mail import MAIL_LAYOUT


class HelpdeskTicket(models.Model):
    """Who said what first, and what a message changes in the life of a request.

    Acknowledging is the first thing a member of staff does about a request; the first answer is
    the first message he writes to the customer. No stage and no program does either.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"acknowledged_at", "first_answer_at", "last_customer_message_id"})

    acknowledged_at = fields.Datetime(
        readonly=True, copy=False, help="When somebody of ours first took care of the request."
    )
    first_answer_at = fields.Datetime(
        "First Answer", readonly=True, copy=False, help="When the customer was first answered."
    )

    last_customer_message_id = fields.Many2one(
        "mail.message", readonly=True, copy=False, ondelete="set null"
    )

    # === CRUD === #

    @api.model
    def default_get(self, fields):
        # EXTENDS 'helpdesk_mgmt', which assigns a request to whoever enters it, also to a program.
        defaults = super().default_get(fields)
        if not self._is_done_by_staff() and "default_user_id" not in self.env.context:
            defaults.pop("user_id", None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        if self._is_done_by_staff() and not self.env.context.get("import_file"):
            # Entered on the customer's behalf: he is told, as if he had written himself.
            tickets._send_receipt()
        return tickets

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id") and self._is_done_by_staff():
            # Who gives the request to somebody has taken care of it.
            self._reach("acknowledge")
        return result

    # === ACTIONS === #

    def action_take(self):
        """Take care of the request, in one's own name."""
        self._check_step("new", "in_progress")
        for ticket in self:
            ticket.assign_to_me()
        self._take()

    # === BUSINESS METHODS === #

    def _is_done_by_staff(self):
        """Whether a person of ours acts: not a program, not a customer."""
        return not self.env.su and self.env.user._is_internal()

    def _take(self):
        """Somebody of ours has begun: the request is acknowledged and no longer new."""
        self.check_access("write")
        self._reach("acknowledge")
        self._begin()

    def _begin(self):
        self.filtered(lambda t: t.maintenance_step == "new")._move_to_step("in_progress")

    def _reach(self, kind, at=None):
        # EXTENDS: a request that was promised nothing has no clock, and its first steps are kept.
        moment = at or fields.Datetime.now()
        reached = stops_with(kind)
        for step, name in (("acknowledge", "acknowledged_at"), ("first_answer", "first_answer_at")):
            if step in reached:
                self.sudo().filtered(lambda t, name=name: not t[name]).write({name: moment})
        return super()._reach(kind, at)

    def message_post(self, **kwargs):
        # EXTENDS 'mail': the clocks go by the time of a message, which only the gateway tells.
        if not self.env.su:
            kwargs.pop("date", None)
        return super().message_post(**kwargs)

    def _message_post_after_hook(self, message, msg_values):
        # EXTENDS 'mail'
        result = super()._message_post_after_hook(message, msg_values)
        if self._is_staff_answer(message):
            # A mail reaches the customer once we have it, whatever date it shows.
            is_mail = message.message_type == "email"
            self._reach("first_answer", None if is_mail else message.date)
            self._begin()
        elif self._is_customer_message(message):
            self.sudo()._listen_to_customer(message)
        return result

    def _listen_to_customer(self, message):
        """Let the request follow what the customer wrote; what it cannot follow, a person reads.

        The message is kept in any case: a mail that is refused here would be lost.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._hear_customer(message)
        except UserError as error:
            self._warn_dispatcher(
                self.env._("The customer wrote, and the request could not follow"), str(error)
            )

    def _hear_customer(self, message):
        """The customer wrote, by whatever channel: what this changes depends on the step.

        The request is written in any case: a run that closes it at this moment fails, or makes
        this wait and start again (FM25).
        """
        self.ensure_one()
        self.last_customer_message_id = message

    def _warn_dispatcher(self, summary, note):
        """Leave a to-do to whoever leads the team: something needs a person.

        :return: the to-do, the one that says so already if there is one
        :rtype: mail.activity
        """
        self.ensure_one()
        if known := self.activity_ids.filtered(lambda activity: activity.summary == summary):
            return known[:1]
        user = self._get_alert_user("team_leader")
        # When a mail server is down, many of these come at once: no mail for each.
        return self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id or None
        )

    def _get_alert_user(self, recipient):
        # EXTENDS service_level: what is nobody's yet is a dispatcher's, and no warning is lost.
        return super()._get_alert_user(recipient) or self._get_dispatchers()[:1]

    def _get_dispatchers(self):
        group = self.env.ref("maintenance_contract.group_dispatcher")
        return group.sudo().all_user_ids.filtered(
            lambda user: self.company_id in user.company_ids and user._is_internal()
        )

    def _get_told(self):
        """The contact of the request, if mail can reach him."""
        self.ensure_one()
        return self.partner_id.filtered(lambda p: p.active and p.email_normalized)

    # === MAIL === #

    def _write_to_customer(self, template_name):
        """Tell the customer, in the name of the user, what the user has just noted.

        What a program or the customer himself has brought about, the company tells him.

        :param str template_name: identifier of a mail template of this addon
        """
        self.ensure_one()
        if not self._is_done_by_staff():
            self._queue_automatic_mail(template_name)
            return
        self.message_post_with_source(
            self.env.ref(f"maintenance_contract.{template_name}"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=MAIL_LAYOUT,
        )

    def _queue_automatic_mail(self, template_name):
        """Write to the contact by a template; the mail leaves by the queue, once this is committed.

        A mail server that hangs or fails holds up nothing, and what was rolled back was not sent.

        :param str template_name: identifier of a mail template of this addon
        :return: the message, empty when no program may write to the contact now
        :rtype: mail.message
        """
        self.ensure_one()
        message = self._send_automatic_mail(
            self.env.ref(f"maintenance_contract.{template_name}"),
            force_send=False,
        )
        if message:
            self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return message
