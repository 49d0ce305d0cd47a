"""Speed and memory of the preventive visits: creating them, and the nightly runs."""

from datetime import date, timedelta

from harness import (
    Cost,
    Figure,
    cost,
    database,
    environment,
    in_process,
    peak_memory,
    peer,
)

GENERATED = 1_000
LARGE = 10_000
PEER = 50
PEER_REQUIREMENTS = [
    f"odoo-addon-{addon}>=19.0,<19.1" for addon in ("base_maintenance", "maintenance_plan")
]
ROUNDS = 3
CRONS = ("ir_cron_generate_visits", "ir_cron_advance_visits")


# Visits a second, beside the OCA's


def generation() -> list[Figure]:
    """Create the visits of a year of 1 000 monthly coverages, in the batches of the cron."""
    # Turn and turn about, the best of each: other programs disturb both alike.
    ours, theirs = [], []
    with peer("maintenance_plan", *PEER_REQUIREMENTS) as installed:
        for _round in range(ROUNDS):
            ours.append(_measure_generation())
            if installed:
                theirs.append(in_process(_generate_by_peer, *installed))
    speed, queries, visits = max(ours)
    work = f"create {visits:,} visits ({GENERATED:,} coverages)"
    figures = [
        Figure(work, f"{speed:,.0f} visits/s", "≥ 3,000", speed >= 3_000),
        Figure(f"{work}, queries", f"{queries:.3f} a visit", "≤ 0.05", queries <= 0.05),
    ]
    name = "by OCA maintenance_plan"
    if not theirs:
        return [*figures, Figure(f"the same {name}", "not measured: it could not be downloaded")]
    peer_speed, peer_queries, requests = max(theirs)
    ratio = speed / peer_speed
    return [
        *figures,
        Figure(
            f"create {requests} requests {name}",
            f"{peer_speed:,.0f} requests/s, {peer_queries:.1f} queries each",
        ),
        Figure("ours / OCA maintenance_plan", f"{ratio:.0f} ×", "≥ 60 ×", ratio >= 60),
    ]


def _measure_generation() -> tuple[float, float, int]:
    """Return the visits a second, the queries of each, and their number."""
    # From next month on: no visit is to plan yet and takes its checklist, which the peer has not.
    start = date.today() + timedelta(days=31)
    with database("generation") as name:
        in_process(_create_contract, name, GENERATED, start)
        in_process(_activate, name)
        measured, visits = in_process(_generate, name)
    return visits / measured.seconds, measured.queries / visits, visits


def _create_contract(name: str, equipment_count: int, start: date) -> None:
    """Create an accepted contract of so many monthly coverages."""
    from odoo.fields import Command

    with environment(name) as env:
        customer = env["res.partner"].create({"name": "Customer", "is_company": True})
        checklist = env["maintenance.checklist"].create(
            {
                "name": "Monthly",
                "line_ids": [Command.create({"name": f"Action {n}"}) for n in range(6)],
            }
        )
        plan = {
            "name": "Monthly",
            "interval_count": 1,
            "interval_unit": "month",
            "horizon_days": 30,
            "checklist_id": checklist.id,
        }
        warranty_type = env["maintenance.warranty.type"].create(
            {"name": "Monthly", "plan_ids": [Command.create(plan)]}
        )
        equipment = env["maintenance.equipment"].create(
            [
                {"name": f"Equipment {n}", "customer_id": customer.id, "site_id": customer.id}
                for n in range(equipment_count)
            ]
        )
        contract = env["maintenance.contract"].create(
            {
                "partner_id": customer.id,
                "warranty_type_id": warranty_type.id,
                "date_start": start,
                "term_months": 12,
                "coverage_ids": [Command.create({"equipment_id": one.id}) for one in equipment],
            }
        )
        contract.action_offer()
        contract.action_accept()


def _activate(name: str) -> tuple[Cost, int]:
    """Activate the contract as its manager does with the button; return the cost and the memory."""
    with environment(name) as env:
        contract = env["maintenance.contract"].search([], order="id desc", limit=1)
        with cost(env.cr) as measured:
            contract.action_activate()
            env.cr.commit()
        return measured, peak_memory()


def _generate(name: str) -> tuple[Cost, int]:
    with environment(name) as env:
        from odoo.addons.maintenance_contract.models.preventive.coverage_schedule import (
            COVERAGES_PER_BATCH,
        )

        coverages = env["maintenance.coverage"].search([])
        env.invalidate_all()
        total = Cost()
        for start in range(0, len(coverages), COVERAGES_PER_BATCH):
            batch = coverages[start : start + COVERAGES_PER_BATCH]
            with cost(env.cr) as measured:
                batch._generate_visits(date.today())
                env.cr.commit()
            env.invalidate_all()
            total.seconds += measured.seconds
            total.queries += measured.queries
        return total, env["maintenance.visit"].search_count([])


def _generate_by_peer(name: str, addons: str) -> tuple[float, float, int]:
    """Let it create a year of monthly requests, plan by plan as its cron does."""
    with environment(name, addons) as env:
        equipment = env["maintenance.equipment"].create(
            [{"name": f"Equipment {n}"} for n in range(PEER)]
        )
        plans = env["maintenance.plan"].create(
            [
                {
                    "equipment_id": one.id,
                    "interval": 1,
                    "interval_step": "month",
                    "maintenance_plan_horizon": 1,
                    "planning_step": "year",
                    "start_maintenance_date": date.today(),
                }
                for one in equipment
            ]
        )
        env.cr.commit()
        env.invalidate_all()
        requests = 0
        with cost(env.cr) as measured:
            for plan in plans:
                requests += len(plan.equipment_id._create_new_request(plan))
            env.cr.commit()
        return requests / measured.seconds, measured.queries / requests, requests


# A large contract


def contract() -> list[Figure]:
    """Activate a contract of 10 000 monthly coverages in one visit group; run the crons."""
    with database("contract") as name:
        in_process(_create_contract, name, LARGE, date.today())
        in_process(_put_in_one_group, name)
        activation, click_memory = in_process(_activate, name)
        generation_seconds, cron_memory, visits = in_process(_run_nightly_crons, name)
        idle_seconds, _memory, _visits = in_process(_run_nightly_crons, name)
    total = activation.seconds + generation_seconds
    memory = max(click_memory, cron_memory)
    return [
        Figure(f"activate a contract of {LARGE:,} equipment", f"{activation.seconds:.1f} s"),
        Figure(
            f"… and create its {visits:,} visits by the cron",
            f"{total:.1f} s",
            "≤ 90 s",
            total <= 90,
        ),
        Figure("… peak memory of a process", f"{memory} MB", "< 600 MB", memory < 600),
        Figure(
            "nightly runs on it with nothing to do",
            f"{idle_seconds:.2f} s",
            "≤ 5 s",
            idle_seconds <= 5,
        ),
    ]


def _put_in_one_group(name: str) -> None:
    """Visit all the equipment together, although it was not installed on the same day."""
    with environment(name) as env:
        coverages = env["maintenance.coverage"].search([])
        site = coverages.site_id
        coverages.visit_group_id = env["maintenance.visit.group"].create(
            {"name": site.name, "site_id": site.id}
        )
        for number, coverage in enumerate(coverages):
            coverage.first_visit_date = coverage.date_start + timedelta(days=number % 10)


def _run_nightly_crons(name: str) -> tuple[float, int, int]:
    seconds, memory = run_crons(name, *CRONS)
    with environment(name) as env:
        return seconds, memory, env["maintenance.visit"].search_count([])


def run_crons(name: str, *crons: str) -> tuple[float, int]:
    """Let Odoo run crons of ours as its scheduler does, until none is ready any more."""
    with environment(name) as env:
        ours = env["ir.cron"].browse(env.ref(f"maintenance_contract.{cron}").id for cron in crons)
        env["ir.cron"].search([("id", "not in", ours.ids)]).active = False
        # Not years ago: Odoo would count each time that it missed.
        ours.nextcall = env.cr.now()
        env.cr.commit()
        with cost(env.cr) as measured:
            while env["ir.cron"]._get_all_ready_jobs(env.cr):
                env.cr.rollback()
                env["ir.cron"]._process_jobs(name)
            env.cr.rollback()
        return measured.seconds, peak_memory()
