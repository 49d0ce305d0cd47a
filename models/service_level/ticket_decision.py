from odoo import models
from odoo.exceptions import AccessError, UserError

from ...tools.sla import Event, preview_change, replay
from ..core.windows import open_dialog
from .const import CHANGE_RULES, KINDS
from .instants import to_instant
from .sla_event import is_promised

# Who answers for what was promised.
DECIDING_GROUPS = (
    "maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager"
)


class HelpdeskTicket(models.Model):
    """What people decide about the delays of a request: its severity, another deadline.

    Dispatchers and contract managers decide; technicians work by what is decided.
    """

    _inherit = "helpdesk.ticket"

    # === ACTIONS === #

    def action_change_severity(self):
        """Ask for the new severity, and show what each rule would make of the clocks."""
        self._check_may_decide()
        self.ensure_one()
        return open_dialog(
            self,
            self.env._("Change Severity"),
            "maintenance.severity.change",
            default_ticket_id=self.id,
        )

    def action_agree_deadline(self):
        """Ask for the deadline that was agreed with the customer."""
        self._check_may_decide()
        self.ensure_one()
        if not self._get_open_clocks():
            raise UserError(self.env._("%s has no clock that is open.", self.display_name))
        return open_dialog(
            self,
            self.env._("Agreed Deadline"),
            "maintenance.sla.agreement",
            default_ticket_id=self.id,
        )

    # === CONDITIONS === #

    def _check_may_decide(self):
        """Refuse those who do not answer for the promise, and requests that are over.

        :raises AccessError, UserError:
        """
        self.check_access("read")
        if not (self.env.su or self.env.user.has_groups(DECIDING_GROUPS)):
            raise AccessError(
                self.env._("Only dispatchers and contract managers decide about delays.")
            )
        for ticket in self:
            if ticket.closed:
                raise UserError(
                    self.env._("%s is closed: its delays do not change.", ticket.display_name)
                )

    def _check_may_cancel(self, clocks):
        """Refuse that whoever edits a request takes running clocks out of the SLA rate.

        :raises UserError:
        """
        if self.env.su or self.env.user.has_groups(DECIDING_GROUPS):
            return
        if clocks.filtered(lambda clock: clock.state in ("running", "paused", "overdue")):
            raise UserError(
                self.env._("Only dispatchers and contract managers decide about delays.")
            )

    # === PREVIEW === #

    def _foresee_severity(self, severity, now):
        """What a change of severity would make of the clocks; nothing is kept.

        :param maintenance.severity severity: the new one
        :param datetime now: naive UTC, of the change
        :return: for each clock its kind, its cycle before (None for one that begins), the target
            promised then (empty if the clock ends) and its cycle by each rule
        :rtype: list[tuple[str, Cycle, maintenance.sla.target, dict[str, Cycle]]]
        """
        self.ensure_one()
        ticket = self.sudo()
        case = ticket._get_case()._replace(severity=severity)
        foreseen = self.env["maintenance.sla.term"]._foresee(case) if ticket._has_clocks() else {}
        promised = {target.kind: (target, term) for target, term in foreseen.items()}
        logs = self.env["maintenance.sla.event"].sudo()._get_logs(ticket)
        running = set(ticket._get_open_clocks().mapped("kind"))
        outcomes = []
        for kind in dict(KINDS):
            target, term = promised.get(kind, (self.env["maintenance.sla.target"], None))
            log = logs[ticket.id, kind]
            if kind in running:
                after = preview_change(log, to_instant(now), term) if term else {}
                outcomes.append((kind, replay(log)[-1], target, after))
            elif target and not is_promised(log):
                cycle = ticket._foresee_start(target, term, log)
                outcomes.append((kind, None, target, dict.fromkeys(dict(CHANGE_RULES), cycle)))
        return outcomes

    def _foresee_start(self, target, term, log):
        """The cycle of a clock that would begin, with what happened before it was promised."""
        start = to_instant(self._get_start(target.start_event))
        if start is None:
            first = Event(to_instant(self.received_at), "await", term)
        else:
            first = Event(start, "start", term)
        return replay([first, *log])[-1]
