from odoo import fields, models


class AccountMoveLine(models.Model):
    """A line of an invoice knows the rows of the billing schedule that it is for."""

    _inherit = "account.move.line"

    billing_period_ids = fields.One2many(
        "maintenance.billing.period",
        "move_line_id",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    def unlink(self):
        # EXTENDS 'account': a line of a draft gives its periods back. It does so before it goes,
        # as the database keeps what a row refers to; what Odoo refuses to delete is rolled back.
        if not self:
            return super().unlink()
        periods = self.env["maintenance.billing.period"].sudo()
        given_back = periods.search([("move_line_id", "in", self.ids)])
        given_back.write(periods._get_open_values())
        result = super().unlink()
        if given_back:
            given_back.contract_id._plan_billing_schedule()
        return result
