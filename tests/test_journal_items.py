from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .billing_common import BillingCommon

COMPLETE = "odoo.addons.maintenance_contract.models.billing.contract_invoice.complete_items"


@tagged("post_install", "-at_install")
class TestJournalItems(BillingCommon):
    """An invoice made whole has the journal items that Odoo would have made."""

    def _get_items(self, move):
        return sorted(
            (
                item.display_type, item.account_id.id, item.name or "", item.balance,
                item.amount_currency, item.currency_id.name, str(item.date_maturity),
                item.tax_ids.ids, item.tax_line_id.id, item.tax_tag_ids.ids, item.tax_base_amount,
                item.tax_repartition_line_id.id, str(item.analytic_distribution),
                item.price_subtotal, item.price_total, item.partner_id.id, str(item.discount_date),
                item.discount_balance,
            )
            for item in move.line_ids
        )  # fmt: skip

    def _check_same(self, *prices, negative=False, **values):
        totals = []
        for is_patched in (False, True):
            contract = self._create_billed_contract(*prices, **values)
            if negative:
                contract.billing_period_ids.sorted("date_invoice")[0].amount = -5000
            if is_patched:
                with patch(COMPLETE, lambda env, vals_list: None):
                    self._run_cron("2027-01-01")
            else:
                self._run_cron("2027-01-01")
            totals.append(
                [
                    (
                        self._get_items(move), move.move_type, move.amount_total,
                        move.amount_total_signed, move.amount_residual, move.invoice_date_due,
                        move.tax_totals["total_amount"],
                    )
                    for move in self._get_moves(contract)
                ]
            )  # fmt: skip
        self.assertTrue(totals[0])
        strip = str.maketrans("", "", "0123456789")
        for first, second in zip(*totals, strict=True):
            names = [[item[2].translate(strip) for item in side[0]] for side in (first, second)]
            self.assertEqual(*names)
            self.assertEqual(
                [item[:2] + item[3:] for item in first[0]],
                [item[:2] + item[3:] for item in second[0]],
            )
            self.assertEqual(first[1:], second[1:])

    def test_plain(self):
        self._check_same(1200, 999.99, 0.12)

    def test_several_terms(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 % now, the rest in 60 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 60}),
                ],
            }
        )
        self._check_same(1234.56, 77.77, payment_term_id=term.id)

    def test_early_discount(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
            }
        )
        self._check_same(1234.56, payment_term_id=term.id)

    def test_foreign_currency(self):
        currency = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "X", "rounding": 0.05, "active": True}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": "2026-12-31",
                "rate": 3.7,
                "company_id": self.geneva.id,
            }
        )
        self._check_same(1234.55, 777.75, currency_id=currency.id)

    def test_taxes(self):
        """A tax in the price, one on top of it, and none at all."""
        product = self.geneva._get_billing_product()
        tax = product.taxes_id.filtered(lambda tax: tax.company_id == self.geneva)[:1] or self.env[
            "account.tax"
        ].search([("company_id", "=", self.geneva.id), ("type_tax_use", "=", "sale")], limit=1)
        included = tax.copy({"name": "In", "amount": 7.7, "price_include_override": "tax_included"})
        for taxes in (included, tax | included, tax.browse()):
            product.taxes_id = taxes
            with self.subTest(taxes=taxes.mapped("name")):
                self._check_same(1234.56, 77.77, 0.05)

    def test_credit_note(self):
        self._check_same(1200, 600, negative=True)

    def test_analytic_as_odoo_proposes(self):
        """Without a distribution of the contract, that of the customer applies."""
        plan = self.env["account.analytic.plan"].create({"name": "Customers"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Horloger", "plan_id": plan.id, "company_id": self.geneva.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.customer.id,
                "analytic_distribution": {str(analytic.id): 100},
                "company_id": self.geneva.id,
            }
        )
        self._check_same(1200)
        line = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("display_type", "=", "product")], limit=1
        )
        self.assertEqual(line.analytic_distribution, {str(analytic.id): 100})

    def test_analytic(self):
        plan = self.env["account.analytic.plan"].create({"name": "Contracts"})
        analytic = self.env["account.analytic.account"].create(
            {"name": "Service", "plan_id": plan.id, "company_id": self.geneva.id}
        )
        self._check_same(
            1200, 600, analytic_distribution={str(analytic.id): 100}, invoice_state="posted"
        )
