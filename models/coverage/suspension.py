from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..core.checks import check_period


class MaintenanceSuspension(models.Model):
    """Days on which a contract promises no visit and bills nothing, and why.

    Nothing else stops: requests stay covered, and their clocks run. It is made, changed and lifted
    by the steps of the contract; one lifted before it began is kept as cancelled.
    """

    _name = "maintenance.suspension"
    _description = "Suspension"
    _inherit = ["maintenance.guarded.mixin"]
    _order = "date_start desc, id desc"
    _rec_name = "reason"
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset(
        {"contract_id", "date_start", "date_end", "reason", "user_id", "is_cancelled"}
    )

    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    date_start = fields.Date("From", required=True, readonly=True)
    date_end = fields.Date(
        "To", readonly=True, help="Last day suspended. Empty: until it is lifted."
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Suspended By", readonly=True, ondelete="restrict"
    )
    is_cancelled = fields.Boolean("Cancelled", readonly=True, help="Lifted before it began.")

    _period = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)", "To: it is before the start."
    )
    # The range of one identifier stands for its equality: it needs no extension of PostgreSQL.
    _overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(contract_id, contract_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) WHERE (is_cancelled IS NOT TRUE)",
        "This contract is suspended already on some of these days.",
    )

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        check_period(self, "date_start", "date_end")

    @api.constrains("date_start", "date_end", "contract_id")
    def _check_within_contract(self):
        for suspension in self:
            contract = suspension.contract_id
            last_day = contract._get_last_day()
            is_before = suspension.date_end and suspension.date_end < contract.date_start
            if is_before or (last_day and suspension.date_start > last_day):
                raise ValidationError(
                    self.env._(
                        "From: the contract runs from %(start)s to %(end)s only.",
                        start=format_date(self.env, contract.date_start),
                        end=format_date(self.env, last_day) or "…",
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A suspension is kept: lift it."))

    # === ACTIONS === #

    def action_change(self):
        """Open the wizard that moves the end of this suspension."""
        self.ensure_one()
        return self.contract_id._open_suspension_wizard(self)

    # === BUSINESS METHODS === #

    def _touches(self, first, last):
        """Whether some of these days are suspended; either end may be open."""
        self.ensure_one()
        return (not last or self.date_start <= last) and (
            not self.date_end or first <= self.date_end
        )
