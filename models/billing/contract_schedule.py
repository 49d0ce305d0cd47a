from collections import Counter, defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain

from ...tools.billing_amounts import AmountRule, Pause
from ...tools.billing_deposit import deduct
from ...tools.billing_ledger import BILLED, FORGIVEN, OPEN, Row, Terms, with_dates
from ...tools.billing_periods import Cycle, Period
from ...tools.dates import MAX_DATE, ONE_DAY
from .coverage import SERVED_STATES

# The schedule of a contract without an end is always known so far ahead.
MONTHS_AHEAD = 24
# Above it, what changes the schedule hands it over to the cron: no click lasts a minute.
COVERAGES_AT_ONCE = 500

# A contract is billed from the day it is agreed; what it owes outlives it.
BILLED_STATES = ("accepted", "active", "ended", "terminated")
ROW_STATUS = {"to_invoice": OPEN, "invoiced": BILLED, "credited": FORGIVEN, "waived": FORGIVEN}


class MaintenanceContract(models.Model):
    """The billing schedule of a contract: what it has to be is decided anew at each change.

    Collected from the records, decided by `tools/billing_*`, applied in one batch: running it
    twice changes nothing, and the database refuses that any day be there twice.
    """

    _inherit = "maintenance.contract"

    def _plan_billing_schedule(self):
        """Update the schedule now, or leave a large one to the cron; runs in superuser mode."""
        contracts = self.filtered(lambda contract: contract.state in BILLED_STATES)
        if len(contracts.coverage_ids) <= COVERAGES_AT_ONCE:
            contracts._update_billing_schedule()
            return
        contracts.billing_until = False
        self.env.ref("maintenance_contract.ir_cron_invoice_due")._trigger()

    def _update_billing_schedule(self, until=None):
        """Create, extend and correct the schedules of these contracts; runs in superuser mode.

        :param date until: periods that begin by then have to exist; None: as far as the nightly
            run looks ahead
        """
        contracts = self.filtered(lambda contract: contract.state in BILLED_STATES)
        contracts.lock_for_update(allow_referencing=True)
        coverages = contracts.coverage_ids.filtered(
            lambda coverage: coverage.state in SERVED_STATES or coverage.billing_period_ids
        )
        coverages._keep_first_prices()
        coverages._refresh_price()
        rows = contracts._get_billing_rows()
        prices = coverages._get_dated_prices()
        changes, gone = [], []
        for contract in contracts:
            today = contract.company_id._get_today()
            horizon = until or contract._get_billing_horizon(today)
            terms = contract._get_billing_terms()
            decisions = {
                coverage: coverage._decide_billing_rows(
                    terms, rows[coverage], prices[coverage], horizon
                )
                for coverage in contract.coverage_ids & coverages
            }
            decisions |= {fee: fee._decide_billing_rows(rows[fee]) for fee in contract.fee_ids}
            targets, subjects = [], []
            for subject, decision in decisions.items():
                gone += decision.gone
                targets += decision.targets
                subjects += [subject] * len(decision.targets)
            dated = list(zip(subjects, with_dates(targets, today), strict=True))
            changes += dated
            for fee, decision in contract._decide_deductions(rows, decisions, dated, today):
                changes += [(fee, target) for target in decision.targets]
                gone += decision.gone
            contract.billing_until = horizon
        self.env["maintenance.billing.period"]._apply(changes, gone)

    def _decide_deductions(self, rows, decisions, dated, today):
        """What of the deposits of this contract the invoices to come deduct.

        :param rows: those that exist, by what they are of
        :param decisions: what the others have to be, by what they are of
        :param dated: the open ones of these, each with what it is of
        :rtype: list[tuple[maintenance.fee, Decision]]
        """
        deposits = self.fee_ids.filtered(lambda fee: fee.kind == "deposit")
        if not deposits:
            return []
        bills, paid_ahead = Counter(), set(deposits)
        for subject, target in dated:
            if subject not in paid_ahead:
                bills[target.on] += target.amount
        last_day = self._get_last_day()
        decided = deduct(
            [deposit._get_deposit(rows[deposit], decisions[deposit]) for deposit in deposits],
            bills,
            last_day and last_day + ONE_DAY,
            today,
        )
        return list(zip(deposits, decided, strict=True))

    def _get_billing_horizon(self, today):
        """The day up to which the schedule has to exist: to the end where there is one.

        Without an end it is extended once a month and not every night.
        """
        self.ensure_one()
        ahead = max(today, self.date_start) + relativedelta(months=MONTHS_AHEAD, day=31)
        return self._get_last_day() or min(ahead, MAX_DATE)

    def _get_billing_terms(self):
        """How this contract is billed, as the rules want it.

        :rtype: tools.billing_ledger.Terms
        """
        self.ensure_one()
        first_month = 1 if self.billing_alignment == "calendar" else self.date_start.month
        return Terms(
            Cycle(self.date_start, self.billing_months, self.billing_alignment),
            AmountRule(
                self.billing_proration, Decimal(str(self.currency_id.rounding)), first_month
            ),
            self.billing_timing,
            tuple(Pause(first, last) for first, last in self._get_suspensions()),
        )

    def _get_billing_rows(self):
        """The rows that exist, as the rules want them, in one query.

        :rtype: dict[maintenance.coverage | maintenance.fee, list[Row]]
        """
        rows = defaultdict(list)
        for period in self.env["maintenance.billing.period"].search(
            [("contract_id", "in", self.ids)], order="date_start, rank"
        ):
            rows[period.coverage_id or period.fee_id].append(
                Row(
                    period.id,
                    Period(
                        period.date_start,
                        period.date_end,
                        period.full_start,
                        period.full_end,
                        period.is_continued,
                    ),
                    period.rank,
                    Decimal(str(period.amount)),
                    period.date_invoice,
                    ROW_STATUS[period.state],
                    period.is_deduction,
                )
            )
        return rows

    @api.model
    def _get_to_update_domain(self, company, today):
        """Contracts of ``company`` whose schedule does not reach as far as it has to."""
        ahead = today + relativedelta(months=MONTHS_AHEAD, day=1)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", BILLED_STATES)
            & (
                Domain("billing_until", "=", False)
                | (
                    Domain("renewal", "=", "tacit")
                    & Domain("date_terminated", "=", False)
                    & Domain("billing_until", "<", ahead)
                )
            )
        )

    def _prepare_billing_vals(self):
        """What the rows of this contract share."""
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "contract_id": self.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
        }
