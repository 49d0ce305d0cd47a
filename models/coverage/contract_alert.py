from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.batch import process_in_batches, tell_failure
from .contract_step import CONTRACTS_PER_BATCH

# How long before the day to act the salesperson is told, and told again.
ALERTS_AHEAD = (relativedelta(months=3), relativedelta(months=1), relativedelta())
# Closed days may put the day to act before that of the decision.
MARGIN = relativedelta(months=1)

ACTIVITY = "maintenance_contract.mail_activity_renewal"


class MaintenanceContract(models.Model):
    """Before each decision on a renewal, the salesperson is told: three times, once each."""

    _inherit = "maintenance.contract"
    _guarded_fields = frozenset({"alert_count"})

    alert_count = fields.Integer(
        readonly=True, copy=False, help="Alerts given ahead of the decision that comes next."
    )

    def _after_renew(self):
        # EXTENDS renewal: the decision is made, the next one has its own alerts.
        self.sudo().alert_count = 0
        self.activity_feedback([ACTIVITY], feedback=self.env._("Renewed."))
        return super()._after_renew()

    def _after_terminate(self):
        # EXTENDS: nothing is left to decide.
        self.activity_unlink([ACTIVITY])
        return super()._after_terminate()

    def _after_continue(self):
        # EXTENDS: there is something to decide again.
        self.sudo().alert_count = 0
        return super()._after_continue()

    @api.model
    def _alert_of_decisions(self, days):
        """Tell who has to decide, contract by contract.

        :param days: the local day of each company, as given by `_get_local_days`
        """
        process_in_batches(
            self,
            Domain.OR(self._get_to_alert_domain(*company_day) for company_day in days.items()),
            CONTRACTS_PER_BATCH,
            lambda contracts: contracts._alert(days),
            tell_failure,
        )

    @api.model
    def _get_to_alert_domain(self, company, today):
        """Those to look at: on what day to act is told by their calendar."""
        horizon = today + ALERTS_AHEAD[0] + MARGIN
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain("date_terminated", "=", False)
            & Domain("agreed_end", ">=", today)
            & Domain("alert_count", "<", len(ALERTS_AHEAD))
            & (
                (Domain("notice_date", "=", False) & Domain("agreed_end", "<=", horizon))
                | Domain("notice_date", "<=", horizon)
            )
        )

    def _alert(self, days):
        """Give the alert that is due; those missed before it, as after a stop, are not made up."""
        for contract in self:
            company = contract.company_id
            contract = company._at_work(contract)
            day_to_act = contract._get_days_to_act()[contract]
            due = sum(day_to_act - ahead <= days[company] for ahead in ALERTS_AHEAD)
            if due > contract.alert_count:
                contract._schedule_decision(day_to_act)
                contract.alert_count = due

    def _schedule_decision(self, day_to_act):
        self.ensure_one()
        # One activity asks for one decision.
        self.activity_unlink([ACTIVITY])
        self.activity_schedule(
            ACTIVITY,
            date_deadline=day_to_act,
            user_id=self._get_responsible().id,
            summary=self._describe_decision(),
        )

    def _describe_decision(self):
        self.ensure_one()
        end = format_date(self.env, self.agreed_end)
        match self.renewal:
            case "tacit":
                return self.env._("Renewed tacitly after %s: keep it, or give notice?", end)
            case "express":
                return self.env._("Ends on %s unless it is renewed: agree on it.", end)
        return self.env._("Ends on %s: offer a new contract?", end)

    def _get_responsible(self):
        """The salesperson; without one who still works here, a contract manager.

        :rtype: res.users
        """
        self.ensure_one()
        group = self.env.ref("maintenance_contract.group_contract_manager")
        candidates = self.user_id | self.create_uid | group.sudo().all_user_ids
        return candidates.filtered(
            lambda user: (
                user.active and not user.share and self.company_id in user.sudo().company_ids
            )
        )[:1]
