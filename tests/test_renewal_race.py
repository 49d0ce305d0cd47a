from odoo.tests import tagged

from .process_common import ProcessCase

SET_UP = """
from datetime import date
from odoo.fields import Command

customer = env["res.partner"].create({"name": "Race"})
contract = env["maintenance.contract"].create(
    {
        "partner_id": customer.id,
        "date_start": date(2027, 3, 1),
        "renewal": "express",
        "warranty_type_id": env["maintenance.warranty.type"].create({"name": "Race"}).id,
        "coverage_ids": [
            Command.create(
                {
                    "equipment_id": env["maintenance.equipment"]
                    .create({"name": "Press", "customer_id": customer.id})
                    .id
                }
            )
        ],
    }
)
contract.action_accept()
contract.action_activate()
env.cr.commit()
"""

# Two tabs: each has looked before the other has renewed.
RACE = """
from psycopg2.errors import SerializationFailure
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError

with env.registry.cursor() as first, env.registry.cursor() as second:
    one, other = (
        Environment(cr, SUPERUSER_ID, {})["maintenance.contract"].search(
            [("partner_id.name", "=", "Race")]
        )
        for cr in (first, second)
    )
    after = one.agreed_end
    assert other.agreed_end == after
    one._renew(12, after)
    first.commit()
    try:
        other._renew(12, after)
        print("renewed twice")
    except SerializationFailure:
        # Odoo tries again by itself.
        second.rollback()
        other.env.invalidate_all()
        try:
            other._renew(12, after)
            print("renewed twice")
        except UserError as error:
            print("refused" if "renewed already" in str(error) else error)
"""


@tagged("post_install", "-at_install", "slow")
class TestRenewalRace(ProcessCase):
    """Bad input 26: a contract is renewed from two tabs at once."""

    SET_UP = SET_UP

    def test_renewed_once(self):
        self.assertEqual(self._run_shell(RACE), ["refused"])
        self.assertEqual(
            self._query(
                "SELECT term.rank, term.origin FROM maintenance_contract_term term "
                "JOIN maintenance_contract contract ON contract.id = term.contract_id "
                "JOIN res_partner customer ON customer.id = contract.partner_id "
                "WHERE customer.name = 'Race' ORDER BY term.rank"
            ),
            [(1, "initial"), (2, "express")],
        )
