from collections import namedtuple

from odoo import api, fields, models, tools

from ...tools.sla import Term
from .calendar_version import make_calendar
from .const import AMOUNT_DIGITS, DAY_UNITS, HOUR_UNITS, KINDS, UNITS
from .delay import describe_delay

# What decides which delays a request is promised.
Promised = namedtuple("Promised", "policy contract severity request_kind company")


def make_term(unit, amount, content, calendars, key=None):
    """A promise as the rules of clocks read it.

    :param float amount: hours or working days, by the unit
    :param dict content: as `MaintenanceSlaTerm._prepare_vals` gives it
    :param tuple[WorkingCalendar, ...] calendars: those that must all be open
    :param int key: the row that keeps it, if one does
    :rtype: Term
    """
    amounts = {unit: round(amount * 3600) for unit in HOUR_UNITS} | {
        unit: round(amount) for unit in DAY_UNITS
    }
    return Term(
        unit=unit,
        amount=amounts.get(unit, 0),
        calendars=calendars,
        allowance=content["allowance"],
        pause_reasons=frozenset(content["pause_reasons"]),
        reopen_rule=content["reopen_rule"],
        warnings=tuple(sorted({percent for percent, _recipient in content["warnings"]})),
        key=key,
    )


class MaintenanceSlaTerm(models.Model):
    """One delay as it was promised: amount, unit, calendar, time zone, rules.

    Clocks point at it instead of at the policy, which may change the day after.
    """

    _name = "maintenance.sla.term"
    _description = "SLA Term"
    _inherit = ["maintenance.snapshot.mixin"]
    _order = "id desc"

    policy_id = fields.Many2one(
        "maintenance.sla.policy", required=True, readonly=True, index=True, ondelete="restrict"
    )
    policy_version = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    unit = fields.Selection(UNITS, required=True, readonly=True)
    amount = fields.Float("Delay", readonly=True, digits=AMOUNT_DIGITS)
    severity_id = fields.Many2one("maintenance.severity", readonly=True, ondelete="restrict")
    calendar_version_id = fields.Many2one(
        "maintenance.calendar.version", readonly=True, ondelete="restrict"
    )
    site_calendar_version_id = fields.Many2one(
        "maintenance.calendar.version", readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="policy_id.company_id")
    promise = fields.Char(
        compute="_compute_promise", help="The delay, or what is promised instead."
    )

    _digest_uniq = models.Constraint("UNIQUE (digest)", "This term exists already.")

    @api.depends("policy_id.name", "policy_version", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for term in self:
            term.display_name = self.env._(
                "%(kind)s: %(promise)s (%(policy)s, version %(version)s)",
                kind=kinds[term.kind],
                promise=term._get_promise(),
                policy=term.policy_id.name,
                version=term.policy_version,
            )

    @api.depends_context("lang")
    def _compute_promise(self):
        for term in self:
            term.promise = term._get_promise()

    def _get_promise(self):
        """The delay as a reader sees it, in the reader's language."""
        self.ensure_one()
        commitments = self.content["commitment"]
        commitment = commitments.get(self.env.lang) or commitments.get("en_US")
        return describe_delay(self.env, self.unit, self.amount, commitment)

    @tools.ormcache("self.id")
    def _get_value(self):
        """This term as the rules of clocks read it.

        :rtype: Term
        """
        self.ensure_one()
        versions = self.calendar_version_id | self.site_calendar_version_id
        calendars = tuple(version._get_value() for version in versions)
        return make_term(self.unit, self.amount, self.content, calendars, key=self.id)

    @api.model
    def _get_promised(self, cases):
        """Return the terms of each of these cases, keeping those that are new.

        :param set[Promised] cases: what decides, each distinct case once
        :rtype: dict[Promised, maintenance.sla.term]
        """
        calendars = self.env["resource.calendar"].sudo()
        for case in cases:
            calendars |= self._get_calendars(case)
        versions = calendars._get_versions()
        reasons = self._get_reasons()
        promises = [
            (case, self._prepare_vals(case, target, versions, reasons))
            for case in cases
            for target in case.policy.sudo()._select_targets(case.severity, case.request_kind)
        ]
        terms = self.sudo()._keep([vals for _case, vals in promises])
        result = dict.fromkeys(cases, self.sudo().browse())
        for (case, _vals), term in zip(promises, terms, strict=True):
            result[case] |= term
        return result

    @api.model
    def _foresee(self, case):
        """What a case would be promised now, for previews: nothing of it is kept.

        :param Promised case: what decides
        :rtype: dict[maintenance.sla.target, Term]
        """
        contents = self._get_calendars(case)._get_version_contents()
        calendars = tuple(make_calendar(content) for content in contents.values())
        reasons = self._get_reasons()
        result = {}
        for target in case.policy.sudo()._select_targets(case.severity, case.request_kind):
            vals = self._prepare_vals(case, target, {}, reasons)
            result[target] = make_term(vals["unit"], vals["amount"], vals["content"], calendars)
        return result

    def _says(self, target, term):
        """Whether this is what a target promises, foreseen as a term of `tools.sla`."""
        self.ensure_one()
        return (
            self._get_value() == term
            and self.content["obligation"] == target.obligation
            and self.content["commitment"] == target._get_commitments()
        )

    def _replace_version(self, version):
        """Keep the same promises, counted by another version of one of their calendars.

        :param maintenance.calendar.version version: takes the place of those of its calendar
        :return: the terms, in the order of these
        """

        def replace(old):
            return (version if old.calendar_id == version.calendar_id else old).id or None

        return self._keep(
            [
                {
                    "policy_id": term.policy_id.id,
                    "policy_version": term.policy_version,
                    "kind": term.kind,
                    "unit": term.unit,
                    "amount": term.amount,
                    "severity_id": term.severity_id.id,
                    "calendar_version_id": replace(term.calendar_version_id),
                    "site_calendar_version_id": replace(term.site_calendar_version_id),
                    "content": term.content,
                }
                for term in self
            ]
        )

    @api.model
    def _get_reasons(self):
        reasons = self.env["maintenance.pause.reason"].sudo()
        return reasons.search([("active", "in", (True, False))])

    @api.model
    def _get_calendars(self, case):
        """Those that must all be open: the service hours first, then the customer's."""
        return self._get_calendar(case) | case.contract.sudo().site_calendar_id

    @api.model
    def _get_calendar(self, case):
        """The service hours of a case: of the contract, of its policy, else those it works by."""
        contract, policy = case.contract.sudo(), case.policy.sudo()
        return (
            contract.sla_calendar_id
            or policy.calendar_id
            or contract.calendar_id
            or case.company.sudo().resource_calendar_id
        )

    @api.model
    def _prepare_vals(self, case, target, versions, reasons):
        contract, policy = case.contract.sudo(), case.policy.sudo()
        calendar = versions.get(self._get_calendar(case))
        site = versions.get(contract.site_calendar_id)
        warnings = policy.warning_ids.filtered(lambda w: w.kind in (False, target.kind))
        return {
            "policy_id": policy.id,
            "policy_version": policy.version,
            "kind": target.kind,
            "unit": target.unit,
            "amount": target.amount,
            "severity_id": case.severity.id,
            "calendar_version_id": calendar.id if calendar else None,
            "site_calendar_version_id": site.id if site else None,
            "content": {
                "start_event": target.start_event,
                "obligation": target.obligation,
                "commitment": target._get_commitments(),
                "allowance": round(contract.sla_allowance * 3600),
                "pause_reasons": sorted(target._get_pause_reasons(reasons, contract).ids),
                "change_rule": policy.change_rule,
                "reopen_rule": policy.reopen_rule,
                "warnings": sorted([warning.percent, warning.recipient] for warning in warnings),
            },
        }
