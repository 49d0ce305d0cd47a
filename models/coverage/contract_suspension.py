from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.windows import open_dialog
from .contract_step import LIVE_STATES


class MaintenanceContract(models.Model):
    """A contract may be suspended: visits and invoices ask here for the days on which it is."""

    _inherit = "maintenance.contract"

    suspension_ids = fields.One2many("maintenance.suspension", "contract_id")
    suspension_id = fields.Many2one(
        "maintenance.suspension",
        string="Present Suspension",
        compute="_compute_suspension",
        help="The suspension that runs today, or the next one.",
    )
    suspended_from = fields.Date(compute="_compute_suspension")
    suspended_until = fields.Date(compute="_compute_suspension")
    suspension_reason = fields.Char(compute="_compute_suspension")
    is_suspended = fields.Boolean(
        "Suspended", compute="_compute_suspension", search="_search_is_suspended"
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state", "suspension_ids.date_start", "suspension_ids.date_end",
        "suspension_ids.reason", "suspension_ids.is_cancelled",
    )  # fmt: skip
    def _compute_suspension(self):
        today = fields.Date.context_today(self)
        for contract in self:
            suspension = contract._get_live_suspensions().filtered(
                lambda suspension: (
                    suspension.contract_id.state in LIVE_STATES
                    and (not suspension.date_end or suspension.date_end >= today)
                )
            )[:1]
            contract.suspension_id = suspension
            contract.suspended_from = suspension.date_start
            contract.suspended_until = suspension.date_end
            contract.suspension_reason = suspension.reason
            contract.is_suspended = bool(suspension) and suspension.date_start <= today

    def _search_is_suspended(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("state", "in", LIVE_STATES) & Domain(
            "suspension_ids",
            "any",
            Domain("is_cancelled", "=", False)
            & Domain("date_start", "<=", today)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today)),
        )

    # === ACTIONS === #

    def action_suspend(self):
        """Open the wizard that asks from when to when, and why."""
        self.ensure_one()
        self._check_state(*LIVE_STATES)
        return self._open_suspension_wizard()

    def action_lift_suspension(self):
        """Open the wizard that asks for the last day suspended."""
        self.ensure_one()
        return self._open_suspension_wizard(self.suspension_id)

    def _open_suspension_wizard(self, suspension=None):
        return open_dialog(
            self,
            self.env._("Lift the Suspension") if suspension else self.env._("Suspend"),
            "maintenance.suspension.change",
            default_contract_id=self.id,
            default_suspension_id=suspension.id if suspension else False,
        )

    # === BUSINESS METHODS === #

    def _get_live_suspensions(self):
        """Those that were not cancelled, in the order of their days."""
        return self.suspension_ids.filtered(lambda suspension: not suspension.is_cancelled).sorted(
            "date_start"
        )

    def _get_suspensions(self):
        """The days on which this contract promises and bills nothing.

        :return: first and last day of each suspension, None for one that nobody has ended yet
        :rtype: list[tuple[date, date | None]]
        """
        self.ensure_one()
        return [
            (suspension.date_start, suspension.date_end or None)
            for suspension in self._get_live_suspensions()
        ]

    def _suspend(self, first, last, reason):
        """Suspend the contract from ``first`` to ``last``, both included.

        :param date first: a local day; days already past are suspended after the fact
        :param last: a date, or False until it is lifted
        :param str reason: shown on what is left out
        :return: the suspension
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self._check_state(*LIVE_STATES)
        self._check_not_suspended(first, last)
        suspension = (
            self.env["maintenance.suspension"]
            .sudo()
            .create(
                {
                    "contract_id": self.id,
                    "date_start": first,
                    "date_end": last,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
            )
        )
        if last:
            body = self.env._(
                "Suspended from %(first)s to %(last)s: %(reason)s",
                first=format_date(self.env, first),
                last=format_date(self.env, last),
                reason=reason,
            )
        else:
            body = self.env._(
                "Suspended from %(first)s until it is lifted: %(reason)s",
                first=format_date(self.env, first),
                reason=reason,
            )
        self.message_post(body=body)
        self._after_suspension()
        return suspension

    def _end_suspension(self, suspension, last):
        """Have ``last`` be the last day suspended; a day before the first one cancels it.

        :param maintenance.suspension suspension: one of this contract
        :param last: a date, or False until it is lifted
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        if suspension.is_cancelled:
            raise UserError(self.env._("This suspension was cancelled: make another one."))
        if last and last < suspension.date_start:
            suspension.sudo().is_cancelled = True
            body = self.env._(
                "The suspension from %s on is cancelled.",
                format_date(self.env, suspension.date_start),
            )
        else:
            self._check_not_suspended(suspension.date_start, last, besides=suspension)
            suspension.sudo().date_end = last
            body = self.env._(
                "The last day suspended is now %s.",
                format_date(self.env, last) or self.env._("open"),
            )
        self.message_post(body=body)
        self._after_suspension()

    def _check_not_suspended(self, first, last, besides=None):
        """Say, naming the other suspension, what the database would refuse.

        :param besides: the suspension that is being changed
        """
        self.ensure_one()
        others = self._get_live_suspensions()
        # The database has to know those cancelled in this same transaction.
        self.suspension_ids.flush_recordset()
        for other in others - besides if besides else others:
            if other._touches(first, last):
                raise ValidationError(
                    self.env._(
                        "From: the contract is suspended already from %(start)s to %(end)s.",
                        start=format_date(self.env, other.date_start),
                        end=format_date(self.env, other.date_end) or "…",
                    )
                )

    def _after_suspension(self):
        """Hook: what follows from days suspended, or not suspended any more."""
