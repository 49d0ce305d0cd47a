from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.service_level.instants import to_datetime, to_instant
from ..models.service_level.reading import format_duration, format_moment

# So many clocks are shown one by one.
SHOWN = 20


class MaintenanceSlaAmendment(models.TransientModel):
    """Shows which clocks an edited policy or calendar would move, and asks why before it does.

    A clock that is overdue stays overdue: it was late by what was promised. Only who says so
    expressly has it counted again, and the log tells it (RELIABILITY FM11, bad input 32).
    """

    _name = "maintenance.sla.amendment"
    _description = "Apply to Running Clocks"

    policy_id = fields.Many2one("maintenance.sla.policy", "SLA Policy", ondelete="cascade")
    calendar_id = fields.Many2one("resource.calendar", ondelete="cascade")
    reason = fields.Char(required=True, help="Kept in the log of each clock.")
    is_overdue_included = fields.Boolean(
        "Overdue Clocks Too",
        help="Counted again, a clock that is overdue may be in time: the customer would have to "
        "agree.",
    )
    clock_count = fields.Integer("Clocks Counted Again", compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def _open(self, context):
        self._check_may_amend()
        return {
            "type": "ir.actions.act_window",
            "name": self._description,
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    @api.depends("policy_id", "calendar_id", "is_overdue_included")
    @api.depends_context("lang", "tz")
    def _compute_preview(self):
        for wizard in self:
            values = wizard._get_preview()
            wizard.clock_count = len(values["amendments"])
            wizard.preview = self.env["ir.qweb"]._render(
                "maintenance_contract.sla_amendment_preview", values
            )

    def action_apply(self):
        self.ensure_one()
        if not self.reason.strip():
            raise UserError(self.env._("Reason: say why the clocks are counted again."))
        amendments, _left = self._get_amendments()
        source = self._get_source()
        clocks = self.env["maintenance.sla.clock"].concat(*(a.clock for a in amendments))
        clocks._amend(source._keep_corrected_terms(clocks), self.reason.strip())
        if self.policy_id:
            self.policy_id.sudo().message_post(
                body=self.env._(
                    "Version %(version)s applied to running clocks (%(count)s): %(reason)s",
                    version=self.policy_id.version,
                    count=len(clocks),
                    reason=self.reason.strip(),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Clocks counted again: %s.", len(clocks)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === WHAT WOULD MOVE === #

    def _check_may_amend(self):
        if not self.env.user.has_group("maintenance_contract.group_contract_manager"):
            raise AccessError(
                self.env._("Only contract managers and administrators correct running clocks.")
            )

    def _get_source(self):
        """What was edited."""
        self.ensure_one()
        source = self.policy_id or self.calendar_id
        source.check_access("read")
        return source

    def _get_amendments(self):
        """The clocks to count again, and those that are overdue and left as they are.

        :rtype: tuple[list[Amendment], list[Amendment]]
        """
        self._check_may_amend()
        source = self._get_source()
        if not source:
            return [], []
        clocks = source._get_running_clocks()
        amendments = clocks._get_amendments(source._get_corrected_terms(clocks))
        now = to_instant(fields.Datetime.now())
        applied, left = [], []
        for amendment in amendments:
            is_overdue = amendment.before.state(now) == "overdue"
            (left if is_overdue and not self.is_overdue_included else applied).append(amendment)
        return applied, left

    def _get_preview(self):
        """What `sla_amendment_preview` shows.

        :rtype: dict
        """
        amendments, left = self._get_amendments()
        now = to_instant(fields.Datetime.now())
        rows = [self._describe(amendment, now) for amendment in amendments]
        moved = [row for row in rows if row["before"] != row["after"]]
        return {
            "amendments": amendments,
            "moved": moved,
            "shown": moved[:SHOWN],
            "left_count": len(left),
            "late_count": sum(row["is_late"] for row in rows),
            "saved_count": sum(row["is_saved"] for row in rows),
        }

    def _describe(self, amendment, now):
        clock, before, after = amendment
        is_overdue = [cycle.state(now) == "overdue" for cycle in (before, after)]
        return {
            "clock": clock.display_name,
            "before": self._describe_deadline(before, now),
            "after": self._describe_deadline(after, now),
            "is_late": is_overdue == [False, True],
            "is_saved": is_overdue == [True, False],
        }

    def _describe_deadline(self, cycle, now):
        if cycle.deadline is not None:
            return format_moment(self.env, to_datetime(cycle.deadline))
        if cycle.is_suspended:
            return self.env._("Suspended, %s left", format_duration(self.env, cycle.remaining(now)))
        return self.env._("No deadline")
