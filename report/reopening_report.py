from odoo import fields, models
from odoo.tools import SQL


class MaintenanceReopeningReport(models.Model):
    """Re-open rate = re-opened / resolved (SEMANTICS §4): one row for each request resolved.

    It counts on the day it was resolved for the first time, whenever it was re-opened, so that
    both figures are of the same requests.
    """

    _name = "maintenance.reopening.report"
    _inherit = "maintenance.request.report"
    _description = "Re-openings"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _depends = {"maintenance.sla.event": ["at", "kind", "name", "ticket_id"]}

    date = fields.Datetime("First Resolved", readonly=True)
    resolved = fields.Integer(readonly=True, help="Requests that were resolved, once or more.")
    reopened = fields.Integer(
        "Re-opened", readonly=True, help="Of the resolved ones, those that were re-opened since."
    )
    rate = fields.Float(
        "Re-open Rate",
        readonly=True,
        digits=(4, 1),
        aggregator="avg",
        help="Re-opened / Resolved, by the date of the first resolution.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ticket.id, first.date, 1 AS resolved, first.is_reopened::int AS reopened,
                   first.is_reopened::int::numeric AS rate, %(request)s
              FROM helpdesk_ticket ticket
         LEFT JOIN (
                SELECT ticket_id, MIN(at) AS date
                  FROM maintenance_sla_event
                 WHERE kind = 'resolution' AND name = 'stop'
              GROUP BY ticket_id
              ) stop ON stop.ticket_id = ticket.id
        CROSS JOIN LATERAL (
                SELECT COALESCE(stop.date, ticket.resolved_at) AS date,
                       COALESCE(ticket.reopen_count, 0) > 0 AS is_reopened
              ) first
             WHERE first.date IS NOT NULL AND %(is_counted)s
            """,
            is_counted=self._where_request(),
            request=self._select_request(),
        )
