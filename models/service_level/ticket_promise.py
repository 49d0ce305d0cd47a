from odoo import api, models
from odoo.exceptions import UserError

from .const import CHANGE_RULES
from .sla_term import Promised
from .ticket_decision import DECIDING_GROUPS


class HelpdeskTicket(models.Model):
    """Which delays a request is promised, when it is created and when what decides them changes."""

    _inherit = "helpdesk.ticket"

    # Another value of one of these may promise other delays.
    _promising_fields = frozenset(
        {
            "request_kind",
            "severity_id",
            "partner_id",
            "equipment_id",
            "coverage_id",
            "contract_id",
            "tier_id",
            "sla_policy_id",
        }
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._open_clocks()
        return tickets

    def write(self, vals):
        self._check_promises_kept(vals)
        result = super().write(vals)
        if vals.keys() & self._promising_fields:
            self._update_promises()
        return result

    def _check_promises_kept(self, vals):
        """Keep for their own buttons the changes that have to be explained to the customer."""
        if self.env.su:
            return
        if "severity_id" in vals:
            self.filtered(
                lambda ticket: ticket.severity_id.id != vals["severity_id"]
            )._check_severity_kept()
        if "company_id" in vals and any(
            ticket.sudo().sla_event_ids and ticket.company_id.id != vals["company_id"]
            for ticket in self
        ):
            raise UserError(self.env._("Company: the clocks count for it already."))
        if "received_at" in vals and self.sudo().sla_event_ids:
            raise UserError(self.env._("Received At: the clocks count from it already."))

    def _check_severity_kept(self):
        """Refuse that a severity is rewritten: it decides also how soon the customer is reminded.

        :raises UserError: if clocks run by it, or the user may not decide
        """
        if any(ticket.sla_clock_ids for ticket in self):
            raise UserError(
                self.env._(
                    "Severity: its clocks run. Use “Change Severity”, which shows what moves."
                )
            )
        if self and not self.env.user.has_groups(DECIDING_GROUPS):
            raise UserError(
                self.env._("Severity: only dispatchers and contract managers change it.")
            )

    # === WHAT IS PROMISED === #

    def _has_clocks(self):
        """Whether delays are promised for this request. Other concerns may say no."""
        self.ensure_one()
        return bool(self.sla_policy_id) and self.request_kind != "idea"

    def _get_case(self):
        """What decides which delays this request is promised.

        :rtype: Promised
        """
        self.ensure_one()
        return Promised(
            self.sla_policy_id,
            self.contract_id,
            self.severity_id,
            self.request_kind,
            self.company_id,
        )

    def _get_promised_terms(self):
        """What is promised for each of these requests as they are now.

        :rtype: dict[helpdesk.ticket, maintenance.sla.term]
        """
        cases = {ticket: ticket._get_case() for ticket in self.sudo() if ticket._has_clocks()}
        terms = self.env["maintenance.sla.term"].sudo()._get_promised(set(cases.values()))
        nothing = self.env["maintenance.sla.term"].sudo()
        return {ticket: terms[cases[ticket]] if ticket in cases else nothing for ticket in self}

    def _open_clocks(self):
        """Promise what is due to these requests; those that have clocks already are left."""
        fresh = self.sudo().filtered(lambda ticket: not ticket.sla_clock_ids)
        fresh._append_events(
            [
                ticket._prepare_start_vals(term)
                for ticket, terms in fresh._get_promised_terms().items()
                for term in terms
            ]
        )

    def _prepare_start_vals(self, term):
        at = self._get_start(term.content["start_event"])
        return self._prepare_event_vals(
            "start" if at else "await", at or self.received_at, kind=term.kind, term=term
        )

    def _get_start(self, start_event):
        """When what starts a clock happened; empty if it is awaited."""
        return {"received": self.received_at, "entered": self.create_date}.get(start_event)

    def _start_awaited(self, start_event, at=None):
        """Start the clocks that waited for this: ``escalated`` or ``resolved``."""
        self._append_events(
            [
                ticket._prepare_event_vals("start", at, kind=clock.kind)
                for ticket in self.sudo()
                for clock in ticket.sla_clock_ids
                if clock.state == "pending" and clock.term_id.content["start_event"] == start_event
            ]
        )

    # === WHEN IT CHANGES === #

    def _update_promises(self, at=None, rule=None, note=None):
        """Follow a change of severity, equipment or contract, by the rule of the policy.

        :param rule: one of `CHANGE_RULES`; empty: what the policy of each clock says
        :raises UserError: if a clock that counts ends, and the user may not decide that
        """
        values = []
        self._open_clocks()
        for ticket, terms in self.sudo()._get_promised_terms().items():
            promised = {term.kind: term for term in terms}
            known = set(ticket.sla_clock_ids.mapped("kind"))
            running = ticket._get_open_clocks()
            ended = running.filtered(lambda clock, promised=promised: clock.kind not in promised)
            self._check_may_cancel(ended)
            values += [
                ticket._prepare_event_vals("cancel", at, kind=clock.kind, note=note)
                for clock in ended
            ]
            values += [
                ticket._prepare_event_vals(
                    "change",
                    at,
                    kind=clock.kind,
                    term=promised[clock.kind],
                    rule=rule or clock.term_id.content["change_rule"],
                    note=note,
                )
                for clock in running - ended
                if clock.term_id != promised[clock.kind]
            ]
            values += [ticket._prepare_start_vals(term) for term in terms if term.kind not in known]
        self._append_events(values)

    def _change_severity(self, severity, reason, rule=None):  # pylint: disable=missing-return
        """Give these requests another severity; their clocks follow by the rule of the policy.

        :param maintenance.severity severity: the new one
        :param str reason: why, told in the log
        :param rule: one of `CHANGE_RULES` instead of the policy's
        """
        self.check_access("write")
        assert rule in (None, False, *dict(CHANGE_RULES))
        changed = self.filtered(lambda ticket: ticket.severity_id != severity)
        # Not by our own `write`, which would follow by the rule of the policy.
        super(HelpdeskTicket, changed.sudo()).write(  # pylint: disable=super-method-mismatch
            {"severity_id": severity.id, "severity_reason": reason}
        )
        changed._update_promises(rule=rule, note=reason)
