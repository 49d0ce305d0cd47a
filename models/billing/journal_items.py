"""The journal items of invoices, whole before the invoices are created.

Odoo makes the items of taxes and of what is to pay after those of the products, invoice by
invoice. An invoice that is created with all of them is only checked: it is balanced, and its terms
are what they have to be. The amounts are Odoo's own, by the same functions.
"""

from odoo import fields
from odoo.fields import Command


def complete_items(env, vals_list):
    """Have the values of invoices hold their journal items, where that is the same as Odoo's.

    :param list[dict] vals_list: values of invoices and credit notes of one company, with all that
        the amounts depend on; changed in place
    """
    for vals in vals_list:
        term = env["account.payment.term"].browse(vals["invoice_payment_term_id"])
        # An early payment discount has items of its own: Odoo makes them.
        if not term.early_discount:
            vals["line_ids"] = _get_items(env, vals, term)
            del vals["invoice_line_ids"]


def _get_items(env, vals, term):
    company = env["res.company"].browse(vals["company_id"])
    currency = env["res.currency"].browse(vals["currency_id"])
    lines = [line_vals for _create, _zero, line_vals in vals["invoice_line_ids"]]
    base_items, tax_items = _get_base_and_tax_items(env, vals, lines, company, currency)
    untaxed, tax = (
        [-sum(item[name] for item in items) for name in ("balance", "amount_currency")]
        for items in (base_items, tax_items)
    )
    terms = _get_terms(vals, term, company, currency, untaxed, tax)
    return [
        *(
            Command.create({**line, **item, "display_type": "product"})
            for line, item in zip(lines, base_items, strict=True)
        ),
        *(Command.create({**item, "display_type": "tax"}) for item in tax_items),
        *(Command.create({**item, "display_type": "payment_term"}) for item in terms),
    ]


def _get_base_and_tax_items(env, vals, lines, company, currency):
    """Amounts of the items of the products, and the items of their taxes."""
    taxes = env["account.tax"]
    partner = env["res.partner"].browse(vals["partner_id"])
    rate = env["res.currency"]._get_conversion_rate(
        company.currency_id, currency, company, vals["invoice_date"]
    )
    base_lines = [
        taxes._prepare_base_line_for_taxes_computation(
            {},
            product_id=env["product.product"].browse(line["product_id"]),
            product_uom_id=env["uom.uom"].browse(line["product_uom_id"]),
            tax_ids=taxes.browse(line["tax_ids"][0][2]),
            price_unit=line["price_unit"],
            quantity=line["quantity"],
            currency_id=currency,
            rate=rate,
            sign=-1 if vals["move_type"] == "out_invoice" else 1,
            is_refund=vals["move_type"] == "out_refund",
            partner_id=partner.commercial_partner_id,
            account_id=env["account.account"].browse(line["account_id"]),
            analytic_distribution=line["analytic_distribution"],
            name=line["name"],
        )
        for line in lines
    ]
    taxes._add_tax_details_in_base_lines(base_lines, company)
    taxes._round_base_lines_tax_details(base_lines, company)
    taxes._add_accounting_data_in_base_lines_tax_details(base_lines, company)
    results = taxes._prepare_tax_lines(base_lines, company)
    base_items = [amounts for _line, amounts in results["base_lines_to_update"]]
    return base_items, results["tax_lines_to_add"]


def _get_terms(vals, term, company, currency, untaxed, tax):
    """The items of what is to pay: one for each day of the payment terms."""
    day = vals["invoice_date"]
    if not term:
        return [
            {
                "date_maturity": day,
                "balance": untaxed[0] + tax[0],
                "amount_currency": untaxed[1] + tax[1],
            }
        ]
    computed = term._compute_terms(
        date_ref=day,
        currency=currency,
        company=company,
        untaxed_amount=untaxed[0],
        untaxed_amount_currency=untaxed[1],
        tax_amount=tax[0],
        tax_amount_currency=tax[1],
        sign=1 if vals["move_type"] == "out_invoice" else -1,
    )
    items = {}
    for line in computed["line_ids"]:
        due = fields.Date.to_date(line["date"])
        item = items.setdefault(due, {"date_maturity": due, "balance": 0, "amount_currency": 0})
        item["balance"] += line["company_amount"]
        item["amount_currency"] += line["foreign_amount"]
    return list(items.values())
