from datetime import date, timedelta

from odoo import models
from odoo.tools import format_date

from .calendar_version import describe_hours
from .reading import format_number

# A week whose first day is a Monday: its days have the names of all others.
A_MONDAY = date(2024, 1, 1)


class MaintenanceContract(models.Model):
    """The delays that a contract promises, for its annex."""

    _inherit = "maintenance.contract"

    def _prepare_annex(self):
        # EXTENDS coverage: ``policies``, one for each that applies to some of the equipment.
        coverages = self._get_offered_coverages().grouped(
            lambda coverage: self._get_sla_policy(coverage.tier_id) or self.company_id.sla_policy_id
        )
        return {
            **super()._prepare_annex(),
            "policies": [
                self._describe_policy(policy, covered.equipment_id)
                for policy, covered in coverages.items()
                if policy
            ],
        }

    def _describe_policy(self, policy, equipment):
        """What a policy promises to this equipment, and by which hours it is counted."""
        overview = policy._get_overview()
        special = policy.target_ids.filtered("request_kind")
        hours = self.sla_calendar_id or policy.calendar_id or self.calendar_id
        return {
            "name": policy.name,
            "equipment": equipment.mapped("display_name"),
            "severities": [
                {"name": severity.name, "definition": severity.definition}
                for severity in overview["severities"]
            ],
            "rows": [
                {"name": name, "targets": [target._describe() for target in targets]}
                for name, targets in overview["rows"]
            ],
            "special": [{"name": t._describe_case(), **t._describe()} for t in special],
            "hours": (hours or self.company_id.resource_calendar_id)._describe_hours(),
            "site_hours": self.site_calendar_id._describe_hours(),
            "allowance": self._describe_allowance(),
            "note": policy.note or "",
        }

    def _describe_allowance(self):
        if not self.sla_allowance:
            return ""
        hours = format_number(self.env, self.sla_allowance)
        return self.env._("%s h are added to each delay for the time difference.", hours)


class MaintenanceSlaTarget(models.Model):
    """A delay, as an annex prints it."""

    _inherit = "maintenance.sla.target"

    def _describe(self):
        """The delay, from when it is counted, and whether it is guaranteed; empty for none."""
        if not self:
            return {"promise": "", "start": "", "is_result": False}
        self.ensure_one()
        starts = dict(self._fields["start_event"]._description_selection(self.env))
        return {
            "promise": self._get_promise(),
            "start": starts[self.start_event] if self.start_event != "received" else "",
            "is_result": self.obligation == "result" and self.unit != "none",
        }

    def _describe_case(self):
        """Which requests it is for: kind of request, severity, kind of delay."""
        self.ensure_one()
        request_kind, kind = (
            dict(self._fields[name]._description_selection(self.env))[self[name]]
            for name in ("request_kind", "kind")
        )
        return ", ".join(filter(None, (request_kind, self.severity_id.name, kind)))


class ResourceCalendar(models.Model):
    """Service hours, as an annex prints them."""

    _inherit = "resource.calendar"

    def _describe_hours(self):
        """Days that open alike are one line; the time zone comes last. Nothing for no calendar.

        :rtype: list[str]
        """
        if not self:
            return []
        content = self.sudo()._get_version_contents()[self.sudo()]
        odd, even = (self._describe_week(week) for week in content["weeks"])
        weeks = odd
        if odd != even:
            weeks = [self.env._("One week:"), *odd, self.env._("The other week:"), *even]
        return [*weeks, self.env._("Time zone: %s", content["zone"])]

    def _describe_week(self, week):
        spans = []
        for day, opening in enumerate(week):
            if spans and spans[-1]["last"] == day - 1 and spans[-1]["opening"] == opening:
                spans[-1]["last"] = day
            else:
                spans.append({"first": day, "last": day, "opening": opening})
        return [self._describe_days(**span) for span in spans if span["opening"]]

    def _describe_days(self, first, last, opening):
        """Consecutive days that open alike: “Monday to Friday: 09:00–12:00, 13:00–17:00”."""
        names = [
            format_date(self.env, A_MONDAY + timedelta(day), date_format="EEEE")
            for day in (first, last)
        ]
        days = names[0]
        if first != last:
            days = self.env._("%(first)s to %(last)s", first=names[0], last=names[1])
        hours = ", ".join(describe_hours(*span) for span in opening)
        return self.env._("%(days)s: %(hours)s", days=days, hours=hours)
