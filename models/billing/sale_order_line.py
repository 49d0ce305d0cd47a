from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SaleOrderLine(models.Model):
    """A line of an offer that comes from the contract: not to edit, nor for Odoo to invoice."""

    _inherit = "sale.order.line"

    is_contract_line = fields.Boolean("From the Contract", readonly=True, copy=False)
    maintenance_coverage_id = fields.Many2one(
        "maintenance.coverage",
        string="Coverage",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    maintenance_fee_id = fields.Many2one(
        "maintenance.fee",
        string="One-Off Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _origin_fields = frozenset(
        {"is_contract_line", "maintenance_coverage_id", "maintenance_fee_id"}
    )

    # === COMPUTE METHODS === #

    @api.depends("is_contract_line")
    def _compute_qty_to_invoice(self):
        # EXTENDS 'sale': the billing schedule invoices them.
        own = self.filtered("is_contract_line")
        own.qty_to_invoice = 0
        return super(SaleOrderLine, self - own)._compute_qty_to_invoice()

    @api.depends("is_contract_line")
    def _compute_invoice_status(self):
        # EXTENDS 'sale'
        own = self.filtered("is_contract_line")
        own.invoice_status = "no"
        return super(SaleOrderLine, self - own)._compute_invoice_status()

    @api.depends("is_contract_line")
    def _compute_untaxed_amount_to_invoice(self):
        # EXTENDS 'sale'
        own = self.filtered("is_contract_line")
        own.untaxed_amount_to_invoice = 0
        return super(SaleOrderLine, self - own)._compute_untaxed_amount_to_invoice()

    @api.depends("is_contract_line")
    def _compute_amount_to_invoice(self):
        # EXTENDS 'sale'
        own = self.filtered("is_contract_line")
        own.amount_to_invoice = 0
        return super(SaleOrderLine, self - own)._compute_amount_to_invoice()

    @api.depends("is_contract_line")
    def _compute_product_updatable(self):
        # EXTENDS 'sale'
        own = self.filtered("is_contract_line")
        own.product_updatable = False
        return super(SaleOrderLine, self - own)._compute_product_updatable()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # The context and the user's own defaults give values, too.
        default = {} if self.env.su else self.default_get([*self._origin_fields])
        for vals in vals_list:
            self._check_own({**default, **vals})
        return super().create(vals_list)

    def write(self, vals):
        names = {*self._get_protected_fields(), "order_id", "display_type"} | self._origin_fields
        if names & vals.keys() and not self.env.su:
            self._check_not_from_contract()
        self._check_own(vals)
        if order_id := vals.get("order_id"):
            # The right to a line of one order is not the right to another order.
            self.env["sale.order"].browse(order_id).check_access("write")
        return super().write(vals)

    def _check_own(self, vals):
        """Odoo does not invoice what comes from a contract: a user makes no line one of those."""
        if not self.env.su and any(vals.get(name) for name in self._origin_fields):
            raise AccessError(self.env._("The offer of a contract is made by the contract."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_from_contract(self):
        if not self.env.su:
            self._check_not_from_contract()

    def _check_not_from_contract(self):
        if own := self.filtered("is_contract_line"):
            raise UserError(
                self.env._(
                    "%s: this line comes from the contract. Change the contract and make a new "
                    "offer.",
                    own[0].name.partition("\n")[0],
                )
            )

    # === WHAT FOLLOWS === #

    def _timesheet_service_generation(self):
        # EXTENDS 'sale_project': the contract plans its work, whatever the product would create.
        work = self.filtered(lambda line: not line.is_contract_line)
        return super(SaleOrderLine, work)._timesheet_service_generation()
