from odoo import fields, models
from odoo.exceptions import UserError


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
        cancelled = self.filtered(lambda move: move.state == "cancel")
        reversed_entries = self.reversed_entry_id
        (cancelled | reversed_entries)._check_periods_are_here()
        result = super().button_draft()
        # A credit note taken back credits nothing any more.
        credited = reversed_entries._get_billing_periods()
        credited.filtered(lambda period: period.state == "credited").write({"state": "invoiced"})
        return result

    def _check_periods_are_here(self):
        """Refuse to have an invoice count again whose periods were given back or billed again."""
        moves = self.sudo().filtered("maintenance_contract_ids")
        if gone := moves - moves._get_billing_periods().move_id:
            raise UserError(
                self.env._(
                    "%s: its periods went back to the billing schedule. Invoice them from the "
                    "contract.",
                    ", ".join(gone.mapped("display_name")),
                )
            )

    def _post(self, soft=True):
        # EXTENDS 'account'
        posted = super()._post(soft=soft)
        posted._name_contract_of_added_lines()
        posted.filtered("reversed_entry_id")._credit_billing_periods()
        return posted

    def _name_contract_of_added_lines(self):
        """Have what somebody added to the invoice or credit note of one contract be of it too."""
        for move in self.sudo():
            invoice = move if move.maintenance_contract_ids else move.reversed_entry_id
            contract = invoice.maintenance_contract_ids
            if len(contract) != 1:
                continue
            lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            added = lines.filtered(lambda line: not line.maintenance_contract_id)
            if added:
                billed = invoice.invoice_line_ids.filtered("maintenance_date_start")
                starts, ends = (
                    billed.mapped(name)
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
