import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.checks import check_numbers
from .const import AMOUNT_DIGITS, DAY_UNITS, KINDS, REQUEST_KINDS, UNITS
from .delay import describe_delay

# Ten years: a longer delay is a typing error.
MAX_HOURS = 87_660
MAX_DAYS = 3_660


class MaintenanceSlaTarget(models.Model):
    """One delay of a policy: how long until what, for which severity and kind of request."""

    _name = "maintenance.sla.target"
    _description = "SLA Target"
    _inherit = ["maintenance.sla.policy.part.mixin", "maintenance.finite.mixin"]
    _number_ranges = {"amount": (0, MAX_HOURS)}
    _order = "policy_id, severity_sequence, severity_id, sequence, id"

    sequence = fields.Integer(compute="_compute_sequence", store=True)
    kind = fields.Selection(KINDS, required=True, default="resolution")
    severity_id = fields.Many2one(
        "maintenance.severity", index=True, ondelete="restrict", help="Empty: all of them."
    )
    severity_sequence = fields.Integer("Severity Order", related="severity_id.sequence", store=True)
    request_kind = fields.Selection(REQUEST_KINDS[:-1], help="Empty: all kinds.")
    amount = fields.Float("Delay", digits=AMOUNT_DIGITS, help="Hours or working days, by the unit.")
    unit = fields.Selection(UNITS, required=True, default="open_hours")
    commitment = fields.Char(
        "In Words", translate=True, help="What is promised instead of a delay."
    )
    start_event = fields.Selection(
        [
            ("received", "When received"),
            ("entered", "When entered"),
            ("escalated", "When escalated on site"),
            ("resolved", "When resolved"),
        ],
        string="Starts",
        required=True,
        default="received",
    )
    obligation = fields.Selection(
        [("means", "Objective (means)"), ("result", "Guarantee (result)")],
        required=True,
        default="means",
        help="Whether the effort is promised or the result. Printed wherever the delay is.",
    )
    pause_reason_ids = fields.Many2many(
        "maintenance.pause.reason",
        "maintenance_sla_target_pause_reason_rel",
        "target_id",
        "reason_id",
        help="What stops this clock. Empty: the reasons that say so themselves.",
    )

    _kind_uniq = models.UniqueIndex(
        "(policy_id, kind, COALESCE(severity_id, 0), COALESCE(request_kind, ''))",
        "This policy has a delay of this kind for this severity already.",
    )
    _amount_finite = models.Constraint(
        "CHECK (amount >= 0 AND amount < 100000)", "Delay: give a number, 0 or more."
    )

    @api.depends("kind")
    def _compute_sequence(self):
        order = {kind: place for place, (kind, _name) in enumerate(KINDS)}
        for target in self:
            target.sequence = order.get(target.kind, 0)

    @api.depends("kind", "severity_id", "amount", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            parts = (kinds.get(target.kind), target.severity_id.name, target._get_promise())
            target.display_name = " – ".join(filter(None, parts))

    @api.constrains("amount", "unit", "commitment")
    def _check_promise(self):
        for target in self:
            if target.unit in DAY_UNITS:
                check_numbers(target, "amount", maximum=MAX_DAYS)
                if target.amount != math.floor(target.amount):
                    raise ValidationError(self.env._("Delay: give whole working days."))
            elif target.unit == "text" and not target.commitment:
                raise ValidationError(self.env._("In Words: write what is promised."))

    @api.constrains("severity_id", "company_id")
    def _check_severity_company(self):
        for target in self:
            company = target.severity_id.company_id
            if company and company != target.company_id:
                raise ValidationError(
                    self.env._(
                        "Severity: “%s” belongs to another company.", target.severity_id.name
                    )
                )

    def _get_promise(self):
        """The delay as a reader sees it: “8 h”, “5 working days”, a text, or “NC”."""
        self.ensure_one()
        return describe_delay(self.env, self.unit, self.amount, self.commitment)

    def _get_pause_reasons(self, reasons, contract):
        """Those of these reasons that stop this clock under a contract, which may be empty."""
        self.ensure_one()
        stopping = self.pause_reason_ids or reasons._get_stopping(self.kind)
        if not contract.is_supplier_part_suspending:
            stopping = stopping.filtered(lambda reason: not reason.is_on_contract)
        return stopping

    def _get_commitments(self):
        """What is promised in words, by language."""
        self.ensure_one()
        if self.unit != "text":
            return {}
        return {
            code: self.with_context(lang=code).commitment
            for code, _name in self.env["res.lang"].get_installed()
        }
