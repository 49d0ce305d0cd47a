from odoo import models


class ProductProduct(models.Model):
    """Account and taxes of a product on an invoice, found once for many lines."""

    _inherit = "product.product"

    def _get_invoice_account(self, journal, position):
        """The income account, as Odoo would find it for a line of an invoice.

        :rtype: account.account
        """
        template = self.with_company(journal.company_id).product_tmpl_id
        accounts = template.get_product_accounts(fiscal_pos=position)
        return accounts["income"] or journal.default_account_id

    def _get_invoice_taxes(self, journal, account, position):
        """The taxes, as Odoo would find them for a line of an invoice.

        :rtype: account.tax
        """
        taxes = self.taxes_id or account.tax_ids.filtered(lambda tax: tax.type_tax_use == "sale")
        return position.map_tax(taxes._filter_taxes_by_company(journal.company_id))
