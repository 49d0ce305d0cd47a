from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from ...tools.verdict import Entitlement, Refusal, verdict
from ..service_level.reading import format_day, localize
from ..service_level.ticket_decision import DECIDING_GROUPS
from .quantity import Quantities
from .service import FREE_KINDS

VERDICT_FIELDS = (
    "verdict", "verdict_rule", "parts_percent", "labour_percent", "travel_percent",
    "verdict_coverage_id", "verdict_cell_id",
)  # fmt: skip


class Ground(NamedTuple):
    """What a request may be covered by: a warranty, a coverage, or the default of a contract."""

    source: str
    coverage: models.BaseModel
    contract: models.BaseModel
    tier: models.BaseModel
    warranty_type: models.BaseModel
    cell: models.BaseModel

    @property
    def owner(self):
        """Who has the quantities of the tier: the contract, or a warranty without contract."""
        return self.contract or self.coverage


class HelpdeskTicket(models.Model):
    """Who pays is decided before any work, and the rule that decided is told (SEMANTICS §6).

    The verdict follows what the request is about. Once work has begun it does not change by
    itself: somebody decides again, and the chatter tells it.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({*VERDICT_FIELDS, "is_verdict_outdated"})

    verdict = fields.Selection(
        [
            ("covered", "Covered"),
            ("part", "Part covered"),
            ("billable", "Billable"),
            ("refused", "Refused"),
        ],
        compute="_compute_verdict",
        store=True,
        index=True,
        tracking=True,
        help="Who pays. Empty: nothing has to be paid for, or it is not known yet what it is "
        "about.",
    )
    verdict_rule = fields.Selection(
        [
            ("exclusion", "Exclusion"),
            ("warranty", "Warranty"),
            ("coverage", "Coverage of the equipment"),
            ("contract", "Default of the contract"),
            ("on_request", "On request"),
            ("quantity_used_up", "Quantity used up"),
            ("service_stopped", "Service stopped for payment"),
            ("uncovered", "Nothing covers it"),
            ("untrained", "Contact without training"),
        ],
        string="Rule",
        compute="_compute_verdict",
        store=True,
        help="What decided.",
    )
    parts_percent = fields.Float(
        "Parts Covered (%)", compute="_compute_verdict", store=True, digits=(5, 2)
    )
    labour_percent = fields.Float(
        "Labour Covered (%)", compute="_compute_verdict", store=True, digits=(5, 2)
    )
    travel_percent = fields.Float(
        "Travel Covered (%)", compute="_compute_verdict", store=True, digits=(5, 2)
    )
    verdict_coverage_id = fields.Many2one(
        "maintenance.coverage", compute="_compute_verdict", store=True, ondelete="restrict"
    )
    verdict_cell_id = fields.Many2one(
        "maintenance.tier.cell",
        compute="_compute_verdict",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_verdict_outdated = fields.Boolean(
        compute="_compute_verdict",
        store=True,
        help="What the request is about changed after the work had begun.",
    )
    verdict_detail = fields.Char("Decided By", compute="_compute_verdict_text", compute_sudo=True)
    verdict_terms = fields.Char("Terms", compute="_compute_verdict_text", compute_sudo=True)
    verdict_summary = fields.Char("Who Pays", compute="_compute_verdict_text", compute_sudo=True)
    quantity_left = fields.Char(compute="_compute_quantity_left", compute_sudo=True)
    exclusion_id = fields.Many2one(
        "maintenance.exclusion",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
        help="Why no contract covers it.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "request_kind", "received_at", "company_id", "partner_id", "equipment_id", "coverage_id",
        "contract_id", "tier_id", "exclusion_id",
    )  # fmt: skip
    def _compute_verdict(self):
        begun = self.filtered(lambda ticket: ticket._origin.verdict and ticket._is_work_begun())
        for ticket in begun:
            for name in VERDICT_FIELDS:
                ticket[name] = ticket._origin[name]
            ticket.is_verdict_outdated = True
        for ticket, vals in (self - begun)._get_verdict_vals().items():
            ticket.update(vals)

    @api.depends(
        "verdict", "verdict_rule", "parts_percent", "labour_percent", "travel_percent",
        "verdict_cell_id", "verdict_coverage_id", "exclusion_id", "contract_id", "partner_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_verdict_text(self):
        outcomes = dict(self._fields["verdict"]._description_selection(self.env))
        rules = dict(self._fields["verdict_rule"]._description_selection(self.env))
        for ticket in self:
            ticket.verdict_detail = ticket._get_verdict_detail()
            terms = self._specify(rules.get(ticket.verdict_rule), ticket.verdict_detail)
            if ticket.verdict == "part":
                terms = f"{ticket._get_shares_text()} – {terms}"
            ticket.verdict_terms = terms
            ticket.verdict_summary = self._specify(outcomes.get(ticket.verdict), terms)

    def _specify(self, what, detail):
        """A title and what it stands for here, with the colon as the language puts it."""
        if not what or not detail:
            return what or detail
        return self.env._("%(what)s: %(detail)s", what=what, detail=detail)

    def _get_shares_text(self):
        return self.env._(
            "parts %(parts)s %%, labour %(labour)s %%, travel %(travel)s %%",
            parts=self._format_number(self.parts_percent),
            labour=self._format_number(self.labour_percent),
            travel=self._format_number(self.travel_percent),
        )

    def _get_verdict_detail(self):
        """The name of what decided, in the reader's language."""
        self.ensure_one()
        if self.verdict_rule == "exclusion":
            return self.exclusion_id.name
        if self.verdict_rule == "untrained":
            return self.partner_id.name
        if self.verdict_rule in (False, "uncovered"):
            return False
        coverage = self.verdict_coverage_id
        contract = coverage.contract_id if coverage else self.contract_id
        cell = self.verdict_cell_id
        names = [contract.name]
        if coverage.kind == "warranty":
            names.append(coverage.warranty_type_id.name)
        else:
            names.append((coverage or contract).tier_id.name or coverage.warranty_type_id.name)
        if self.request_kind != "breakdown":
            names.append(cell.service_id.name)
        if self.verdict_rule == "service_stopped":
            stop = contract._get_service_stop(self.received_at or fields.Datetime.now())
            names.append(stop and self._tell_since(stop.start))
        return ", ".join(filter(None, names))

    def _tell_since(self, moment):
        return self.env._("since %s", format_day(self.env, localize(self.env, moment)))

    @api.depends("verdict_cell_id", "verdict_coverage_id", "contract_id", "received_at")
    @api.depends_context("lang")
    def _compute_quantity_left(self):
        self.quantity_left = False
        counted = self.filtered("verdict_cell_id.quantity_of")
        quantities = Quantities(
            counted.verdict_cell_id, {ticket._get_quantity_owner() for ticket in counted}
        )
        for ticket in counted:
            cell = ticket.verdict_cell_id
            left = quantities.get_left(
                cell, ticket._get_quantity_owner(), ticket._get_received_day()
            )
            if left is not None:
                ticket.quantity_left = self.env._(
                    "%(left)s of %(quantity)s %(unit)s left in the contract year",
                    left=ticket._format_number(max(left, 0)),
                    quantity=ticket._format_number(cell.quantity),
                    unit=cell.quantity_unit or "",
                )

    def _get_quantity_owner(self):
        coverage = self.verdict_coverage_id
        return coverage.contract_id or coverage or self.contract_id

    def _format_number(self, number):
        digits = next(n for n in (0, 1, 2) if n == 2 or round(number, n) == round(number, 2))
        return formatLang(self.env, number, digits=digits)

    # === CONSTRAINTS === #

    @api.constrains("exclusion_id", "company_id")
    def _check_exclusion(self):
        self._check_company(["exclusion_id"])

    # === CRUD === #

    def write(self, vals):
        result = super().write(vals)
        if "exclusion_id" in vals:
            # What is refused is not promised, whoever found the reason.
            self.sudo()._update_promises()
        return result

    # === ACTIONS === #

    def action_decide_again(self):
        """Follow what the request is about now, although work has begun; the chatter tells it."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_groups(DECIDING_GROUPS)):
            raise AccessError(self.env._("Verdict: dispatchers and contract managers decide."))
        for ticket, vals in self.sudo()._get_verdict_vals().items():
            before = ticket.verdict_summary
            ticket.write(vals)
            ticket.message_post(
                body=self.env._(
                    "Verdict decided again: %(after)s (before: %(before)s).",
                    after=ticket.verdict_summary or "–",
                    before=before or "–",
                )
            )
        self.sudo()._update_promises()

    # === BUSINESS METHODS === #

    def _has_clocks(self):
        # EXTENDS service_level: what is refused or given up has no delay.
        is_refused = self.verdict == "refused" or self.maintenance_step == "cancelled"
        return super()._has_clocks() and not is_refused

    def _is_work_begun(self):
        """Whether somebody has begun to help, from afar or on site."""
        self.ensure_one()
        ticket = self.sudo()
        return bool(ticket.remote_session_ids) or any(
            intervention.state != "cancelled" for intervention in ticket.intervention_ids
        )

    def _get_verdict_vals(self):
        """Decide who pays for each of these requests, and by which rule.

        :return: values of the fields of the verdict
        :rtype: dict[helpdesk.ticket, dict]
        """
        decidable = self._get_decidable()
        grounds = {ticket: ticket._get_grounds() for ticket in decidable}
        all_grounds = [ground for some in grounds.values() for ground in some]
        quantities = Quantities(
            self.env["maintenance.tier.cell"].sudo().union(*(g.cell for g in all_grounds)),
            {ground.owner for ground in all_grounds},
        )
        untrained = decidable._get_untrained()
        return {
            ticket: ticket._prepare_verdict_vals(
                grounds[ticket],
                quantities,
                Refusal("untrained") if ticket in untrained else None,
            )
            if ticket in decidable
            else dict.fromkeys((*VERDICT_FIELDS, "is_verdict_outdated"), False)
            for ticket in self
        }

    def _get_decidable(self):
        """Those of these requests that cost something, and of which it is known what it is about.

        A customer may have several contracts: until the equipment is chosen, nobody knows.
        """
        asked = self.filtered(lambda ticket: ticket.request_kind not in FREE_KINDS)
        known = asked.filtered(
            lambda ticket: (
                ticket.equipment_id
                or ticket.coverage_id
                or ticket.contract_id
                or ticket.exclusion_id
            )
        )
        vague = (asked - known).filtered("partner_id")
        installed = vague.sudo()._get_equipment_by_customer()
        return known + vague.filtered(
            lambda ticket: not installed[ticket.sudo().partner_id.commercial_partner_id]
        )

    def _get_grounds(self):
        """What may cover this request, by what was in force when it was received.

        :rtype: list[Ground]
        """
        self.ensure_one()
        ticket = self.sudo()
        day = ticket._get_received_day()
        coverages = ticket.coverage_id | ticket.equipment_id.coverage_ids.filtered(
            lambda coverage: coverage.kind == "warranty"
        )
        in_force = coverages.filtered(lambda coverage: coverage._is_in_force(day))
        grounds = [
            ticket._get_ground(coverage.kind, coverage, coverage.contract_id)
            for coverage in in_force
        ]
        contract = ticket.contract_id
        if contract and contract._is_in_force(day):
            grounds.append(ticket._get_ground("default", in_force.browse(), contract))
        return [ground for ground in grounds if ground.tier or ground.warranty_type]

    def _get_ground(self, kind, coverage, contract):
        """:param str kind: ``warranty`` and ``contract``, of a coverage; ``default``"""
        sources = {"warranty": "warranty", "contract": "coverage", "default": "contract"}
        agreed = coverage or contract
        return Ground(
            sources[kind],
            coverage,
            contract,
            agreed.tier_id,
            agreed.warranty_type_id,
            agreed.tier_id._get_cell(self.request_kind, self.company_id),
        )

    def _get_entitlement(self, ground, quantities):
        """What a ground gives, once what the tier says met what the warranty type says.

        Each is a ceiling: of two shares the lower one is covered.
        """
        day = self._get_received_day()
        ceilings = []
        if ground.warranty_type:
            start = (ground.coverage or ground.contract).date_start
            ceilings.append(ground.warranty_type._get_shares(start, day))
        if ground.cell:
            ceilings.append(ground.cell._get_shares(self.company_id))
        left = quantities.get_left(ground.cell, ground.owner, day, self) if ground.cell else None
        stop = ground.contract and ground.contract._get_service_stop(
            self.received_at or fields.Datetime.now()
        )
        return Entitlement(
            ground.source,
            ground.tier.name or ground.warranty_type.name,
            *(Decimal(str(min(shares))) for shares in zip(*ceilings, strict=True)),
            on_request=ground.cell.kind in ("on_request", "remark"),
            quantity_left=None if left is None else Decimal(str(left)),
            stopped=stop.requests if stop else None,
        )

    def _prepare_verdict_vals(self, grounds, quantities, refusal):
        self.ensure_one()
        ticket = self.sudo()
        entitlements = [ticket._get_entitlement(ground, quantities) for ground in grounds]
        if exclusion := ticket.exclusion_id:
            is_refused = exclusion.outcome == "refused"
            entitlements.append(Entitlement("exclusion", exclusion.name, refused=is_refused))
        told = verdict(entitlements, refusal)
        ground = next((ground for ground in grounds if ground.source == told.source), None)
        if ground and told.outcome in ("covered", "part"):
            quantities.add_request(ground.cell, ground.owner, ticket._get_received_day(), self)
        return {
            "verdict": told.outcome,
            "verdict_rule": told.rule,
            "parts_percent": float(told.parts),
            "labour_percent": float(told.labour),
            "travel_percent": float(told.travel),
            "verdict_coverage_id": ground.coverage.id if ground else False,
            "verdict_cell_id": ground.cell.id if ground else False,
            "is_verdict_outdated": False,
        }
