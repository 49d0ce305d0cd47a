from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class BillingConditions:
    """What the invoices of one run share: each journal, account and tax is looked up once."""

    def __init__(self, contracts):
        self._journals = contracts._get_invoice_journals()
        self._products = {}
        self._accounts = {}
        self._distributions = {}
        # Looking for one takes a query for each customer: not where there is none.
        self._has_distributions = bool(
            contracts.env["account.analytic.distribution.model"].search_count([], limit=1)
        )

    def get_journal(self, contract):
        return self._journals[contract]

    def get_product(self, period):
        """What a row is invoiced as: by its fee, its tier, or its company."""
        return self.get_product_of(period.fee_id or period.coverage_id)

    def get_product_of(self, subject):
        """What a coverage or a fee is invoiced as."""
        is_fee = subject._name == "maintenance.fee"
        product = subject.product_id if is_fee else subject.tier_id.billing_product_id
        if product:
            return product
        company = subject.company_id
        if company not in self._products:
            self._products[company] = company._get_billing_product()
        return self._products[company]

    def get_account_and_taxes(self, product, journal, position):
        """Account and taxes of a line.

        :raises UserError: when no account is known
        """
        key = (product, journal, position)
        if key not in self._accounts:
            account = product._get_invoice_account(journal, position)
            if not account:
                raise UserError(
                    product.env._("Income Account: “%s” has none.", product.display_name)
                )
            taxes = product._get_invoice_taxes(journal, account, position)
            self._accounts[key] = account, taxes
        return self._accounts[key]

    def get_distribution(self, contract, product, account):
        """The analytic distribution of the contract, or the one that Odoo proposes for the line."""
        if contract.analytic_distribution or not self._has_distributions:
            return contract.analytic_distribution or {}
        partner = contract.commercial_partner_id
        key = (partner, product, account)
        if key not in self._distributions:
            proposals = contract.env["account.analytic.distribution.model"]
            self._distributions[key] = proposals._get_distribution(
                {
                    "product_id": product.id,
                    "product_categ_id": product.categ_id.id,
                    "partner_id": partner.id,
                    "partner_category_id": partner.category_id.ids,
                    "account_prefix": account.code,
                    "company_id": contract.company_id.id,
                }
            )
        return self._distributions[key]


class MaintenanceBillingPeriod(models.Model):
    """From rows of the schedule to the values of invoices."""

    _inherit = "maintenance.billing.period"

    def _get_invoice_key(self):
        """Hook: what the rows of one invoice share."""
        self.ensure_one()
        contract = self.contract_id
        return (
            contract.invoice_grouping == "contract" and contract,
            contract.partner_id,
            contract.currency_id,
            contract.journal_id,
            contract.fiscal_position_id,
            contract.payment_term_id,
            contract.user_id,
            contract.invoice_state,
            self.date_invoice,
        )

    def _get_line_key(self, conditions):
        """Hook: what the rows of one line of an invoice share, as the contract details them."""
        self.ensure_one()
        contract = self.contract_id
        if self.fee_id:
            return (contract, self.fee_id, self.is_correction, self.is_deduction)
        detail = {"equipment": self.coverage_id, "site": self.site_id, "contract": contract}
        return (
            contract,
            detail[contract.invoice_detail],
            conditions.get_product(self),
            self.date_start if contract.invoice_detail == "equipment" else self.full_start,
            self.is_correction,
        )

    def _group_by_line(self, conditions):
        """These rows by line of their invoice, in the order of the lines.

        :rtype: list[maintenance.billing.period]
        """
        periods = self.sorted(
            lambda period: (
                period.contract_id.id,
                bool(period.fee_id),
                period.site_id.display_name or "",
                period.coverage_id.id,
                period.fee_id.id,
                period.date_start,
                period.rank,
            )
        )
        return list(periods.grouped(lambda period: period._get_line_key(conditions)).values())

    def _prepare_invoice(self, lines, today, conditions):
        """Hook: the values of the invoice of these rows, or of the credit note when less than
        nothing is to pay.

        :param lines: these rows by line
        :param date today: never an invoice of an earlier day
        :param BillingConditions conditions:
        """
        # Of the first row by iteration: what is read of it is read for the other invoices too.
        contract = next(iter(self)).contract_id
        contracts = self.contract_id.sorted("id")
        partner = contract.partner_id
        sign = -1 if self.currency_id.compare_amounts(sum(self.mapped("amount")), 0) < 0 else 1
        position = contract._get_fiscal_position()
        in_language = self.with_context(lang=partner.lang or self.env.lang)
        return {
            "move_type": "out_invoice" if sign > 0 else "out_refund",
            "company_id": contract.company_id.id,
            "journal_id": conditions.get_journal(contract).id,
            "partner_id": partner.id,
            "currency_id": contract.currency_id.id,
            "fiscal_position_id": position.id,
            "invoice_payment_term_id": contract._get_payment_term().id,
            "invoice_user_id": contract.user_id.id,
            "invoice_date": max(today, *self.mapped("date_invoice")),
            "invoice_origin": ", ".join(contracts.mapped("name")),
            "ref": ", ".join(filter(None, contracts.mapped("customer_reference"))) or False,
            "maintenance_contract_ids": [Command.set(contracts.ids)],
            "invoice_line_ids": [
                Command.create(
                    {
                        "sequence": sequence,
                        **line.with_env(in_language.env)._prepare_invoice_line(
                            position, sign, conditions
                        ),
                    }
                )
                for sequence, line in enumerate(lines, 1)
            ],
        }

    def _prepare_invoice_line(self, position, sign, conditions):
        """Hook: the values of the line of these rows.

        The account, the taxes and the analytic distribution are given, even when empty: else
        Odoo would look for each of them line by line.
        """
        period = next(iter(self))
        contract, fee = period.contract_id, period.fee_id
        product = conditions.get_product(period)
        journal = conditions.get_journal(contract)
        account, taxes = conditions.get_account_and_taxes(product, journal, position)
        amount = self.currency_id.round(sum(self.mapped("amount")))
        is_whole = fee and not self.currency_id.compare_amounts(fee.amount, amount)
        quantity, price = (fee.quantity, fee.price_unit) if is_whole else (1, amount)
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": self._get_line_name(),
            "quantity": quantity,
            "price_unit": sign * price,
            "account_id": account.id,
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": conditions.get_distribution(contract, product, account),
            "maintenance_contract_id": contract.id,
            "maintenance_date_start": min(self.mapped("date_start")),
            "maintenance_date_end": max(self.mapped("date_end")),
        }

    def _get_line_name(self):
        """What the line of these rows says: of which contract, where several share an invoice."""
        contract = self.contract_id
        is_shared = contract.invoice_grouping == "customer"
        return f"{contract.name}, {self._get_label()}" if is_shared else self._get_label()
