from datetime import date

from odoo import api, fields, models, tools

from ...tools.business_time import Closing, WorkingCalendar


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

    _digest_uniq = models.Constraint("UNIQUE (digest)", "This version exists already.")

    @api.depends("calendar_id.name")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.calendar_id.name} ({version.id})"

    @tools.ormcache("self.id")
    def _get_value(self):
        """This version as the rules of time read it.

        :rtype: WorkingCalendar
        """
        self.ensure_one()
        content = self.content
        return WorkingCalendar(
            zone=content["zone"],
            weeks=tuple(
                tuple(tuple(tuple(hours) for hours in day) for day in week)
                for week in content["weeks"]
            ),
            closings=tuple(
                Closing(date.fromisoformat(day), start, end, name)
                for day, start, end, name in content["closings"]
            ),
        )
