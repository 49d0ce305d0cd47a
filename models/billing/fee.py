from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.billing_deposit import Deposit
from ...tools.billing_ledger import BILLED, fee_rows
from ..core.checks import check_dates
from .const import PRICE_GROUPS


class MaintenanceFee(models.Model):
    """An amount of a contract that is invoiced once, on its date: a deposit or a one-off line."""

    _name = "maintenance.fee"
    _description = "One-Off Line of a Contract"
    _inherit = ["maintenance.company.mixin", "maintenance.finite.mixin"]
    _order = "contract_id, date, id"
    _check_company_auto = True
    _company_fields = ("contract_id",)
    _number_ranges = {"quantity": (0.01, 1e9), "price_unit": (-1e12, 1e12)}
    _amount_fields = frozenset(
        {"contract_id", "product_id", "quantity", "price_unit", "date", "kind"}
    )

    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    kind = fields.Selection(
        [("one_off", "One-off"), ("deposit", "Deposit")], required=True, default="one_off"
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
        help="Decides the account and the taxes.",
    )
    name = fields.Char(
        "Description",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1, required=True, digits="Product Unit")
    price_unit = fields.Float("Unit Price", required=True, digits="Product Price")
    amount = fields.Monetary(compute="_compute_amount")
    date = fields.Date(
        "Invoiced On", required=True, compute="_compute_date", store=True, readonly=False,
        precompute=True,
    )  # fmt: skip
    billing_period_ids = fields.One2many(
        "maintenance.billing.period", "fee_id", groups=PRICE_GROUPS
    )
    is_settled = fields.Boolean(compute="_compute_is_settled")
    deposit_left = fields.Monetary(
        "Left to Deduct",
        compute="_compute_deposit_left",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="What was invoiced of the deposit, and is on no invoice yet that deducts it.",
    )

    _quantity_range = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e9)", "Quantity: give more than 0."
    )
    _price_range = models.Constraint(
        "CHECK (price_unit > -1e12 AND price_unit < 1e12)", "Unit Price: it is too large."
    )

    # === COMPUTE METHODS === #

    @api.depends("product_id")
    def _compute_name(self):
        for fee in self:
            fee.name = (
                fee.name
                or fee.product_id.with_context(
                    lang=fee.contract_id.partner_id.lang
                ).get_product_multiline_description_sale()
            )

    @api.depends("quantity", "price_unit")
    def _compute_amount(self):
        for fee in self:
            amount = fee.quantity * fee.price_unit
            fee.amount = fee.currency_id.round(amount) if fee.currency_id else amount

    @api.depends("contract_id.date_start")
    def _compute_date(self):
        for fee in self:
            fee.date = fee.date or fee.contract_id.date_start

    @api.depends("billing_period_ids.state")
    def _compute_is_settled(self):
        settled = (
            self.env["maintenance.billing.period"]
            .sudo()
            ._read_group([("fee_id", "in", self.ids), ("state", "!=", "to_invoice")], ["fee_id"])
        )
        for fee in self:
            fee.is_settled = (fee._origin,) in settled

    @api.depends("kind", "billing_period_ids.state", "billing_period_ids.amount")
    def _compute_deposit_left(self):
        sums = dict(
            self.env["maintenance.billing.period"]._read_group(
                [
                    ("fee_id", "in", self.ids),
                    ("fee_id.kind", "=", "deposit"),
                    ("state", "=", "invoiced"),
                ],
                ["fee_id"],
                ["amount:sum"],
            )
        )
        for fee in self:
            fee.deposit_left = sums.get(fee._origin, 0)

    # === CONSTRAINTS === #

    @api.constrains("date")
    def _check_date(self):
        check_dates(self, "date")

    @api.constrains("date", "contract_id")
    def _check_within_contract(self):
        for fee in self:
            last_day = fee.contract_id._get_last_day()
            if last_day and fee.date > last_day and not fee.is_settled:
                raise UserError(
                    self.env._(
                        "Invoiced On: %(date)s is after the end of the contract (%(end)s).",
                        date=format_date(self.env, fee.date),
                        end=format_date(self.env, last_day),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        fees = super().create(vals_list)
        fees.contract_id.sudo()._plan_billing_schedule()
        return fees

    def write(self, vals):
        if self._amount_fields & vals.keys():
            self._check_not_settled()
        result = super().write(vals)
        self.contract_id.sudo()._plan_billing_schedule()
        return result

    def _check_not_settled(self):
        if settled := self.filtered("is_settled"):
            raise UserError(
                self.env._(
                    "%s: it is invoiced already. Add another line for the difference.",
                    ", ".join(settled.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        self._check_not_settled()
        # Its row of the schedule was never invoiced: it goes with it.
        self.sudo().billing_period_ids.unlink()

    # === BILLING SCHEDULE === #

    def _decide_billing_rows(self, rows):
        """What the schedule of this line has to say: nothing when the contract ended before it.

        :rtype: tools.billing_ledger.Decision
        """
        self.ensure_one()
        last_day = self.contract_id._get_last_day()
        is_due = not last_day or self.date <= last_day
        own = [row for row in rows if not row.is_deduction]
        return fee_rows(own, self.date, Decimal(str(self.amount)) if is_due else Decimal())

    def _get_deposit(self, rows, decision):
        """This line as the rules of deposits want it.

        :param decision: what its own rows have to be
        :rtype: tools.billing_deposit.Deposit
        """
        self.ensure_one()
        own = [row for row in rows if not row.is_deduction]
        billed = [row.amount for row in own if row.status == BILLED]
        to_bill = [target.amount for target in decision.targets]
        on = next((row.on for row in own if row.rank == 0), self.date)
        deductions = [row for row in rows if row.is_deduction]
        return Deposit(on, sum(billed + to_bill, Decimal()), deductions)

    def _get_deduction_label(self):
        """What an invoice says of the deposit that it deducts."""
        self.ensure_one()
        periods = self.sudo().billing_period_ids
        move = periods.filtered(lambda row: not row.is_deduction and not row.rank).move_id
        if move.state == "posted":
            return self.env._(
                "Deposit deducted: %(deposit)s, invoice %(invoice)s",
                deposit=self.name,
                invoice=move.name,
            )
        return self.env._("Deposit deducted: %s", self.name)

    def _prepare_billing_vals(self):
        """What the rows of this line share."""
        return {**self.contract_id._prepare_billing_vals(), "coverage_id": False, "fee_id": self.id}
