from odoo import fields, models

from .instants import to_datetime, to_instant
from .sla_clock import get_due_thresholds


class HelpdeskTicket(models.Model):
    """Who is warned of the deadlines of a request, each warning once."""

    _inherit = "helpdesk.ticket"

    def _give_warnings(self):
        """Give the warnings that are due, each once, and refresh the clocks."""
        cycles = self._replay_clocks()
        clocks = self._get_clocks()
        alerts = self.env["maintenance.sla.alert"]._keep_new(
            [
                {
                    "clock_id": clocks[key].id,
                    "ticket_id": key[0],
                    "company_id": clocks[key].company_id.id,
                    "percent": percent,
                    "deadline": to_datetime(cycles[key][0].deadline),
                    "at": to_datetime(at),
                }
                for key, thresholds in self._get_due_thresholds(cycles).items()
                for percent, at in thresholds
            ]
        )
        self._write_clocks(cycles, clocks, dict.fromkeys(cycles, ()))
        alerts._tell()

    def _warn_of_no_deadline(self):
        """Let somebody know of a promise that no deadline follows from: no warning ever will."""
        for ticket in self:
            user = ticket._get_alert_user("contract_manager")
            ticket.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.with_context(lang=user.lang or self.env.lang).env._(
                    "No deadline computable: the service hours never open."
                ),
                user_id=user.id or None,
            )

    def _get_due_thresholds(self, cycles):
        """The warnings to give, by key of the clock; see `sla_clock.get_due_thresholds`."""
        now = to_instant(fields.Datetime.now())
        given = self.env["maintenance.sla.alert"]._get_given(self)
        return {
            key: get_due_thresholds(cycle, log, given.get(key, ()), now)
            for key, (cycle, log) in cycles.items()
        }

    def _get_alert_user(self, recipient):
        """Who is told: the technician, his team leader or the manager of the contract.

        A step of the chain that is not filled passes on to the next; nobody who has left is told.

        :param str recipient: as in `maintenance.sla.warning`
        :rtype: res.users
        """
        self.ensure_one()
        chain = ["technician", "team_leader", "contract_manager"]
        users = {
            "technician": self.user_id,
            "team_leader": self.team_id.user_id,
            "contract_manager": self.contract_id.user_id,
        }
        for step in chain[chain.index(recipient) :] + chain[::-1]:
            if user := users[step].filtered("active"):
                return user
        return self.env["res.users"]

    def _tell_customer(self, text):
        """Tell the customer something in the thread of the request."""
        self.ensure_one()
        if self.partner_id:
            self.message_post(
                body=text, partner_ids=self.partner_id.ids, subtype_xmlid="mail.mt_comment"
            )
