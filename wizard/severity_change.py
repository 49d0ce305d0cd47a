from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.service_level.const import CHANGE_RULES
from ..models.service_level.instants import to_datetime, to_instant
from ..models.service_level.reading import format_duration, format_moment


class MaintenanceSeverityChange(models.TransientModel):
    """Asks for another severity and shows, before saving, what becomes of each clock."""

    _name = "maintenance.severity.change"
    _inherit = "maintenance.ticket.wizard"
    _description = "Change Severity"

    company_id = fields.Many2one(related="ticket_id.company_id")
    current_severity_id = fields.Many2one(related="ticket_id.severity_id", string="Now")
    severity_id = fields.Many2one(
        "maintenance.severity", "New Severity", required=True, ondelete="cascade"
    )
    severity_definition = fields.Text(related="severity_id.definition")
    reason = fields.Char("Justification", required=True, help="Kept in the log of the clocks.")
    rule = fields.Selection(
        CHANGE_RULES,
        "Clocks That Run",
        compute="_compute_rule",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="As the policy says, unless something else was agreed.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("ticket_id")
    def _compute_rule(self):
        for wizard in self:
            wizard.rule = wizard.ticket_id.sudo().sla_policy_id.change_rule or "carry"

    @api.depends("ticket_id", "severity_id", "rule")
    @api.depends_context("lang", "tz")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = (
                self.env["ir.qweb"]._render(
                    "maintenance_contract.severity_change_preview", wizard._get_preview()
                )
                if wizard.severity_id
                else False
            )

    def action_change(self):
        self.ensure_one()
        ticket = self.ticket_id
        ticket._check_may_decide()
        if self.severity_id == ticket.severity_id:
            raise UserError(
                self.env._("New Severity: it is “%s” already.", self.severity_id.display_name)
            )
        if not self.reason.strip():
            raise UserError(self.env._("Justification: say why."))
        # Managers of contracts read requests; this they may change.
        ticket.sudo()._change_severity(self.severity_id, self.reason.strip(), self.rule)
        return {"type": "ir.actions.act_window_close"}

    # === PREVIEW === #

    def _get_preview(self):
        """What `severity_change_preview` shows.

        :rtype: dict
        """
        self.ensure_one()
        self.ticket_id._check_may_decide()
        now = fields.Datetime.now()
        kinds = dict(
            self.env["maintenance.sla.clock"]._fields["kind"]._description_selection(self.env)
        )
        rules = dict(self._fields["rule"]._description_selection(self.env))
        rows = [
            {
                "kind": kinds[kind],
                "promise": target._get_promise() if target else "",
                "before": self._describe(before, now) if before else None,
                "after": {
                    rule: self._describe(after[rule], now) if after else None for rule in rules
                },
            }
            for kind, before, target, after in self.ticket_id._foresee_severity(
                self.severity_id, now
            )
        ]
        return {"rows": rows, "rules": rules, "chosen": self.rule}

    def _describe(self, cycle, now):
        """A cycle in a cell: its deadline or why it has none, and whether it is late by then."""
        instant = to_instant(now)
        deadline = to_datetime(cycle.deadline)
        if deadline:
            text = format_moment(self.env, deadline)
        elif cycle.is_suspended:
            left = format_duration(self.env, cycle.remaining(instant))
            text = self.env._("Suspended, %s left", left)
        else:
            text = {
                "text": self.env._("In words"),
                "no_commitment": self.env._("NC"),
                "no_opening": self.env._("No deadline computable"),
            }.get(cycle.no_deadline_reason, self.env._("Not started"))
        return {
            "text": text,
            "deadline": deadline,
            "is_agreed": cycle.manual_deadline is not None,
            "is_late": cycle.state(instant) == "overdue",
            "is_reclassified": cycle.reclassified_late and cycle.state(instant) == "overdue",
        }
