from odoo.tests import tagged

from .process_common import ProcessCase

SET_UP = """
from datetime import timedelta
from odoo import fields
from odoo.fields import Command

env.company.sla_policy_id = env["maintenance.sla.policy"].create(
    {
        "name": "Around the clock",
        "target_ids": [
            Command.create({"kind": kind, "amount": 1, "unit": "calendar_hours"})
            for kind in ("part_delivery", "report")
        ],
    }
)
env["helpdesk.ticket"].with_context(tracking_disable=True).create(
    {
        "name": "race",
        "description": "Late since yesterday",
        "received_at": fields.Datetime.now() - timedelta(days=1),
    }
)
env.cr.commit()
"""

# Each begins before the other ends, and knows its own event only.
RACE = """
from psycopg2.errors import SerializationFailure
from odoo.api import SUPERUSER_ID, Environment

with env.registry.cursor() as first, env.registry.cursor() as second:
    one, other = (
        Environment(cr, SUPERUSER_ID, {})["helpdesk.ticket"].search([("name", "=", "race")])
        for cr in (first, second)
    )
    assert one and other, "both have looked at the request"
    one._reach("part_delivery")
    first.commit()
    try:
        other._reach("report")
        print("done")
    except SerializationFailure:
        second.rollback()
        other.env.invalidate_all()
        other._reach("report")
        print("done again")
"""


@tagged("post_install", "-at_install", "slow")
class TestClockRace(ProcessCase):
    """Two steps of one request are reached at the same second."""

    SET_UP = SET_UP

    def test_what_the_request_shows_follows_from_both(self):
        self.assertEqual(self._run_shell(RACE), ["done again"])
        shown = self._query(
            "SELECT sla_state, sla_deadline FROM helpdesk_ticket WHERE name = 'race'"
        )
        self.assertEqual(shown, [("met_late", None)])
