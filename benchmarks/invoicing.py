"""Speed of invoicing contracts, beside the OCA's contracts."""

from datetime import date
from statistics import median

from harness import Figure, cost, database, environment, in_process, peer

FEW, MANY = 100, 2_000
# Batches.
SAMPLE = 5
LINES = 3
ROUNDS = 3
MODES = ("draft", "posted")
REQUIREMENT = "odoo-addon-contract>=19.0,<19.1"


def invoicing() -> list[Figure]:
    """Make the invoices of 3 lines of 100 and 2 000 contracts, in the batches of the cron."""
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
    goal = {"draft": 2, "posted": 6}[mode]
    return Figure(
        f"{FEW} {mode} invoices, queries", f"{queries:.1f} each", f"≤ {goal}", queries <= goal
    )


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
        in_process(_create_contracts, name, count, mode)
        return in_process(_invoice, name)


def _create_customers(env, count: int):
    return env["res.partner"].create(
        [{"name": f"Customer {n}", "is_company": True} for n in range(count)]
    )


def _create_contracts(name: str, count: int, mode: str) -> None:
    from odoo.fields import Command

    with environment(name) as env:
        warranty_type = env["maintenance.warranty.type"].create({"name": "No visits"})
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
                    "invoice_state": mode,
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


def _invoice(name: str) -> list[tuple[float, int]]:
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
        lines = env["account.move.line"].search_count([("display_type", "=", "product")])
        assert lines == LINES * len(contracts), lines
        return costs


def _invoice_by_peer(name: str, addons: str) -> tuple[float, float]:
    """Let it invoice as many contracts of as many lines, all at once as its cron does."""
    with environment(name, addons) as env:
        from odoo.fields import Command

        product = env.ref("maintenance_contract.product_maintenance")
        contracts = env["contract.contract"].create(
            [
                {
                    "name": customer.name,
                    "partner_id": customer.id,
                    "contract_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": f"Equipment {n}, from #START# to #END#",
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
        assert len(moves.invoice_line_ids) == LINES * FEW, len(moves.invoice_line_ids)
        return measured.seconds / FEW, measured.queries / FEW
