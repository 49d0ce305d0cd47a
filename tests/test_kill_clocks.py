import random
import time

from odoo.tests import tagged

from .process_common import ProcessCase

TICKETS = 240
KINDS = ("acknowledge", "first_answer", "workaround", "resolution")
PERCENTS = (50, 100)
KILLS = 1

SET_UP = f"""
from datetime import timedelta
from odoo import fields
from odoo.fields import Command

env.company.sla_policy_id = env["maintenance.sla.policy"].create(
    {{
        "name": "Around the clock",
        "warning_ids": [
            Command.create({{"percent": percent, "recipient": "technician"}})
            for percent in {PERCENTS}
        ],
        "target_ids": [
            Command.create({{"kind": kind, "amount": 1, "unit": "calendar_hours"}})
            for kind in {KINDS}
        ],
    }}
)
customer = env["res.partner"].create({{"name": "Customer", "is_company": True}})
received = fields.Datetime.now() - timedelta(days=1)
env["helpdesk.ticket"].with_context(tracking_disable=True).create(
    [
        {{
            "name": f"Request {{n}}",
            "description": "Late since yesterday",
            "partner_id": customer.id,
            "received_at": received,
            "user_id": env.ref("base.user_admin").id,
        }}
        for n in range({TICKETS})
    ]
)
# As they stood before their first warning.
env.flush_all()
env.cr.execute(
    "UPDATE maintenance_sla_clock SET state = 'running', result = NULL, next_change_at = %s",
    [received],
)
env["ir.cron"].search([]).active = False
env.ref("maintenance_contract.ir_cron_refresh_clocks").write(
    {{"active": True, "nextcall": "2020-01-01"}}
)
env.cr.commit()
"""


@tagged("post_install", "-at_install", "slow")
class TestKillClocks(ProcessCase):
    """Killed while it warns and started again: each warning was given, none twice."""

    SET_UP = SET_UP

    def test_warnings_survive_kill_9(self):
        seed = random.randrange(10_000)
        moments = random.Random(seed)
        counts = []
        for _kill in range(KILLS):
            with self._server() as server:
                before = self._count("maintenance_sla_alert")
                self._wait_for(server, b"starting")
                self._wait_until(
                    server,
                    lambda _seen, before=before: self._count("maintenance_sla_alert") > before,
                )
                time.sleep(moments.uniform(0, 0.1))
            counts.append(self._count("maintenance_sla_alert"))
        with self.subTest(seed=seed, counts=counts):
            everything = TICKETS * len(KINDS) * len(PERCENTS)
            self.assertTrue(0 < counts[0] < everything, "killed in the middle")
            with self._server() as server:
                self._wait_for(server, b"starting")
                self._wait_until(
                    server, lambda _seen: self._count("maintenance_sla_alert") == everything
                )
            self.assertEqual(self._count("mail_activity"), self._count_told())
            states = self._query("SELECT DISTINCT state, result FROM maintenance_sla_clock")
            self.assertEqual(states, [("overdue", "late")])

    def _count(self, table):
        [(count,)] = self._query(f"SELECT count(*) FROM {table}")
        return count

    def _count_told(self):
        """A batch tells each request once: clocks of one request may fall into two batches."""
        [(count,)] = self._query(
            "SELECT count(DISTINCT (ticket_id, create_date)) FROM maintenance_sla_alert"
        )
        return count
