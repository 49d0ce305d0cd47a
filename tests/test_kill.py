import random
import time
from collections import Counter
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from .process_common import PATIENCE, ProcessCase

EQUIPMENT = 3_000
RACES = 3
START = date(2027, 1, 31)
KILLS = 4

SET_UP = f"""
from odoo.fields import Command

customer = env["res.partner"].create({{"name": "Customer", "is_company": True}})
checklist = env["maintenance.checklist"].create(
    {{"name": "Monthly", "line_ids": [Command.create({{"name": name}}) for name in "AB"]}}
)
plan = {{
    "name": "Monthly",
    "interval_count": 1,
    "closed_day_rule": "keep",
    "horizon_days": 3000,
    "checklist_id": checklist.id,
}}
warranty_type = env["maintenance.warranty.type"].create(
    {{"name": "Monthly", "plan_ids": [Command.create(plan)]}}
)

def create_contract(reference, count):
    equipment = env["maintenance.equipment"].create(
        [{{"name": f"{{reference}} {{n}}", "site_id": customer.id}} for n in range(count)]
    )
    contract = env["maintenance.contract"].create(
        {{
            "partner_id": customer.id,
            "customer_reference": reference,
            "warranty_type_id": warranty_type.id,
            "date_start": "{START}",
            "term_months": 12,
            "coverage_ids": [Command.create({{"equipment_id": one.id}}) for one in equipment],
        }}
    )
    contract.action_offer()
    contract.action_accept()
    return contract

for race in range({RACES}):
    create_contract(f"race {{race}}", 100)
create_contract("large", {EQUIPMENT}).action_activate()
env["ir.cron"].search([]).active = False
env.ref("maintenance_contract.ir_cron_generate_visits").write(
    {{"active": True, "nextcall": "2020-01-01"}}
)
env.cr.commit()
"""

# Two of these meet before each contract, and validate it at the same moment.
RACE = f"""
from odoo.exceptions import LockError

for race in range({RACES}):
    contract = env["maintenance.contract"].search([("customer_reference", "=", f"race {{race}}")])
    coverages = contract.coverage_ids
    meet(race)
    try:
        retrying(coverages.action_validate, env)
        env.cr.commit()
        print("validated")
    except LockError:
        env.cr.rollback()
        print("try again")
"""


@tagged("post_install", "-at_install", "slow")
class TestKill(ProcessCase):
    """Killed at any moment and started again: no visit is missing, none is there twice."""

    SET_UP = SET_UP

    def test_generation_survives_kill_9(self):
        seed = random.randrange(10_000)
        moments = random.Random(seed)
        counts = []
        for _kill in range(KILLS):
            with self._server() as server:
                before = self._count_visits()
                self._wait_for(server, b"starting")
                # In one of the batches after the first one of this process.
                end = time.monotonic() + PATIENCE / 4
                while self._count_visits() == before and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(moments.uniform(0, 0.2))
                server.kill()
                server.wait()
            counts.append(self._count_visits())
        with self.subTest(seed=seed):
            self.assertTrue(0 < counts[0] < 12 * EQUIPMENT, counts)
            self.assertFalse([count for count in counts if count % 12], "a batch is whole")
            with self._server() as server:
                self._wait_for(server, b"fully done")
                server.kill()
                server.wait()
            self.assertVisits("large", EQUIPMENT)

    def test_two_servers_validate_at_once(self):
        """One works; the other finds the same visits, or is told to try again."""
        outcomes = self._race(RACE)
        self.assertEqual(len(outcomes), RACES)
        for race, outcome in enumerate(outcomes):
            self.assertIn("validated", outcome)
            self.assertVisits(f"race {race}", 100)

    def _count_visits(self):
        [(count,)] = self._query(
            """
            SELECT count(*)
              FROM maintenance_visit visit
              JOIN maintenance_contract contract ON contract.id = visit.contract_id
             WHERE contract.customer_reference = 'large'
            """
        )
        return count

    def assertVisits(self, reference, count):
        """Each coverage has its twelve visits, each once, with its checklist."""
        visits = self._query(
            f"""
            SELECT coverage.id, visit.rank, visit.nominal_date,
                   (SELECT count(*) FROM maintenance_check WHERE visit_id = visit.id)
              FROM maintenance_visit visit
              JOIN maintenance_coverage coverage ON coverage.id = visit.coverage_id
              JOIN maintenance_contract contract ON contract.id = coverage.contract_id
             WHERE contract.customer_reference = '{reference}'
            """
        )
        expected = Counter(
            (coverage_id, rank, START + relativedelta(months=rank), 2)
            for coverage_id in {visit[0] for visit in visits}
            for rank in range(12)
        )
        self.assertEqual(Counter(visits), expected)
        self.assertEqual(len(visits), 12 * count)
