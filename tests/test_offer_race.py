from odoo.tests import tagged

from .process_common import ProcessCase

SET_UP = """
from datetime import date
from odoo.fields import Command

env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
customer = env["res.partner"].create({"name": "Race"})
for reference in ("twice", "changed"):
    equipment = env["maintenance.equipment"].create(
        {"name": reference, "customer_id": customer.id}
    )
    env["maintenance.contract"].create(
        {
            "partner_id": customer.id,
            "customer_reference": reference,
            "date_start": date(2027, 3, 1),
            "warranty_type_id": env["maintenance.warranty.type"].create({"name": reference}).id,
            "coverage_ids": [Command.create({"equipment_id": equipment.id, "price": 100})],
        }
    )
env.cr.commit()
"""

OPEN = """
from psycopg2.errors import SerializationFailure
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError

def find(cr, reference):
    contracts = Environment(cr, SUPERUSER_ID, {})["maintenance.contract"]
    return contracts.search([("customer_reference", "=", reference)])

def attempt(cr, env, action):
    # Odoo tries again by itself what another transaction was faster with.
    try:
        return action()
    except SerializationFailure:
        cr.rollback()
        env.invalidate_all()
        return action()
"""

# Two tabs: each has looked before the other has made the offer.
TWICE = (
    OPEN
    + """
with env.registry.cursor() as first, env.registry.cursor() as second:
    one, other = find(first, "twice"), find(second, "twice")
    assert one.state == other.state == "draft"
    one.action_make_offer()
    first.commit()
    try:
        attempt(second, other.env, other.action_make_offer)
        print("made twice")
    except UserError as error:
        print("refused" if "Offered" in str(error) else error)
"""
)

# The price is changed after the customer has opened the page, before he signs.
CHANGED = (
    OPEN
    + """
with env.registry.cursor() as first, env.registry.cursor() as second:
    contract = find(first, "changed")
    contract.action_make_offer()
    first.commit()
    signed = find(second, "changed")
    assert signed.offer_id._has_to_be_signed()
    contract.coverage_ids.price = 200
    first.commit()
    try:
        attempt(second, signed.env, signed.offer_id.action_confirm)
        print("signed")
    except UserError as error:
        print("refused" if "out of date" in str(error) else error)
"""
)


@tagged("post_install", "-at_install", "slow")
class TestOfferRace(ProcessCase):
    """Two people, or two tabs, at once on one contract."""

    SET_UP = SET_UP

    def test_one_offer(self):
        self.assertEqual(self._run_shell(TWICE), ["refused"])
        self.assertEqual(self._query("SELECT state FROM sale_order"), [("draft",)])

    def test_price_changed_meanwhile_is_not_signed(self):
        self.assertEqual(self._run_shell(CHANGED), ["refused"])
