from psycopg2 import IntegrityError

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(BillingCommon):
    """Customers archived, deleted or merged: what was agreed with them stays (FM15).

    Odoo merges contacts by SQL, and deletes what a unique key of ours would refuse.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls.env["res.partner"].create({"name": "Horloger S.A.", "is_company": True})

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_contracts_of_merged_customers_are_invoiced_together(self):
        contracts = self._create_billed_contract(1200, invoice_grouping="customer")
        equipment = self._create_equipment(customer_id=self.twin.id, site_id=self.twin.id)
        with freeze_time("2027-01-01"):
            contracts |= self._create_contract(
                equipment,
                state="active",
                partner_id=self.twin.id,
                site_ids=[(6, 0, (self.twin | self.site).ids)],
                warranty_type_id=self.quiet_type.id,
                date_start="2027-01-01",
                billing_period="month",
                invoice_grouping="customer",
            )
            contracts[1].coverage_ids._set_price(contracts[1].date_start, 600, "amendment")
        rows = [self._get_rows(contract) for contract in contracts]
        self._merge(self.twin, self.customer)
        self.assertEqual(contracts.partner_id, self.customer)
        self.assertEqual(contracts.commercial_partner_id, self.customer)
        self.assertEqual(contracts.billing_period_ids.partner_id, self.customer)
        self.assertEqual(contracts[1].site_ids, self.customer | self.site)
        self.assertEqual(equipment.customer_id, self.customer)
        contracts._update_billing_schedule()
        self.assertEqual([self._get_rows(contract) for contract in contracts], rows)
        self._run_cron("2027-01-01")
        move = self._get_moves(contracts)
        self.assertEqual((move.partner_id, move.amount_untaxed), (self.customer, 150))

    def test_merged_contacts_keep_their_votes(self):
        """Both voted for one idea, one of them for another: one vote each."""
        ideas = self.env["helpdesk.ticket"].create(
            [{"name": name, "description": name} for name in ("Faster", "Quieter")]
        )
        votes = self.env["maintenance.idea.vote"].create(
            [
                {"ticket_id": idea.id, "partner_id": partner.id}
                for idea, partner in (
                    (ideas[0], self.customer),
                    (ideas[0], self.twin),
                    (ideas[1], self.twin),
                )
            ]
        )
        self._merge(self.twin, self.customer)
        kept = votes.exists()
        self.assertEqual(kept.partner_id, self.customer)
        self.assertEqual(kept.ticket_id, ideas)
        self.assertEqual(len(kept), 2)

    def test_a_customer_with_a_contract_is_not_deleted(self):
        self._create_billed_contract(1200)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.customer.unlink()
