from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.contract_dates import end_of_term, last_notice, last_working_day, term_containing
from ..core.checks import check_dates, check_numbers, is_in_range

# How long before its end, or before the last day of notice, a contract asks for a decision.
DECISION_AHEAD = relativedelta(months=3)


class MaintenanceContract(models.Model):
    """How long a contract lasts: its terms, its renewal, and until when notice can be given.

    Its end is its start and its term (SEMANTICS §6); a contract tacitly renewed lasts until
    somebody ends it.
    """

    _inherit = "maintenance.contract"

    _guarded_fields = frozenset({"date_end"})

    date_start = fields.Date(
        "Start", required=True, default=fields.Date.context_today, tracking=True
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
    notice_months = fields.Integer("Notice (Months)", default=3)
    current_term_end = fields.Date(
        compute="_compute_current_term", help="Last day of the term that runs today."
    )
    notice_date = fields.Date(
        "Last Notice",
        compute="_compute_current_term",
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

    @api.depends(
        "state", "date_start", "term_months", "renewal", "notice_months", "calendar_id",
        "date_terminated",
    )  # fmt: skip
    def _compute_current_term(self):
        today = fields.Date.context_today(self)
        self.current_term_end = self.notice_date = self.notice_working_date = False
        self.is_to_renew = False
        for contract in self.filtered("date_end"):
            end = contract._get_term_end(today)
            contract.current_term_end = end
            contract.is_to_renew = contract._is_to_renew(today)
            if contract.renewal == "never":
                continue
            notice = contract._get_last_notice(end)
            contract.notice_date = notice
            calendar = contract.calendar_id
            if calendar:
                open_days = calendar._get_open_days(notice, notice)[calendar]
                contract.notice_working_date = last_working_day(notice, open_days)

    def _search_is_to_renew(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        active = self.with_context(active_test=False).search([("state", "=", "active")])
        return Domain("id", "in", active.filtered(lambda c: c._is_to_renew(today)).ids)

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end", "term_months", "notice_months")
    def _check_term(self):
        check_dates(self, "date_start", "date_end")
        check_numbers(self, "term_months", minimum=1, maximum=1200)
        check_numbers(self, "notice_months", maximum=120)

    # === BUSINESS METHODS === #

    def _get_term_end(self, on):
        """Last day of the term that contains ``on``, or of the last term there will be.

        :param date on: a local day
        """
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        if self.renewal != "tacit" or on <= self.date_end:
            return self.date_end
        return term_containing(self.date_start, self.term_months, on)[2]

    def _get_last_notice(self, end):
        """Last day on which notice can be given for a term that ends on ``end``."""
        self.ensure_one()
        return last_notice(end, max(0, min(self.notice_months, 120)))

    def _is_to_renew(self, today):
        """Whether somebody has to decide soon what comes after the running term.

        A contract renewed tacitly asks for nothing once its notice has passed: it goes on.

        :param date today: a local day
        """
        self.ensure_one()
        if self.state != "active" or self.date_terminated:
            return False
        end = self._get_term_end(today)
        decision = end if self.renewal == "never" else self._get_last_notice(end)
        if self.renewal == "tacit" and decision < today:
            return False
        return decision <= today + DECISION_AHEAD

    def _get_last_day(self):
        """Last day on which the contract can promise anything; False for one without an end."""
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        return False if self.renewal == "tacit" else self.date_end

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
