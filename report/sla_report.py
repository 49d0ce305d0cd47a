from odoo import fields, models
from odoo.tools import SQL

from ..models.service_level.const import KINDS


class MaintenanceSlaReport(models.Model):
    """SLA kept = reached in time / due or closed (SEMANTICS §4).

    One row for each delay of each request that is *decided*: reached, or past its deadline. What
    is open after its deadline is late although no cron ran, so that leaving requests open does not
    embellish the figures. It counts on the day it was decided: when it was reached in time, else
    on its deadline; a past month therefore does not change by the passing of time.

    Of a delay that ran several times, after a re-opening or an anew start, the worst cycle counts.
    Cancelled delays and those without commitment (NC) are no part of it.
    """

    _name = "maintenance.sla.report"
    _inherit = "maintenance.request.report"
    _description = "SLA Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _depends = {
        "maintenance.sla.clock": [
            "cycle",
            "deadline",
            "is_reclassified_late",
            "kind",
            "result",
            "stopped_at",
            "term_id",
            "ticket_id",
        ],
    }

    clock_id = fields.Many2one("maintenance.sla.clock", readonly=True)
    kind = fields.Selection(KINDS, "Clock Kind", readonly=True)
    policy_id = fields.Many2one("maintenance.sla.policy", string="SLA Policy", readonly=True)
    date = fields.Datetime(
        "Decided On",
        readonly=True,
        help="When it was reached in time, else its deadline.",
    )
    deadline = fields.Datetime(readonly=True)
    stopped_at = fields.Datetime("Reached", readonly=True)
    is_reclassified_late = fields.Boolean("Reclassified", readonly=True)
    result = fields.Selection([("in_time", "In time"), ("late", "Late")], readonly=True)

    decided = fields.Integer(
        readonly=True,
        help="Delays reached, or past their deadline. Those cancelled or without commitment (NC) "
        "are not counted; of several cycles, the worst counts.",
    )
    in_time = fields.Integer(readonly=True, help="Delays reached at their deadline or before.")
    late = fields.Integer(
        readonly=True,
        help="Delays reached after their deadline, or still open after it.",
    )
    reclassified = fields.Integer(
        "Late by Reclassification",
        readonly=True,
        help="Of the late ones, those that a change of severity or contract made late at once.",
    )
    rate = fields.Float(
        "SLA Kept",
        readonly=True,
        digits=(4, 1),
        aggregator="avg",
        help="In time / Decided, that is reached or past their deadline. What is cancelled or "
        "without commitment (NC) is not counted.",
    )

    @property
    def _table_query(self):
        return self._get_query()

    def _get_query(self, tickets=None):
        """The rows of all requests, or of some.

        :param SQL tickets: a query of the identifiers of these requests
        """
        return SQL(
            """
            SELECT clock.id, clock.id AS clock_id, clock.kind, term.policy_id,
                   LEAST(clock.stopped_at, clock.deadline) AS date, clock.deadline,
                   clock.stopped_at, clock.is_reclassified_late,
                   CASE WHEN is_late THEN 'late' ELSE 'in_time' END AS result,
                   1 AS decided, (NOT is_late)::int AS in_time, is_late::int AS late,
                   (is_late AND clock.is_reclassified_late)::int AS reclassified,
                   (NOT is_late)::int::numeric AS rate,
                   %(request)s
              FROM (
                SELECT DISTINCT ON (ticket_id, kind)
                       id, ticket_id, kind, term_id, deadline, stopped_at, is_reclassified_late,
                       result IS DISTINCT FROM 'in_time' AS is_late
                  FROM maintenance_sla_clock
                 WHERE (result IS NOT NULL OR stopped_at IS NULL AND deadline < %(now)s)
                   AND %(is_asked)s
              ORDER BY ticket_id, kind, result IS DISTINCT FROM 'in_time' DESC, cycle
              ) clock
              JOIN maintenance_sla_term term ON term.id = clock.term_id
              JOIN helpdesk_ticket ticket ON ticket.id = clock.ticket_id
             WHERE %(is_counted)s
            """,
            is_counted=self._where_request(),
            request=self._select_request(),
            now=fields.Datetime.now(),
            is_asked=SQL("ticket_id IN (%s)", tickets) if tickets else SQL("TRUE"),
        )
