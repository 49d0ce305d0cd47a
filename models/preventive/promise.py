from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.promise import Promise, fits
from .visit import OPEN_STATES


class MaintenancePromise(models.Model):
    """The promise meter: the visits of one plan promised to one equipment in a contract year.

    Each visit counts once: done, planned, excused, still to plan, or lost (SEMANTICS §2). A visit
    made with another one counts as that one does. What was cancelled with the end of a coverage
    is not promised any more.
    """

    _name = "maintenance.promise"
    _description = "Promise Meter"
    _auto = False
    _order = "year_last, contract_id, equipment_id, plan_id"
    _rec_name = "equipment_id"
    _depends = {
        "maintenance.visit": [
            "state",
            "done_date",
            "coverage_id",
            "plan_id",
            "contract_year",
            "skip_reason_id",
        ],
        "maintenance.visit.nested": ["visit_id", "plan_id", "coverage_id"],
        "maintenance.coverage": [
            "company_id",
            "contract_id",
            "customer_id",
            "site_id",
            "equipment_id",
            "date_start",
            "date_end",
        ],
        "maintenance.contract": ["date_start"],
        "maintenance.skip.reason": ["is_excused"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    coverage_id = fields.Many2one("maintenance.coverage", readonly=True)
    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    site_id = fields.Many2one("res.partner", readonly=True)
    equipment_id = fields.Many2one("maintenance.equipment", readonly=True)
    plan_id = fields.Many2one("maintenance.visit.plan", string="Visit Plan", readonly=True)
    contract_year = fields.Integer(readonly=True, aggregator=False)
    year_first = fields.Date("Year From", readonly=True)
    year_last = fields.Date("Year To", readonly=True)

    promised = fields.Integer(readonly=True)
    done = fields.Integer(readonly=True)
    planned = fields.Integer(readonly=True)
    excused = fields.Integer(readonly=True, help="Skipped for a reason of the customer.")
    still_open = fields.Integer("Not Planned", readonly=True)
    last_done = fields.Date(readonly=True)
    to_plan = fields.Integer(
        compute="_compute_meter", help="Not planned yet, and the contract year leaves room for it."
    )
    lost = fields.Integer(
        string="Cannot Fit",
        compute="_compute_meter",
        help="Promised, not made, and cannot be made any more in the contract year.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH promised AS (
                SELECT id * 2 AS id, coverage_id, plan_id, contract_year, state, done_date,
                       skip_reason_id
                  FROM maintenance_visit
                 WHERE plan_id IS NOT NULL
                 UNION ALL
                SELECT nested.id * 2 + 1, nested.coverage_id, nested.plan_id, visit.contract_year,
                       visit.state, visit.done_date, visit.skip_reason_id
                  FROM maintenance_visit_nested nested
                  JOIN maintenance_visit visit ON visit.id = nested.visit_id
            ), meter AS (
                SELECT MIN(promised.id) AS id, coverage_id, plan_id, contract_year,
                       COUNT(*) AS promised,
                       COUNT(*) FILTER (WHERE state = 'done') AS done,
                       COUNT(*) FILTER (WHERE state IN ('planned', 'in_progress')) AS planned,
                       COUNT(*) FILTER (WHERE reason.is_excused) AS excused,
                       COUNT(*) FILTER (WHERE state IN %(open_states)s) AS still_open,
                       MAX(done_date) AS last_done
                  FROM promised
             LEFT JOIN maintenance_skip_reason reason
                    ON reason.id = promised.skip_reason_id AND state = 'skipped'
                 WHERE state != 'cancelled'
              GROUP BY coverage_id, plan_id, contract_year
            )
            SELECT meter.*, coverage.company_id, coverage.contract_id, coverage.customer_id,
                   coverage.site_id, coverage.equipment_id, year.first::date AS year_first,
                   LEAST(year.next::date - 1, coverage.date_end) AS year_last
              FROM meter
              JOIN maintenance_coverage coverage ON coverage.id = meter.coverage_id
         LEFT JOIN maintenance_contract contract ON contract.id = coverage.contract_id
        CROSS JOIN LATERAL (
                SELECT COALESCE(contract.date_start, coverage.date_start)
                       + make_interval(years => contract_year - 1) AS first,
                       COALESCE(contract.date_start, coverage.date_start)
                       + make_interval(years => contract_year) AS next
            ) year
            """,
            open_states=OPEN_STATES,
        )

    @api.depends("promised", "done", "planned", "excused", "still_open", "last_done", "year_last")
    def _compute_meter(self):
        today = fields.Date.context_today(self)
        for row in self:
            room = fits(
                row.still_open,
                max(today, row.year_first),
                row.year_last,
                row.plan_id.spacing_days,
                row.last_done or None,
            )
            meter = Promise(row.promised, row.done, row.planned, row.excused, room)
            row.to_plan = meter.to_plan
            row.lost = meter.lost
