from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.batch import process_in_batches, tell_failure
from ..core.windows import open_window
from .const import BILLING_GROUP

NOTICES_PER_BATCH = 50
ACTIVITY = "maintenance_contract.mail_activity_service_stop"
MAIL_LAYOUT = "mail.mail_notification_light"


class MaintenancePaymentNotice(models.Model):
    """A letter that asks for what is overdue of a contract, and what comes of it.

    It says by when to pay and, where that was agreed, from when the service is stopped. What comes
    of it are facts with their instants: stopped by the nightly run, closed once all it asks for is
    paid, or withdrawn by somebody. One notice of a contract is live at a time.
    """

    _name = "maintenance.payment.notice"
    _description = "Payment Notice"
    _inherit = ["mail.thread", "maintenance.guarded.mixin"]
    _order = "sent_on desc, id desc"
    _rec_names_search = ["contract_id.name", "contract_id.partner_id.name"]
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset(
        {
            "contract_id", "sent_on", "due_by", "stops_on", "requests", "amount", "line_ids",
            "stopped_at", "closed_at", "is_withdrawn", "user_id", "state",
        }
    )  # fmt: skip

    contract_id = fields.Many2one(
        "maintenance.contract", required=True, readonly=True, ondelete="restrict",
        index=True, check_company=True,
    )  # fmt: skip
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Billed Customer", store=True, index=True
    )
    currency_id = fields.Many2one(related="contract_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Made By", readonly=True, required=True, ondelete="restrict"
    )
    sent_on = fields.Date(required=True, readonly=True)
    due_by = fields.Date("Pay By", required=True, readonly=True)
    stops_on = fields.Date(
        "Service Stops On",
        readonly=True,
        help="The first day without service, unless it is paid. Empty: the service goes on.",
    )
    requests = fields.Selection(
        [("billable", "Billable"), ("refused", "Refused")],
        string="Requests While Stopped",
        required=True,
        readonly=True,
        help="As the company had set it when the notice was made.",
    )
    line_ids = fields.One2many("maintenance.payment.notice.line", "notice_id", readonly=True)
    amount = fields.Monetary(
        readonly=True, required=True, help="What was overdue when the notice was made."
    )
    amount_left = fields.Monetary(
        "Left to Pay",
        compute="_compute_amount_left",
        compute_sudo=True,
        help="What the customer still has to pay of it, for this contract.",
    )
    stopped_at = fields.Datetime("Service Stopped At", readonly=True)
    closed_at = fields.Datetime(
        readonly=True, help="When it was paid or withdrawn. The service goes on from then."
    )
    is_withdrawn = fields.Boolean(readonly=True)
    state = fields.Selection(
        [
            ("open", "Open"),
            ("stopped", "Service stopped"),
            ("paid", "Paid"),
            ("lifted", "Stop lifted"),
            ("withdrawn", "Withdrawn"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )

    _live_uniq = models.UniqueIndex(
        "(contract_id) WHERE closed_at IS NULL", "This contract has a payment notice already."
    )
    _dates = models.Constraint(
        "CHECK (due_by >= sent_on AND stops_on > due_by)",
        "Service Stops On: the customer has until the day before to pay.",
    )
    _instants = models.Constraint(
        "CHECK (closed_at >= stopped_at AND (stopped_at IS NULL OR stops_on IS NOT NULL) "
        "AND (closed_at IS NOT NULL OR is_withdrawn IS NOT TRUE))",
        "A stop of service follows its notice, and ends after it began.",
    )

    # === COMPUTE METHODS === #

    @api.depends("contract_id", "sent_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for notice in self:
            notice.display_name = self.env._(
                "%(contract)s, notice of %(date)s",
                contract=notice.contract_id.name,
                date=format_date(self.env, notice.sent_on),
            )

    @api.depends("stopped_at", "closed_at", "is_withdrawn")
    def _compute_state(self):
        for notice in self:
            if not notice.closed_at:
                notice.state = "stopped" if notice.stopped_at else "open"
            elif notice.stopped_at:
                notice.state = "lifted"
            else:
                notice.state = "withdrawn" if notice.is_withdrawn else "paid"

    def _compute_amount_left(self):
        live = self.filtered(lambda notice: not notice.closed_at)
        dues = live.contract_id._get_dues()
        for notice in self:
            asked = notice.line_ids.move_id
            notice.amount_left = not notice.closed_at and max(
                0,
                sum(due.amount for due in dues[notice.contract_id] if due.move in asked),
            )

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A payment notice is kept: withdraw it."))

    # === ACTIONS === #

    def action_withdraw(self):
        """Ask no more for what is overdue, as when other days were agreed; lifts the stop."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(BILLING_GROUP)):
            raise AccessError(self.env._("Only those who make invoices withdraw a notice."))
        self._check_state("open", "stopped")
        self.sudo()._close(is_withdrawn=True)

    def action_view_invoices(self):
        return open_window(
            self,
            "account_move_action_follow_up",
            domain=[("id", "in", self.line_ids.move_id.ids)],
            context={"create": False},
        )

    # === MAKING === #

    @api.model
    def _make(self, contracts):
        """Make and send the notices of what is overdue of these contracts.

        :return: the notices; those of which nothing is overdue, or that have a live one, have none
        :raises AccessError: to who makes no invoices
        """
        if not (self.env.su or self.env.user.has_group(BILLING_GROUP)):
            raise AccessError(self.env._("Only those who make invoices ask for payment."))
        contracts.check_access("read")
        contracts = contracts.sudo()
        # Of two who click at once, the second one finds the notice of the first.
        contracts.lock_for_update(allow_referencing=True)
        dues = contracts._get_dues()
        obstacles = contracts._get_notice_obstacles()
        notices = self.sudo().create(
            [
                contract._prepare_payment_notice(dues[contract])
                for contract in contracts
                if contract not in obstacles
            ]
        )
        # Not by commands of the notice: Odoo carries those out as the user, who writes no line.
        notices.line_ids.create(
            [
                {
                    "notice_id": notice.id,
                    "move_id": due.move.id,
                    "due_on": due.since,
                    "last_due": due.last_due,
                    "amount": due.amount,
                }
                for notice in notices
                for due in dues[notice.contract_id]
            ]
        )
        for notice in notices:
            notice._tell_customer("mail_template_payment_notice")
            # Everybody who reads the contract reads its chatter: it tells no amount.
            notice.contract_id.message_post(
                body=self.env._(
                    "Payment notice sent, to pay by %s.", format_date(self.env, notice.due_by)
                ),
                author_id=self.env.user.partner_id.id,
            )
        return notices.with_env(self.env)

    # === WHAT COMES OF IT === #

    @api.model
    def _cron_follow_payments(self):
        """Close the notices that are paid, and stop the service of those that are not in time."""
        days = self.env["res.company"]._get_local_days()
        process_in_batches(
            self.sudo(),
            Domain("closed_at", "=", False),
            NOTICES_PER_BATCH,
            lambda notices: notices._follow(days),
            tell_failure,
        )

    def _follow(self, days):
        """Do what today's facts ask for; doing it twice changes nothing.

        :param days: the local day of each company, as given by `_get_local_days`
        """
        live = self.filtered(lambda notice: not notice.closed_at)
        paid = live._get_paid()
        paid._close()
        for notice in live - paid:
            company = notice.company_id
            is_due = notice.stops_on and notice.stops_on <= days[company]
            if is_due and not notice.stopped_at:
                company._at_work(notice)._stop()

    def _get_paid(self):
        """Those of these notices of which nothing is left to pay.

        What was due on the last day that the notice asked for counts; later instalments do not.
        """
        unpaid = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("move_id", "in", self.line_ids.move_id.ids),
                    ("display_type", "=", "payment_term"),
                    ("parent_state", "=", "posted"),
                    ("amount_residual", ">", 0),
                ]
            )
        )
        first_due = {}
        for item in unpaid.sorted("date_maturity"):
            first_due.setdefault(item.move_id, item.date_maturity)
        return self.filtered(
            lambda notice: (
                not any(
                    line.move_id in first_due and first_due[line.move_id] <= line.last_due
                    for line in notice.line_ids
                )
            )
        )

    def _stop(self):
        """Stop the service of the contract from now on, and tell who has to know."""
        self.ensure_one()
        self.stopped_at = fields.Datetime.now()
        contract = self.contract_id
        contract.message_post(body=self.env._("Service stopped: the payment notice was not paid."))
        contract.activity_schedule(
            ACTIVITY,
            user_id=contract._get_responsible().id,
            note=self.env._("The payment notice was not paid. The customer was told."),
        )
        self._tell_customer("mail_template_service_stopped")

    def _close(self, is_withdrawn=False):
        """End these notices, and the stops of service that came of them."""
        for notice in self:
            notice = notice.company_id._at_work(notice)
            notice.write({"closed_at": fields.Datetime.now(), "is_withdrawn": is_withdrawn})
            if not notice.stopped_at:
                continue
            contract = notice.contract_id
            contract.message_post(body=notice.env._("The stop of service is lifted."))
            contract.activity_unlink([ACTIVITY])
            notice._tell_customer("mail_template_service_resumed")

    def _tell_customer(self, template):
        """Write to the customer in his language, in the name of the company."""
        self.ensure_one()
        company = self.company_id
        sender = {}
        if company.email:
            sender = {"author_id": company.partner_id.id, "email_from": company.email_formatted}
        self.message_post_with_source(
            self.env.ref(f"maintenance_contract.{template}"),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=MAIL_LAYOUT,
            **sender,
        )
