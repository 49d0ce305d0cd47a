from odoo import fields, models
from odoo.exceptions import AccessError

from .instants import to_instant
from .sla_clock import get_clock_vals, get_due_thresholds

# Who answers for the figures.
COMPARING_GROUP = "maintenance_contract.group_contract_manager"


class HelpdeskTicket(models.Model):
    """Recompute and compare: whether the stored figures of the clocks are those of their log."""

    _inherit = "helpdesk.ticket"

    def action_compare_clocks(self):
        """Recompute the clocks from their log and show where the stored figures differ."""
        self._check_may_compare()
        if not self._compare_clocks():
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._(
                        "No difference: all clocks (%s) agree with their log.",
                        len(self.sudo().sla_clock_ids),
                    ),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        comparison = self.env["maintenance.sla.comparison"].create({"ticket_ids": self.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Clocks Compared With Their Log"),
            "res_model": comparison._name,
            "res_id": comparison.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_may_compare(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(COMPARING_GROUP)):
            raise AccessError(
                self.env._("Only contract managers and administrators compare clocks.")
            )

    def _compare_clocks(self):
        """Compare what is stored with what the log says.

        What only waits for the cron is no difference: until it runs, a clock shows what it was
        before its threshold.

        :return: for each difference, the clock or the request, the field, what is stored and what
            the log says; of a clock that is missing, the request, ``sla_clock_ids`` and its kind
        :rtype: list[tuple]
        """
        tickets = self.sudo()
        stored = tickets._get_clocks()
        given = self.env["maintenance.sla.alert"]._get_given(tickets)
        now = to_instant(fields.Datetime.now())
        differences, shown = [], {}
        for key, (cycle, log) in tickets._replay_clocks().items():
            clock = stored.pop(key, None)
            if not clock:
                differences.append((tickets.browse(key[0]), "sla_clock_ids", False, key[1]))
                continue
            threshold = to_instant(clock.next_change_at) or now + 1
            vals, vals_before = (
                get_clock_vals(cycle, get_due_thresholds(cycle, log, given.get(key, ()), at), at)
                for at in (now, min(now, threshold - 1))
            )
            differences += clock._compare(vals, vals_before)
            shown[key] = {"state": clock.state, "deadline": clock.deadline}
        differences += [(clock, "kind", clock.kind, False) for clock in stored.values()]
        for ticket_id, summary in self._get_summaries(shown).items():
            ticket = tickets.browse(ticket_id)
            differences += [
                (ticket, name, ticket[name], value)
                for name, value in summary.items()
                if ticket[name] != value
            ]
        return differences
