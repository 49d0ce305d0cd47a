from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
class TestPriceTour(PriceCommon, HttpCase):
    """Prices are revised in the browser by a contract manager, from the figures to the letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.manager.write({"lang": "en_US", "password": cls.manager.login})
        cls.customer.write({"lang": "fr_FR", "email": "direction@horloger.example"})
        today = fields.Date.context_today(cls.manager)
        cls.start = today + relativedelta(years=-1, day=1)
        cls.formula.write({"coefficient_rounding": "up_3", "reading_rule": "last"})
        cls._publish(280, month=cls.start)
        cls.contract = cls._create_indexed_contract(1767, date_start=cls.start)
        cls._publish(294.6, month=today.replace(day=1))

    def test_from_simulation_to_letter(self):
        self.start_tour(
            "/odoo/action-maintenance_contract.maintenance_price_revision_action",
            "price revision: from simulation to letter",
            login=self.manager.login,
        )
        revision = self.env["maintenance.price.revision"].search([("letter_ids", "!=", False)])
        self.assertRecordValues(
            revision, [{"state": "approved", "name": "Revision of the tour", "unsent_count": 0}]
        )
        price = self.contract.coverage_ids._get_price_on(revision.date)
        self.assertEqual(price, 1846.52)
        self.env.ref("maintenance_contract.ir_cron_send_price_letters").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(revision.letter_ids.state, "sent")
        self.assertEqual(
            revision.letter_ids.message_ids.notified_partner_ids, self.contract.partner_id
        )
