from datetime import datetime, time, timedelta
from itertools import pairwise

from pytz import utc

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.service_level.const import REQUEST_KINDS
from ..models.service_level.instants import to_datetime, to_instant
from ..models.service_level.reading import (
    format_day,
    format_duration,
    format_hour,
    format_moment,
    get_zone,
    get_zone_name,
    localize,
)
from ..models.service_level.sla_term import Promised
from ..tools.business_time import timeline
from ..tools.dates import MAX_DATE, MIN_DATE
from ..tools.sla import Event, replay

# More days than these are drawn only where something is due.
LONGEST_CALENDAR = 35
# Marks closer than this part of a day stand one below the other.
CROWDED = 6.0


class MaintenanceSlaSimulation(models.TransientModel):
    """By when would each thing be due? The promises of a contract, a tier or a policy, tried out.

    It asks the code that real requests ask, and keeps nothing.
    """

    _name = "maintenance.sla.simulation"
    _description = "SLA Simulator"
    _inherit = ["maintenance.company.mixin"]
    _company_fields = ("company_id", "contract_id", "tier_id", "policy_id", "severity_id")

    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="cascade",
    )
    contract_id = fields.Many2one("maintenance.contract", ondelete="cascade")
    tier_id = fields.Many2one(
        "maintenance.tier",
        compute="_compute_tier_id",
        store=True,
        readonly=False,
        ondelete="cascade",
    )
    policy_id = fields.Many2one(
        "maintenance.sla.policy",
        string="SLA Policy",
        compute="_compute_policy_id",
        store=True,
        readonly=False,
        ondelete="cascade",
        help="That of the contract, else of the tier, else of the company; choose another to try.",
    )
    severity_id = fields.Many2one(
        "maintenance.severity",
        compute="_compute_severity_id",
        store=True,
        readonly=False,
        ondelete="cascade",
    )
    severity_definition = fields.Text(related="severity_id.definition")
    request_kind = fields.Selection(REQUEST_KINDS[:-1], "Kind", default="breakdown", required=True)
    received_at = fields.Datetime(required=True, default=fields.Datetime.now)
    result = fields.Html(compute="_compute_result", sanitize=False)

    @api.depends("contract_id", "tier_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for simulation in self:
            name = simulation.contract_id.name or simulation.tier_id.name
            simulation.display_name = " – ".join(filter(None, (self.env._("SLA Simulator"), name)))

    @api.depends("contract_id")
    def _compute_company_id(self):
        for simulation in self:
            simulation.company_id = simulation.contract_id.company_id or self.env.company

    @api.depends("contract_id")
    def _compute_tier_id(self):
        for simulation in self:
            contract = simulation.contract_id
            simulation.tier_id = (
                contract.tier_id or contract.coverage_ids.tier_id[:1] or simulation.tier_id
            )

    @api.depends("contract_id", "tier_id", "company_id")
    def _compute_policy_id(self):
        for simulation in self:
            simulation.policy_id = (
                simulation.contract_id._get_sla_policy(simulation.tier_id)
                or simulation.company_id.sla_policy_id
            )

    @api.depends("company_id")
    def _compute_severity_id(self):
        severities = self.env["maintenance.severity"]
        for simulation in self:
            simulation.severity_id = severities._get_default(simulation.company_id)

    @api.depends("contract_id", "policy_id", "severity_id", "request_kind", "received_at")
    @api.depends_context("lang", "tz")
    def _compute_result(self):
        for simulation in self:
            simulation.result = self.env["ir.qweb"]._render(
                "maintenance_contract.sla_simulation", simulation._get_result()
            )

    # === WHAT WOULD BE DUE === #

    def _get_result(self):
        """What `sla_simulation` shows.

        :rtype: dict
        """
        self.ensure_one()
        for record in (self.contract_id, self.tier_id, self.policy_id, self.company_id):
            record.check_access("read")
        if not self.policy_id or not self.received_at:
            return {"simulation": self, "targets": []}
        if not MIN_DATE < self.received_at.date() < MAX_DATE:
            raise UserError(self.env._("Received At: %s is too far away.", self.received_at.date()))
        case = Promised(
            self.policy_id, self.contract_id, self.severity_id, self.request_kind, self.company_id
        )
        terms = self.env["maintenance.sla.term"]._foresee(case)
        targets = [
            self._prepare_target(number, target.with_env(self.env).sudo(), term)
            for number, (target, term) in enumerate(terms.items(), 1)
        ]
        return {
            "simulation": self,
            "targets": targets,
            "zone": get_zone_name(localize(self.env, self.received_at)),
            "calendars": self.env["maintenance.sla.term"]._get_calendars(case).mapped("name"),
            "allowance": self.contract_id.sla_allowance,
            "days": self._prepare_days(next(iter(terms.values())), targets) if terms else [],
        }

    def _prepare_target(self, number, target, term):
        """One promise: its words, and when it would be due."""
        start = to_instant(self.received_at)
        [cycle] = replay([Event(start, "start", term)])
        kinds = dict(target._fields["kind"]._description_selection(self.env))
        starts = dict(target._fields["start_event"]._description_selection(self.env))
        obligations = dict(target._fields["obligation"]._description_selection(self.env))
        deadline = to_datetime(cycle.deadline)
        return {
            "number": number,
            "kind": kinds[target.kind],
            "promise": target._get_promise(),
            "obligation": obligations[target.obligation] if term.is_commitment else "",
            "starts": "" if target.start_event == "received" else starts[target.start_event],
            "deadline": deadline,
            "deadline_text": format_moment(self.env, deadline),
            "counted": format_duration(self.env, cycle.budget) if cycle.budget else "",
            "never_opens": cycle.no_deadline_reason == "no_opening",
        }

    # === THE CALENDAR === #

    def _prepare_days(self, term, targets):
        """The days from the reception to the last deadline, in the reader's time zone.

        Each has its openings and marks, in percents of the day, and the names of its holidays.
        A long row of days without a mark is one gap.
        """
        marks = [(self.received_at, None), *((t["deadline"], t) for t in targets if t["deadline"])]
        by_day = {}
        for moment, target in sorted(marks, key=lambda mark: mark[0]):
            day = localize(self.env, moment).date()
            by_day.setdefault(day, []).append((moment, target))
        line = timeline(term.calendars, "open_hours") if term.calendars else None
        return [
            {"gap": day}
            if isinstance(day, int)
            else self._prepare_day(day, line, by_day.get(day, []))
            for day in self._get_days(sorted(by_day))
        ]

    def _get_days(self, marked):
        """The days to draw; a number stands for so many days left out."""
        first, last = marked[0], marked[-1]
        if (last - first).days < LONGEST_CALENDAR:
            return [first + timedelta(days=n) for n in range((last - first).days + 1)]
        days = [first]
        for before, day in pairwise(marked):
            if (gap := (day - before).days - 1) > 0:
                days.append(gap)
            days.append(day)
        return days

    def _prepare_day(self, day, line, marks):
        start, end = (self._get_midnight(day + timedelta(days=shift)) for shift in (0, 1))

        def place(instant):
            return round(100 * (instant - start) / (end - start), 2)

        openings = line.intervals(start, end) if line else []
        closings = line.named_closings(start, end) if line else []
        return {
            "name": format_day(self.env, datetime.combine(day, time.min)),
            "is_closed": not openings,
            "closings": sorted({name for _start, _end, name in closings}),
            "openings": [(place(opens), place(closes)) for opens, closes in openings],
            "marks": self._prepare_marks(marks, place),
        }

    def _get_midnight(self, day):
        """The instant at which a local day of the reader begins."""
        midnight = get_zone(self.env).localize(datetime.combine(day, time.min))
        return to_instant(midnight.astimezone(utc).replace(tzinfo=None))

    def _prepare_marks(self, marks, place):
        """Where each mark stands in its day, the crowded ones one below the other."""
        prepared, last, level = [], -CROWDED, 0
        for moment, target in marks:
            left = place(to_instant(moment))
            level = level + 1 if left - last < CROWDED else 0
            last = left
            hour = format_hour(self.env, localize(self.env, moment))
            prepared.append({"left": left, "level": level, "hour": hour, "target": target})
        return prepared
