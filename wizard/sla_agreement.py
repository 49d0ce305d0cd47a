from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.core.checks import check_dates


class MaintenanceSlaAgreement(models.TransientModel):
    """Asks for the deadline that was agreed with the customer, or that it is given up.

    The computed deadline is kept beside it: both are shown, and it binds again once the agreement
    is given up (SEMANTICS §1).
    """

    _name = "maintenance.sla.agreement"
    _inherit = "maintenance.ticket.wizard"
    _description = "Agreed Deadline"

    clock_id = fields.Many2one(
        "maintenance.sla.clock",
        compute="_compute_clock_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
        domain="[('ticket_id', '=', ticket_id), ('stopped_at', '=', False), "
        "('state', 'not in', ['pending', 'cancelled'])]",
    )
    computed_deadline = fields.Datetime(related="clock_id.computed_deadline")
    manual_deadline = fields.Datetime("Agreed So Far", related="clock_id.manual_deadline")
    deadline = fields.Datetime("Agreed Deadline")
    reason = fields.Char(required=True, help="With whom and why. Kept in the log of the clocks.")

    @api.depends("ticket_id")
    def _compute_clock_id(self):
        """The resolution, which is mostly agreed on, else the last stage that is open."""
        for wizard in self:
            clocks = wizard.ticket_id._get_open_clocks()
            wizard.clock_id = clocks.filtered(lambda c: c.kind == "resolution")[:1] or clocks[-1:]

    def action_agree(self):
        self._check_clock()
        check_dates(self, "deadline")
        if not self.deadline:
            raise UserError(self.env._("Agreed Deadline: choose the date and the time."))
        if self.deadline <= fields.Datetime.now():
            raise UserError(self.env._("Agreed Deadline: choose a time to come."))
        self._record("manual", deadline=self.deadline)
        return {"type": "ir.actions.act_window_close"}

    def action_release(self):
        self._check_clock()
        if not self.clock_id.manual_deadline:
            raise UserError(self.env._("No deadline was agreed for this clock."))
        self._record("release")
        return {"type": "ir.actions.act_window_close"}

    def _check_clock(self):
        self.ensure_one()
        self.ticket_id._check_may_decide()
        if self.clock_id not in self.ticket_id._get_open_clocks():
            raise UserError(self.env._("Clock: choose one that is open."))
        if not self.reason.strip():
            raise UserError(self.env._("Reason: say with whom it was agreed, and why."))

    def _record(self, name, **values):
        self.ticket_id.sudo()._record_event(
            name, kind=self.clock_id.kind, note=self.reason.strip(), **values
        )
