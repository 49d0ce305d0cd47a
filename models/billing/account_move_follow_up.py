from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# How late an invoice is: more than so many days, by its oldest instalment.
AGES = [
    ("1", "1 to 30 days", 1),
    ("2", "31 to 60 days", 31),
    ("3", "61 to 90 days", 61),
    ("4", "More than 90 days", 91),
]


class AccountMove(models.Model):
    """What of an invoice is overdue, for whom, and whether a contract pays for it."""

    _inherit = "account.move"

    maintenance_kind = fields.Selection(
        [("contract", "In contract"), ("quote", "Out of contract")],
        string="Maintenance",
        compute="_compute_maintenance_kind",
        search="_search_maintenance_kind",
        compute_sudo=True,
        groups="base.group_user",
        help="In contract: of the billing schedule. Out of contract: of a quote.",
    )
    maintenance_overdue = fields.Monetary(
        "Overdue",
        compute="_compute_maintenance_overdue",
        compute_sudo=True,
        groups="base.group_user",
        help="What was due before today and is not paid.",
    )
    maintenance_overdue_since = fields.Date(
        "Overdue Since",
        compute="_compute_maintenance_overdue",
        search="_search_maintenance_overdue_since",
        compute_sudo=True,
        groups="base.group_user",
    )
    maintenance_overdue_age = fields.Selection(
        [(key, label) for key, label, _days in AGES],
        string="Overdue For",
        compute="_compute_maintenance_overdue",
        compute_sudo=True,
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "maintenance_contract_ids", "invoice_line_ids.sale_line_ids.order_id.maintenance_role"
    )
    def _compute_maintenance_kind(self):
        for move in self:
            orders = move.invoice_line_ids.sale_line_ids.order_id
            if move.maintenance_contract_ids:
                move.maintenance_kind = "contract"
            elif "quote" in orders.mapped("maintenance_role"):
                move.maintenance_kind = "quote"
            else:
                move.maintenance_kind = False

    def _search_maintenance_kind(self, operator, value):
        if operator != "in":
            return NotImplemented
        in_contract = Domain("maintenance_contract_ids", "!=", False)
        quoted = Domain("invoice_line_ids.sale_line_ids.order_id.maintenance_role", "=", "quote")
        domains = {
            "contract": in_contract,
            "quote": ~in_contract & quoted,
            False: ~in_contract & ~quoted,
        }
        return Domain.OR(domain for kind, domain in domains.items() if kind in value)

    def _compute_maintenance_overdue(self):
        self.maintenance_overdue = 0
        self.maintenance_overdue_since = self.maintenance_overdue_age = False
        for company, moves in self.grouped("company_id").items():
            today = company._get_today() if company else fields.Date.context_today(self)
            for move, (rest, since, _last_due) in moves._get_overdue_rests(today).items():
                move.maintenance_overdue = rest
                if rest > 0:
                    move.maintenance_overdue_since = since
                    move.maintenance_overdue_age = next(
                        key
                        for key, _label, days in reversed(AGES)
                        if since <= today - timedelta(days=days)
                    )

    def _search_maintenance_overdue_since(self, operator, value):
        items = Domain.OR(
            Domain("company_id", "=", company.id) & Domain("date_maturity", "<", today)
            for company, today in self.env["res.company"]._get_local_days().items()
        )
        items &= (
            Domain("display_type", "=", "payment_term")
            & Domain("parent_state", "=", "posted")
            & Domain("amount_residual", ">", 0)
        )
        if operator == "in" and set(value) == {False}:
            return ~Domain("line_ids", "any", items)
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        return Domain("line_ids", "any", items & Domain("date_maturity", operator, value))

    def _field_to_sql(self, alias, field_expr, query=None):
        # EXTENDS 'account': the age changes each day, so it is no column; lists are grouped by it.
        if field_expr != "maintenance_overdue_age":
            return super()._field_to_sql(alias, field_expr, query)
        today = self.env.company._get_today()
        cases = SQL(" ").join(
            SQL("WHEN oldest.due <= %s THEN %s", today - timedelta(days=days), key)
            for key, _label, days in reversed(AGES)
        )
        return SQL(
            """(SELECT CASE %s END
                  FROM (SELECT MIN(item.date_maturity) AS due
                          FROM account_move_line item
                         WHERE item.move_id = %s
                           AND item.display_type = 'payment_term'
                           AND item.parent_state = 'posted'
                           AND item.amount_residual > 0) oldest)""",
            cases,
            SQL.identifier(alias, "id"),
        )

    # === BUSINESS METHODS === #

    def _get_overdue_rests(self, today):
        """What is left to pay of what was due before a day, in the currency of each invoice.

        Of a credit note that settles nothing yet, what is left to use, whenever it is due.

        :return: by invoice: the amount, the first and the last day on which some of it was due;
            those of which nothing is overdue are not there
        :rtype: dict[account.move, tuple[float, date, date]]
        """
        due = Domain("date_maturity", "<", today) | Domain("move_id.move_type", "=", "out_refund")
        groups = self.env["account.move.line"]._read_group(
            Domain("move_id", "in", self.ids)
            & Domain("display_type", "=", "payment_term")
            & Domain("parent_state", "=", "posted")
            & Domain("reconciled", "=", False)
            & due,
            ["move_id"],
            ["amount_residual_currency:sum", "date_maturity:min", "date_maturity:max"],
        )
        return {
            move: (rest, since, last_due)
            for move, rest, since, last_due in groups
            if not move.currency_id.is_zero(rest)
        }

    def _get_contract_weights(self):
        """How much of each of these invoices each contract is invoiced by it, taxes included.

        A credit note has the weights of the invoice it reverses. What a line was for may be known
        no more: then the contracts of the invoice share alike.

        :rtype: dict[account.move, dict[maintenance.contract, Decimal]]
        """
        sources = {move: move.reversed_entry_id or move for move in self}
        periods = self.env["account.move"].union(*sources.values())._get_billing_periods()
        lines = {}
        for period in periods:
            lines[period.move_line_id] = period.contract_id
        weights = {}
        for move, source in sources.items():
            contracts = move.maintenance_contract_ids.sorted("id")
            own = dict.fromkeys(contracts, Decimal())
            for line in source.invoice_line_ids:
                contract = lines.get(line)
                if contract in own:
                    own[contract] += Decimal(str(line.price_total))
            weights[move] = own
        return weights
