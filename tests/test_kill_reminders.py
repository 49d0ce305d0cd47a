import random
import tempfile
import time
from collections import Counter, defaultdict

from odoo.tests import tagged

from .process_common import PATIENCE, ProcessCase
from .smtp_sink import SmtpSink

# Requests whose first reminder is due, and those whose closing is: some batches of the cron.
TO_REMIND = 50
TO_CLOSE = 30
RACES = 4
KILLS = 7

SET_UP = """
from datetime import datetime, timedelta
from odoo.fields import Command

now = datetime.now().replace(microsecond=0)
long_ago = now - timedelta(days=28)
env.company.email = "atelier@geneve.example"
env["ir.mail_server"].search([]).active = False
env["ir.mail_server"].create({{
    "name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": {port}, "smtp_encryption": "none",
}})
reason = env.ref("maintenance_contract.pause_reason_customer")
portal = env["res.users"].with_context(no_reset_password=True).create({{
    "name": "Anne", "login": "anne", "email": "anne@horloger.example",
    "group_ids": [Command.set(env.ref("base.group_portal").ids)],
}})

def create_requests(name, count):
    contacts = env["res.partner"].create([
        {{"name": f"{{name}} {{n}}", "email": f"{{name}}.{{n}}@horloger.example"}}
        for n in range(count)
    ])
    tickets = env["helpdesk.ticket"].create([
        {{
            "name": name,
            "description": name,
            "partner_id": portal.partner_id.id if name == "race" else contact.id,
            "received_at": long_ago,
            "severity_id": env.ref("maintenance_contract.severity_blocking").id,
        }}
        for contact in contacts
    ])
    for ticket in tickets:
        ticket._wait(reason, long_ago)
    return tickets

create_requests("remind", {to_remind})
for ticket in create_requests("close", {to_close}) | create_requests("race", {races}):
    env["maintenance.reminder"].create([
        {{
            "ticket_id": ticket.id,
            "cycle": ticket.waiting_cycle,
            "rank": rank,
            "sent_at": long_ago + timedelta(days=5 * rank),
        }}
        for rank in (1, 2, 3)
    ])
    ticket._plan_reminders()
    if ticket.name == "race":
        # Not before the race begins.
        ticket.active = False
env["ir.cron"].search([]).active = False
for name in ("maintenance_contract.ir_cron_remind_customers", "mail.ir_cron_mail_scheduler_action"):
    env.ref(name).write({{"active": True, "nextcall": "2020-01-01"}})
env["ir.cron.trigger"].search([]).unlink()
env.cr.commit()
"""

# The customer and the cron meet before each request, and answer and close it at the same moment.
CUSTOMER = """
import time
from pathlib import Path
from odoo.service.model import retrying

portal = env["res.users"].search([("login", "=", "anne")])
tickets = env["helpdesk.ticket"].with_context(active_test=False).search([("name", "=", "race")])
for race, ticket in enumerate(tickets):
    ticket.active = True
    env.cr.commit()
    Path("{folder}", f"{{race}}-customer").touch()
    while not Path("{folder}", f"{{race}}-cron").exists():
        time.sleep(0.001)
    env.cr.rollback()
    env.invalidate_all()
    time.sleep(race * 0.01)
    retrying(
        lambda: ticket.with_user(portal).message_post(
            body="Here I am", message_type="comment", subtype_xmlid="mail.mt_comment"
        ),
        env,
    )
    env.cr.commit()
    print("answered")
"""

# Two servers run the cron at the same moment.
SERVER = """
import time
from pathlib import Path
from psycopg2.errors import SerializationFailure

Path("{folder}", "{runner}").touch()
while not Path("{folder}", "{other}").exists():
    time.sleep(0.001)
for attempt in range(10):
    env.cr.rollback()
    env.invalidate_all()
    try:
        env["helpdesk.ticket"]._cron_remind()
        env.cr.commit()
    except SerializationFailure:
        pass
"""

CRON = """
import time
from pathlib import Path
from psycopg2.errors import SerializationFailure

for race in range({races}):
    Path("{folder}", f"{{race}}-cron").touch()
    while not Path("{folder}", f"{{race}}-customer").exists():
        time.sleep(0.001)
    env.cr.rollback()
    env.invalidate_all()
    try:
        env["helpdesk.ticket"]._cron_remind()
        print("ran")
    except SerializationFailure:
        env.cr.rollback()
        print("again")
"""


class ReminderProcessCase(ProcessCase):
    """Requests of which a step is due, and a mail server."""

    requests = {"to_remind": 0, "to_close": 0, "races": 0}

    @classmethod
    def setUpClass(cls):
        cls.sink = SmtpSink()
        cls.addClassCleanup(cls.sink.close)
        cls.SET_UP = SET_UP.format(port=cls.sink.port, **cls.requests)
        super().setUpClass()


@tagged("post_install", "-at_install", "slow")
class TestReminderRace(ReminderProcessCase):
    """FM25: the customer answers at the second at which the request is closed."""

    requests = {"to_remind": TO_REMIND, "to_close": 0, "races": RACES}

    def test_reminded_once_by_two_servers(self):
        """FM2: each request is taken by one of them."""
        with tempfile.TemporaryDirectory() as folder:
            scripts = [
                SERVER.format(folder=folder, runner=runner, other=1 - runner) for runner in (0, 1)
            ]
            for shell in list(map(self._start_shell, scripts)):
                self._end_shell(shell)
        reminders = self._query(
            "SELECT ticket_id FROM maintenance_reminder WHERE mail_message_id IS NOT NULL"
        )
        self.assertEqual(Counter(Counter(reminders).values()), {1: TO_REMIND})

    def test_the_answer_is_not_lost(self):
        with tempfile.TemporaryDirectory() as folder:
            customer = self._start_shell(CUSTOMER.format(folder=folder))
            cron = self._start_shell(CRON.format(folder=folder, races=RACES))
            self.assertEqual(self._end_shell(customer), ["answered"] * RACES)
            self.assertEqual(len(self._end_shell(cron)), RACES)
        steps = self._query("SELECT maintenance_step FROM helpdesk_ticket WHERE name = 'race'")
        self.assertEqual(steps, [("in_progress",)] * RACES)


@tagged("post_install", "-at_install", "slow")
class TestKillReminders(ReminderProcessCase):
    """X3: killed at any moment and started again, each customer is reminded and told once.

    A mail may leave twice when the kill came after the mail server had taken it: with the same
    Message-Id, by which the customer's program recognises it. Nothing else may.
    """

    requests = {"to_remind": TO_REMIND, "to_close": TO_CLOSE, "races": 0}

    def test_reminders_survive_kill_9(self):
        seed = random.randrange(10_000)
        moments = random.Random(seed)
        progress = []
        while len(progress) < KILLS and not self._is_done():
            self._let_an_hour_pass()
            with self._server() as server:
                before = self._get_progress()
                self._wait_for(server, b"starting")
                end = time.monotonic() + PATIENCE / 4
                while self._get_progress() == before and time.monotonic() < end:
                    time.sleep(0.01)
                time.sleep(moments.uniform(0, 0.3))
                server.kill()
                server.wait()
            progress.append(self._get_progress())
        with self.subTest(seed=seed):
            self.assertTrue(0 < progress[0][0] < TO_REMIND + TO_CLOSE, progress)
            self.assertTrue(any(0 < sent < TO_REMIND + TO_CLOSE for _, sent in progress), progress)
            self._run_to_the_end()
            self.assertAllDone()

    def _let_an_hour_pass(self):
        """Odoo leaves a job for an hour when it was killed thrice before it had done anything."""
        self._query("UPDATE ir_cron_progress SET timed_out_counter = 0 RETURNING id")
        self._query("UPDATE ir_cron SET nextcall = '2020-01-01' WHERE active RETURNING id")

    def _get_progress(self):
        """What the cron has committed, and how many mails have left."""
        [(done,)] = self._query(
            """
            SELECT count(*) FILTER (WHERE name = 'close' AND maintenance_step = 'closed')
                   + (SELECT count(*) FROM maintenance_reminder WHERE sent_at IS NULL
                      OR sent_at > now() AT TIME ZONE 'UTC' - INTERVAL '1 day')
              FROM helpdesk_ticket
            """
        )
        return done, len(self.sink.mails)

    def _run_to_the_end(self):
        self._let_an_hour_pass()
        with self._server() as server:
            self._wait_until(server, lambda _seen: self._is_done())

    def _is_done(self):
        outgoing = self._query("SELECT 1 FROM mail_mail WHERE state = 'outgoing'")
        return not outgoing and self._get_progress()[0] == TO_REMIND + TO_CLOSE

    def assertAllDone(self):
        reminders = self._query(
            """
            SELECT ticket.name, ticket.maintenance_step, count(*), count(reminder.sent_at)
              FROM helpdesk_ticket ticket
              JOIN maintenance_reminder reminder ON reminder.ticket_id = ticket.id
             WHERE ticket.name IN ('remind', 'close')
             GROUP BY ticket.id
            """
        )
        self.assertEqual(
            Counter(reminders),
            {("remind", "waiting", 1, 1): TO_REMIND, ("close", "closed", 3, 3): TO_CLOSE},
        )
        identifiers = defaultdict(Counter)
        for mail in self.sink.mails:
            identifiers[mail["To"]][mail["Message-Id"]] += 1
        self.assertEqual(len(identifiers), TO_REMIND + TO_CLOSE)
        for recipient, times in identifiers.items():
            self.assertEqual(len(times), 1, f"{recipient} got several mails: {times}")
        again = sum(times.total() - 1 for times in identifiers.values())
        self.assertLessEqual(again, KILLS, "one mail at most was on its way at each kill")
