from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestLifeBilling(LifeCommon):
    """The billing schedule follows what happens to a contract: 1200 a year, by the quarter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls._create_equipment(), term_months=12, renewal="express", billing_period="quarter"
        ).with_user(cls.manager)
        cls.coverage = cls.contract.coverage_ids
        cls.coverage.price = 1200
        cls.contract.action_accept()
        cls.contract.action_activate()

    def _amend(self, on, **line):
        coverage = self.contract.coverage_ids.sorted("date_start")[-1]
        self.env["maintenance.amendment"].with_user(self.manager).create(
            {
                "contract_id": self.contract.id,
                "subject": "Change",
                "date": on,
                "line_ids": [Command.create({"coverage_id": coverage.id, **line})],
            }
        ).action_apply()

    def assertBilled(self, *amounts):
        rows = self.contract.sudo().billing_period_ids.sorted("date_start")
        self.assertEqual(rows.mapped("amount"), list(amounts))

    def test_suspended_days_are_not_billed(self):
        self.contract._suspend(date(2027, 6, 1), date(2027, 8, 31), "Works")
        self.assertBilled(300, 0, 300, 300)
        self.contract._end_suspension(self.contract.suspension_ids, date(2027, 5, 1))
        self.assertBilled(300, 300, 300, 300)

    def test_a_contract_suspended_whole_is_never_invoiced(self):
        self.contract._suspend(self.contract.date_start, self.contract.date_end, "Works")
        self.assertBilled(0, 0, 0, 0)
        self.assertFalse(self.contract.next_invoice_date)
        self._run_cron("2028-03-01", "ir_cron_invoice_due")
        self.assertFalse(self.contract.sudo().billing_period_ids.move_id)

    def test_a_term_more_is_billed(self):
        self.contract._renew(12, self.contract.agreed_end)
        self.assertBilled(*[300] * 8)

    def test_prices_of_amendments(self):
        """A price alone splits the period at its day; a later change of tier keeps that price."""
        self._amend(date(2027, 7, 1), price=2400)
        self.assertEqual(len(self.contract.coverage_ids), 1)
        # 30 of 92 days at 300, 62 at 600.
        self.assertBilled(300, 502.18, 600, 600)
        self._amend(
            date(2027, 10, 1), tier_id=self.env["maintenance.tier"].create({"name": "B"}).id
        )
        self.assertBilled(300, 502.18, 197.8, 402.2, 600)
