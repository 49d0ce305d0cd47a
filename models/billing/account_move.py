from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountMove(models.Model):
    """An invoice of contracts keeps their billing schedules true, whatever becomes of it."""

    _inherit = "account.move"

    maintenance_contract_ids = fields.Many2many(
        "maintenance.contract",
        "maintenance_contract_move_rel",
        "move_id",
        "contract_id",
        string="Maintenance Contracts",
        readonly=True,
        copy=False,
        context={"active_test": False},
        groups="base.group_user",
    )
    has_periods_gone = fields.Boolean(
        "Periods Invoiced Elsewhere",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Some of its billing periods went back to the schedule: it must not count again.",
    )

    def _get_billing_periods(self):
        """The rows of billing schedules that these documents invoice, in superuser mode."""
        return self.env["maintenance.billing.period"].sudo().search([("move_id", "in", self.ids)])

    def action_view_maintenance_contracts(self):
        self.ensure_one()
        return self.maintenance_contract_ids._get_records_action()

    def button_cancel(self):
        # EXTENDS 'account'
        result = super().button_cancel()
        self._get_billing_periods()._give_back()
        return result

    def button_draft(self):
        # EXTENDS 'account'
        if not self:
            return super().button_draft()
        reversed_entries = self.reversed_entry_id
        (self | reversed_entries)._check_periods_are_here()
        self._check_not_credited()
        result = super().button_draft()
        # A credit note taken back credits nothing any more.
        credited = reversed_entries._get_billing_periods().filtered(
            lambda period: period.state == "credited"
        )
        credited.write({"state": "invoiced"})
        # What is due may have changed while they were.
        credited.contract_id._plan_billing_schedule()
        return result

    def _check_periods_are_here(self):
        """Refuse to have an invoice count again whose periods were given back or billed again."""
        if gone := self.sudo().filtered("has_periods_gone"):
            raise UserError(
                self.env._(
                    "%s: its periods went back to the billing schedule. Invoice them from the "
                    "contract.",
                    ", ".join(gone.mapped("display_name")),
                )
            )

    def _check_not_credited(self):
        """Refuse to change an invoice that counts for nothing: its credit note would stay."""
        rows = self._get_billing_periods().filtered(lambda period: period.state == "credited")
        if rows:
            raise UserError(
                self.env._(
                    "%s: it is credited. Take its credit note back first.",
                    ", ".join(rows.move_id.mapped("display_name")),
                )
            )

    def _post(self, soft=True):
        # EXTENDS 'account'
        posted = super()._post(soft=soft)
        posted._name_contract_of_added_lines()
        posted.filtered("reversed_entry_id")._credit_billing_periods()
        return posted

    def _invoice_paid_hook(self):
        # EXTENDS 'account': what was stopped for want of payment is lifted at once.
        result = super()._invoice_paid_hook()
        lines = self.env["maintenance.payment.notice.line"].sudo()
        asked = lines.search([("move_id", "in", self.ids), ("notice_id.closed_at", "=", False)])
        asked.notice_id._get_paid()._close()
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        # EXTENDS 'account': a credit note is of the contracts of its invoice.
        defaults = default_values_list or [{} for _move in self]
        for move, values in zip(self, defaults, strict=True):
            values["maintenance_contract_ids"] = [
                Command.set(move.sudo().maintenance_contract_ids.ids)
            ]
        return super()._reverse_moves(defaults, cancel=cancel)

    def _hand_over_billing_periods(self, draft):
        """Have a draft that was copied from this invoice, now credited, be for its periods.

        :param account.move draft: with the same lines, in the same order
        """
        self.ensure_one()
        periods = self._get_billing_periods()
        if not periods:
            return
        old_lines, new_lines = (
            move.invoice_line_ids.filtered(lambda line: line.display_type == "product").sorted("id")
            for move in (self, draft)
        )
        heirs = dict(zip(old_lines, new_lines, strict=True))
        for line, own in periods.grouped("move_line_id").items():
            own.write({"state": "invoiced", "move_line_id": heirs[line].id, "move_id": draft.id})
        draft.sudo().maintenance_contract_ids = self.sudo().maintenance_contract_ids
        self.sudo().has_periods_gone = True
        periods.contract_id._plan_billing_schedule()

    def _name_contract_of_added_lines(self):
        """Have what somebody added to the invoice or credit note of one contract be of it too."""
        for move in self.sudo():
            contract = move.maintenance_contract_ids
            if len(contract) != 1:
                continue
            lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            if added := lines.filtered(lambda line: not line.maintenance_contract_id):
                billed = (lines | move.reversed_entry_id.invoice_line_ids) - added
                starts, ends = (
                    list(filter(None, billed.mapped(name)))
                    for name in ("maintenance_date_start", "maintenance_date_end")
                )
                added.write(
                    {
                        "maintenance_contract_id": contract.id,
                        "maintenance_date_start": min(starts, default=False),
                        "maintenance_date_end": max(ends, default=False),
                    }
                )

    def _credit_billing_periods(self):
        """Mark as credited what the invoices that these documents reverse whole were for.

        Of a credit note over a part, the invoice says how much; the periods stay invoiced.
        """
        for move in self:
            invoice = move.reversed_entry_id
            if move.currency_id.compare_amounts(move.amount_total, invoice.amount_total) == 0:
                invoiced = invoice._get_billing_periods().filtered(
                    lambda period: period.state == "invoiced"
                )
                invoiced.write({"state": "credited"})
                invoiced.contract_id._plan_billing_schedule()
