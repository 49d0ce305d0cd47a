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
        posted.filtered("reversed_entry_id")._credit_billing_periods()
        return posted

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
