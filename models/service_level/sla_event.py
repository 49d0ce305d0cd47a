from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.sla import Event, stops_with
from .const import CHANGE_RULES, KINDS
from .instants import to_instant

# What an event without a kind concerns.
ALL_KINDS = tuple(dict(KINDS))


class MaintenanceSlaEvent(models.Model):
    """Something that happened to the clocks of a request: the log they are counted from.

    Rows are only ever added. Whatever the clocks show can be recomputed from them.
    """

    _name = "maintenance.sla.event"
    _description = "SLA Event"
    _order = "at, id"
    _rec_name = "name"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="cascade", string="Request"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True, ondelete="restrict")
    name = fields.Selection(
        [
            ("await", "Promised"),
            ("start", "Started"),
            ("pause", "Paused"),
            ("resume", "Resumed"),
            ("stop", "Reached"),
            ("change", "Changed"),
            ("reopen", "Re-opened"),
            ("manual", "Deadline agreed"),
            ("release", "Agreed deadline given up"),
            ("amend", "Corrected"),
            ("cancel", "Cancelled"),
        ],
        string="Event",
        required=True,
        readonly=True,
    )
    kind = fields.Selection(KINDS, "Clock", readonly=True, help="Empty: all clocks of the request.")
    at = fields.Datetime("When", required=True, readonly=True)
    term_id = fields.Many2one(
        "maintenance.sla.term", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    reason_id = fields.Many2one("maintenance.pause.reason", readonly=True, ondelete="restrict")
    rule = fields.Selection(CHANGE_RULES, readonly=True)
    deadline = fields.Datetime(readonly=True, help="The deadline agreed with the customer.")
    note = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Who", readonly=True, ondelete="restrict")
    create_date = fields.Datetime("Recorded", readonly=True)

    _ticket_at_index = models.Index("(ticket_id, at, id)")
    # The indicators follow the resolutions alone.
    _resolution_index = models.Index(
        "(ticket_id, at, id) WHERE kind = 'resolution' AND name IN ('stop', 'reopen')"
    )

    _allow_sudo_commands = False

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The log of the clocks does not change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of the clocks is kept."))

    def _get_value(self):
        """This event as the rules of clocks read it."""
        self.ensure_one()
        return Event(
            at=to_instant(self.at),
            name=self.name,
            term=self.term_id._get_value() if self.term_id else None,
            reason=self.reason_id.id or None,
            rule=self.rule or None,
            deadline=to_instant(self.deadline),
        )

    def _get_kinds(self):
        """The kinds of the clocks that have to know."""
        self.ensure_one()
        if self.name == "stop":
            return stops_with(self.kind)
        return (self.kind,) if self.kind else ALL_KINDS
