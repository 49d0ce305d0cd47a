from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists


class AccountMoveLine(models.Model):
    """A line of an invoice knows the rows of the billing schedule that it is for.

    It also keeps for itself what it bills: a row that is credited and billed again is of another
    line. A credit note, or an invoice made again from another, bills the days of the line that it
    is the copy of.
    """

    _inherit = "account.move.line"

    billing_period_ids = fields.One2many(
        "maintenance.billing.period",
        "move_line_id",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    maintenance_contract_id = fields.Many2one(
        "maintenance.contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
    )
    maintenance_date_start = fields.Date(
        "Service From", readonly=True, copy=False, groups="base.group_user"
    )
    maintenance_date_end = fields.Date(
        "Service To", readonly=True, copy=False, groups="base.group_user"
    )
    maintenance_origin_id = fields.Many2one(
        "account.move.line",
        string="Line Credited",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
        help="The first line of which this one is the credit or the copy.",
    )

    def _auto_init(self):
        # EXTENDS 'base': the rows of the schedule tell it of the lines that were there before.
        is_new = not column_exists(self.env.cr, self._table, "maintenance_contract_id")
        result = super()._auto_init()
        if is_new and table_exists(self.env.cr, "maintenance_billing_period"):
            self.env.execute_query(
                SQL(
                    """
                    UPDATE account_move_line line
                       SET maintenance_contract_id = billed.contract_id,
                           maintenance_date_start = billed.date_start,
                           maintenance_date_end = billed.date_end
                      FROM (SELECT move_line_id, MIN(contract_id) AS contract_id,
                                   MIN(date_start) AS date_start, MAX(date_end) AS date_end
                              FROM maintenance_billing_period
                             WHERE move_line_id IS NOT NULL
                          GROUP BY move_line_id) billed
                     WHERE line.id = billed.move_line_id
                 RETURNING line.id
                    """
                )
            )
        return result

    def _copy_data_extend_business_fields(self, values):
        # EXTENDS 'account': the lines of a credit note, or of an invoice made again.
        result = super()._copy_data_extend_business_fields(values)
        line = self.sudo()
        if line.maintenance_contract_id:
            values.update(
                line._prepare_service_vals(),
                maintenance_origin_id=(line.maintenance_origin_id or line).id,
            )
        return result

    def _prepare_service_vals(self):
        """What a line bills, for another line that bills the same."""
        return {
            "maintenance_contract_id": self.maintenance_contract_id.id,
            "maintenance_date_start": self.maintenance_date_start,
            "maintenance_date_end": self.maintenance_date_end,
        }

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
