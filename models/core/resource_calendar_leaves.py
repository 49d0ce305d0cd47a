from odoo import fields, models


class ResourceCalendarLeaves(models.Model):
    """A closing; one that stands for a public holiday knows which day it is."""

    _inherit = "resource.calendar.leaves"

    holiday_date = fields.Date(
        readonly=True, copy=False, help="The public holiday, when this closing was loaded as one."
    )

    _holiday_uniq = models.UniqueIndex(
        "(calendar_id, holiday_date) WHERE holiday_date IS NOT NULL",
        "This calendar has this public holiday already.",
    )
