import json

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, json_default

from ..core.windows import open_dialog


class MaintenanceContract(models.Model):
    """A contract that was to end goes on: the notice, or the termination, is taken back.

    Until its last day nothing has ended. What was given up ahead comes back as it was: terms,
    coverages, visits, billing.
    """

    _inherit = "maintenance.contract"
    _guarded_fields = frozenset({"terms_given_up"})

    terms_given_up = fields.Json(
        readonly=True, copy=False, help="The terms that a notice took back."
    )

    # === ACTIONS === #

    def action_continue(self):
        """Open the wizard that asks why."""
        self.ensure_one()
        self._check_can_continue()
        return open_dialog(
            self,
            self.env._("Take Back the Notice")
            if self.notice_received_on
            else self.env._("Take Back the Termination"),
            "maintenance.continuation",
            default_contract_id=self.id,
        )

    # === BUSINESS METHODS === #

    def _check_can_continue(self):
        for contract in self:
            last_day = contract.date_terminated
            if not last_day:
                raise UserError(self.env._("%s goes on: it has no last day.", contract.name))
            if last_day < contract.company_id._get_today():
                raise UserError(
                    self.env._(
                        "%(contract)s ended on %(day)s: that cannot be taken back. Make a new "
                        "contract.",
                        contract=contract.name,
                        day=format_date(self.env, last_day),
                    )
                )
        self._check_state("active")

    def _continue(self, reason):
        """Take the end back.

        :param str reason: told in the chatter
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self._check_can_continue()
        last_day = self.date_terminated
        if self.notice_received_on:
            body = self.env._(
                "The notice received on %(day)s is taken back: %(reason)s",
                day=format_date(self.env, self.notice_received_on),
                reason=reason,
            )
        else:
            body = self.env._(
                "The termination on %(day)s is taken back: %(reason)s",
                day=format_date(self.env, last_day),
                reason=reason,
            )
        self._restore_terms()
        self._move_to(
            "active",
            date_terminated=False,
            termination_reason_id=False,
            termination_reason=False,
            notice_received_on=False,
            notice_by=False,
        )
        # Those added since then end with the contract; those from before as they did.
        left_out = self._extend_coverages(last_day)
        left_out |= self.coverage_ids._restore(last_day)
        self._tell_extension(body, left_out)
        self._after_continue()

    def _after_continue(self):
        """Hook: what follows from going on."""

    def _terminate(self, on, note, reason=None, after_the_fact=False):
        # EXTENDS: what it changes is noted.
        before = self.coverage_ids._get_end_values()
        result = super()._terminate(on, note, reason, after_the_fact)
        for coverage, values in before.items():
            if coverage._get_end_values().get(coverage) != values:
                coverage.sudo().before_end = values
        return result

    def _give_up_terms(self, end):
        """Take back the terms that were to follow ``end``, by a notice that was in time."""
        self.ensure_one()
        later = self.sudo().term_ids.filtered(lambda term: term.date_start > end)
        terms = json.dumps(later.copy_data(), default=json_default)
        self.sudo().terms_given_up = json.loads(terms)
        later.unlink()

    def _restore_terms(self):
        self.ensure_one()
        self.env["maintenance.contract.term"].sudo().create(self.terms_given_up or [])
        self.sudo().terms_given_up = False
