"""Speed of invoicing contracts, beside the OCA's contracts."""

from datetime import date
from statistics import median
from typing import Any

from harness import Figure, cost, database, environment, in_process, peer

FEW, MANY = 100, 2_000
# Batches.
SAMPLE = 5
LINES = 3
ROUNDS = 3
# The state of the invoices, and whether they have an analytic distribution.
MODES = {
    "draft": ("draft", True),
    "posted": ("posted", False),
    # Odoo asks the database once for each of their lines.
    "posted analytic": ("posted", True),
}
GOALS = {"draft": 2, "posted": 6}
REQUIREMENT = "odoo-addon-contract>=19.0,<19.1"


def invoicing() -> list[Figure]:
    """Make the invoices of 3 lines of 100 and 2 000 contracts, in the batches of the cron.

    With taxes, an analytic distribution and the language of the customer, as the OCA's have them.
    """
    # Turn and turn about, the best of each: other programs disturb both alike.
    ours = {mode: [] for mode in MODES}
    theirs = []
    with peer("contract", REQUIREMENT) as installed:
        for _round in range(ROUNDS):
            for mode in MODES:
                ours[mode].append(_measure(FEW, mode))
            if installed:
                theirs.append(in_process(_invoice_by_peer, *installed))
    best = {mode: min(costs) for mode, costs in ours.items()}
    figures = [_figure_of_queries(mode, best[mode][1]) for mode in MODES]
    figures += [
        Figure(f"{FEW} drafts of {LINES} lines", f"{best['draft'][0] * 1000:.1f} ms each"),
        Figure(f"{FEW} posted invoices", f"{best['posted'][0] * 1000:.1f} ms each"),
        *_measure_growth(),
    ]
    name = "by OCA contract"
    if not theirs:
        return [*figures, Figure(f"the same {name}", "not measured: it could not be downloaded")]
    seconds, queries = min(theirs)
    share = best["draft"][0] / seconds
    return [
        *figures,
        Figure(f"{FEW} drafts {name}", f"{seconds * 1000:.1f} ms, {queries:.1f} queries each"),
        Figure("ours / OCA contract", f"{share:.2f} ×", "≤ 0.6 ×", share <= 0.6),
    ]


def _figure_of_queries(mode: str, queries: float) -> Figure:
    work, measured = f"{FEW} {mode} invoices, queries", f"{queries:.1f} each"
    if mode not in GOALS:
        return Figure(work, measured)
    return Figure(work, measured, f"≤ {GOALS[mode]}", queries <= GOALS[mode])


def _measure(count: int, mode: str) -> tuple[float, float]:
    """Return the seconds and the queries of each invoice."""
    costs = _invoice_contracts(count, mode)
    return tuple(sum(figures) / count for figures in zip(*costs, strict=True))


def _measure_growth() -> list[Figure]:
    """Compare the last batches of a long run with its first ones."""
    seconds = [seconds for seconds, _queries in _invoice_contracts(MANY, "draft")]
    first, last = median(seconds[:SAMPLE]), median(seconds[-SAMPLE:])
    return [
        Figure(f"{MANY:,} drafts", f"{sum(seconds) / MANY * 1000:.1f} ms each"),
        Figure("… the longest batch", f"{max(seconds):.1f} s", "≤ 100 s", max(seconds) <= 100),
        Figure(
            f"… last {SAMPLE} batches / first {SAMPLE}",
            f"{last / first:.2f} ×",
            "flat: ≤ 1.2 ×",
            last <= 1.2 * first,
        ),
    ]


def _invoice_contracts(count: int, mode: str) -> list[tuple[float, int]]:
    """Return the seconds and the queries of each batch."""
    with database("invoicing") as name:
        in_process(_create_contracts, name, count, *MODES[mode])
        return in_process(_invoice, name, MODES[mode][1])


def _create_customers(env, count: int):
    return env["res.partner"].create(
        [{"name": f"Customer {n}", "is_company": True, "lang": "fr_FR"} for n in range(count)]
    )


def _prepare_accounting(env) -> tuple[Any, dict[str, int]]:
    """Return what both invoice: a product with a tax, and an analytic distribution."""
    product = env.ref("maintenance_contract.product_maintenance")
    product.taxes_id = env.company.account_sale_tax_id
    plan = env["account.analytic.plan"].create({"name": "Benchmark"})
    account = env["account.analytic.account"].create({"name": "Contracts", "plan_id": plan.id})
    return product, {str(account.id): 100}


def _check_invoices(lines, count: int, is_analytic: bool = True) -> None:
    """Make sure that both did the same work: lines with tax, analytics and French words."""
    lines = lines.filtered(lambda line: line.display_type == "product")
    assert len(lines) == LINES * count, len(lines)
    assert all(line.tax_ids for line in lines)
    assert all(bool(line.analytic_distribution) == is_analytic for line in lines)
    assert all(" du " in line.name and "/20" in line.name for line in lines), lines[0].name


def _create_contracts(name: str, count: int, state: str, is_analytic: bool) -> None:
    from odoo.fields import Command

    with environment(name) as env:
        warranty_type = env["maintenance.warranty.type"].create({"name": "No visits"})
        _product, distribution = _prepare_accounting(env)
        vals_list = []
        for customer in _create_customers(env, count):
            equipment = env["maintenance.equipment"].create(
                [{"name": f"Equipment {n}", "site_id": customer.id} for n in range(LINES)]
            )
            vals_list.append(
                {
                    "partner_id": customer.id,
                    "warranty_type_id": warranty_type.id,
                    "date_start": date.today(),
                    "billing_period": "month",
                    "invoice_state": state,
                    "analytic_distribution": distribution if is_analytic else {},
                    "coverage_ids": [
                        Command.create({"equipment_id": one.id, "price": 1200}) for one in equipment
                    ],
                }
            )
        contracts = env["maintenance.contract"].create(vals_list)
        contracts.action_offer()
        contracts.action_accept()
        contracts.action_activate()
        contracts._update_billing_schedule()
        env.cr.commit()


def _invoice(name: str, is_analytic: bool) -> list[tuple[float, int]]:
    with environment(name) as env:
        from odoo.addons.maintenance_contract.models.billing.contract_invoice import (
            CONTRACTS_PER_BATCH,
        )

        contracts = env["maintenance.contract"].search([], order="id")
        days = env["res.company"]._get_local_days()
        costs = []
        for start in range(0, len(contracts), CONTRACTS_PER_BATCH):
            env.invalidate_all()
            batch = contracts[start : start + CONTRACTS_PER_BATCH]
            with cost(env.cr) as measured:
                batch._invoice_batch(days)
                env.cr.commit()
            costs.append((measured.seconds, measured.queries))
        _check_invoices(env["account.move.line"].search([]), len(contracts), is_analytic)
        return costs


def _invoice_by_peer(name: str, addons: str) -> tuple[float, float]:
    """Let it invoice as many contracts of as many lines, all at once as its cron does."""
    with environment(name, addons) as env:
        from odoo.fields import Command

        product, distribution = _prepare_accounting(env)
        contracts = env["contract.contract"].create(
            [
                {
                    "name": customer.name,
                    "partner_id": customer.id,
                    "contract_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": f"Equipment {n}, du #START# au #END#",
                                "analytic_distribution": distribution,
                                "quantity": 1,
                                "price_unit": 100,
                                "recurring_rule_type": "monthly",
                                "recurring_interval": 1,
                                "date_start": date.today(),
                                "recurring_next_date": date.today(),
                            }
                        )
                        for n in range(LINES)
                    ],
                }
                for customer in _create_customers(env, FEW)
            ]
        )
        env.cr.commit()
        env.invalidate_all()
        with cost(env.cr) as measured:
            moves = contracts._recurring_create_invoice()
            env.cr.commit()
        _check_invoices(moves.invoice_line_ids, FEW)
        return measured.seconds / FEW, measured.queries / FEW
