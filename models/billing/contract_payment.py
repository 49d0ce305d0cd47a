from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..core.windows import open_dialog, open_window
from ..coverage.contract_service_stop import ServiceStop
from .const import PRICE_GROUPS


class MaintenanceContract(models.Model):
    """What follows when a contract is not paid: a notice and, where agreed, a stop of service."""

    _inherit = "maintenance.contract"
    _number_ranges = {"payment_notice_days": (1, 3650)}

    service_stop = fields.Selection(
        [("never", "Never"), ("notice", "After a payment notice")],
        string="Service Stops",
        # What was agreed stays agreed, whatever the company decides for later contracts.
        default=lambda self: self.env.company.service_stop,
        required=True,
        tracking=True,
        help="What the contract says about a customer who does not pay. After a payment notice: "
        "on the day after the one by which he had to pay.",
    )
    payment_notice_days = fields.Integer(
        "Days to Pay After a Notice",
        default=lambda self: self.env.company.payment_notice_days,
        required=True,
        tracking=True,
    )
    payment_notice_ids = fields.One2many(
        "maintenance.payment.notice", "contract_id", groups=PRICE_GROUPS
    )
    payment_notice_count = fields.Integer(
        compute="_compute_payment_notice_count", groups=PRICE_GROUPS, compute_sudo=True
    )
    is_payment_asked = fields.Boolean(
        compute="_compute_payment_notice_count",
        groups=PRICE_GROUPS,
        compute_sudo=True,
        help="A payment notice is live.",
    )

    # === COMPUTE METHODS === #

    @api.depends("payment_notice_ids.closed_at")
    def _compute_payment_notice_count(self):
        for contract in self:
            notices = contract.payment_notice_ids
            contract.payment_notice_count = len(notices)
            contract.is_payment_asked = any(not notice.closed_at for notice in notices)

    @api.depends("payment_notice_ids.stopped_at", "payment_notice_ids.closed_at")
    def _compute_service_stopped_at(self):
        # EXTENDS coverage
        return super()._compute_service_stopped_at()

    # === ACTIONS === #

    def action_ask_payment(self):
        """Open the wizard that shows what the notices will ask for."""
        return open_dialog(
            self,
            self.env._("Payment Notice"),
            "maintenance.payment.notice.preview",
            default_contract_ids=self.ids,
        )

    def action_view_payment_notices(self):
        return open_window(
            self,
            "maintenance_payment_notice_action",
            domain=[("contract_id", "=", self.id)],
            context={},
        )

    # === STOP OF SERVICE === #

    def _get_service_stops(self):
        # EXTENDS coverage
        stops = [
            ServiceStop(notice.stopped_at, notice.closed_at or None, notice.requests)
            for notice in self.sudo().payment_notice_ids
            if notice.stopped_at
        ]
        return super()._get_service_stops() + stops

    def _get_service_stop_links(self):
        # EXTENDS coverage: who asks for help on site is not always the one who pays.
        customer = self.env.user.sudo().commercial_partner_id
        live = self.sudo().payment_notice_ids.filtered(lambda notice: notice.state == "stopped")
        moves = live.line_ids.move_id.filtered(
            lambda move: move.amount_residual > 0 and move.commercial_partner_id == customer
        )
        links = [(move.name, move.access_url) for move in moves]
        return super()._get_service_stop_links() + links

    def _get_service_stopped_domain(self):
        # EXTENDS coverage
        notices = self.env["maintenance.payment.notice"].sudo().search([("state", "=", "stopped")])
        return super()._get_service_stopped_domain() | Domain("id", "in", notices.contract_id.ids)

    # === PAYMENT NOTICES === #

    def _get_notice_obstacles(self):
        """Why contracts get no payment notice, for the user; those that can have one are not there.

        Runs in superuser mode.

        :rtype: dict[maintenance.contract, str]
        """
        obstacles = {}
        for contract in self:
            if not contract.is_overdue:
                obstacles[contract] = self.env._("Nothing is overdue.")
            elif contract.is_payment_asked:
                obstacles[contract] = self.env._("There is a notice already.")
            elif not contract.partner_id.email:
                obstacles[contract] = self.env._("The customer has no email address.")
        return obstacles

    def _prepare_payment_notice(self, dues):
        """The values of the notice that asks for what is overdue.

        :param list[Due] dues: of this contract
        """
        self.ensure_one()
        today = self.company_id._get_today()
        due_by = today + timedelta(days=self.payment_notice_days)
        is_stop_agreed = self.service_stop == "notice"
        return {
            "contract_id": self.id,
            "user_id": self.env.uid,
            "sent_on": today,
            "due_by": due_by,
            "stops_on": is_stop_agreed and due_by + timedelta(days=1),
            "requests": self.company_id.stopped_requests,
            "amount": sum(due.amount for due in dues),
        }
