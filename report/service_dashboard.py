from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..models.helpdesk.stage import OPEN_STEPS
from ..models.service_level.const import KINDS
from ..models.service_level.instants import to_instant

MONTHS_SHOWN = 6

REQUESTS = "helpdesk_ticket_action_requests"


class MaintenanceServiceDashboard(models.AbstractModel):
    """The service at a glance: each figure with its formula, what it was computed from, its list.

    A figure whose denominator is zero is undefined: its value is None, with the reason. Numbers
    are given as such, and written by the client in the reader's language.
    """

    _name = "maintenance.service.dashboard"
    _description = "Service Dashboard"

    @api.model
    @api.readonly
    def get_figures(self, backlog_day=None):
        """Return the figures of the companies switched on, months being those of the reader.

        :param str backlog_day: day at whose end the backlog is looked at; empty: now
        :return: problems of automatic runs, sections of tiles, and charts
        :rtype: dict
        :raises AccessError: when the user may not read the indicators
        """
        self.env["maintenance.sla.report"].check_access("read")
        now = fields.Datetime.now()
        today = fields.Date.context_today(self, now)
        months = [
            today.replace(day=1) - relativedelta(months=ago)
            for ago in reversed(range(MONTHS_SHOWN))
        ]
        kept = self._read_sla_kept(months[0])
        return {
            "problems": self._get_problems(),
            "sections": [
                {
                    "title": self.env._(
                        "Now: %s", format_datetime(self.env, now, dt_format="short")
                    ),
                    "tiles": self._get_present_tiles(),
                },
                {
                    "title": self.env._("Open Requests by Severity"),
                    "tiles": self._get_severity_tiles(),
                },
                {"title": self.env._("SLA Kept"), "tiles": self._get_sla_tiles(kept, months[-2:])},
                {
                    "title": self.env._("Answers and Re-openings"),
                    "tiles": [
                        self._get_answer_tile(months[-2:]),
                        self._get_reopening_tile(months[-2:]),
                    ],
                },
            ],
            "charts": [
                self._get_backlog_chart(self._parse_day(backlog_day) or today, today),
                self._get_sla_chart(kept, months),
            ],
        }

    def _get_problems(self):
        """What is wrong with the automatic runs, for those who have to act or to do without."""
        if not self.env.user.has_groups(
            "maintenance_contract.group_dispatcher,maintenance_contract.group_administrator"
        ):
            return []
        return list(self.env["ir.cron"]._get_maintenance_problems().values())

    def _parse_day(self, day):
        try:
            return fields.Date.to_date(day)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Day: “%s” is not a date.", day)) from error

    # === NOW === #

    def _get_present_tiles(self):
        return [
            self._count_requests(
                "open",
                self.env._("Open Requests"),
                self.env._("Received, and neither resolved nor closed."),
                self._get_open_domain(),
            ),
            self._count_requests(
                "overdue",
                self.env._("Overdue"),
                self.env._("Requests with a deadline that has passed and was not reached."),
                Domain("sla_deadline", "<", "now"),
            ),
            self._count_requests(
                "due_today",
                self.env._("Due Today"),
                self.env._("Requests with a deadline between now and midnight."),
                Domain(
                    "sla_clock_ids",
                    "any",
                    [
                        ("stopped_at", "=", False),
                        ("deadline", ">=", "now"),
                        ("deadline", "<", "today +1d"),
                    ],
                ),
            ),
            self._count_requests(
                "waiting",
                self.env._("Waiting for Customer"),
                self.env._("Open requests whose next word is the customer's."),
                self._get_open_domain()
                & Domain("maintenance_step", "=", "waiting")
                & Domain("pause_reason_id.is_waiting_for_customer", "=", True),
            ),
            self._count_requests(
                "paused",
                self.env._("Paused"),
                self.env._("Requests with a delay suspended, for whatever reason."),
                Domain("sla_clock_ids.state", "=", "paused"),
            ),
            self._count_requests(
                "asleep",
                self.env._("Asleep"),
                self.env._("Requests whose delays run, but only in hours that are closed now."),
                self._get_asleep_domain(),
            ),
        ]

    def _get_open_domain(self):
        return Domain("maintenance_step", "in", OPEN_STEPS) & Domain("request_kind", "!=", "idea")

    def _get_asleep_domain(self):
        """Requests with delays that run and none that counts at this moment."""
        running = Domain("state", "=", "running") & Domain("deadline", ">=", "now")
        now = to_instant(fields.Datetime.now())
        terms = self.env["maintenance.sla.clock"]._read_group(running, [], ["term_id:recordset"])
        awake = terms[0][0].sudo().filtered(lambda t: t._get_value().timeline.is_open(now))
        return Domain("sla_clock_ids", "any", running) & ~Domain(
            "sla_clock_ids", "any", running & Domain("term_id", "in", awake.ids)
        )

    def _count_requests(self, name, label, formula, domain):
        """A tile that counts the requests of a domain, and lists them."""
        count = self.env["helpdesk.ticket"].search_count(domain)
        return self._prepare_tile(
            name, label, formula, "integer", [self._prepare_figure(label, REQUESTS, domain, count)]
        )

    def _get_severity_tiles(self):
        domain = self._get_open_domain()
        counts = dict(self.env["helpdesk.ticket"]._read_group(domain, ["severity_id"], ["__count"]))
        severities = self.env["maintenance.severity"].search([("active", "=", True)])
        severities |= severities.union(*counts)
        tiles = []
        for severity in [*severities, *(key for key in counts if not key)]:
            label = severity.name or self.env._("No Severity")
            figure = self._prepare_figure(
                self.env._("Open: %s", label),
                REQUESTS,
                domain & Domain("severity_id", "=", severity.id),
                counts.get(severity, 0),
            )
            tiles.append(
                self._prepare_tile(
                    f"severity_{severity.id}",
                    label,
                    self.env._("Open requests of this severity."),
                    "integer",
                    [figure],
                )
            )
        return tiles

    # === MONTHS === #

    def _read_sla_kept(self, since):
        """In time and decided, by kind and month."""
        kept = defaultdict(dict)
        for kind, month, *counts in self.env["maintenance.sla.report"]._read_group(
            [("date", ">=", since)], ["kind", "date:month"], ["in_time:sum", "decided:sum"]
        ):
            kept[kind][month.date()] = counts
        return kept

    def _get_sla_tiles(self, kept, months):
        """One tile for each kind of delay decided in these months, one that says none was."""
        kinds = [
            (kind, label)
            for kind, label in self.env["maintenance.sla.report"]
            ._fields["kind"]
            ._description_selection(self.env)
            if any(month in kept[kind] for month in months)
        ]
        return [
            self._prepare_tile(
                f"sla_{kind}",
                label,
                self.env._("In time / Reached or past their deadline."),
                "percentage",
                [
                    self._prepare_rate(
                        "maintenance_sla_report_action",
                        Domain("kind", "=", kind) if kind else Domain.TRUE,
                        month,
                        *kept[kind].get(month, (0, 0)),
                        self.env._("No delay was reached or due."),
                    )
                    for month in reversed(months)
                ],
            )
            for kind, label in kinds or [(False, self.env._("All Delays"))]
        ]

    def _get_answer_tile(self, months):
        domain = Domain("kind", "=", "first_answer")
        medians = {
            month.date(): (median, count)
            for month, median, count in self.env["maintenance.response.report"]._read_group(
                domain & Domain("date", ">=", months[0]),
                ["date:month"],
                ["median_hours:median", "reached:sum"],
            )
        }
        figures = []
        for month in reversed(months):
            median, count = medians.get(month, (None, 0))
            figures.append(
                self._prepare_monthly_figure(
                    "maintenance_response_report_action",
                    domain,
                    month,
                    median,
                    self.env._("No request was answered."),
                    population=count,
                )
            )
        return self._prepare_tile(
            "first_answer",
            self.env._("Median First Answer"),
            self.env._(
                "Half of the requests were answered sooner. Opening hours since they were received."
            ),
            "float_time",
            figures,
        )

    def _get_reopening_tile(self, months):
        counts = {
            month.date(): row
            for month, *row in self.env["maintenance.reopening.report"]._read_group(
                [("date", ">=", months[0])], ["date:month"], ["reopened:sum", "resolved:sum"]
            )
        }
        return self._prepare_tile(
            "reopening",
            self.env._("Re-open Rate"),
            self.env._("Re-opened / Resolved, by the month of the first resolution."),
            "percentage",
            [
                self._prepare_rate(
                    "maintenance_reopening_report_action",
                    Domain.TRUE,
                    month,
                    *counts.get(month, (0, 0)),
                    self.env._("No request was resolved."),
                )
                for month in reversed(months)
            ],
        )

    # === CHARTS === #

    def _get_backlog_chart(self, day, today):
        report = self.env["maintenance.backlog.report"]
        domain = Domain("date", "=", day)
        counts = dict(report._read_group(domain, ["age"], ["is_open:sum"]))
        ages = report._fields["age"]._description_selection(self.env)
        title = (
            self.env._("Backlog Now")
            if day == today
            else self.env._("Backlog on %s", format_date(self.env, day))
        )
        return {
            "name": "backlog",
            "title": title,
            "formula": self.env._(
                "Requests received, and neither resolved nor closed, at the end of the day (today: "
                "now), by the time since they were received. Ideas are not counted."
            ),
            "format": "integer",
            "day": fields.Date.to_string(day),
            "last_day": fields.Date.to_string(today),
            "labels": [label for _age, label in ages],
            "series": [
                {
                    "label": self.env._("Open Requests"),
                    "figures": [
                        self._prepare_figure(
                            f"{title}: {label}",
                            "maintenance_backlog_report_action",
                            domain & Domain("age", "=", age),
                            counts.get(age, 0),
                        )
                        for age, label in ages
                    ],
                }
            ],
        }

    def _get_sla_chart(self, kept, months):
        kinds = dict(
            self.env["maintenance.sla.report"]._fields["kind"]._description_selection(self.env)
        )
        return {
            "name": "sla",
            "title": self.env._("SLA Kept per Month"),
            "formula": self.env._("In time / Reached or past their deadline."),
            "format": "percentage",
            "labels": [format_date(self.env, month, date_format="MMM yyyy") for month in months],
            "series": [
                {
                    "label": kinds[kind],
                    "figures": [
                        self._prepare_rate(
                            "maintenance_sla_report_action",
                            Domain("kind", "=", kind),
                            month,
                            *kept[kind].get(month, (0, 0)),
                            self.env._("No delay was reached or due."),
                        )
                        for month in months
                    ],
                }
                for kind, _label in KINDS
                if kept[kind]
            ],
        }

    # === VALUES === #

    @api.model
    def _prepare_tile(self, name, label, formula, format_, figures):
        return {
            "name": name,
            "label": label,
            "formula": formula,
            "format": format_,
            "figures": figures,
        }

    @api.model
    def _prepare_figure(self, title, action, domain, value, **details):
        """One value, and the list of what it counts.

        :param str title: of the list
        :param str action: external identifier in this addon of the window that lists
        """
        return {
            "title": title,
            "value": value,
            "action": f"maintenance_contract.{action}",
            "domain": list(domain),
            **details,
        }

    def _prepare_monthly_figure(self, action, domain, month, value, reason, **details):
        period = format_date(self.env, month, date_format="MMMM yyyy")
        domain &= Domain("date", ">=", fields.Date.to_string(month))
        domain &= Domain("date", "<", fields.Date.to_string(month + relativedelta(months=1)))
        return self._prepare_figure(
            period,
            action,
            domain,
            value,
            period=period,
            reason=reason if value is None else False,
            **details,
        )

    def _prepare_rate(self, action, domain, month, numerator, denominator, reason):
        return self._prepare_monthly_figure(
            action,
            domain,
            month,
            numerator / denominator if denominator else None,
            reason,
            numerator=numerator,
            denominator=denominator,
        )
