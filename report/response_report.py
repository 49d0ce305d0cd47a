from odoo import fields, models
from odoo.models import parse_read_group_spec
from odoo.tools import SQL

from ..models.service_level.const import KINDS

PERCENTILES = {"median": 0.5, "percentile_90": 0.9}


class MaintenanceResponseReport(models.Model):
    """How long customers wait, in opening hours: one row for each delay of a request reached.

    Counted from when the request was received, in opening hours whatever the unit of the promise,
    so that requests can be compared. Pauses do not count, nor does the time between a resolution
    and the re-opening; the hours before and after it add up. A request open again has no time yet.

    Median and 90th percentile are computed from the rows of each group, however they are grouped:
    they cannot be had from those of smaller groups.
    """

    _name = "maintenance.response.report"
    _inherit = "maintenance.request.report"
    _description = "Response Times"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _depends = {
        "maintenance.sla.clock": [
            "cycle",
            "kind",
            "open_elapsed",
            "started_at",
            "state",
            "stopped_at",
            "ticket_id",
        ],
    }

    clock_id = fields.Many2one("maintenance.sla.clock", readonly=True)
    kind = fields.Selection(KINDS, "Response", readonly=True)
    date = fields.Datetime("Reached On", readonly=True)
    reached = fields.Integer(
        readonly=True, help="Requests acknowledged, answered or resolved: those timed."
    )
    median_hours = fields.Float(
        "Median (h)",
        readonly=True,
        aggregator="median",
        help="Half of the requests took less. Opening hours, pauses not counted.",
    )
    percentile_hours = fields.Float(
        "90th Percentile (h)",
        readonly=True,
        aggregator="percentile_90",
        help="Nine requests in ten took less. Opening hours, pauses not counted.",
    )
    mean_hours = fields.Float(
        "Mean (h)",
        readonly=True,
        aggregator="avg",
        help="Sum of the times / Reached. Opening hours, pauses not counted.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT clock.id, clock.id AS clock_id, clock.kind, clock.stopped_at AS date,
                   1 AS reached, hours AS median_hours, hours AS percentile_hours,
                   hours AS mean_hours, %(request)s
              FROM (
                SELECT id, ticket_id, kind, stopped_at, state,
                       cycle = MAX(cycle) OVER cycles AS is_last,
                       SUM(open_elapsed) OVER cycles / 3600.0 AS hours
                  FROM maintenance_sla_clock
                WINDOW cycles AS (PARTITION BY ticket_id, kind)
              ) clock
              JOIN helpdesk_ticket ticket ON ticket.id = clock.ticket_id
             WHERE is_last AND stopped_at IS NOT NULL AND state IN ('met', 'met_late', 'none')
               AND %(is_counted)s
            """,
            is_counted=self._where_request(),
            request=self._select_request(),
        )

    def _read_group_select(self, aggregate_spec, query):
        # EXTENDS 'base'
        name, _property, aggregator = parse_read_group_spec(aggregate_spec)
        if aggregator not in PERCENTILES:
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "PERCENTILE_CONT(%s) WITHIN GROUP (ORDER BY %s)",
            PERCENTILES[aggregator],
            self._field_to_sql(self._table, name, query),
        )
