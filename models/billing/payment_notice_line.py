from odoo import fields, models


class MaintenancePaymentNoticeLine(models.Model):
    """An overdue invoice that a payment notice asks for, as it was when the notice was made."""

    _name = "maintenance.payment.notice.line"
    _description = "Invoice of a Payment Notice"
    _inherit = ["maintenance.guarded.mixin"]
    _order = "notice_id, due_on, id"
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset({"notice_id", "move_id", "due_on", "last_due", "amount"})

    notice_id = fields.Many2one(
        "maintenance.payment.notice", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="notice_id.currency_id")
    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, index=True, ondelete="restrict",
        check_company=True,
    )  # fmt: skip
    due_on = fields.Date(required=True, help="The first day on which some of it was due.")
    last_due = fields.Date(
        required=True, help="The last day on which some of it was due. What is due later is not "
        "asked for.",
    )  # fmt: skip
    amount = fields.Monetary(
        "Overdue",
        required=True,
        readonly=True,
        help="For this contract. Less than 0: a credit note.",
    )

    _move_uniq = models.UniqueIndex(
        "(notice_id, move_id)", "This invoice is on the notice already."
    )
