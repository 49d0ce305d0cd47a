import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import date
from unittest import SkipTest

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo.tests import BaseCase, tagged
from odoo.tools import config

EQUIPMENT = 3_000
RACES = 3
START = date(2027, 1, 31)
KILLS = 4
# What a slow machine may take to load Odoo, in seconds.
PATIENCE = 120

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
RACE = """
import time
from pathlib import Path
from odoo.exceptions import LockError
from odoo.service.model import retrying

for race in range({races}):
    contract = env["maintenance.contract"].search([("customer_reference", "=", f"race {{race}}")])
    coverages = contract.coverage_ids
    Path("{folder}", f"{{race}}-{runner}").touch()
    while not Path("{folder}", f"{{race}}-{other}").exists():
        time.sleep(0.001)
    env.cr.rollback()
    env.invalidate_all()
    try:
        retrying(coverages.action_validate, env)
        env.cr.commit()
        print("validated")
    except LockError:
        env.cr.rollback()
        print("try again")
"""


class ProcessCase(BaseCase):
    """Odoo in processes of its own, on a database of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = os.environ.get("DEV_TEMPLATE")
        if not template:
            raise SkipTest("DEV_TEMPLATE names no database to clone: run it with ./dev test")
        cls.database = f"test_{os.getpid()}"
        cls._execute_elsewhere(f'DROP DATABASE IF EXISTS "{cls.database}"')
        cls._execute_elsewhere(f'CREATE DATABASE "{cls.database}" TEMPLATE "{template}"')
        cls.addClassCleanup(
            cls._execute_elsewhere, f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)'
        )
        cls._run_shell(SET_UP)

    @staticmethod
    def _execute_elsewhere(statement):
        connection = psycopg2.connect(dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def _query(self, query):
        connection = psycopg2.connect(dbname=self.database)
        with connection.cursor() as cursor:
            cursor.execute(query)
            rows = cursor.fetchall()
        connection.close()
        return rows

    @classmethod
    def _start(cls, *arguments, **options):
        # Not in the repository: Python would find its folders before the modules of those names.
        return subprocess.Popen(
            [sys.executable, "-m", "odoo", *arguments],
            cwd=tempfile.gettempdir(),
            stdin=subprocess.PIPE,
            **options,
        )

    @classmethod
    def _start_shell(cls, script):
        shell = cls._start(
            *("shell", "-c", config["config"], "-d", cls.database, "--no-http"),
            "--log-level=error",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        shell.stdin.write(script.encode())
        shell.stdin.close()
        return shell

    @classmethod
    def _end_shell(cls, shell):
        output, errors = shell.stdout.read().decode(), shell.stderr.read().decode()
        shell.stdout.close()
        shell.stderr.close()
        if shell.wait(PATIENCE) or "Traceback" in errors:
            raise AssertionError(errors)
        return output.split("\n")[:-1]

    @classmethod
    def _run_shell(cls, script):
        return cls._end_shell(cls._start_shell(script))

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


@tagged("post_install", "-at_install", "slow")
class TestKill(ProcessCase):
    """Killed at any moment and started again: no visit is missing, none is there twice."""

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
        with tempfile.TemporaryDirectory() as folder:
            first, second = (
                self._start_shell(
                    RACE.format(races=RACES, folder=folder, runner=runner, other=1 - runner)
                )
                for runner in range(2)
            )
            outcomes = list(zip(self._end_shell(first), self._end_shell(second), strict=True))
        self.assertEqual(len(outcomes), RACES)
        for race, outcome in enumerate(outcomes):
            self.assertIn("validated", outcome)
            self.assertVisits(f"race {race}", 100)

    @contextmanager
    def _server(self):
        """A server with one thread for crons, killed at the end."""
        server = self._start(
            *("-c", config["config"], "-d", self.database, "--no-http"),
            *("--workers=0", "--max-cron-threads=1"),
            stderr=subprocess.PIPE,
        )
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.kill()
            server.wait()
            server.stdin.close()
            server.stderr.close()

    def _wait_for(self, server, words):
        """Wake the crons up until the server logs these words."""
        seen, end = b"", time.monotonic() + PATIENCE
        while words not in seen:
            self.assertLess(time.monotonic(), end, seen.decode())
            self._execute_elsewhere(f"NOTIFY cron_trigger, '{self.database}'")
            ready, _write, _error = select.select([server.stderr], [], [], 0.2)
            if ready:
                chunk = os.read(server.stderr.fileno(), 65_536)
                self.assertTrue(chunk, f"the server ended:\n{seen.decode()}")
                seen += chunk

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
