import random
import time
from datetime import date

from odoo.tests import tagged

from .process_common import PATIENCE, ProcessCase

CONTRACTS = 1_200
EQUIPMENT = 2
KILLS = 10
RACES = 5
MONTHS = 1
# Long ago: all periods are due, whatever day the test runs.
START = date(2025, 1, 1)

SET_UP = f"""
from odoo.fields import Command

warranty_type = env["maintenance.warranty.type"].create({{"name": "No visits"}})

def create_contracts(reference, count):
    customers = env["res.partner"].create(
        [{{"name": f"{{reference}} {{n}}", "is_company": True}} for n in range(count)]
    )
    equipment = env["maintenance.equipment"].create(
        [
            {{"name": f"{{customer.name}} {{n}}", "site_id": customer.id}}
            for customer in customers
            for n in range({EQUIPMENT})
        ]
    )
    contracts = env["maintenance.contract"].create(
        [
            {{
                "partner_id": customer.id,
                "customer_reference": reference,
                "warranty_type_id": warranty_type.id,
                "date_start": "{START}",
                "term_months": {MONTHS},
                "billing_period": "month",
                "coverage_ids": [
                    Command.create({{"equipment_id": one.id, "price": 1000}})
                    for one in equipment.filtered(lambda one: one.site_id == customer)
                ],
            }}
            for customer in customers
        ]
    )
    contracts.action_offer()
    contracts.action_accept()
    contracts.action_activate()
    contracts._update_billing_schedule()

for race in range({RACES}):
    create_contracts(f"race {{race}}", 5)
create_contracts("many", {CONTRACTS})
env["ir.cron"].search([]).active = False
# Left for the servers: the races meet in shells.
env["maintenance.contract"].search([("customer_reference", "like", "race")]).active = False
env.ref("maintenance_contract.ir_cron_invoice_due").write(
    {{"active": True, "nextcall": "2020-01-01"}}
)
env.cr.commit()
"""

# Killed three times before its first commit, a job waits until the next day: here it comes at once.
WAKE = """
    DELETE FROM ir_cron_progress;
    UPDATE ir_cron SET nextcall = '2020-01-01', failure_count = 0 WHERE active RETURNING id
"""

# Two of these meet before each group of contracts, and invoice it at the same moment: one as the
# button does, one as the nightly run does.
RACE = f"""
from odoo.exceptions import LockError, UserError

for race in range({RACES}):
    domain = [("customer_reference", "=", f"race {{race}}"), ("active", "=", False)]
    contracts = env["maintenance.contract"].search(domain)
    days = env["res.company"]._get_local_days()
    work = contracts.action_create_invoices if runner else lambda: bool(
        contracts._invoice_by_company(days)
    )
    meet(race)
    try:
        done = retrying(work, env)
        env.cr.commit()
        print("invoiced" if done else "nothing left")
    except (LockError, UserError):
        env.cr.rollback()
        print("try again")
"""


@tagged("post_install", "-at_install", "slow")
class TestKillInvoicing(ProcessCase):
    """Killed at any moment, or run twice at once: each period is on exactly one invoice."""

    SET_UP = SET_UP

    def test_invoicing_survives_kill_9(self):
        """OCA/contract#1473: after a failed run, the next one invoiced again."""
        seed = random.randrange(10_000)
        moments = random.Random(seed)
        counts = []
        for kill in range(KILLS):
            self._query(WAKE)
            with self._server() as server:
                before = self._count_invoices()
                self._wait_for(server, b"starting")
                # In the first batch of this process, or in one after it.
                end = time.monotonic() + PATIENCE / 4
                while kill % 2 and self._count_invoices() == before and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(moments.uniform(0, 2))
                server.kill()
                server.wait()
            counts.append(self._count_invoices())
            if counts[-1] == CONTRACTS:
                break
        with self.subTest(seed=seed, counts=counts):
            self.assertGreater(len({0, CONTRACTS, *counts}), 3, "killed in the middle of it")
            self._query(WAKE)
            with self._server() as server:
                self._wait_until(server, lambda seen: self._count_invoices() == CONTRACTS)
            self.assertInvoiced("many", CONTRACTS)

    def test_two_at_once(self):
        outcomes = self._race(RACE)
        self.assertEqual(len(outcomes), RACES)
        for race, outcome in enumerate(outcomes):
            self.assertIn("invoiced", outcome)
            self.assertInvoiced(f"race {race}", 5)

    def _count_invoices(self):
        [(count,)] = self._query("SELECT count(*) FROM account_move")
        return count

    def assertInvoiced(self, reference, count):
        """Each period of each coverage is on one line of one draft, to the cent."""
        rows = self._query(
            f"""
            SELECT row.coverage_id, row.date_start, row.amount, row.state, line.price_unit,
                   move.state, count(*) OVER (PARTITION BY line.id)
              FROM maintenance_billing_period row
              JOIN maintenance_contract contract ON contract.id = row.contract_id
              LEFT JOIN account_move_line line ON line.id = row.move_line_id
              LEFT JOIN account_move move ON move.id = line.move_id AND move.id = row.move_id
             WHERE contract.customer_reference = '{reference}'
            """
        )
        self.assertEqual(len(rows), MONTHS * EQUIPMENT * count)
        self.assertEqual(len({row[:2] for row in rows}), len(rows))
        for _coverage, _start, amount, *rest in rows:
            self.assertEqual((float(amount), *rest), (83.33, "invoiced", 83.33, "draft", 1))
        [(orphans,)] = self._query(
            """
            SELECT count(*)
              FROM account_move_line line
             WHERE display_type = 'product'
               AND NOT EXISTS (
                   SELECT FROM maintenance_billing_period WHERE move_line_id = line.id
                   )
            """
        )
        self.assertEqual(orphans, 0, "no invoice of nothing")
