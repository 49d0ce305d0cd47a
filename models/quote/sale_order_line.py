from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import float_round, formatLang

from ...tools.quote import charge, covered_percent, discount


class SaleOrderLine(models.Model):
    """A line of a quote out of contract tells what the contract pays of it, and when it is there.

    It keeps its price of the public tariff: what is covered is its discount.
    """

    _inherit = "sale.order.line"

    maintenance_kind = fields.Selection(
        [("labour", "Labour"), ("travel", "Travel"), ("part", "Part"), ("other", "Other")],
        string="Kind",
        compute="_compute_maintenance_kind",
        store=True,
        precompute=True,
        help="Decides which share of the line is covered.",
    )
    covered_percent = fields.Float(
        "Covered (%)",
        compute="_compute_covered_percent",
        store=True,
        precompute=True,
        digits=(5, 2),
        help="What the contract or the warranty pays of it: it is part of the discount.",
    )
    covered_text = fields.Char("Covered By", compute="_compute_covered_text")
    lead_text = fields.Char("Delivery", compute="_compute_lead_text")

    # === COMPUTE METHODS === #

    @api.depends("product_id", "order_id.maintenance_role")
    def _compute_maintenance_kind(self):
        for line in self:
            is_quoted = line.product_id and line.order_id._is_maintenance_quote()
            line.maintenance_kind = is_quoted and line._get_maintenance_kind()

    def _get_maintenance_kind(self):
        product = self.product_id.sudo()
        if product.type != "service":
            return "part"
        if product.service_policy == "delivered_timesheet":
            return "labour"
        company = self.order_id.company_id or self.env.company
        return "travel" if product == company._get_quote_product("travel") else "other"

    @api.depends(
        "maintenance_kind", "order_id.covered_parts", "order_id.covered_labour",
        "order_id.covered_travel",
    )  # fmt: skip
    def _compute_covered_percent(self):
        for line in self:
            kind = line.maintenance_kind
            shares = line.order_id._get_covered_shares()
            line.covered_percent = float(covered_percent(kind, shares)) if kind else 0

    @api.depends("covered_percent")
    def _compute_discount(self):
        # EXTENDS 'sale': what is covered comes on top of what the tariff gives.
        result = super()._compute_discount()
        is_given = self.env["product.pricelist.item"]._is_discount_feature_enabled()
        for line in self.filtered("maintenance_kind"):
            given = line.discount if is_given else 0
            line.discount = float(
                discount(
                    Decimal(str(line.covered_percent)),
                    Decimal(str(float_round(max(given, 0), precision_digits=2))),
                )
            )
        return result

    @api.depends("product_id", "product_uom_qty", "maintenance_kind")
    def _compute_customer_lead(self):
        # EXTENDS 'sale_stock': what is not in stock comes from the supplier first.
        result = super()._compute_customer_lead()
        for line in self.filtered(lambda line: line.maintenance_kind == "part"):
            line.customer_lead += line._get_supplier_lead()
        return result

    def _get_supplier_lead(self):
        """Days until the supplier has delivered this part, 0 while there is enough in stock."""
        product = self.product_id.sudo().with_context(warehouse_id=self.order_id.warehouse_id.id)
        quantity = self.product_uom_qty
        if product.is_storable and product.free_qty >= quantity:
            return 0
        return product._select_seller(quantity=quantity, uom_id=self.product_uom_id).delay

    @api.depends(
        "covered_percent", "price_unit", "product_uom_qty", "discount", "order_id.covered_by"
    )
    @api.depends_context("lang")
    def _compute_covered_text(self):
        for line in self:
            line.covered_text = line._get_covered_text() if line.covered_percent else False

    def _get_covered_text(self):
        cost = charge(
            *(Decimal(str(self[name])) for name in ("product_uom_qty", "price_unit", "discount"))
        )
        values = {
            "agreed": self.order_id.covered_by or "",
            "due": formatLang(self.env, float(cost.due), currency_obj=self.currency_id),
            "full": formatLang(self.env, float(cost.full), currency_obj=self.currency_id),
        }
        if self.covered_percent == 100:
            return self.env._("Covered by %(agreed)s: %(due)s instead of %(full)s", **values)
        return self.env._(
            "%(percent)s %% covered by %(agreed)s: %(due)s instead of %(full)s",
            percent=f"{self.covered_percent:g}",
            **values,
        )

    @api.depends("customer_lead", "maintenance_kind")
    @api.depends_context("lang")
    def _compute_lead_text(self):
        for line in self:
            is_part = line.maintenance_kind == "part"
            line.lead_text = line._get_lead_text() if is_part else False

    def _get_lead_text(self):
        days = round(self.customer_lead)
        if days <= 0:
            return self.env._("Delivery: at once")
        if days == 1:
            return self.env._("Delivery: 1 day")
        return self.env._("Delivery: %s days", days)

    # === HOOKS OF SALE === #

    def _action_launch_stock_rule(self, **kwargs):
        # EXTENDS 'sale_stock': who may write a quote sends its parts on their way, clerk or not.
        quoted = self.filtered("maintenance_kind")
        quoted.check_access("write")
        result = super(SaleOrderLine, quoted.sudo())._action_launch_stock_rule(**kwargs)
        return super(SaleOrderLine, self - quoted)._action_launch_stock_rule(**kwargs) and result

    def _get_order_date(self):
        # OVERRIDE 'sale': the tariff of the day on which the customer asked (seed 003 §1.3).
        return self.order_id.requested_at or super()._get_order_date()
