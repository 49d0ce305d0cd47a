from odoo import fields, models


class ResCompany(models.Model):
    """What a company invoices its contracts as, and what it does when they are not paid."""

    _name = "res.company"
    _inherit = ["res.company", "maintenance.finite.mixin"]
    _number_ranges = {"payment_notice_days": (1, 3650)}

    billing_product_id = fields.Many2one(
        "product.product",
        string="Contracts Invoiced As",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        groups="base.group_user",
        help="The product on the lines of invoices: it decides the account and the taxes.",
    )

    service_stop = fields.Selection(
        [("never", "Never"), ("notice", "After a payment notice")],
        string="Service Stops",
        default="never",
        required=True,
        help="What new contracts say about a customer who does not pay. Each may say otherwise.",
    )
    payment_notice_days = fields.Integer(
        "Days to Pay After a Notice",
        default=30,
        required=True,
        help="What new contracts say. The service is stopped on the day after, where it may be.",
    )
    stopped_requests = fields.Selection(
        [("billable", "Billable"), ("refused", "Refused")],
        string="Requests While Stopped",
        default="billable",
        required=True,
        help="What becomes of a request that is received while the service of its contract is "
        "stopped. Notices sent before a change keep what was set.",
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
