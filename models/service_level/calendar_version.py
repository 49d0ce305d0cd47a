from datetime import date, timedelta

from odoo import api, fields, models, tools
from odoo.tools import format_date

from ...tools.business_time import Closing, WorkingCalendar


def make_calendar(content):
    """A working calendar as the rules of time read it, from the content of a version.

    :rtype: WorkingCalendar
    """
    return WorkingCalendar(
        zone=content["zone"],
        weeks=tuple(
            tuple(tuple(tuple(hours) for hours in day) for day in week) for week in content["weeks"]
        ),
        closings=tuple(
            Closing(date.fromisoformat(day), start, end, name)
            for day, start, end, name in content["closings"]
        ),
    )


class MaintenanceCalendarVersion(models.Model):
    """A working calendar as it was: hours, closings and time zone.

    Editing a calendar, or a holiday added late, makes another version at the next request; the
    clocks that run keep theirs until somebody applies the new one to them (SEMANTICS §1).
    """

    _name = "maintenance.calendar.version"
    _description = "Calendar Version"
    _inherit = ["maintenance.snapshot.mixin"]
    _order = "id desc"

    calendar_id = fields.Many2one(
        "resource.calendar", required=True, readonly=True, index=True, ondelete="restrict"
    )

    summary = fields.Text("What It Says", compute="_compute_summary")

    _digest_uniq = models.Constraint("UNIQUE (digest)", "This version exists already.")

    @api.depends("calendar_id.name")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.calendar_id.name} ({version.id})"

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_summary(self):
        for version in self:
            content = version.content
            odd, even = map(self._describe_week, content["weeks"])
            weeks = [odd]
            if odd != even:
                weeks = [self.env._("One week"), odd, "", self.env._("The other week"), even]
            closings = "\n".join(map(self._describe_closing, content["closings"]))
            version.summary = "\n".join(
                [
                    self.env._("Time zone: %s", content["zone"]),
                    "",
                    *weeks,
                    "",
                    self.env._("Closed:"),
                    closings or self.env._("no day"),
                ]
            )

    def _describe_week(self, week):
        """The hours of a week, a line a day; closed days are left out."""
        monday = date(2024, 1, 1)
        return "\n".join(
            f"{format_date(self.env, monday + timedelta(day), date_format='EEEE')}: "
            + ", ".join(describe_hours(*hours) for hours in opening)
            for day, opening in enumerate(week)
            if opening
        )

    def _describe_closing(self, closing):
        day, start, end, name = closing
        text = f"{format_date(self.env, day)} {name}".strip()
        is_whole_day = (start, end) == (0, 86400)
        return text if is_whole_day else f"{text} {describe_hours(start, end)}"

    @tools.ormcache("self.id")
    def _get_value(self):
        """This version as the rules of time read it.

        :rtype: WorkingCalendar
        """
        self.ensure_one()
        return make_calendar(self.content)


def describe_hours(start, end):
    """Seconds of the day as a reader writes them: “09:00–18:00”."""
    return "–".join(f"{second // 3600:02}:{second // 60 % 60:02}" for second in (start, end))
