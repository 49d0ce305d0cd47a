from odoo import models

from ...tools.dates import MAX_DATE, MIN_DATE


class ResourceCalendar(models.Model):
    """A working calendar keeps the versions by which something was promised."""

    _inherit = "resource.calendar"

    def _get_versions(self):
        """The version of each of these calendars as it is now.

        :rtype: dict[resource.calendar, maintenance.calendar.version]
        """
        calendars = self.sudo()
        contents = calendars._get_version_contents()
        versions = (
            self.env["maintenance.calendar.version"]
            .sudo()
            ._keep(
                [
                    {"calendar_id": calendar.id, "content": contents[calendar]}
                    for calendar in calendars
                ]
            )
        )
        return dict(zip(self, versions, strict=True))

    def _get_version_contents(self):
        """Hours and closings in whole local seconds of the day, as `WorkingCalendar` wants them."""
        hours = self._get_hours_by_weekday()
        closings = self._get_closings(MIN_DATE, MAX_DATE)
        return {
            calendar: {
                "zone": calendar.tz or "UTC",
                "weeks": [
                    [
                        sorted(
                            [_seconds(opens), _seconds(closes)] for opens, closes, _ in week[day]
                        )
                        for day in range(7)
                    ]
                    for week in hours[calendar]
                ],
                "closings": sorted(
                    [day.isoformat(), _seconds(start), _seconds(end), leave.name or ""]
                    for day, leaves in closings[calendar].items()
                    for start, end, leave in leaves
                ),
            }
            for calendar in self
        }


def _seconds(hour):
    return round(hour * 3600)
