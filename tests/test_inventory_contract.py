from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .inventory_common import InventoryCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestInventoryContract(InventoryCommon):
    """One button turns a signed inventory into equipment and a draft contract, once."""

    def _make(self, *lines):
        """Sign an inventory of these lines, and press the button as the contract manager."""
        self._find(*lines)
        self._sign()
        inventory = self.inventory.with_user(self.manager)
        action = inventory.action_create_contract()
        return self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])

    def test_equipment_and_draft_contract(self):
        category = self.env["maintenance.equipment.category"].create({"name": "Machines"})
        maker = self.env["res.partner"].create({"name": "Maker"})
        best = self.env["maintenance.tier"].create({"name": "Best"})
        product = self.env["product.product"].create({"name": "GA 30"})
        contract = self._make(
            self._get_line_vals(
                "Compressor",
                serial_no="GA-1",
                model="GA 30",
                category_id=category.id,
                manufacturer_id=maker.id,
                product_id=product.id,
                location="Hall 2",
                commissioning_date="2019-05-02",
                delivery_date="2019-04-20",
                required_calendar_id=self.calendar.id,
                tier_id=best.id,
            ),
            self._get_line_vals("Old press", site_id=self.site_2.id, commissioning_year=1978),
        )
        self.assertEqual((contract.state, contract.partner_id), ("draft", self.customer))
        self.assertEqual(contract.site_ids, self.site | self.site_2)
        self.assertEqual(contract.company_id, self.geneva)
        compressor, press = (
            contract.coverage_ids.filtered(lambda c, name=name: c.equipment_id.name == name)
            for name in ("Compressor", "Old press")
        )
        self.assertEqual((compressor.tier_id, press.tier_id), (best, self.tier))
        self.assertEqual(contract.coverage_ids.warranty_type_id, self.warranty_type)
        self.assertEqual(set(contract.coverage_ids.mapped("state")), {"draft"})
        self.assertRecordValues(
            compressor.equipment_id,
            [
                {
                    "serial_no": "GA-1",
                    "model": "GA 30",
                    "category_id": category.id,
                    "manufacturer_id": maker.id,
                    "product_id": product.id,
                    "customer_id": self.customer.id,
                    "site_id": self.site.id,
                    "company_id": self.geneva.id,
                    "required_calendar_id": self.calendar.id,
                }
            ],
        )
        self.assertEqual(str(compressor.equipment_id.commissioning_date), "2019-05-02")
        self.assertEqual(str(compressor.equipment_id.delivery_date), "2019-04-20")
        self.assertIn("Hall 2", compressor.equipment_id.note)
        # A year makes no date.
        self.assertFalse(press.equipment_id.commissioning_date)
        self.assertIn("1978", press.equipment_id.note)
        self.assertEqual(self.inventory.line_ids.equipment_id, contract.coverage_ids.equipment_id)
        self.assertTrue(self.inventory.has_contract)
        contract.action_offer()
        contract.action_accept()
        contract.action_activate()

    def test_what_cannot_be_maintained_stays_out(self):
        contract = self._make(
            self._get_line_vals("Lathe"),
            self._get_line_vals(
                "Dead press", feasibility="no", remark="<b>Frame</b> cracked", serial_no="D-1"
            ),
            self._get_line_vals("Pump", feasibility="after_work", work_needed="Change the seals"),
        )
        self.assertEqual(set(contract.coverage_ids.equipment_id.mapped("name")), {"Lathe", "Pump"})
        said = contract.message_ids.filtered(lambda m: "Dead press" in (m.body or "")).body
        self.assertIn("Dead press / D-1: &lt;b&gt;Frame&lt;/b&gt; cracked", said)
        self.assertIn("Pump: Change the seals", said)
        self.assertIn("signed by Nadia Keller", said)
        self.assertFalse(
            self.env["maintenance.equipment"].search([("serial_no", "=", "D-1")]).exists()
        )

    def test_nothing_can_be_maintained(self):
        self._find(self._get_line_vals(feasibility="no", warranty_type_id=False))
        self._sign()
        inventory = self.inventory.with_user(self.manager)
        self.assertRefused("maintained", inventory.action_create_contract, error=UserError)

    def test_double_click(self):
        contract = self._make(self._get_line_vals("Lathe"))
        again = self.inventory.with_user(self.manager).action_create_contract()
        self.assertEqual(again["res_id"], contract.id)
        self.assertEqual(contract.search_count([("partner_id", "=", self.customer.id)]), 1)
        self.assertEqual(
            self.env["maintenance.equipment"].search_count([("name", "=", "Lathe")]), 1
        )

    @mute_logger("odoo.sql_db")
    def test_database_knows_one_contract_only(self):
        contract = self._make(self._get_line_vals("Lathe"))
        other = self._create_contract()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            other.sudo().inventory_id = self.inventory
            other.flush_recordset()
        self.assertRefused(
            "Inventory",
            other.with_user(self.manager).write,
            {"inventory_id": self.inventory.id},
            error=AccessError,
        )
        self.assertFalse(contract.copy().inventory_id)

    def test_archived_contract_counts(self):
        contract = self._make(self._get_line_vals("Lathe"))
        contract.active = False
        again = self.inventory.with_user(self.manager).action_create_contract()
        self.assertEqual(again["res_id"], contract.id)

    def test_deleted_draft_is_made_again(self):
        """With the same equipment: nothing is put in the installed base twice."""
        contract = self._make(self._get_line_vals("Lathe"))
        equipment = contract.coverage_ids.equipment_id
        contract.unlink()
        self.assertFalse(self.inventory.has_contract)
        action = self.inventory.with_user(self.manager).action_create_contract()
        again = self.env["maintenance.contract"].browse(action["res_id"])
        self.assertEqual(again.coverage_ids.equipment_id, equipment)

    def test_only_a_signed_inventory_makes_a_contract(self):
        self._find(self._get_line_vals("Lathe"))
        inventory = self.inventory.with_user(self.manager)
        self.assertRefused("does not apply", inventory.action_create_contract, error=UserError)
        inventory.action_close()
        self.assertRefused("does not apply", inventory.action_create_contract, error=UserError)
        self._sign_closed(inventory)
        inventory.action_new_version()
        self.assertRefused("newer version", inventory.action_create_contract, error=UserError)

    def _sign_closed(self, inventory):
        inventory._sign("Nadia Keller", False)

    def test_no_new_version_once_there_is_a_contract(self):
        self._make(self._get_line_vals("Lathe"))
        inventory = self.inventory.with_user(self.dispatcher)
        self.assertRefused("amend", inventory.action_new_version, error=UserError)

    def test_who_makes_contracts(self):
        self._find(self._get_line_vals("Lathe"))
        self._sign()
        for user in (self.technician, self.dispatcher):
            with self.subTest(user=user.login):
                inventory = self.inventory.with_user(user)
                self.assertRefused("", inventory.action_create_contract, error=AccessError)

    # === WHAT IS KNOWN ALREADY === #

    def test_serial_number_known_at_this_customer(self):
        """It is linked, even when it was archived; what was not known of it is filled in."""
        lathe = self._create_equipment("Lathe 7", serial_no="L-7", model="T", active=False)
        line = self._find(
            self._get_line_vals("Lathe", serial_no="L-7", model="T2", location="Hall 1")
        )
        self.assertIn("Lathe 7", line.match_name)
        self._sign()
        self.inventory.with_user(self.manager).action_create_contract()
        self.assertEqual(line.equipment_id, lathe)
        self.assertEqual((lathe.name, lathe.model, lathe.active), ("Lathe 7", "T", True))
        self.assertIn("Hall 1", lathe.note)
        self.assertEqual((line.name, line.model), ("Lathe", "T2"), "signed")

    def test_serial_number_of_another_customer(self):
        """Two makers may share a number; the same maker's is an error, and nothing is made."""
        maker = self.env["res.partner"].create({"name": "Maker"})
        theirs = self._create_equipment(
            "Theirs",
            serial_no="X-1",
            manufacturer_id=maker.id,
            customer_id=self.other_customer.id,
            site_id=self.other_customer.id,
        )
        self._find(
            self._get_line_vals("Lathe"),
            self._get_line_vals("Press", serial_no="X-1", manufacturer_id=maker.id),
        )
        self._sign()
        inventory = self.inventory.with_user(self.manager)
        self.assertRefused(
            "Serial Number.*Press / X-1.*Autre SA",
            inventory.action_create_contract,
            error=UserError,
        )
        self.assertFalse(inventory.line_ids.equipment_id)
        self.assertFalse(inventory.has_contract)
        theirs.write({"customer_id": self.customer.id, "site_id": self.site.id})
        inventory.action_create_contract()
        self.assertIn(theirs, inventory.line_ids.equipment_id)

    def test_same_number_of_another_maker(self):
        makers = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        self._create_equipment("Press", serial_no="1", manufacturer_id=makers[0].id)
        contract = self._make(
            self._get_line_vals("Lathe", serial_no="1", manufacturer_id=makers[1].id)
        )
        self.assertEqual(contract.coverage_ids.equipment_id.name, "Lathe")

    def test_several_of_this_customer(self):
        """They cannot be told apart: the office says which one it is, after the signature too."""
        makers = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        one, _two = (
            self._create_equipment(maker.name, serial_no="1", manufacturer_id=maker.id)
            for maker in makers
        )
        (line,) = self._find(self._get_line_vals("Lathe", serial_no="1"))
        self._sign()
        inventory = self.inventory.with_user(self.manager)
        self.assertRefused(
            "Known Equipment.*Lathe / 1.*One.*Two",
            inventory.action_create_contract,
            error=UserError,
        )
        self.assertRefused("", line.write, {"equipment_id": one.id}, error=AccessError)
        # As the form does it.
        inventory.line_ids = [Command.update(line.id, {"equipment_id": one.id})]
        self.assertFalse(line.manufacturer_id, "no fact was signed about it")
        inventory.action_create_contract()
        self.assertEqual(inventory.contract_ids.coverage_ids.equipment_id, one)

    def test_buttons_both_ways(self):
        contract = self._make(self._get_line_vals("Lathe"))
        inventory = self.inventory.with_user(self.dispatcher)
        self.assertEqual(inventory.action_view_contract()["res_id"], contract.id)
        self.assertEqual(contract.action_view_inventory()["res_id"], inventory.id)
        customer = self.customer.with_user(self.dispatcher)
        self.assertEqual(customer.maintenance_inventory_count, 1)
        window = customer.action_view_maintenance_inventories()
        self.assertEqual(inventory.search(window["domain"]), inventory)
        equipment = contract.coverage_ids.equipment_id.with_user(self.technician)
        self.assertEqual(equipment.inventory_count, 1)
