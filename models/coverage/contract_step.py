from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.batch import process_in_batches, tell_failure
from ..core.windows import open_dialog
from .contract import DRAFT_STATES

LIVE_STATES = ("accepted", "active")
CONTRACTS_PER_BATCH = 100


class MaintenanceContract(models.Model):
    """The steps of a contract: offered, accepted, active, and over at its end or before."""

    _inherit = "maintenance.contract"

    _guarded_fields = frozenset({"date_terminated", "termination_reason_id", "termination_reason"})

    date_terminated = fields.Date("Terminated On", readonly=True, copy=False, tracking=True)
    termination_reason_id = fields.Many2one(
        "maintenance.termination.reason",
        readonly=True,
        copy=False,
        tracking=True,
        ondelete="restrict",
    )
    termination_reason = fields.Char("Termination Note", readonly=True, copy=False, tracking=True)

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        if agreed := self.filtered(lambda contract: contract.state not in DRAFT_STATES):
            raise UserError(
                self.env._(
                    "%s: a contract that was accepted is kept. Terminate or archive it.",
                    ", ".join(agreed.mapped("name")),
                )
            )

    # === ACTIONS === #

    def action_offer(self):
        self._check_state("draft")
        self._move_to("offered")

    def action_accept(self):
        self._check_state(*DRAFT_STATES)
        self._move_to("accepted")

    def action_activate(self):
        """Start the contract: its coverages are validated, which creates their visits."""
        self._check_state("accepted")
        for contract in self:
            if not contract.coverage_ids.filtered(lambda c: c.state in ("draft", "validated")):
                raise UserError(
                    self.env._(
                        "Covered Equipment: add at least one to “%s” before activating it.",
                        contract.name,
                    )
                )
        self._move_to("active")
        drafts = self.coverage_ids.filtered(lambda coverage: coverage.state == "draft")
        # The message of the contract says it for all its equipment.
        drafts.with_context(tracking_disable=True).action_validate()

    def action_draft(self):
        """Take an offer back. What was accepted with validated coverages stays agreed."""
        self._check_state("offered", "accepted")
        if self.coverage_ids.filtered(lambda coverage: coverage.state != "draft"):
            raise UserError(self.env._("Equipment is covered already: terminate the contract."))
        self._move_to("draft")

    def action_terminate(self):
        """Open the wizard that asks for the date and the reason."""
        self.ensure_one()
        self._check_state(*LIVE_STATES)
        return open_dialog(
            self,
            self.env._("Terminate the Contract"),
            "maintenance.termination",
            default_contract_id=self.id,
        )

    # === BUSINESS METHODS === #

    def _terminate(self, on, note, reason=None, after_the_fact=False):
        """End the contract and its coverages on ``on``, its last day; it stays active until then.

        :param date on: last day of the contract
        :param str note: shown in the chatter and kept on the coverages
        :param reason: record of `maintenance.termination.reason`
        :param bool after_the_fact: it ended on a day already past, and what was done for the days
            after it is undone
        """
        self._check_state(*LIVE_STATES)
        for contract in self:
            contract._check_last_day(on)
        if not after_the_fact:
            self.coverage_ids._check_nothing_after(on)
        values = {
            "date_terminated": on,
            "termination_reason_id": reason.id if reason else False,
            "termination_reason": note,
        }
        today = fields.Date.context_today(self)
        # Nothing runs until the last day of a contract that never started.
        over = self.filtered(lambda contract: contract.state == "accepted" or on < today)
        over._move_to(self._get_end_state(reason), **values)
        for contract in self - over:
            contract._move_to(contract.state, **values)
        why = ": ".join(filter(None, [reason.name if reason else None, note]))
        self.coverage_ids.with_context(tracking_disable=True)._end(on, why)
        self._after_terminate()

    @api.model
    def _get_end_state(self, reason):
        """A contract that ends at its term after notice has ended as it was agreed."""
        return "ended" if reason and reason.is_notice else "terminated"

    def _check_last_day(self, on):
        """Refuse a last day that this contract cannot have."""
        self.ensure_one()
        if on < self.date_start:
            raise UserError(
                self.env._(
                    "Last Day: %s is before the start of the contract.",
                    format_date(self.env, on),
                )
            )
        last_day = self._get_last_day()
        if last_day and on > last_day:
            raise UserError(
                self.env._(
                    "Last Day: %(day)s is after the end of the contract, %(end)s.",
                    day=format_date(self.env, on),
                    end=format_date(self.env, last_day),
                )
            )

    def _after_terminate(self):
        """Hook: what follows from having a last day."""

    @api.model
    def _end_elapsed(self, days):
        """Close the contracts whose last day has passed, and the coverages that have run out.

        :param days: the local day of each company, as given by `_get_local_days`
        :return: whether all were closed in the time of the run
        :rtype: bool
        """
        is_complete = process_in_batches(
            # Archiving a contract hides it; it ends on its day all the same.
            self.with_context(active_test=False),
            Domain.OR(self._get_elapsed_domain(company, today) for company, today in days.items()),
            CONTRACTS_PER_BATCH,
            lambda contracts: contracts._close_elapsed(),
            tell_failure,
        )
        return is_complete and self.env["maintenance.coverage"]._end_elapsed(days)

    @api.model
    def _get_elapsed_domain(self, company, today):
        has_run_out = Domain("renewal", "!=", "tacit") & Domain("agreed_end", "<", today)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", LIVE_STATES)
            & (
                Domain("date_terminated", "<", today)
                | (Domain("state", "=", "active") & has_run_out)
            )
        )

    def _close_elapsed(self):
        for contract in self:
            reason = contract.termination_reason_id
            contract._move_to(
                contract._get_end_state(reason) if contract.date_terminated else "ended"
            )
