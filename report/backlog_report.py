from collections import defaultdict
from datetime import date, datetime, time, timedelta

from pytz import utc

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.models import parse_read_group_spec
from odoo.tools import SQL, Query, date_utils
from odoo.tools.misc import get_lang

from ..models.helpdesk.stage import OPEN_STEPS

# From this many days on; as text that sorts as the numbers do.
AGES = [
    ("00", "Less than 1 day"),
    ("01", "1 to 3 days"),
    ("03", "3 to 7 days"),
    ("07", "7 to 30 days"),
    ("30", "30 to 90 days"),
    ("90", "90 days or more"),
]

# Periods of several days that a group may be of.
PERIODS = ("week", "month", "quarter", "year")

# A row is identified by its day, and by its request on that day.
IDS_PER_DAY = 1 << 32


def _get_day(row_id):
    """The day of a row; None for an identifier that no row can have."""
    number = (row_id or 0) // IDS_PER_DAY
    return date.fromordinal(number) if 0 < number <= date.max.toordinal() else None


def _keep_date(condition):
    """What a condition of a domain says about the day."""
    if condition.field_expr == "date":
        return condition
    if condition.field_expr == "id" and condition.operator == "in":
        return Domain("date", "in", list(filter(None, map(_get_day, condition.value))))
    return Domain.TRUE


def _get_granularities(groupby):
    """By which periods the day is grouped."""
    return frozenset(
        granularity
        for name, _property, granularity in map(parse_read_group_spec, groupby)
        if name == "date"
    )


class MaintenanceBacklogReport(models.Model):
    """Backlog = requests open at a given moment, by their age then (SEMANTICS §4).

    One row for each request and each day at whose end it was open; for today, now. It is replayed
    from what happened, not from the state of today: a request is open from when it was received
    until it was resolved or closed, and again from its re-opening. The re-openings are those of the
    log of the clocks; a request whose resolution is not timed has none, and counts as open until
    it was resolved for good. Improvement ideas are not counted. Days end at midnight in the
    reader's time zone.

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
        days = self.env.context.get("backlog_days") or sorted(
            set(filter(None, map(_get_day, self._ids)))
        )
        instants = [self._get_instant(day) for day in days]
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
                 WHERE resolved_at IS NOT NULL AND maintenance_step NOT IN %(open_steps)s
                 UNION ALL
                SELECT ticket.id, GREATEST(received_at, closed_date), NULL, FALSE
                  FROM helpdesk_ticket ticket
                  JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
                 WHERE stage.closed
            ), stretch AS (
                SELECT *, LEAD(at) OVER (PARTITION BY ticket_id ORDER BY at, rank) AS until
                  FROM turn
            ), stay AS (
                SELECT ticket_id, at, COALESCE(until, 'infinity') AS until
                  FROM stretch
                 WHERE is_opening AND (until IS NULL OR until > %(first)s)
            )
            SELECT sample.day_number * %(ids_per_day)s + ticket.id AS id,
                   sample.date, ticket.received_at, 1 AS is_open, passed.days AS age_days,
                   CASE WHEN passed.days < 1 THEN '00'
                        WHEN passed.days < 3 THEN '01'
                        WHEN passed.days < 7 THEN '03'
                        WHEN passed.days < 30 THEN '07'
                        WHEN passed.days < 90 THEN '30'
                        ELSE '90'
                    END AS age,
                   %(request)s
              FROM UNNEST(%(dates)s::date[], %(numbers)s::bigint[], %(instants)s::timestamp[])
                   AS sample (date, day_number, at)
              JOIN stay ON stay.at <= sample.at AND sample.at < stay.until
              JOIN helpdesk_ticket ticket ON ticket.id = stay.ticket_id
        CROSS JOIN LATERAL (
                SELECT EXTRACT(EPOCH FROM sample.at - ticket.received_at) / 86400 AS days
              ) passed
             WHERE ticket.request_kind != 'idea' AND %(is_counted)s
            """,
            open_steps=OPEN_STEPS,
            ids_per_day=IDS_PER_DAY,
            is_counted=self._where_request(),
            request=self._select_request(),
            dates=list(days),
            numbers=[day.toordinal() for day in days],
            instants=instants,
            first=min(instants, default=None),
        )

    def _search(self, domain, *args, **kwargs):
        # EXTENDS 'base': only the days that are asked for are replayed.
        domain = Domain(domain).optimize_full(self)
        report = self.with_context(backlog_days=self._get_days(domain))
        return super(MaintenanceBacklogReport, report)._search(domain, *args, **kwargs)

    # === DAYS === #

    def _get_days(self, domain):
        """The days since the first request that an optimized domain may select, in order.

        :rtype: tuple[date]
        """
        days = SQL(
            """
            (SELECT day::date AS date
               FROM GENERATE_SERIES(
                        (SELECT DATE_TRUNC(
                             'day', MIN(received_at) AT TIME ZONE 'UTC' AT TIME ZONE %s
                         ) FROM helpdesk_ticket),
                        %s::date,
                        INTERVAL '1 day'
                    ) day)
            """,
            str(self.env.tz),
            fields.Date.context_today(self),
        )
        dates = domain.map_conditions(_keep_date).optimize_full(self)
        query = Query(self.env, self._table, days)
        query.add_where(dates._to_sql(self, self._table, query))
        query.order = SQL.identifier(self._table, "date")
        return tuple(day for (day,) in self.env.execute_query(query.select(query.order)))

    def _get_instant(self, day):
        """When a day ends, in naive UTC; now, if it has not ended."""
        midnight = datetime.combine(day + timedelta(days=1), time.min)
        end = self.env.tz.localize(midnight).astimezone(utc).replace(tzinfo=None)
        return min(end, fields.Datetime.now())

    # === GROUPS === #

    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        # EXTENDS 'base': of several days, each group shows the last one.
        domain = self._keep_closing_days(domain, _get_granularities(groupby))
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        # EXTENDS 'base': a total has other days than the groups it is the total of.
        batches = defaultdict(list)
        for place, groupby in enumerate(grouping_sets):
            batches[_get_granularities(groupby)].append(place)
        result = [None] * len(grouping_sets)
        for granularities, places in batches.items():
            batch = [grouping_sets[place] for place in places]
            specs = {spec for groupby in batch for spec in groupby}
            groups = super()._read_grouping_sets(
                self._keep_closing_days(domain, granularities),
                batch,
                aggregates,
                ", ".join(spec for spec in (order or "").split(", ") if spec in specs),
            )
            for place, rows in zip(places, groups, strict=True):
                result[place] = rows
        return result

    def _keep_closing_days(self, domain, granularities):
        """Keep, of a domain, the last day of each period that is grouped by, or the last of all.

        :param frozenset granularities: such as ``month``
        """
        domain = Domain(domain).optimize_full(self)
        if "day" in granularities:
            return domain
        closing = {}
        for day in self._get_days(domain):
            closing[tuple(self._get_period(day, part) for part in granularities)] = day
        return domain & Domain("date", "in", list(closing.values()))

    @api.model
    def _get_period(self, day, granularity):
        """The first day of the period of a day; of weeks, as the reader's language has them.

        Of anything else, such as all the Mays of several years, the last day of all is shown.
        """
        if granularity not in PERIODS:
            return None
        if granularity == "week":
            shift = timedelta(days=int(get_lang(self.env).week_start) - 1)
            return date_utils.start_of(day - shift, "week")
        return date_utils.start_of(day, granularity)
