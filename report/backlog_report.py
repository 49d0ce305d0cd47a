from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.models import parse_read_group_spec
from odoo.tools import SQL, Query, date_utils
from odoo.tools.misc import get_lang

# From this many days on; as text that sorts as the numbers do.
AGES = [
    ("00", "Less than 1 day"),
    ("01", "1 to 3 days"),
    ("03", "3 to 7 days"),
    ("07", "7 to 30 days"),
    ("30", "30 to 90 days"),
    ("90", "90 days or more"),
]


class MaintenanceBacklogReport(models.Model):
    """Backlog = requests open at a given moment, by their age then (SEMANTICS §4).

    One row for each request and each day at whose end it was open; for today, now. It is replayed
    from what happened, not from the state of today: a request is open from when it was received
    until it was resolved or closed, and again from its re-opening. Improvement ideas are not
    counted. Days end at midnight in the reader's time zone.

    The rows of several days do not add up: a group that spans several of them, such as a month or
    a total, shows the backlog at its last day.
    """

    _name = "maintenance.backlog.report"
    _inherit = "maintenance.request.report"
    _description = "Backlog"
    _auto = False
    _order = "date desc, received_at, id"
    _rec_name = "ticket_id"
    _depends = {"maintenance.sla.event": ["at", "kind", "name", "ticket_id"]}

    date = fields.Date("Open at the End of", readonly=True)
    received_at = fields.Datetime(readonly=True)
    age = fields.Selection(AGES, "Age Band", readonly=True, help="Since it was received.")
    age_days = fields.Float(
        "Age (days)", readonly=True, digits=(8, 1), aggregator="avg", help="Since it was received."
    )
    is_open = fields.Integer(
        "Open Requests",
        readonly=True,
        help="Received, and neither resolved nor closed, at the end of the day; for today, now. "
        "Over several days: at the end of the last one.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH turn AS (
                SELECT id AS ticket_id, received_at AS at, 0 AS rank, TRUE AS is_opening
                  FROM helpdesk_ticket
                 UNION ALL
                SELECT ticket_id, at, id, name = 'reopen'
                  FROM maintenance_sla_event
                 WHERE kind = 'resolution' AND name IN ('stop', 'reopen')
                 UNION ALL
                SELECT id, resolved_at, 1, FALSE
                  FROM helpdesk_ticket
                 WHERE resolved_at IS NOT NULL
                 UNION ALL
                SELECT ticket.id, GREATEST(received_at, closed_date), NULL, FALSE
                  FROM helpdesk_ticket ticket
                  JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
                 WHERE stage.closed
            ), stay AS (
                SELECT *, LEAD(at) OVER (PARTITION BY ticket_id ORDER BY at, rank) AS until
                  FROM turn
            )
            SELECT (sample.date - DATE '2000-01-01')::bigint * (1::bigint << 32) + ticket.id AS id,
                   sample.date, ticket.received_at, 1 AS is_open, passed.days AS age_days,
                   CASE WHEN passed.days < 1 THEN '00'
                        WHEN passed.days < 3 THEN '01'
                        WHEN passed.days < 7 THEN '03'
                        WHEN passed.days < 30 THEN '07'
                        WHEN passed.days < 90 THEN '30'
                        ELSE '90'
                    END AS age,
                   %(request)s
              FROM (%(samples)s) sample
              JOIN stay ON stay.is_opening AND stay.at <= sample.at
               AND (stay.until IS NULL OR stay.until > sample.at)
              JOIN helpdesk_ticket ticket ON ticket.id = stay.ticket_id
        CROSS JOIN LATERAL (
                SELECT EXTRACT(EPOCH FROM sample.at - ticket.received_at) / 86400 AS days
              ) passed
             WHERE ticket.request_kind != 'idea'
            """,
            request=self._select_request(),
            samples=self._select_samples(),
        )

    def _select_samples(self):
        """The days since the first request, each with the instant it is looked at."""
        now = fields.Datetime.now()
        return SQL(
            """
            SELECT day::date AS date,
                   LEAST(%(now)s, (day + INTERVAL '1 day') AT TIME ZONE %(tz)s AT TIME ZONE 'UTC')
                   AS at
              FROM GENERATE_SERIES(
                       (SELECT DATE_TRUNC(
                            'day', MIN(received_at) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s
                        ) FROM helpdesk_ticket),
                       %(today)s::date::timestamp,
                       INTERVAL '1 day'
                   ) day
            """,
            now=now,
            tz=str(self.env.tz),
            today=fields.Date.context_today(self, now),
        )

    # === GROUPS === #

    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        # EXTENDS 'base': of several days, each group shows the last one.
        domain = Domain(domain).optimize_full(self)
        domain &= self._get_closing_domain(domain, groupby)
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        # OVERRIDE 'base': a total has other days than the groups it is the total of.
        specs = (order or "").split(", ")
        return [
            self._read_group(
                domain,
                groupby,
                aggregates,
                order=", ".join(spec for spec in specs if spec in groupby) or None,
            )
            for groupby in grouping_sets
        ]

    def _get_closing_domain(self, domain, groupby):
        """What keeps the last day of each period that is grouped by, and the last of all."""
        granularities = {
            granularity
            for name, _property, granularity in map(parse_read_group_spec, groupby)
            if name == "date"
        }
        if "day" in granularities:
            return Domain.TRUE
        closing = {}
        for day in self._get_days(domain):
            closing[tuple(self._get_period(day, part) for part in granularities)] = day
        return Domain("date", "in", list(closing.values()))

    def _get_days(self, domain):
        """The days that an optimized domain selects, in order."""
        query = Query(self.env, self._table, SQL("(%s)", self._select_samples()))
        dates = domain.map_conditions(
            lambda condition: condition if condition.field_expr == "date" else Domain.TRUE
        )
        query.add_where(dates._to_sql(self, self._table, query))
        date = SQL.identifier(self._table, "date")
        query.order = date
        return [day for (day,) in self.env.execute_query(query.select(date))]

    @api.model
    def _get_period(self, day, granularity):
        """The first day of the period of a day; of weeks, as the reader's language has them."""
        if granularity == "week":
            shift = timedelta(days=int(get_lang(self.env).week_start) - 1)
            return date_utils.start_of(day - shift, "week")
        return date_utils.start_of(day, granularity)
