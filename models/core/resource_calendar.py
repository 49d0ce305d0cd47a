from collections import defaultdict
from datetime import date, datetime, time, timedelta

import holidays
from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.intervals import Intervals

from ...tools.open_days import OpenDays
from .batch import process_in_batches

CALENDARS_PER_BATCH = 20


class ResourceCalendar(models.Model):
    """Working hours whose public holidays can be read from the `holidays` package."""

    _inherit = "resource.calendar"

    holiday_country_id = fields.Many2one(
        "res.country",
        string="Public Holidays of",
        help="The country whose public holidays close this calendar.",
    )
    holiday_subdivision_id = fields.Many2one(
        "res.country.state",
        string="Canton or Region",
        domain="[('country_id', '=', holiday_country_id)]",
        compute="_compute_holiday_subdivision_id",
        store=True,
        readonly=False,
    )
    is_sunday_holiday_moved = fields.Boolean(
        string="Sunday Holidays Move to Monday",
        help="Close the Monday after a public holiday that falls on a Sunday, as some firms do.",
    )

    @api.depends("holiday_country_id")
    def _compute_holiday_subdivision_id(self):
        for calendar in self:
            if calendar.holiday_subdivision_id.country_id != calendar.holiday_country_id:
                calendar.holiday_subdivision_id = False

    # === ACTIONS === #

    def action_load_holidays(self):
        """Close the public holidays of this year and the next one; those there are left alone."""
        self.check_access("write")
        for calendar in self:
            if not calendar.holiday_country_id:
                raise UserError(
                    self.env._("Public Holidays of: choose the country of “%s”.", calendar.name)
                )
        # Who may change the calendar may close its days: Odoo leaves that to its own managers.
        created = self.sudo()._load_holidays(fields.Date.context_today(self).year)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Public holidays added: %s.", len(created)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_load_holidays(self):
        """Keep the public holidays known a year ahead, calendar by calendar."""
        year = fields.Date.today().year
        process_in_batches(
            self,
            Domain("holiday_country_id", "!=", False),
            CALENDARS_PER_BATCH,
            lambda calendars: calendars._load_holidays(year),
            # The log says why; the button says it to whoever looks at the calendar.
            lambda calendar, error: None,
        )

    # === PUBLIC HOLIDAYS === #

    def _load_holidays(self, year):
        """Create the closings of the public holidays of ``year`` and of the year after.

        A day that has its holiday already is left as it is, so that loading twice adds nothing.

        :param int year: first of the two years
        :return: the closings created
        :rtype: resource.calendar.leaves
        """
        leaves = self.env["resource.calendar.leaves"]
        existing = {
            (leave.calendar_id, leave.holiday_date)
            for leave in leaves.search(
                [("calendar_id", "in", self.ids), ("holiday_date", ">=", date(year, 1, 1))]
            )
        }
        return leaves.create(
            [
                calendar._prepare_holiday_vals(day, name)
                for calendar in self
                for day, name in calendar._get_public_holidays((year, year + 1)).items()
                if (calendar, day) not in existing
            ]
        )

    def _get_public_holidays(self, years):
        """Dates and names, moved Sundays included, in the company's language where it is known.

        :param years: the calendar years
        :raises UserError: when the package does not know the country
        :rtype: dict[date, str]
        """
        self.ensure_one()
        language = (self.company_id or self.env.company).partner_id.lang or ""
        country = self.holiday_country_id
        regions = holidays.list_supported_countries().get(country.code)
        if regions is None:
            raise UserError(
                self.env._("Public Holidays of: none are known for %s.", country.display_name)
            )
        # Odoo has each canton once per language, such as GE and GE-FR. A region that is not known
        # has the holidays of its country.
        region = (self.holiday_subdivision_id.code or "").partition("-")[0]
        public = holidays.country_holidays(
            country.code,
            subdiv=region if region in regions else None,
            years=years,
            language=language[:2] or None,
        )
        days = dict(sorted(public.items()))
        if self.is_sunday_holiday_moved:
            monday = timedelta(days=1)
            days |= {
                day + monday: name
                for day, name in days.items()
                if day.weekday() == 6 and day + monday not in days
            }
        return days

    def _prepare_holiday_vals(self, day, name):
        zone = timezone(self.tz)
        start, end = (
            zone.localize(datetime.combine(day + timedelta(days=shift), time.min))
            .astimezone(utc)
            .replace(tzinfo=None)
            for shift in (0, 1)
        )
        return {
            "name": name,
            "calendar_id": self.id,
            "company_id": self.company_id.id or self.env.company.id,
            "date_from": start,
            "date_to": end,
            "time_type": "leave",
            "holiday_date": day,
        }

    # === OPEN DAYS === #

    def _get_open_days(self, first, last):
        """Read the open days of these calendars in two queries, for rules that need dates only.

        A day is open when some working time of it is left once the closings are taken away, in
        the calendar's own time zone.

        :param date first: first day of interest
        :param date last: last day of interest
        :return: by calendar
        :rtype: dict[resource.calendar, OpenDays]
        """
        hours = self._get_hours_by_weekday()
        closings = self._get_closings(first, last)
        result = {}
        for calendar in self:
            weekdays = tuple(frozenset(hours[calendar][week]) for week in (0, 1))
            result[calendar] = OpenDays(
                weekdays,
                frozenset(
                    day
                    for day, closed in closings[calendar].items()
                    if not Intervals(hours[calendar][_week_type(day)][day.weekday()])
                    - Intervals(closed)
                ),
            )
        return result

    def _has_opening_hours(self):
        """Whether delays and dates can be counted: flexible hours have no hour of opening."""
        self.ensure_one()
        return not self.flexible_hours and any(self._get_hours_by_weekday()[self])

    def _get_hours_by_weekday(self):
        """Working hours of each week type: ``{calendar: ({weekday: [(from, to, line)]}, …)}``."""
        result = {calendar: (defaultdict(list), defaultdict(list)) for calendar in self}
        lines = self.attendance_ids.filtered(
            lambda line: (
                line.day_period != "lunch"
                and not line.display_type
                and line.hour_to > line.hour_from
            )
        )
        for line in lines:
            calendar = line.calendar_id
            weeks = (int(line.week_type or 0),) if calendar.two_weeks_calendar else (0, 1)
            for week in weeks:
                result[calendar][week][int(line.dayofweek)].append(
                    (line.hour_from, line.hour_to, line)
                )
        return result

    def _get_closings(self, first, last):
        """Closed hours of each local day: ``{calendar: {date: [(from, to, leave)]}}``."""
        result = {calendar: defaultdict(list) for calendar in self}
        margin = timedelta(days=2)
        leaves = self.env["resource.calendar.leaves"].search(
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & Domain("calendar_id", "in", [*self.ids, False])
            & Domain("date_from", "<=", datetime.combine(last + margin, time.min))
            & Domain("date_to", ">=", datetime.combine(first - margin, time.min))
        )
        for leave in leaves:
            calendars = leave.calendar_id or self.filtered(
                lambda c, leave=leave: (c.company_id or self.env.company) == leave.company_id
            )
            for calendar in calendars:
                zone = timezone(calendar.tz)
                start = utc.localize(leave.date_from).astimezone(zone)
                end = utc.localize(leave.date_to).astimezone(zone)
                day = start.date()
                while day <= end.date():
                    opens = _hour(start) if day == start.date() else 0.0
                    closes = _hour(end) if day == end.date() else 24.0
                    if closes > opens:
                        result[calendar][day].append((opens, closes, leave))
                    day += timedelta(days=1)
        return result


def _hour(moment):
    """The local hour of a day, where 23:59:59 closes the day."""
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    return 24.0 if hour > 23.999 else hour


def _week_type(day):
    return (day.toordinal() - 1) // 7 % 2
