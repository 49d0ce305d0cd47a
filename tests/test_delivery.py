from datetime import date

from psycopg2.errors import UniqueViolation

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-01 08:00:00")
class TestDelivery(MaintenanceCommon):
    """Delivering a serial number under warranty installs it; all by a stock user without any
    right on maintenance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_user = cls._create_user("mc_stock", "stock.group_stock_user")
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.geneva.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.outside = cls.env.ref("stock.stock_location_customers")
        cls.product = cls._create_product("Press 3000", cls.warranty_type)

    @classmethod
    def _create_product(cls, name, warranty_type, tracking="serial"):
        return cls.env["product.product"].create(
            {
                "name": name,
                "is_storable": True,
                "tracking": tracking,
                "warranty_type_id": warranty_type.id,
            }
        )

    def _create_lot(self, name="SN-1", product=None):
        product = product or self.product
        lot = self.env["stock.lot"].create({"name": name, "product_id": product.id})
        self.env["stock.quant"]._update_available_quantity(product, self.stock, 1, lot_id=lot)
        return lot

    def _move(self, lot, source, destination, picking_type, partner):
        picking = (
            self.env["stock.picking"]
            .with_user(self.stock_user)
            .create(
                {
                    "picking_type_id": picking_type.id,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "partner_id": partner.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": lot.product_id.id,
                                "product_uom_qty": 1,
                                "location_id": source.id,
                                "location_dest_id": destination.id,
                            }
                        )
                    ],
                }
            )
        )
        picking.action_confirm()
        move = picking.move_ids
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create(
                {
                    "product_id": lot.product_id.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                }
            )
        ]
        move.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def _deliver(self, lot, partner=None, on="2027-03-01"):
        with freeze_time(f"{on} 09:00:00"):
            return self._move(
                lot, self.stock, self.outside, self.warehouse.out_type_id, partner or self.site
            )

    def _return(self, lot, partner=None, on="2027-06-10"):
        with freeze_time(f"{on} 09:00:00"):
            return self._move(
                lot, self.outside, self.stock, self.warehouse.in_type_id, partner or self.site
            )

    def _get_equipment(self, lot):
        return self.env["maintenance.equipment"].search([("lot_id", "=", lot.id)])

    def test_delivery_installs_the_equipment_with_its_warranty(self):
        lot = self._create_lot()
        self._deliver(lot)
        equipment = self._get_equipment(lot)
        self.assertRecordValues(
            equipment,
            [
                {
                    "name": "Press 3000",
                    "serial_no": "SN-1",
                    "product_id": self.product.id,
                    "customer_id": self.customer.id,
                    "site_id": self.site.id,
                    "company_id": self.geneva.id,
                    "delivery_date": date(2027, 3, 1),
                }
            ],
        )
        self.assertRecordValues(
            equipment.coverage_ids,
            [
                {
                    "kind": "warranty",
                    "state": "validated",
                    "warranty_type_id": self.warranty_type.id,
                    "tier_id": self.tier.id,
                    "date_start": date(2027, 3, 1),
                    "date_end": date(2028, 2, 29),
                    "company_id": self.geneva.id,
                }
            ],
        )
        self.assertEqual(equipment.visit_ids.mapped("nominal_date"), [date(2027, 3, 1)])

    def test_late_evening_is_the_day_of_the_company(self):
        """23:30 in Geneva is the next day nowhere but in UTC+14."""
        lot = self._create_lot()
        with freeze_time("2027-06-30 22:30:00"):
            self._move(lot, self.stock, self.outside, self.warehouse.out_type_id, self.site)
        self.assertEqual(self._get_equipment(lot).delivery_date, date(2027, 7, 1))

    def test_product_without_serial_or_warranty_installs_nothing(self):
        by_lot = self._create_product("Oil", self.warranty_type, tracking="lot")
        no_warranty = self._create_product("Chair", self.env["maintenance.warranty.type"])
        before = self.env["maintenance.equipment"].search_count([])
        for product in (by_lot, no_warranty):
            self._deliver(self._create_lot(product=product))
        self.assertEqual(self.env["maintenance.equipment"].search_count([]), before)

    def test_warranty_from_commissioning_waits_for_it(self):
        self.warranty_type.start_event = "commissioning"
        lot = self._create_lot()
        self._deliver(lot)
        equipment = self._get_equipment(lot)
        self.assertEqual(equipment.coverage_ids.state, "draft")
        self.assertFalse(equipment.visit_ids)
        equipment.with_user(self.dispatcher).commissioning_date = date(2027, 4, 15)
        self.assertRecordValues(
            equipment.coverage_ids,
            [
                {
                    "state": "validated",
                    "date_start": date(2027, 4, 15),
                    "date_end": date(2028, 4, 14),
                    "first_visit_date": date(2027, 4, 15),
                }
            ],
        )
        self.assertEqual(equipment.visit_ids.nominal_date, date(2027, 4, 15))

    def test_return_ends_the_warranty(self):
        lot = self._create_lot()
        self._deliver(lot)
        picking = self._return(lot)
        coverage = self._get_equipment(lot).coverage_ids
        self.assertEqual(coverage.date_end, date(2027, 6, 10))
        self.assertIn(picking.name, coverage.end_reason)

    def test_redelivery_to_the_same_customer_keeps_the_first_end(self):
        lot = self._create_lot()
        self._deliver(lot)
        self._return(lot)
        self._deliver(lot, on="2027-07-01")
        equipment = self._get_equipment(lot)
        self.assertEqual(len(equipment), 1)
        self.assertRecordValues(
            equipment.coverage_ids.sorted("date_start"),
            [
                {"date_start": date(2027, 3, 1), "date_end": date(2027, 6, 10)},
                {"date_start": date(2027, 7, 1), "date_end": date(2028, 2, 29)},
            ],
        )
        # Again: it still counts from the first delivery.
        self._return(lot, on="2027-08-01")
        self._deliver(lot, on="2027-09-01")
        self.assertEqual(
            equipment.coverage_ids.sorted("date_start")[-1].date_end, date(2028, 2, 29)
        )

    def test_redelivery_on_the_day_of_the_return_leaves_no_gap(self):
        lot = self._create_lot()
        self._deliver(lot)
        self._return(lot)
        self._deliver(lot, on="2027-06-10")
        self.assertRecordValues(
            self._get_equipment(lot).coverage_ids.sorted("date_start"),
            [
                {"date_start": date(2027, 3, 1), "date_end": date(2027, 6, 10)},
                {"date_start": date(2027, 6, 11), "date_end": date(2028, 2, 29)},
            ],
        )

    def test_redelivery_after_the_warranty_gives_no_new_one(self):
        lot = self._create_lot()
        self._deliver(lot)
        self._return(lot)
        self._deliver(lot, on="2028-03-01")
        self.assertEqual(len(self._get_equipment(lot).coverage_ids), 1)

    def test_delivery_to_another_customer_starts_a_new_warranty(self):
        lot = self._create_lot()
        self._deliver(lot)
        self._return(lot)
        self._deliver(lot, partner=self.other_customer, on="2027-07-01")
        equipment = self._get_equipment(lot)
        self.assertEqual(equipment.customer_id, self.other_customer)
        self.assertRecordValues(
            equipment.coverage_ids.sorted("date_start")[-1],
            [{"date_start": date(2027, 7, 1), "date_end": date(2028, 6, 30)}],
        )

    def test_another_customer_commissions_it_anew(self):
        self.warranty_type.start_event = "commissioning"
        lot = self._create_lot()
        self._deliver(lot)
        equipment = self._get_equipment(lot)
        equipment.commissioning_date = date(2027, 4, 1)
        self._return(lot)
        self._deliver(lot, partner=self.other_customer, on="2027-07-01")
        self.assertFalse(equipment.commissioning_date)
        self.assertEqual(equipment.coverage_ids.mapped("state").count("draft"), 1)
        equipment.commissioning_date = date(2027, 7, 15)
        self.assertRecordValues(
            equipment.coverage_ids.sorted("date_start"),
            [
                {"date_start": date(2027, 4, 1), "date_end": date(2027, 6, 10)},
                {"date_start": date(2027, 7, 15), "date_end": date(2028, 7, 14)},
            ],
        )

    def test_transfer_inside_the_customer_changes_nothing(self):
        lot = self._create_lot()
        self._deliver(lot)
        self._move(lot, self.outside, self.outside, self.warehouse.out_type_id, self.site)
        self.assertEqual(self._get_equipment(lot).coverage_ids.date_end, date(2028, 2, 29))


@tagged("post_install", "-at_install")
class TestSerialNumbers(MaintenanceCommon):
    """Odoo wants a serial number to be unique; makers do not agree among themselves."""

    def test_two_makers_may_share_a_serial_number(self):
        makers = self.env["res.partner"].create([{"name": "Alpha"}, {"name": "Beta"}])
        for maker in makers:
            self._create_equipment(serial_no="0001", manufacturer_id=maker.id)
        self.assertEqual(
            self.env["maintenance.equipment"].search_count([("serial_no", "=", "0001")]), 2
        )

    @mute_logger("odoo.sql_db")
    def test_one_maker_gives_a_serial_number_once(self):
        maker = self.env["res.partner"].create({"name": "Alpha"})
        self._create_equipment(serial_no="0001", manufacturer_id=maker.id)
        with self.assertRaises(UniqueViolation):
            self._create_equipment(serial_no="0001", manufacturer_id=maker.id)

    @mute_logger("odoo.sql_db")
    def test_serial_number_of_an_unknown_maker_is_given_once(self):
        self._create_equipment(serial_no="0001")
        with self.assertRaises(UniqueViolation):
            self._create_equipment(serial_no="0001")
