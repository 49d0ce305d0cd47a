from collections import namedtuple

from odoo import api, fields, models

from ...tools.sla import Event, replay
from .calendar_version import make_calendar
from .instants import to_instant
from .sla_clock import OPEN_STATES
from .sla_term import make_term

# An open clock under its own promise, and under the corrected one.
Amendment = namedtuple("Amendment", "clock before after")

TICKETS_PER_BATCH = 500


class MaintenanceSlaClock(models.Model):
    """Open clocks keep their promise when a policy or a calendar is edited (SEMANTICS §1).

    Somebody may say that the edited one was meant from the start: each clock is counted again by
    it, and the log tells who said so, when and why (RELIABILITY FM11).
    """

    _inherit = "maintenance.sla.clock"

    @api.model
    def _search_open(self, domain):
        return self.search([("state", "in", OPEN_STATES), *domain], order="ticket_id, id")

    def _get_amendments(self, terms):
        """What corrected promises would make of these clocks; nothing is kept.

        :param dict terms: of `tools.sla`, by clock; clocks without one are left out
        :rtype: list[Amendment]
        """
        now = to_instant(fields.Datetime.now())
        cycles = self.ticket_id.sudo()._replay_clocks()
        amendments = []
        for clock in self.filtered(terms.__contains__):
            cycle, log = cycles[clock._get_key()]
            after = replay([*log, Event(now, "amend", terms[clock])])[-1]
            amendments.append(Amendment(clock, cycle, after))
        return amendments

    def _amend(self, terms, reason):
        """Count these clocks again from their start, by corrected promises.

        The caller has checked the rights.

        :param dict terms: kept ones (`maintenance.sla.term`), by clock
        :param str reason: told in the log
        """
        for start in range(0, len(self), TICKETS_PER_BATCH):
            clocks = self[start : start + TICKETS_PER_BATCH].sudo()
            clocks.ticket_id._append_events(
                [
                    clock.ticket_id._prepare_event_vals(
                        "amend", kind=clock.kind, term=terms[clock], note=reason
                    )
                    for clock in clocks
                ]
            )


class MaintenanceSlaPolicy(models.Model):
    """An edited policy can be applied to the clocks that run."""

    _inherit = "maintenance.sla.policy"

    def action_apply_to_clocks(self):
        """Show which clocks would move, and ask why."""
        self.ensure_one()
        return self.env["maintenance.sla.amendment"]._open({"default_policy_id": self.id})

    def _get_running_clocks(self):
        """The open clocks that this policy promised, of requests that it still answers for."""
        self.ensure_one()
        return self.env["maintenance.sla.clock"]._search_open(
            [("term_id.policy_id", "=", self.id), ("ticket_id.sla_policy_id", "=", self.id)]
        )

    def _get_corrected_terms(self, clocks):
        """What it promises now, for those of these clocks that it promised something else.

        A delay that it does not promise any more stays promised to those who have it.

        :return: terms of `tools.sla` by clock
        """
        foreseen, result = {}, {}
        for clock in clocks:
            case = clock.ticket_id.sudo()._get_case()
            if case not in foreseen:
                targets = self.env["maintenance.sla.term"]._foresee(case)
                foreseen[case] = {target.kind: (target, term) for target, term in targets.items()}
            target, term = foreseen[case].get(clock.kind, (None, None))
            if target and not clock.term_id.sudo()._says(target, term):
                result[clock] = term
        return result

    def _keep_corrected_terms(self, clocks):
        """Keep what it promises now to these clocks.

        :return: rows of `maintenance.sla.term` by clock
        """
        promised = clocks.ticket_id.sudo()._get_promised_terms()
        return {
            clock: promised[clock.ticket_id].filtered(lambda t, clock=clock: t.kind == clock.kind)
            for clock in clocks
        }


class ResourceCalendar(models.Model):
    """An edited calendar, or a holiday added late, can be applied to the clocks that run."""

    _inherit = "resource.calendar"

    def action_apply_to_clocks(self):
        """Show which clocks would move, and ask why."""
        self.ensure_one()
        return self.env["maintenance.sla.amendment"]._open({"default_calendar_id": self.id})

    def _get_running_clocks(self):
        """The open clocks that are counted by this calendar."""
        self.ensure_one()
        return self.env["maintenance.sla.clock"]._search_open(
            [
                "|",
                ("term_id.calendar_version_id.calendar_id", "=", self.id),
                ("term_id.site_calendar_version_id.calendar_id", "=", self.id),
            ]
        )

    def _get_corrected_terms(self, clocks):
        """The same promises counted by this calendar as it is now, where that is another one.

        :return: terms of `tools.sla` by clock
        """
        content = self._get_version_contents()[self]
        calendar, result = make_calendar(content), {}
        for kept, group in clocks.grouped(lambda clock: clock.term_id.sudo()).items():
            versions = kept.calendar_version_id | kept.site_calendar_version_id
            if all(v.content == content for v in versions if v.calendar_id == self):
                continue
            calendars = tuple(
                calendar if version.calendar_id == self else version._get_value()
                for version in versions
            )
            term = make_term(kept.unit, kept.amount, kept.content, calendars)
            result |= dict.fromkeys(group, term)
        return result

    def _keep_corrected_terms(self, clocks):
        """Keep the same promises to these clocks, counted by this calendar as it is now.

        :return: rows of `maintenance.sla.term` by clock
        """
        version = self._get_versions()[self]
        kept = clocks.term_id.sudo()
        corrected = dict(zip(kept, kept._replace_version(version), strict=True))
        return {clock: corrected[clock.term_id] for clock in clocks}
