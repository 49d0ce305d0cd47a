from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.service_level.reading import format_duration, format_moment

# Stored as whole seconds.
DURATIONS = frozenset({"budget", "remaining", "elapsed", "open_elapsed", "overrun"})


class MaintenanceSlaComparison(models.TransientModel):
    """Shows where the figures of clocks differ from what their log says."""

    _name = "maintenance.sla.comparison"
    _description = "Clocks Compared With Their Log"

    ticket_ids = fields.Many2many("helpdesk.ticket", string="Requests", required=True)
    report = fields.Html(compute="_compute_report", sanitize=False)

    @api.depends("ticket_ids")
    @api.depends_context("lang", "tz")
    def _compute_report(self):
        for wizard in self:
            wizard.ticket_ids._check_may_compare()
            wizard.report = self.env["ir.qweb"]._render(
                "maintenance_contract.sla_comparison", {"rows": wizard._get_rows()}
            )

    def action_correct(self):
        """Write into the clocks what their log says."""
        self.ensure_one()
        if not self.env.user.has_group("maintenance_contract.group_administrator"):
            raise AccessError(self.env._("Only administrators correct the figures of clocks."))
        self.ticket_ids.check_access("read")
        self.ticket_ids.sudo()._refresh_clocks()
        return self.ticket_ids.action_compare_clocks()

    def _get_rows(self):
        """Each difference in words.

        :rtype: list[dict]
        """
        return [
            {
                "record": record.display_name,
                "field": record._fields[name]._description_string(self.env).removesuffix(" (s)"),
                "stored": self._describe(record, name, stored),
                "recomputed": self._describe(record, name, recomputed),
            }
            for record, name, stored, recomputed in self.ticket_ids._compare_clocks()
        ]

    def _describe(self, record, name, value):
        field = record._fields[name]
        if name == "sla_clock_ids":
            # A clock that is missing, by its kind.
            field = self.env["maintenance.sla.clock"]._fields["kind"]
        if name in DURATIONS:
            return format_duration(self.env, value)
        if isinstance(value, datetime):
            return format_moment(self.env, value)
        if field.type == "many2one":
            return self.env[field.comodel_name].browse(value or []).display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return value or ""
