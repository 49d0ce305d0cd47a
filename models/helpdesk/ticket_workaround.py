from odoo import fields, models
from odoo.exceptions import UserError

from .stage import OPEN_STEPS


class HelpdeskTicket(models.Model):
    """A workaround: what lets the customer go on working, though the cause is not removed.

    It is final when the customer finds it acceptable, provisional when it imposes restrictions
    (seed 003 §1.1). A final one that he has accepted is the resolution.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset(
        {
            "workaround_kind",
            "workaround_at",
            "workaround_note",
            "is_degraded_mode",
            "workaround_accepted_by_id",
            "workaround_accepted_at",
        }
    )

    workaround_kind = fields.Selection(
        [("provisional", "Provisional"), ("final", "Final")],
        string="Workaround",
        readonly=True,
        copy=False,
        tracking=True,
    )
    workaround_at = fields.Datetime(
        "Workaround Since", readonly=True, copy=False, help="When the customer could work again."
    )
    workaround_note = fields.Text(readonly=True, copy=False, help="What it is.")
    is_degraded_mode = fields.Boolean(
        "Degraded Mode",
        readonly=True,
        copy=False,
        tracking=True,
        help="It works with restrictions until the cause is removed.",
    )
    workaround_accepted_by_id = fields.Many2one(
        "res.partner",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    workaround_accepted_at = fields.Datetime(readonly=True, copy=False)

    def action_workaround(self):
        """Ask what the workaround is, and since when it works."""
        self._check_step(*OPEN_STEPS)
        return self._open_wizard(self.env._("Workaround"), "maintenance.ticket.workaround")

    def action_accept_workaround(self):
        """Note that the contact of the request accepts the workaround."""
        self.check_access("write")
        for ticket in self:
            ticket._accept_workaround(ticket.partner_id)

    def _set_workaround(self, kind, note, at=None, is_degraded_mode=False):
        """The customer can work again; the clock of the workaround stops at that time.

        :param str kind: ``provisional`` or ``final``
        :param str note: what it is, told to the customer
        :param datetime at: since when; None: now
        :param bool is_degraded_mode: whether restrictions remain
        """
        self.ensure_one()
        self.check_access("write")
        self._check_step(*OPEN_STEPS)
        at = self._check_work_date(at)
        self._reach("workaround", at)
        self._begin()
        self.sudo().write(
            {
                "workaround_kind": kind,
                "workaround_at": at,
                "workaround_note": note,
                "is_degraded_mode": is_degraded_mode,
                "workaround_accepted_by_id": False,
                "workaround_accepted_at": False,
            }
        )
        self._write_to_customer("mail_template_workaround")

    def _accept_workaround(self, partner):
        """The customer accepts the workaround, an answer too; the final one resolves the request.

        :param res.partner partner: the contact who accepts
        """
        self.ensure_one()
        self._check_step(*OPEN_STEPS)
        if not self.workaround_kind or self.workaround_accepted_at:
            raise UserError(
                self.env._("%s has no workaround that waits to be accepted.", self.number)
            )
        if partner.commercial_partner_id != self.commercial_partner_id:
            raise UserError(self.env._("Accepted By: choose a contact of the customer."))
        now = fields.Datetime.now()
        self.sudo().write({"workaround_accepted_by_id": partner.id, "workaround_accepted_at": now})
        if self._is_waiting_for_customer():
            self._take_answer(now)
        if self.workaround_kind == "final":
            self._finish(self.workaround_note, now)
