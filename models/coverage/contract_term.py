from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.contract_dates import (
    MAX_DATE,
    end_of_term,
    last_notice,
    last_working_day,
    nth_term,
)
from ..core.checks import check_dates, check_numbers, is_in_range

# How long before its end, or before the last day of notice, a contract asks for a decision.
DECISION_AHEAD = relativedelta(months=3)
# How far back closings are read, to find the working day before them.
LONGEST_CLOSING = relativedelta(days=31)


class MaintenanceContract(models.Model):
    """How long a contract lasts: its terms, its renewal, and until when notice can be given.

    The first term is counted from its start (SEMANTICS §6); each renewal is a dated row. A
    contract renewed tacitly lasts until somebody ends it.
    """

    _inherit = "maintenance.contract"

    _guarded_fields = frozenset({"date_end", "agreed_end", "notice_date"})

    date_start = fields.Date(
        "Start", required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    term_months = fields.Integer("Term (Months)", default=12, required=True, tracking=True)
    date_end = fields.Date(
        "End",
        compute="_compute_date_end",
        store=True,
        index=True,
        help="Last day of the first term.",
    )
    renewal = fields.Selection(
        [
            ("never", "Ends at its term"),
            ("tacit", "Renewed tacitly"),
            ("express", "Renewed by agreement"),
        ],
        default="never",
        required=True,
        tracking=True,
    )
    renewal_months = fields.Integer(
        "Renewed for (Months)",
        compute="_compute_renewal_months",
        store=True,
        readonly=False,
        precompute=True,
        help="The length of each term after the first one.",
    )
    notice_months = fields.Integer("Notice (Months)", default=3)
    term_ids = fields.One2many("maintenance.contract.term", "contract_id", string="Terms Agreed")
    agreed_end = fields.Date(
        "Agreed Until",
        compute="_compute_agreed_end",
        store=True,
        index=True,
        help="Last day of the last term agreed.",
    )
    current_term_end = fields.Date(
        compute="_compute_current_term", help="Last day of the term that runs today."
    )
    notice_date = fields.Date(
        "Last Notice",
        compute="_compute_notice_date",
        store=True,
        help="Last day on which notice can be given.",
    )
    notice_working_date = fields.Date(
        "Act By",
        compute="_compute_current_term",
        help="Last working day on or before the last day of notice.",
    )
    is_to_renew = fields.Boolean(
        "To Renew",
        compute="_compute_current_term",
        search="_search_is_to_renew",
        help="Within three months the contract ends, or the time to give notice does.",
    )

    _term_positive = models.Constraint(
        "CHECK (term_months BETWEEN 1 AND 1200)", "Term: give from 1 to 1200 months."
    )
    _renewal_positive = models.Constraint(
        "CHECK (renewal_months BETWEEN 1 AND 1200)", "Renewed for: give from 1 to 1200 months."
    )
    _notice_positive = models.Constraint(
        "CHECK (notice_months BETWEEN 0 AND 120)", "Notice: give from 0 to 120 months."
    )

    # === COMPUTE METHODS === #

    @api.depends("date_start", "term_months")
    def _compute_date_end(self):
        for contract in self:
            if is_in_range(contract.date_start) and 1 <= contract.term_months <= 1200:
                contract.date_end = end_of_term(contract.date_start, contract.term_months)
            else:
                contract.date_end = False

    @api.depends("term_months")
    def _compute_renewal_months(self):
        for contract in self:
            # A term out of range is refused by its own name.
            contract.renewal_months = min(max(contract.term_months, 1), 1200)

    @api.depends("date_end", "term_ids.date_end")
    def _compute_agreed_end(self):
        for contract in self:
            contract.agreed_end = max(
                contract.term_ids.mapped("date_end"), default=contract.date_end
            )

    @api.depends("agreed_end", "renewal", "notice_months")
    def _compute_notice_date(self):
        for contract in self:
            end = contract.agreed_end
            is_given = end and contract.renewal != "never"
            contract.notice_date = is_given and contract._get_last_notice(end)

    @api.depends("state", "agreed_end", "renewal", "notice_date", "calendar_id", "date_terminated")
    def _compute_current_term(self):
        today = fields.Date.context_today(self)
        self.current_term_end = self.notice_working_date = False
        self.is_to_renew = False
        for contract in self.filtered("agreed_end"):
            contract.current_term_end = contract._get_term_end(today)
            contract.is_to_renew = contract._is_to_renew(today)
        for contract, day in self.filtered("notice_date")._get_days_to_act().items():
            contract.notice_working_date = day

    def _search_is_to_renew(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        soon = today + DECISION_AHEAD
        return (
            Domain("state", "=", "active")
            & Domain("date_terminated", "=", False)
            & (
                (Domain("renewal", "=", "never") & Domain("agreed_end", "<=", soon))
                | (Domain("renewal", "=", "express") & Domain("notice_date", "<=", soon))
                | (
                    Domain("renewal", "=", "tacit")
                    & Domain("notice_date", ">=", today)
                    & Domain("notice_date", "<=", soon)
                )
            )
        )

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end", "term_months", "renewal_months", "notice_months")
    def _check_term(self):
        check_dates(self, "date_start", "date_end")
        check_numbers(self, "term_months", "renewal_months", minimum=1, maximum=1200)
        check_numbers(self, "notice_months", maximum=120)

    # === BUSINESS METHODS === #

    def _get_term_end(self, on):
        """Last day of the term that contains ``on``, or of the last term there will be.

        :param date on: a local day
        """
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        return next((end for end in self._get_term_ends() if on <= end), self.agreed_end)

    def _get_term_ends(self):
        """Yield the last days of the terms agreed, then of those that tacit renewal would add."""
        self.ensure_one()
        ends = self.term_ids.mapped("date_end") or [self.date_end]
        yield from ends
        if self.renewal != "tacit":
            return
        start, months, index = self._get_series()
        while ends[-1] < MAX_DATE:
            index += 1
            ends.append(nth_term(start, months, index, max(self.renewal_months, 1))[1])
            yield ends[-1]

    def _get_series(self):
        """From where tacit renewals are counted: the last term that somebody agreed on.

        :return: its start, its months, and how many tacit renewals followed it
        """
        self.ensure_one()
        if not self.term_ids:
            return self.date_start, self.term_months, 0
        rank = self.term_ids[-1].rank
        # The first one is never tacit.
        agreed = self.term_ids.filtered(lambda term: term.origin != "tacit")[-1]
        return agreed.date_start, agreed.months, rank - agreed.rank

    def _get_last_notice(self, end):
        """Last day on which notice can be given for a term that ends on ``end``."""
        self.ensure_one()
        return last_notice(end, max(0, min(self.notice_months, 120)))

    def _get_decision_date(self):
        """Until when somebody can decide what comes after the last term agreed."""
        self.ensure_one()
        return self.notice_date or self.agreed_end

    def _get_days_to_act(self):
        """Last working day on or before the day of decision; that day without a calendar.

        :rtype: dict[maintenance.contract, date]
        """
        decisions = {contract: contract._get_decision_date() for contract in self}
        if not decisions:
            return {}
        first, last = min(decisions.values()), max(decisions.values())
        # Public holidays may follow each other, as around Easter.
        open_days = self.calendar_id._get_open_days(first - LONGEST_CLOSING, last)
        return {
            contract: (
                contract.calendar_id
                and last_working_day(decision, open_days[contract.calendar_id])
                or decision
            )
            for contract, decision in decisions.items()
        }

    def _is_to_renew(self, today):
        """Whether somebody has to decide soon what comes after the last term agreed.

        A contract renewed tacitly asks for nothing once its notice has passed: it goes on.

        :param date today: a local day
        """
        self.ensure_one()
        if self.state != "active" or self.date_terminated:
            return False
        decision = self._get_decision_date()
        if self.renewal == "tacit" and decision < today:
            return False
        return decision <= today + DECISION_AHEAD

    def _get_last_day(self):
        """Last day on which the contract can promise anything; False for one without an end."""
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        return False if self.renewal == "tacit" else self.agreed_end

    def _is_in_force(self, day):
        """Whether the contract ran on a day, whatever its state is today (SEMANTICS §6).

        :param date day: a local day
        """
        self.ensure_one()
        last_day = self._get_last_day()
        return (
            self.state in ("active", "ended", "terminated")
            and self.date_start <= day
            and (not last_day or day <= last_day)
        )
