from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.contract_dates import MAX_DATE, end_of_term, nth_term
from ..core.batch import process_in_batches, tell_failure
from ..core.windows import open_dialog
from .contract_step import CONTRACTS_PER_BATCH

ONE_DAY = timedelta(days=1)


class MaintenanceContract(models.Model):
    """What comes after a term: a tacit renewal, one by agreement, or notice.

    A tacit renewal is written on the day after the last notice, not when the term elapses: from
    that day on nobody can prevent it any more, so that visits and invoices of the next term are
    due for certain (SEMANTICS §6).
    """

    _inherit = "maintenance.contract"
    _guarded_fields = frozenset({"notice_received_on", "notice_by"})

    notice_received_on = fields.Date(
        "Notice Given On",
        readonly=True,
        copy=False,
        tracking=True,
        help="The day on which the notice was received.",
    )
    notice_by = fields.Selection(
        [("customer", "the customer"), ("us", "us")],
        string="Notice Given By",
        readonly=True,
        copy=False,
        tracking=True,
    )

    # === ACTIONS === #

    def action_activate(self):
        result = super().action_activate()
        self._open_first_term()
        return result

    def action_renew(self):
        """Open the wizard that asks for how long."""
        self.ensure_one()
        self._check_can_renew()
        return open_dialog(
            self,
            self.env._("Renew the Contract"),
            "maintenance.renewal",
            default_contract_id=self.id,
        )

    def action_give_notice(self):
        """Open the wizard that asks who gave notice, and when."""
        self.ensure_one()
        self._check_can_give_notice()
        return open_dialog(
            self, self.env._("Record a Notice"), "maintenance.notice", default_contract_id=self.id
        )

    # === TERMS === #

    def _open_first_term(self):
        """Write the first term of those that have none."""
        terms = self.env["maintenance.contract.term"].sudo()
        terms.create(
            [
                {
                    "contract_id": contract.id,
                    "rank": 1,
                    "date_start": contract.date_start,
                    "date_end": contract.date_end,
                    "months": contract.term_months,
                    "origin": "initial",
                    "decided_on": contract.company_id._get_today(),
                    "user_id": self.env.uid,
                }
                for contract in self
                if not contract.term_ids
            ]
        )

    def _add_term(self, first, last, months, origin, decided_on):
        """Write the term that follows the last one."""
        self.ensure_one()
        self._open_first_term()
        self.env["maintenance.contract.term"].sudo().create(
            {
                "contract_id": self.id,
                "rank": self.term_ids[-1].rank + 1,
                "date_start": first,
                "date_end": last,
                "months": months,
                "origin": origin,
                "decided_on": decided_on,
                "user_id": False if origin == "tacit" else self.env.uid,
            }
        )
        self._after_renew()

    def _after_renew(self):
        """Hook: what follows from one term more."""

    # === BY AGREEMENT === #

    def _check_can_renew(self):
        self._check_state("active", "ended")
        for contract in self:
            if contract.date_terminated:
                raise UserError(
                    self.env._(
                        "%(contract)s ends on %(day)s: make a new contract.",
                        contract=contract.name,
                        day=format_date(self.env, contract.date_terminated),
                    )
                )

    def _renew(self, months, after):
        """Renew by agreement, for ``months`` from the end of the last term on.

        A contract that has ended starts again without a gap: agreements are often signed late.

        :param int months: length of the new term
        :param date after: the end of the term that is renewed, as the user saw it; renewed from
            another tab meanwhile, it is not renewed again
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self._check_can_renew()
        if self.agreed_end != after:
            raise UserError(
                self.env._(
                    "%(contract)s was renewed already: it is agreed until %(day)s.",
                    contract=self.name,
                    day=format_date(self.env, self.agreed_end),
                )
            )
        first, last = after + ONE_DAY, end_of_term(after + ONE_DAY, months)
        self._add_term(first, last, months, "express", self.company_id._get_today())
        if self.state == "ended":
            self._move_to("active")
        self._tell_extension(
            self.env._(
                "Renewed by agreement from %(first)s to %(last)s.",
                first=format_date(self.env, first),
                last=format_date(self.env, last),
            ),
            left_out=self._extend_coverages(after),
        )

    def _extend_coverages(self, after):
        """Have the coverages that ran to the end of the old term go on to that of the new one.

        :param date after: the end of the old term
        :return: the coverages left out: their equipment is covered by something else by then
        :rtype: maintenance.coverage
        """
        self.ensure_one()
        ran_to_the_end = self.coverage_ids.filtered(
            lambda coverage: (
                coverage.state in ("draft", "validated", "ended")
                and coverage.date_end == after
                and not coverage.end_reason
                # What a termination ended is restored as it was.
                and not coverage.before_end
            )
        )
        last_day = self._get_last_day()
        left_out = ran_to_the_end._filter_covered_elsewhere(after, last_day)
        # The message of the contract says it for all its equipment.
        going_on = (ran_to_the_end - left_out).with_context(tracking_disable=True)
        drafts = going_on.filtered(lambda coverage: coverage.state == "draft")
        drafts._move_to("draft", date_end=last_day)
        (going_on - drafts)._move_to("validated", date_end=last_day)
        (going_on - drafts)._after_validate()
        return left_out

    def _tell_extension(self, body, left_out=()):
        """Say why the contract lasts longer, and which coverages do not."""
        self.ensure_one()
        if left_out:
            body += " " + self.env._(
                "Covered by another contract by then, and left out: %s.",
                ", ".join(left_out.equipment_id.mapped("display_name")),
            )
        self.message_post(body=body)

    # === TACITLY === #

    @api.model
    def _cron_renew(self):
        """Renew tacitly what nobody gave notice of, and tell who has to decide what."""
        days = self.env["res.company"]._get_local_days()
        # Those activated before terms were kept.
        self.with_context(active_test=False).search(
            [("state", "=", "active"), ("term_ids", "=", False)]
        )._open_first_term()
        is_complete = process_in_batches(
            # Archiving a contract hides it; it goes on all the same.
            self.with_context(active_test=False),
            Domain.OR(self._get_to_renew_domain(*company_day) for company_day in days.items()),
            CONTRACTS_PER_BATCH,
            lambda contracts: contracts._renew_tacitly(days),
            tell_failure,
        )
        if is_complete:
            # The next run, which starts at once, goes on from there.
            self._alert_of_decisions(days)

    @api.model
    def _get_to_renew_domain(self, company, today):
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain("renewal", "=", "tacit")
            & Domain("date_terminated", "=", False)
            & Domain("notice_date", "<", today)
            & Domain("agreed_end", "<", MAX_DATE)
        )

    def _renew_tacitly(self, days):
        for contract in self:
            company = contract.company_id
            contract = company._at_work(contract)
            while contract.notice_date < days[company] and contract.agreed_end < MAX_DATE:
                start, months, index = contract._get_series()
                first, last = nth_term(start, months, index + 1, contract.renewal_months)
                decided_on = contract.notice_date + ONE_DAY
                contract._add_term(first, last, contract.renewal_months, "tacit", decided_on)
            contract._tell_extension(
                contract.env._(
                    "Renewed tacitly until %s: no notice was given.",
                    format_date(contract.env, contract.agreed_end),
                )
            )

    # === NOTICE === #

    def _check_can_give_notice(self):
        self._check_state("active")
        for contract in self:
            if contract.renewal == "never":
                raise UserError(
                    self.env._("%s ends at its term: no notice is needed.", contract.name)
                )
            if contract.date_terminated:
                raise UserError(
                    self.env._(
                        "%(contract)s ends on %(day)s already.",
                        contract=contract.name,
                        day=format_date(self.env, contract.date_terminated),
                    )
                )

    def _get_notice_end(self, received_on):
        """Last day of the contract when notice is received on this day.

        It is that of the first term whose last notice is not before: too late for one term, notice
        is in time for the next.

        :param date received_on: a local day
        """
        self.ensure_one()
        in_time = (
            end for end in self._get_term_ends() if self._get_last_notice(end) >= received_on
        )
        return next(in_time, self.agreed_end)

    def _give_notice(self, received_on, given_by, note="", attachments=()):
        """End the contract at the term for which this notice is in time.

        :param date received_on: a local day, which may lie before a tacit renewal: then that
            never happened
        :param str given_by: customer or us
        :param str note: kept with the reason
        :param attachments: the letter; record of `ir.attachment`
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self._check_can_give_notice()
        end = self._get_notice_end(received_on)
        reason = self.env.ref(f"maintenance_contract.termination_reason_notice_{given_by}")
        # A notice that was in time counts, even if it is recorded late.
        self._terminate(end, note, reason, after_the_fact=True)
        self.sudo().write({"notice_received_on": received_on, "notice_by": given_by})
        self._give_up_terms(end)
        self.message_post(
            body=self.env._(
                "Notice received on %(day)s: the contract ends on %(end)s.",
                day=format_date(self.env, received_on),
                end=format_date(self.env, end),
            ),
            attachment_ids=attachments.ids if attachments else [],
        )
