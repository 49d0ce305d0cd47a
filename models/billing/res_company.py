from odoo import fields, models


class ResCompany(models.Model):
    """What a company invoices its contracts as, unless the tier has a product of its own."""

    _inherit = "res.company"

    billing_product_id = fields.Many2one(
        "product.product",
        string="Contracts Invoiced As",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        groups="base.group_user",
        help="The product on the lines of invoices: it decides the account and the taxes.",
    )

    def _get_billing_product(self):
        """The product of this company, or the one that comes with the addon.

        :rtype: product.product
        """
        self.ensure_one()
        return (
            self.sudo().billing_product_id
            or self.env.ref("maintenance_contract.product_maintenance", raise_if_not_found=False)
            or self.env["product.product"]
        )

    def _has_rate(self, currency):
        """Whether a rate of the currency is known; Odoo counts 1 for one that is not."""
        self.ensure_one()
        return bool(
            self.env["res.currency.rate"].search_count(
                [
                    ("currency_id", "=", currency.id),
                    ("company_id", "in", (False, self.root_id.id)),
                    ("name", "<=", self._get_today()),
                ],
                limit=1,
            )
        )
