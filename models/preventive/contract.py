from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ...tools.compliance import Outcome, compliance
from ...tools.schedule import Window
from ..core.windows import open_window


class MaintenanceContract(models.Model):
    """The contract counts the visits that its coverages promise."""

    _inherit = "maintenance.contract"

    visit_ids = fields.One2many("maintenance.visit", "contract_id")
    visit_count = fields.Integer(compute="_compute_visit_counts")
    visit_missed_count = fields.Integer(compute="_compute_visit_counts")
    visit_due_count = fields.Integer(
        "Visits Due",
        compute="_compute_compliance",
        help="Visits whose latest day fell in the last twelve months, those skipped for a reason "
        "of the customer left out.",
    )
    visit_compliance = fields.Float(
        "On Time",
        compute="_compute_compliance",
        help="Visits done inside their window ÷ visits due, over the last twelve months.",
    )
    visit_realisation = fields.Float(
        "Made",
        compute="_compute_compliance",
        help="Visits done, on time or not ÷ visits due, over the last twelve months.",
    )
    has_schedule_error = fields.Boolean(
        compute="_compute_has_schedule_error",
        help="The visits of some covered equipment could not be created.",
    )

    @api.depends("visit_ids.state")
    def _compute_visit_counts(self):
        counts = {
            (contract, state): count
            for contract, state, count in self.env["maintenance.visit"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id", "state"], ["__count"]
            )
        }
        for contract in self:
            contract.visit_count = sum(
                count for (other, _state), count in counts.items() if other == contract
            )
            contract.visit_missed_count = counts.get((contract, "missed"), 0)

    @api.depends("visit_ids.state", "visit_ids.done_date", "visit_ids.latest_date")
    def _compute_compliance(self):
        yesterday = fields.Date.context_today(self) - relativedelta(days=1)
        first = yesterday - relativedelta(years=1, days=-1)
        outcomes = {contract: [] for contract in self}
        visits = self.env["maintenance.visit"].search(
            [
                ("contract_id", "in", self.ids),
                ("plan_id", "!=", False),
                ("state", "!=", "cancelled"),
                ("latest_date", ">=", first),
                ("latest_date", "<=", yesterday),
            ]
        )
        for visit in visits:
            outcomes[visit.contract_id].append(
                Outcome(
                    Window(visit.earliest_date, visit.latest_date),
                    visit._get_done_on(),
                    visit.skip_reason_id.is_excused,
                )
            )
        for contract in self:
            figures = compliance(outcomes.get(contract._origin, ()), first, yesterday)
            contract.visit_due_count = figures.due
            contract.visit_compliance = float(figures.compliance or 0)
            contract.visit_realisation = float(figures.realisation or 0)

    @api.depends("coverage_ids.schedule_error")
    def _compute_has_schedule_error(self):
        failed = self.env["maintenance.coverage"]._read_group(
            [("contract_id", "in", self.ids), ("schedule_error", "!=", False)], ["contract_id"]
        )
        for contract in self:
            contract.has_schedule_error = (contract._origin,) in failed

    def action_view_visits(self):
        return open_window(
            self,
            "maintenance_visit_action",
            domain=[("contract_id", "=", self.id)],
            context={"search_default_group_state": 1},
        )
