from odoo import fields, models

from ..helpdesk.stage import FINAL_STEPS
from .sale_order import QUOTE_GROUPS


class HelpdeskTicket(models.Model):
    """A request that no contract pays for, or not all of it, is quoted and waits for the signature.

    Where an exclusion says so, it is studied first (seed 003 §1.3).
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "maintenance.quotable.mixin"]

    quote_ids = fields.One2many(
        "sale.order", "maintenance_ticket_id", string="Quotes", groups=QUOTE_GROUPS
    )

    # === BUSINESS METHODS === #

    def _get_quotes(self):
        return self.quote_ids

    def _check_quotable(self):
        self.ensure_one()
        if self.maintenance_step in FINAL_STEPS:
            self._refuse_quote(self.env._("it is closed."))
        if not self.verdict:
            self._refuse_quote(
                self.env._("say first what it is about, so that it is known who pays.")
            )
        if self.verdict == "refused":
            self._refuse_quote(self.env._("it is refused (%s).", self.verdict_terms))
        if self.verdict == "covered":
            self._refuse_quote(self.env._("it is covered (%s).", self.verdict_terms))
        self._check_feasible()

    def _check_feasible(self):
        """What is excluded is studied first; nothing is quoted against a study.

        :raises UserError: naming the step to take
        """
        if self.feasibility_state == "asked":
            self._refuse_quote(self.env._("its feasibility study is not answered yet."))
        if self.feasibility_state == "not_feasible":
            self._refuse_quote(self.env._("it was found not feasible."))
        if self.verdict_rule == "exclusion" and self.feasibility_state == "none":
            self._refuse_quote(
                self.env._("it is excluded from the contract: ask for a feasibility study first.")
            )

    def _prepare_quotation(self):
        # EXTENDS helpdesk
        ticket = self
        customer = ticket.contract_id.partner_id or ticket.commercial_partner_id
        contact = ticket.partner_id or customer
        return {
            **super()._prepare_quotation(),
            **ticket._prepare_quote_vals(
                customer,
                contact,
                ticket.equipment_id.site_id or contact,
                ticket.intervention_ids.filtered(
                    lambda intervention: intervention.state not in ("closed", "cancelled")
                ).task_ids,
            ),
            "maintenance_ticket_id": ticket.id,
            "requested_at": ticket.received_at or ticket.create_date,
            **ticket._prepare_coverage_vals(contact.lang),
        }

    def _prepare_coverage_vals(self, lang):
        """What of a quote is covered, and by what, as it is decided now.

        :param str lang: of the customer
        :rtype: dict
        """
        self.ensure_one()
        return {
            "covered_parts": self.parts_percent,
            "covered_labour": self.labour_percent,
            "covered_travel": self.travel_percent,
            "covered_by": self.with_context(lang=lang or self.env.lang)._get_verdict_detail(),
        }

    def _after_quote(self):
        # EXTENDS: what the study asked for is done.
        self.activity_feedback(["maintenance_contract.mail_activity_feasibility"])

    # === WAITING FOR THE SIGNATURE === #

    def _wait_for_quote(self):
        """The quote has left: the clocks that wait for the customer's agreement are paused."""
        reason = self._get_quote_reason()
        for ticket in self:
            if reason and ticket.maintenance_step in ("new", "in_progress"):
                ticket._wait(reason)

    def _get_quote_reason(self):
        reason = self.env.ref(
            "maintenance_contract.pause_reason_approval", raise_if_not_found=False
        )
        return (reason or self.env["maintenance.pause.reason"]).filtered("active")

    def _end_quote(self, quote, ending):
        """The customer signed, or the quote came to nothing: the request goes on.

        :param sale.order quote: in superuser mode
        :param str ending: ``accepted``, ``declined``, ``expired`` or ``cancelled``
        """
        for ticket in self:
            if ticket.maintenance_step == "waiting" and (
                ticket.pause_reason_id == ticket._get_quote_reason()
            ):
                ticket._take_answer(fields.Datetime.now())
            # Notes are for the staff, whoever signed.
            ticket = ticket.company_id._at_work(ticket).with_user(self.env.ref("base.user_root"))
            link = quote._get_html_link()
            texts = {
                "accepted": ticket.env._("Quote %s: the customer has agreed.", link),
                "declined": ticket.env._("Quote %s: the customer has declined.", link),
                "expired": ticket.env._("Quote %s: the customer has not signed in time.", link),
                "cancelled": ticket.env._("Quote %s: given up.", link),
            }
            ticket.message_post(body=texts[ending])
            ticket._ask_what_next(ending)

    def _ask_what_next(self, ending):
        """Leave a to-do to the dispatcher where it is his turn."""
        if ending == "accepted":
            # Closed or not: he waits for it.
            if not self.open_intervention_count:
                self._warn_dispatcher(
                    self.env._("The customer has agreed to the quote: plan the work"),
                    self.display_name,
                )
        elif ending != "cancelled" and self.maintenance_step not in FINAL_STEPS:
            self._warn_dispatcher(
                self.env._("No agreement on the quote: what next?"), self.display_name
            )

    def _enter_step(self, old_step):
        # EXTENDS: what is given up is not to be signed any more.
        if self.maintenance_step == "cancelled":
            self.sudo()._get_open_quote()._action_cancel()
        return super()._enter_step(old_step)
