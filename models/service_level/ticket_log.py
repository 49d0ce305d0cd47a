from odoo import fields, models

from ...tools.sla import stops_with
from ..core.bulk_insert import insert_records


class HelpdeskTicket(models.Model):
    """The only door to the log of the clocks: what happened to a request is told here."""

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"sla_event_ids"})

    sla_event_ids = fields.One2many(
        "maintenance.sla.event", "ticket_id", string="Log of the Clocks", readonly=True
    )

    def _record_event(
        self, name, at=None, *, kind=None, reason=None, note=None, rule=None, deadline=None
    ):
        """Append one event to the log of each of these requests, and let their clocks follow.

        The caller has checked the rights and the conditions.

        :param str name: one of the names of `maintenance.sla.event`
        :param datetime at: when it happened, naive UTC; None: now
        :param str kind: of the clock; None: all of them
        :param maintenance.pause.reason reason: of a pause
        :param datetime deadline: agreed with the customer
        """
        self._append_events(
            [
                ticket._prepare_event_vals(
                    name, at, kind=kind, reason=reason, note=note, rule=rule, deadline=deadline
                )
                for ticket in self
            ]
        )

    def _reach(self, kind, at=None):
        """Stop the clock of what was reached, and those of the stages before it.

        What was reached before stays so: a first answer is the first.
        """
        kinds = stops_with(kind)
        running = self.sudo().filtered(
            lambda ticket: any(clock.kind in kinds for clock in ticket._get_open_clocks())
        )
        running._record_event("stop", at, kind=kind)

    def _pause(self, reason, at=None, note=None):
        self._record_event("pause", at, reason=reason, note=note)

    def _resume(self, at=None, note=None):
        self._record_event("resume", at, note=note)

    def _reopen_clocks(self, at=None, note=None):
        """The resolution was none: its clock goes on by the rule it was promised with."""
        self._record_event("reopen", at, kind="resolution", note=note)

    def _prepare_event_vals(
        self,
        name,
        at=None,
        *,
        kind=None,
        term=None,
        reason=None,
        note=None,
        rule=None,
        deadline=None,
    ):
        self.ensure_one()
        return {
            "ticket_id": self.id,
            "company_id": self.company_id.id,
            "name": name,
            "kind": kind or False,
            "at": at or fields.Datetime.now(),
            "term_id": term.id if term else False,
            "reason_id": reason.id if reason else False,
            "rule": rule or False,
            "deadline": deadline or False,
            "note": note or False,
            "user_id": self.env.uid,
        }

    def _append_events(self, vals_list):
        if not vals_list:
            return
        insert_records(self.env["maintenance.sla.event"].sudo(), vals_list)
        self.browse({vals["ticket_id"] for vals in vals_list}).sudo()._refresh_clocks()
