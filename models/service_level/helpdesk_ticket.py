from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...tools.dates import MIN_DATE
from .const import REQUEST_KINDS

# Clocks of computers differ a little: a request is not refused for that.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Who notes on Monday what the answering machine took on Friday.
LONGEST_ENTRY_DELAY = timedelta(days=31)
MIN_MOMENT = datetime.combine(MIN_DATE, time.min)


class HelpdeskTicket(models.Model):
    """A customer's request: what it is about, and by which contract it is answered.

    *Received at* is when the customer said it, *created on* when somebody entered it.
    """

    _name = "helpdesk.ticket"
    _description = "Request"
    _inherit = [
        "helpdesk.ticket",
        "maintenance.guarded.mixin",
        "maintenance.company.mixin",
    ]

    # They follow from the contract: who could write them could cancel clocks.
    _guarded_fields = frozenset({"tier_id", "sla_policy_id"})
    # By which the form computes what is promised, and by whom.
    _company_fields = (
        "company_id",
        "team_id",
        "severity_id",
        "equipment_id",
        "coverage_id",
        "contract_id",
        "tier_id",
        "sla_policy_id",
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
    is_severity_reason_asked = fields.Boolean(related="severity_id.is_reason_asked")
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

    # The order of Odoo's own list of requests has no index: it would sort all of them each time.
    _list_order_index = models.Index("(priority DESC, sequence, number DESC, id DESC)")
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
