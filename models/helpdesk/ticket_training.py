import logging

from odoo import api, models
from odoo.exceptions import ValidationError

from .service import FREE_KINDS

_logger = logging.getLogger(__name__)


class HelpdeskTicket(models.Model):
    """Where the tier says so, only trained contacts have open requests (seed 003 §1.3).

    Whoever enters it and by whatever door: what comes by mail from others is kept, rejected and
    answered. Asking for information, a training for instance, is always allowed.
    """

    _inherit = "helpdesk.ticket"

    # Another value of one of these may ask for a training.
    _trained_fields = frozenset(
        {"request_kind", "partner_id", "equipment_id", "coverage_id", "contract_id", "stage_id"}
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        untrained = tickets._get_untrained()
        # The key decides how others are refused, never whether they are.
        if self.env.context.get("is_from_mail_gateway"):
            untrained._reject_untrained()
        untrained._check_trained()
        return tickets

    def write(self, vals):
        # Helpdesk adds to the values that it is given.
        changed = self._trained_fields & vals.keys()
        were_open = self.filtered(lambda ticket: not ticket.closed)
        result = super().write(vals)
        if changed:
            (self - were_open if changed == {"stage_id"} else self)._check_trained()
        return result

    def _check_trained(self):
        """Refuse an open request of a contact without the training that the tier asks for.

        :raises ValidationError: naming the contact
        """
        for ticket in self._get_untrained():
            if not ticket.closed:
                raise ValidationError(ticket._get_training_refusal())

    # === MAIL GATEWAY === #

    @api.model
    def message_new(self, msg, custom_values=None):
        # EXTENDS helpdesk_mgmt
        gateway = self.with_context(is_from_mail_gateway=True)
        ticket = super(HelpdeskTicket, gateway).message_new(msg, custom_values)
        return ticket.with_context(is_from_mail_gateway=False)

    def _open_following(self, message):
        # EXTENDS: a mail that cannot open a request is answered, not sent back.
        is_mail = message.message_type == "email"
        ticket = self.with_context(is_from_mail_gateway=is_mail)
        return super(HelpdeskTicket, ticket)._open_following(message)

    # === BUSINESS METHODS === #

    def _get_untrained(self):
        """Those of these requests whose contact lacks the training that the tier asks for.

        The training has to be valid on the day of the request and, where the equipment is known,
        to be about its product or about all.
        """
        asked = self.filtered(
            lambda ticket: (
                ticket.request_kind not in FREE_KINDS and ticket.sudo().tier_id.is_training_required
            )
        )
        if not asked:
            return asked
        trainings = (
            self.env["maintenance.training"]
            .sudo()
            .search([("partner_id", "in", asked.partner_id.ids)])
            .grouped("partner_id")
        )
        nothing = self.env["maintenance.training"].sudo()
        return asked.filtered(
            lambda ticket: (
                not any(
                    ticket._is_trained_by(training)
                    for training in trainings.get(ticket.sudo().partner_id, nothing)
                )
            )
        )

    def _is_trained_by(self, training):
        self.ensure_one()
        ticket = self.sudo()
        product = ticket.equipment_id.product_id
        return (
            training.company_id == ticket.company_id
            and training._is_valid_on(ticket._get_received_day())
            and (not training.product_id or not product or training.product_id == product)
        )

    def _get_training_refusal(self):
        """Why this contact may not open this request, for him or for whoever enters it.

        :return: text in the reader's language; False when he may
        :rtype: str | bool
        """
        self.ensure_one()
        if not self._get_untrained():
            return False
        ticket = self.sudo()
        # What is refused on the phone or the portal leaves no request behind (R31).
        _logger.info(
            "Request refused to user %s: contact %s has no valid training, tier %s asks for one.",
            self.env.uid,
            ticket.partner_id.id,
            ticket.tier_id.id,
        )
        if not ticket.partner_id:
            return self.env._(
                "Contact: say who asks. “%s” answers trained contacts only.", ticket.tier_id.name
            )
        return self.env._(
            "%(contact)s: “%(tier)s” answers contacts with a valid training only. "
            "A request for information, to register for a training, is always welcome.",
            contact=ticket.partner_id.name,
            tier=ticket.tier_id.name,
        )

    def _reject_untrained(self):
        """Keep what came by mail, without work nor clocks, and tell the way to a training."""
        for ticket in self.sudo():
            ticket.stage_id = ticket._get_rejected_stage()
            ticket._answer_untrained()

    def _get_rejected_stage(self):
        """Helpdesk's own stage, or where it was removed, the last one that closes."""
        self.ensure_one()
        rejected = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_rejected", raise_if_not_found=False
        )
        return rejected or self.team_id._get_applicable_stages().filtered("closed")[-1:]

    def _answer_untrained(self):
        """Tell the contact, and the salesperson who may offer him a training."""
        self.ensure_one()
        self._send_automatic_mail(self.env.ref("maintenance_contract.mail_template_untrained"))
        if user := self._get_alert_user("contract_manager"):
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Offer a training to %s", self.partner_id.name),
                user_id=user.id,
            )
