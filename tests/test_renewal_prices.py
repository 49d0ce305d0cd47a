from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestRenewalPrices(LifeCommon):
    """A renewal may be agreed at other prices: they count from the new term on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2027-03-01 08:00:00"):
            cls.contract = cls._create_contract(
                cls._create_equipment("Press"),
                cls._create_equipment("Lathe"),
                term_months=12,
                renewal="express",
                billing_period="year",
            ).with_user(cls.manager)
            cls.press, cls.lathe = cls.contract.coverage_ids.sorted("id")
            (cls.press | cls.lathe).price = 1200
            cls.contract.action_accept()
            cls.contract.action_activate()

    def _open_form(self):
        window = self.contract.action_renew()
        wizards = self.env[window["res_model"]].with_user(self.manager)
        return Form(wizards.with_context(**window["context"]))

    def _get_prices(self, coverage):
        return [
            (str(price.date_start), price.yearly, price.origin)
            for price in coverage.price_ids.sorted("date_start")
        ]

    def test_from_the_new_term_on(self):
        form = self._open_form()
        self.assertFalse(form.line_ids)
        form.has_new_prices = True
        self.assertEqual(len(form.line_ids), 2)
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.price_before, line.price), (1200, 1200))
            equipment = line.equipment_id
            line.price = 1500
        form.save().action_renew()
        changed = self.contract.coverage_ids.filtered(lambda c: c.equipment_id == equipment)
        self.assertEqual(
            self._get_prices(changed),
            [("2027-03-01", 1200, "initial"), ("2028-03-01", 1500, "renewal")],
        )
        self.assertEqual(
            self._get_prices(self.contract.coverage_ids - changed),
            [("2027-03-01", 1200, "initial")],
        )
        rows = changed.sudo().billing_period_ids.sorted("date_start")
        self.assertEqual(rows.mapped("amount"), [1200, 1500])
        self.assertEqual(changed.price, 1200)
        message = self.contract.message_ids.filtered(lambda m: "New prices" in str(m.body))
        self.assertIn(equipment.name, message.body)
        self.assertNotIn("500", message.body)

    def test_without_new_prices_nothing_changes(self):
        form = self._open_form()
        form.has_new_prices = True
        with form.line_ids.edit(0) as line:
            line.price = 1500
        form.has_new_prices = False
        form.save().action_renew()
        for coverage in (self.press, self.lathe):
            self.assertEqual(len(coverage.price_ids), 1)

    def test_only_what_goes_on_has_a_price(self):
        self.lathe._end(date(2027, 12, 31), "Sold")
        form = self._open_form()
        form.has_new_prices = True
        self.assertEqual(len(form.line_ids), 1)

    def test_only_of_this_contract(self):
        other = self._create_active("express")
        wizard = self.env["maintenance.renewal"].with_user(self.manager)
        wizard = wizard.create({"contract_id": self.contract.id, "has_new_prices": True})
        wizard.line_ids = [Command.create({"coverage_id": other.coverage_ids.id, "price": 1})]
        with self.assertRaisesRegex(UserError, "Prices"):
            wizard.action_renew()
