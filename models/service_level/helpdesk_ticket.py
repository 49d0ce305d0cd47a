from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...tools.dates import MIN_DATE
from ...tools.sla import replay, stops_with
from ..core.bulk_insert import insert_records
from ..core.bulk_update import update_records
from .const import CHANGE_RULES, REQUEST_KINDS
from .instants import to_datetime, to_instant
from .sla_clock import OPEN_STATES, get_clock_vals, get_due_thresholds
from .sla_event import is_promised
from .sla_term import Promised

# Clocks of computers differ a little: a request is not refused for that.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Who notes on Monday what the answering machine took on Friday.
LONGEST_ENTRY_DELAY = timedelta(days=31)
MIN_MOMENT = datetime.combine(MIN_DATE, time.min)

# From the worst: what the request as a whole shows.
STATES_BY_GRAVITY = ("overdue", "met_late", "running", "pending", "paused", "met", "none")


class HelpdeskTicket(models.Model):
    """A customer's request: what was promised for it, and the clocks that count.

    Everything the clocks show is recomputed from the log of events, which `_record_event` alone
    writes. *Received at* is when the customer said it, *created on* when somebody entered it.
    """

    _name = "helpdesk.ticket"
    _description = "Request"
    _inherit = ["helpdesk.ticket", "maintenance.guarded.mixin"]

    # The tier and the policy follow from the contract: who could write them could cancel clocks.
    _guarded_fields = frozenset(
        {
            "sla_deadline",
            "sla_state",
            "sla_clock_ids",
            "sla_event_ids",
            "tier_id",
            "sla_policy_id",
        }
    )
    # Another value of one of these may promise other delays.
    _promising_fields = frozenset(
        {
            "request_kind",
            "severity_id",
            "partner_id",
            "equipment_id",
            "coverage_id",
            "contract_id",
            "tier_id",
            "sla_policy_id",
        }
    )

    # What it is about
    request_kind = fields.Selection(
        REQUEST_KINDS, "Kind", required=True, default="breakdown", index=True, tracking=True
    )
    severity_id = fields.Many2one(
        "maintenance.severity",
        compute="_compute_severity_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    severity_definition = fields.Text(related="severity_id.definition")
    severity_reason = fields.Char(
        "Justification", help="Why this severity.", tracking=True, copy=False
    )
    received_at = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        copy=False,
        index=True,
        help="When the customer said it. The delays are counted from here.",
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        compute="_compute_equipment_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )

    # What was promised
    coverage_id = fields.Many2one(
        "maintenance.coverage",
        compute="_compute_coverage_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="What covered the equipment on the day the request was received.",
    )
    contract_id = fields.Many2one(
        "maintenance.contract",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    tier_id = fields.Many2one(
        "maintenance.tier", compute="_compute_tier_id", store=True, ondelete="restrict"
    )
    sla_policy_id = fields.Many2one(
        "maintenance.sla.policy",
        string="SLA Policy",
        compute="_compute_sla_policy_id",
        store=True,
        ondelete="restrict",
    )

    # Clocks
    sla_clock_ids = fields.One2many(
        "maintenance.sla.clock", "ticket_id", string="Clocks", readonly=True
    )
    sla_event_ids = fields.One2many(
        "maintenance.sla.event", "ticket_id", string="Log of the Clocks", readonly=True
    )
    sla_deadline = fields.Datetime(
        "Next Deadline",
        readonly=True,
        copy=False,
        help="The earliest deadline of the clocks that run.",
    )
    sla_state = fields.Selection(
        [
            ("overdue", "Overdue"),
            ("met_late", "Late"),
            ("running", "Running"),
            ("pending", "Pending"),
            ("paused", "Paused"),
            ("met", "Met"),
            ("none", "No commitment"),
        ],
        "SLA",
        readonly=True,
        copy=False,
        index=True,
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue",
        help="A deadline has passed and what was promised is still to be done.",
    )
    sla_badge = fields.Json(compute="_compute_sla_badge", exportable=False)

    # The order of Odoo's own list of requests has no index: it would sort all of them each time.
    _list_order_index = models.Index("(priority DESC, sequence, number DESC, id DESC)")
    # What presses most comes first in ours.
    _deadline_order_index = models.Index("(sla_deadline, id DESC)")
    _commercial_partner_index = models.Index("(commercial_partner_id)")

    # === COMPUTE METHODS === #

    @api.depends("number", "name")
    def _compute_display_name(self):
        # EXTENDS 'helpdesk_mgmt': what is not saved yet has neither.
        fresh = self.filtered(lambda ticket: not ticket._origin)
        fresh.display_name = self.env._("New Request")
        return super(HelpdeskTicket, self - fresh)._compute_display_name()

    @api.depends("company_id")
    def _compute_severity_id(self):
        for company, tickets in self.grouped("company_id").items():
            default = self.env["maintenance.severity"]._get_default(company)
            for ticket in tickets:
                ticket.severity_id = ticket.severity_id or default

    @api.depends("partner_id")
    def _compute_equipment_id(self):
        """Find the equipment from the caller, where there is only one it can be."""
        installed = self._get_equipment_by_customer()
        for ticket in self:
            candidates = installed[ticket.partner_id.commercial_partner_id]
            if ticket.equipment_id and (ticket.equipment_id in candidates or not ticket.partner_id):
                continue
            ticket.equipment_id = candidates if len(candidates) == 1 else False

    def _get_equipment_by_customer(self):
        """The equipment of these requests' customers.

        :rtype: dict[res.partner, maintenance.equipment]
        """
        customers = self.partner_id.commercial_partner_id
        result = defaultdict(self.env["maintenance.equipment"].browse)
        if not customers:
            return result
        equipments = self.env["maintenance.equipment"].search(
            Domain("customer_id", "child_of", customers.ids)
            | Domain("site_id", "child_of", customers.ids)
        )
        for equipment in equipments:
            for customer in (equipment.customer_id | equipment.site_id).commercial_partner_id:
                result[customer] |= equipment
        return result

    @api.depends("equipment_id", "received_at", "company_id")
    def _compute_coverage_id(self):
        for ticket in self:
            day = ticket._get_received_day()
            in_force = ticket.equipment_id.coverage_ids.filtered(
                lambda c, day=day, ticket=ticket: (
                    c.company_id == ticket.company_id and c._is_in_force(day)
                )
            )
            ticket.coverage_id = in_force.sorted(lambda c: c.kind != "contract")[:1]

    @api.depends("coverage_id", "partner_id", "received_at", "company_id")
    def _compute_contract_id(self):
        """The contract of the coverage; without one, the only contract of the customer."""
        contracts = self.env["maintenance.contract"].search(
            Domain("commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids)
            & Domain("state", "in", ("active", "ended", "terminated"))
        )
        for ticket in self:
            day = ticket._get_received_day()
            ticket.contract_id = ticket.coverage_id.contract_id
            if ticket.contract_id or ticket.coverage_id:
                continue
            in_force = contracts.filtered(
                lambda c, ticket=ticket, day=day: (
                    c.commercial_partner_id == ticket.partner_id.commercial_partner_id
                    and c.company_id == ticket.company_id
                    and c._is_in_force(day)
                )
            )
            ticket.contract_id = in_force if len(in_force) == 1 else False

    @api.depends("coverage_id", "contract_id")
    def _compute_tier_id(self):
        for ticket in self:
            ticket.tier_id = ticket.coverage_id.tier_id or ticket.contract_id.tier_id

    @api.depends("contract_id", "tier_id", "company_id")
    def _compute_sla_policy_id(self):
        for ticket in self:
            ticket.sla_policy_id = (
                ticket.contract_id._get_sla_policy(ticket.tier_id)
                or ticket.company_id.sla_policy_id
            )

    @api.depends("sla_deadline")
    def _compute_is_overdue(self):
        """By the deadline itself, whenever the cron ran."""
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_overdue = bool(ticket.sla_deadline) and ticket.sla_deadline < now

    @api.depends("sla_clock_ids.state", "sla_clock_ids.deadline", "sla_deadline", "sla_state")
    @api.depends_context("lang", "tz")
    def _compute_sla_badge(self):
        """The badge of the clock that presses most: open before closed, the earliest first."""
        for ticket in self:
            pressing = ticket.sla_clock_ids.sorted(lambda clock: clock._get_urgency())[:1]
            badge = pressing.badge or False
            if badge and ticket.sla_state in ("overdue", "met_late"):
                badge = {**badge, "is_late": True}
            ticket.sla_badge = badge

    def _get_received_day(self):
        """The local day of the company on which the request was received."""
        self.ensure_one()
        zone = self.company_id.sudo().resource_calendar_id.tz or "UTC"
        received = self.received_at or fields.Datetime.now()
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), received).date()

    # === CONSTRAINTS === #

    @api.constrains("received_at")
    def _check_received_at(self):
        now = fields.Datetime.now()
        # A program that brings the history of another system may go back further.
        is_program = self.env.uid == SUPERUSER_ID
        earliest = MIN_MOMENT if is_program else now - LONGEST_ENTRY_DELAY
        for ticket in self:
            if not earliest <= ticket.received_at <= now + CLOCK_TOLERANCE:
                raise ValidationError(
                    self.env._(
                        "Received At: %(moment)s is in the future or more than %(days)s days ago.",
                        moment=format_datetime(self.env, ticket.received_at),
                        days=LONGEST_ENTRY_DELAY.days,
                    )
                )

    @api.constrains(
        "equipment_id", "coverage_id", "contract_id", "severity_id", "partner_id", "company_id"
    )
    def _check_belongs(self):
        """Refuse the equipment, coverage or contract of another customer or company."""
        for ticket in self.sudo():
            customer = ticket.partner_id.commercial_partner_id
            equipment = ticket.equipment_id
            owners = (equipment.customer_id | equipment.site_id).commercial_partner_id
            if customer and owners and customer not in owners:
                raise ValidationError(
                    self.env._(
                        "Equipment: %(equipment)s does not belong to %(customer)s.",
                        equipment=equipment.display_name,
                        customer=customer.display_name,
                    )
                )
            if ticket.coverage_id and ticket.coverage_id.equipment_id != equipment:
                raise ValidationError(self.env._("Coverage: it covers another equipment."))
            parties = (
                ticket.contract_id.commercial_partner_id
                | ticket.contract_id.site_ids.commercial_partner_id
                | owners
            )
            if ticket.contract_id and customer and customer not in parties:
                raise ValidationError(
                    self.env._(
                        "Contract: %(contract)s is not of %(customer)s.",
                        contract=ticket.contract_id.name,
                        customer=customer.display_name,
                    )
                )
            for name in ("equipment_id", "coverage_id", "contract_id", "severity_id"):
                company = ticket[name].company_id
                if company and company != ticket.company_id:
                    raise ValidationError(
                        self.env._(
                            "%(field)s: it belongs to %(company)s.",
                            field=self._fields[name]._description_string(self.env),
                            company=company.display_name,
                        )
                    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._open_clocks()
        return tickets

    def write(self, vals):
        self._check_promises_kept(vals)
        result = super().write(vals)
        if vals.keys() & self._promising_fields:
            self._update_promises()
        return result

    def _check_promises_kept(self, vals):
        """Keep for their own buttons the changes that have to be explained to the customer."""
        if self.env.su:
            return
        if "severity_id" in vals and any(
            ticket.sla_clock_ids and ticket.severity_id.id != vals["severity_id"] for ticket in self
        ):
            raise UserError(
                self.env._(
                    "Severity: its clocks run. Use “Change Severity”, which shows what moves."
                )
            )
        if "company_id" in vals and any(
            ticket.sudo().sla_event_ids and ticket.company_id.id != vals["company_id"]
            for ticket in self
        ):
            raise UserError(self.env._("Company: the clocks count for it already."))
        if "received_at" in vals and self.sudo().sla_event_ids:
            raise UserError(self.env._("Received At: the clocks count from it already."))

    # === WHAT IS PROMISED === #

    def _has_clocks(self):
        """Whether delays are promised for this request. Other concerns may say no."""
        self.ensure_one()
        return bool(self.sla_policy_id) and self.request_kind != "idea"

    def _get_promised_terms(self):
        """What is promised for each of these requests as they are now.

        :rtype: dict[helpdesk.ticket, maintenance.sla.term]
        """
        cases = {ticket: ticket._get_case() for ticket in self.sudo() if ticket._has_clocks()}
        terms = self.env["maintenance.sla.term"].sudo()._get_promised(set(cases.values()))
        nothing = self.env["maintenance.sla.term"].sudo()
        return {ticket: terms[cases[ticket]] if ticket in cases else nothing for ticket in self}

    def _get_case(self):
        """What decides which delays this request is promised.

        :rtype: Promised
        """
        self.ensure_one()
        return Promised(
            self.sla_policy_id,
            self.contract_id,
            self.severity_id,
            self.request_kind,
            self.company_id,
        )

    def _open_clocks(self):
        """Promise what is due to these requests; those that have clocks already are left."""
        fresh = self.sudo().filtered(lambda ticket: not ticket.sla_clock_ids)
        fresh._append_events(
            [
                ticket._prepare_start_vals(term)
                for ticket, terms in fresh._get_promised_terms().items()
                for term in terms
            ]
        )

    def _get_start(self, start_event):
        """When what starts a clock happened; empty if it is awaited."""
        return {"received": self.received_at, "entered": self.create_date}.get(start_event)

    def _prepare_start_vals(self, term):
        at = self._get_start(term.content["start_event"])
        return self._prepare_event_vals(
            "start" if at else "await", at or self.received_at, kind=term.kind, term=term
        )

    def _start_awaited(self, start_event, at=None):
        """Start the clocks that waited for this: ``escalated`` or ``resolved``."""
        self._append_events(
            [
                ticket._prepare_event_vals("start", at, kind=clock.kind)
                for ticket in self.sudo()
                for clock in ticket.sla_clock_ids
                if clock.state == "pending" and clock.term_id.content["start_event"] == start_event
            ]
        )

    def _update_promises(self, at=None, rule=None, note=None):
        """Follow a change of severity, equipment or contract, by the rule of the policy.

        :param rule: one of `CHANGE_RULES`; empty: what the policy of each clock says
        :raises UserError: if a clock that counts ends, and the user may not decide that
        """
        values = []
        self._open_clocks()
        for ticket, terms in self.sudo()._get_promised_terms().items():
            promised = {term.kind: term for term in terms}
            open_clocks = ticket.sla_clock_ids.filtered(lambda c: c.state in OPEN_STATES)
            current = {clock.kind: clock.term_id for clock in open_clocks}
            for kind in current.keys() | promised.keys() - set(ticket.sla_clock_ids.mapped("kind")):
                old, new = current.get(kind), promised.get(kind)
                if old == new:
                    continue
                if not new:
                    self._check_may_cancel(
                        open_clocks.filtered(lambda c, kind=kind: c.kind == kind)
                    )
                    vals = ticket._prepare_event_vals("cancel", at, kind=kind, note=note)
                elif not old:
                    vals = ticket._prepare_start_vals(new)
                else:
                    vals = ticket._prepare_event_vals(
                        "change",
                        at,
                        kind=kind,
                        term=new,
                        rule=rule or old.content["change_rule"],
                        note=note,
                    )
                values.append(vals)
        self._append_events(values)

    def _change_severity(self, severity, reason, rule=None):  # pylint: disable=missing-return
        """Give these requests another severity; their clocks follow by the rule of the policy.

        :param maintenance.severity severity: the new one
        :param str reason: why, told in the log
        :param rule: one of `CHANGE_RULES` instead of the policy's
        """
        self.check_access("write")
        assert rule in (None, False, *dict(CHANGE_RULES))
        changed = self.filtered(lambda ticket: ticket.severity_id != severity)
        # Not by our own `write`, which would follow by the rule of the policy.
        super(HelpdeskTicket, changed.sudo()).write(  # pylint: disable=super-method-mismatch
            {"severity_id": severity.id, "severity_reason": reason}
        )
        changed._update_promises(rule=rule, note=reason)

    # === THE LOG === #

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
            lambda ticket: ticket.sla_clock_ids.filtered(
                lambda clock: clock.kind in kinds and clock.state in OPEN_STATES
            )
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

    # === WARNINGS === #

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

    # === FIGURES FROM THE LOG === #

    def _replay_clocks(self):
        """What the log says of each clock.

        :return: cycle and log by request, kind and number of the cycle
        :rtype: dict[tuple[int, str, int], tuple[Cycle, list[Event]]]
        """
        logs = self.env["maintenance.sla.event"].sudo()._get_logs(self)
        return {
            (ticket_id, kind, cycle.number): (cycle, log)
            for (ticket_id, kind), log in logs.items()
            if is_promised(log)
            for cycle in replay(log)
        }

    def _get_clocks(self):
        """The stored clocks of these requests by key, in one query for all of them.

        :rtype: dict[tuple[int, str, int], maintenance.sla.clock]
        """
        clocks = self.env["maintenance.sla.clock"].sudo()
        return {clock._get_key(): clock for clock in clocks.search([("ticket_id", "in", self.ids)])}

    def _get_due_thresholds(self, cycles):
        """The warnings to give, by key of the clock; see `sla_clock.get_due_thresholds`."""
        now = to_instant(fields.Datetime.now())
        given = self.env["maintenance.sla.alert"]._get_given(self)
        return {
            key: get_due_thresholds(cycle, log, given.get(key, ()), now)
            for key, (cycle, log) in cycles.items()
        }

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

    def _refresh_clocks(self):
        """Write what the log says of the clocks of these requests, in a few statements."""
        cycles = self._replay_clocks()
        self._write_clocks(cycles, self._get_clocks(), self._get_due_thresholds(cycles))

    def _write_clocks(self, cycles, existing, due):
        """Write the figures of cycles on their clocks, creating those that are missing.

        :param cycles: as `_replay_clocks` gives them
        :param existing: as `_get_clocks` gives them
        :param due: the warnings still to give, by key of the clock
        """
        self.invalidate_recordset(["sla_clock_ids", "sla_event_ids"], flush=False)
        clocks = self.env["maintenance.sla.clock"].sudo()
        now = to_instant(fields.Datetime.now())
        figures = {
            key: get_clock_vals(cycle, due[key], now) for key, (cycle, _log) in cycles.items()
        }
        companies = {ticket.id: ticket.company_id.id for ticket in self}
        insert_records(
            clocks,
            [
                {
                    **dict(zip(("ticket_id", "kind", "cycle"), key, strict=True)),
                    "company_id": companies[key[0]],
                    **vals,
                }
                for key, vals in figures.items()
                if key not in existing
            ],
        )
        update_records(
            clocks,
            {
                existing[key].id: existing[key]._get_differences(vals)
                for key, vals in figures.items()
                if key in existing
            },
        )
        # Written even when they are the same: of two transactions that each know their own event
        # only, the second one fails here, and Odoo tries it again.
        update_records(self.env["helpdesk.ticket"].sudo(), self._get_summaries(figures))
        clocks._wake_cron([vals["next_change_at"] for vals in figures.values()])

    def _get_summaries(self, figures):
        """The earliest deadline and the worst state of each request, kept on it for lists."""
        by_ticket = defaultdict(list)
        for (ticket_id, _kind, _cycle), vals in figures.items():
            by_ticket[ticket_id].append(vals)
        return {
            ticket_id: {
                "sla_deadline": min(
                    (
                        vals["deadline"]
                        for vals in clocks
                        if vals["state"] in ("running", "overdue") and vals["deadline"]
                    ),
                    default=False,
                ),
                "sla_state": next(
                    (
                        state
                        for state in STATES_BY_GRAVITY
                        if any(vals["state"] == state for vals in clocks)
                    ),
                    False,
                ),
            }
            for ticket_id, clocks in by_ticket.items()
        }

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
