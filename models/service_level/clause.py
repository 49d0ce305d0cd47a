from odoo import api, fields, models

from ..coverage.clause_check import Finding
from .const import KINDS
from .hours import describe_hours

REACTION_KINDS = ("acknowledge", "first_answer", "remote_start", "on_site")
RESOLUTION_KINDS = ("workaround", "resolution")


class MaintenanceClause(models.Model):
    """Hours, delays and severities are found in the SLA policies."""

    _inherit = "maintenance.clause"

    source = fields.Selection(
        selection_add=[
            ("service_hours", "Service hours"),
            ("reaction", "Delays until somebody reacts"),
            ("resolution", "Delays until it works again"),
            ("severities", "Severities of the SLA policy"),
        ],
        ondelete={
            "service_hours": "set default",
            "reaction": "set default",
            "resolution": "set default",
            "severities": "set default",
        },
    )


class MaintenanceContractClause(models.Model):
    """What a contract promises on time, and when."""

    _inherit = "maintenance.contract.clause"

    @api.depends(
        "contract_id.sla_policy_id", "contract_id.sla_calendar_id", "contract_id.calendar_id",
        "contract_id.tier_id",
    )  # fmt: skip
    def _compute_state(self):
        # EXTENDS coverage: what it depends on.
        return super()._compute_state()

    def _get_policies(self, contract):
        """The policies of the contract, each with the tiers that promise it.

        :rtype: dict[maintenance.sla.policy, maintenance.tier]
        """
        tiers = contract._get_last_coverages().tier_id or contract.tier_id
        by_policy = tiers.sorted().grouped(contract._get_sla_policy)
        by_policy.pop(self.env["maintenance.sla.policy"], None)
        if not tiers and contract.sla_policy_id:
            by_policy[contract.sla_policy_id] = tiers
        return by_policy

    def _find_service_hours(self, contract):
        calendars = self.env["resource.calendar"].union(
            *(
                contract.sla_calendar_id or policy.calendar_id or contract.calendar_id
                for policy in self._get_policies(contract) or [self.env["maintenance.sla.policy"]]
            )
        )
        calendars = calendars.filtered(lambda calendar: calendar._has_opening_hours())
        if not calendars:
            return Finding("missing", self.env._("No service hours are given."))
        return Finding(
            "met", " · ".join(describe_hours(self.env, calendar) for calendar in calendars)
        )

    def _find_reaction(self, contract):
        return self._find_delays(contract, REACTION_KINDS)

    def _find_resolution(self, contract):
        return self._find_delays(contract, RESOLUTION_KINDS)

    def _find_delays(self, contract, kinds):
        policies = self._get_policies(contract)
        texts = {
            policy: self._describe_delays(
                policy.target_ids.filtered(lambda t: t.kind in kinds and t.unit != "none")
            )
            for policy in policies
        }
        if not policies:
            return Finding("missing", self.env._("No SLA policy promises delays."))
        if silent := [policy for policy, text in texts.items() if not text]:
            names = ", ".join(policy.name for policy in silent)
            return Finding("missing", self.env._("No such delay is promised by: %s", names))
        if len(texts) == 1:
            return Finding("met", *texts.values())
        return Finding(
            "met",
            " · ".join(
                f"{', '.join(policies[policy].mapped('name'))}: {text}"
                for policy, text in texts.items()
            ),
        )

    def _describe_delays(self, targets):
        """The delays of a policy in one line, severities with the same delay together."""
        names = dict(targets._fields["kind"]._description_selection(self.env))
        lines = []
        for kind, _label in KINDS:
            promises = targets.filtered(lambda t, kind=kind: t.kind == kind).grouped(
                lambda target: target._get_promise()
            )
            delays = [
                f"{promise} ({', '.join(same.severity_id.sorted().mapped('name'))})"
                if same.severity_id
                else promise
                for promise, same in promises.items()
            ]
            if delays:
                lines.append(f"{names[kind]} {', '.join(delays)}")
        return " · ".join(lines)

    def _find_severities(self, contract):
        policies = self._get_policies(contract)
        if not policies:
            return Finding("missing", self.env._("No SLA policy promises delays."))
        severities = self.env["maintenance.severity"].union(
            *(policy.target_ids.severity_id for policy in policies)
        )
        if not severities:
            return Finding(
                "not_applicable", self.env._("The same delays for all requests, however severe")
            )
        return Finding("met", ", ".join(severities.sorted().mapped("name")))
