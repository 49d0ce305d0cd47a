from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .inventory_common import InventoryCommon, draw


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestInventory(InventoryCommon):
    """What is found at a customer's before a contract, in a report that he signs (seed 004)."""

    # === THE SURVEY === #

    def test_number_of_each_company(self):
        self.assertEqual(self.inventory.name, "IVT/2027/0001")
        paris = self.env(user=self.paris_manager, context={})["maintenance.inventory"]
        self.assertEqual(paris.create({"partner_id": self.customer.id}).name, "IVT/2027/0001")

    def test_technician_makes_the_inventory_on_his_phone(self):
        with Form(self.inventory) as form, form.line_ids.new() as line:
            line.name = "Compressor"
            line.serial_no = " GA-30 "
            line.commissioning_year = 2015
            line.site_id = self.site
            line.condition = "fair"
            self.assertIn("repair", line.condition_meaning)
        line = self.inventory.line_ids
        self.assertEqual((line.serial_no, line.age), ("GA-30", "12 years"))

    def test_age(self):
        """Counted in full years to the day of the survey; a dash where it is not known."""
        (line,) = self._find({"name": "Press"})
        for values, age in (
            ({}, "–"),
            ({"commissioning_date": "2026-01-05"}, "less than a year"),
            ({"commissioning_date": "2026-01-04"}, "1 year"),
            ({"commissioning_date": "2017-01-05"}, "9 years"),
            ({"commissioning_date": False, "commissioning_year": 1968}, "59 years"),
            ({"commissioning_year": 0}, "–"),
        ):
            with self.subTest(values=values):
                line.write(values)
                self.assertEqual(line.age, age)
        self.assertEqual(line.with_context(lang="fr_FR").age, "–")

    def test_known_equipment_says_what_it_knows(self):
        press = self._create_equipment(
            "Press", serial_no="P-1", model="X", commissioning_date="2019-05-02"
        )
        (line,) = self._find(
            {"equipment_id": press.id, "model": "X2"}, inventory=self._as(self.dispatcher)
        )
        self.assertEqual(
            (line.name, line.serial_no, line.model, line.site_id, line.commissioning_year),
            ("Press", "P-1", "X2", self.site, 2019),
        )

    def _as(self, user):
        return self.inventory.with_user(user)

    def test_recommendation_of_the_inventory(self):
        """What is recommended for all is proposed for each; a line can say otherwise."""
        best = self.env["maintenance.tier"].create({"name": "Best"})
        first, other = self._find({"name": "A"}, {"name": "B", "tier_id": best.id})
        self.inventory.warranty_type_id = self.warranty_type
        self.assertEqual(first.warranty_type_id, self.warranty_type)
        self.assertEqual((first.tier_id, other.tier_id), (self.tier, best))

    # === THE REPORT IS COMPLETE, THEN SIGNED === #

    def test_report_is_complete_before_it_is_signed(self):
        with self.assertRaisesRegex(UserError, "Equipment Found"):
            self.inventory.action_close()
        self._find({"name": "Press", "feasibility": "after_work"}, self._get_line_vals("Lathe"))
        with self.assertRaises(UserError) as caught:
            self.inventory.action_close()
        message = str(caught.exception)
        self.assertIn(
            "Press: Condition, Criticality, Site, Work Needed, Recommended Warranty Type", message
        )
        self.assertNotIn("Lathe", message)
        self.assertEqual(self.inventory.state, "draft")

    def test_survey_of_tomorrow_is_not_closed(self):
        self._find(self._get_line_vals())
        self.inventory.surveyed_on = date(2027, 1, 5)
        self.assertRefused("Surveyed On", self.inventory.action_close, error=UserError)

    def test_customer_signs(self):
        self._find(self._get_line_vals())
        self._sign()
        inventory = self.inventory
        self.assertEqual(inventory.state, "signed")
        self.assertEqual(inventory.signed_by, "Nadia Keller")
        self.assertEqual(inventory.signed_at, datetime(2027, 1, 4, 8))
        self.assertTrue(inventory.signature)
        with self.assertRaisesRegex(UserError, "Signed"):
            inventory.action_sign()
        with self.assertRaisesRegex(UserError, "Signed"):
            inventory._sign("Somebody else", False)

    def test_name_of_who_signs_is_that_of_the_contact(self):
        self._find(self._get_line_vals())
        self.inventory.action_close()
        window = self.inventory.action_sign()
        signing = self.env[window["res_model"]].with_context(**window["context"])
        self.assertEqual(Form(signing.with_user(self.technician)).signed_by, "Nadia Keller")

    def test_nothing_changes_after_the_signature(self):
        (line,) = self._find(self._get_line_vals(photo_ids=self._upload().ids))
        self._sign()
        photo = line.photo_ids
        for record, method, *values in (
            (self.inventory, "write", {"remarks": "Other"}),
            (self.inventory, "write", {"surveyed_on": "2027-01-03"}),
            (self.inventory, "write", {"line_ids": [Command.clear()]}),
            (self.inventory, "write", {"line_ids": [Command.create({"name": "Other"})]}),
            (self.inventory, "write", {"line_ids": [Command.update(line.id, {"name": "Other"})]}),
            (self.inventory, "unlink"),
            (self.inventory, "action_reopen"),
            (self.inventory, "action_cancel"),
            (line, "write", {"condition": "poor"}),
            (line, "write", {"photo_ids": [Command.clear()]}),
            (line, "copy"),
            (line, "unlink"),
            (photo, "write", {"raw": draw(10, 10)}),
            (photo, "write", {"res_id": 0}),
            (photo, "unlink"),
        ):
            for user in (self.technician, self.dispatcher, self.manager, self.administrator):
                with (
                    self.subTest(user=user.login, model=record._name, method=method),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    getattr(record.with_user(user), method)(*values)
        self.assertEqual(line.condition, "good")
        self.assertTrue(photo.exists().raw)

    def test_signature_is_no_file_of_its_own(self):
        """A file could be changed by itself, beside the record that it belongs to."""
        self._find(self._get_line_vals())
        self._sign()
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "maintenance.inventory"), ("res_field", "!=", False)]
        )
        self.assertFalse(files)

    def test_back_to_the_survey_before_the_signature(self):
        (line,) = self._find(self._get_line_vals())
        self.inventory.action_close()
        self.assertRefused("final", line.write, {"condition": "poor"}, error=UserError)
        self.inventory.action_reopen()
        line.condition = "poor"
        self.assertEqual((self.inventory.state, line.condition), ("draft", "poor"))

    def test_new_version(self):
        """What was signed stays; the new version begins with it, and replaces it."""
        self._find(self._get_line_vals(photo_ids=self._upload().ids))
        self._sign()
        self.assertRefused("", self.inventory.action_new_version, error=AccessError)
        signed = self._as(self.dispatcher)
        newer = signed.browse(signed.action_new_version()["res_id"])
        self.assertEqual((newer.name, newer.version), (signed.name, 2))
        self.assertEqual((newer.state, newer.signed_by, newer.signature), ("draft", False, False))
        self.assertEqual(newer.user_id, self.technician)
        self.assertTrue(signed.is_superseded)
        # Its photos are its own.
        newer.line_ids.photo_ids.unlink()
        self.assertEqual(len(signed.line_ids.photo_ids), 1)
        self.assertRefused("newer version", signed.action_new_version, error=UserError)
        newer.action_cancel()
        newer.flush_recordset()
        self.assertFalse(signed.is_superseded)
        third = signed.browse(signed.action_new_version()["res_id"])
        self.assertEqual(third.version, 3)

    # === WHO DOES WHAT === #

    def test_technician_does_not_order_inventories(self):
        for values in (
            {"user_id": self.technician_2.id},
            {"partner_id": self.other_customer.id},
            {"site_ids": [Command.clear()]},
            {"active": False},
        ):
            with self.subTest(values=values):
                self.assertRefused("", self.inventory.write, values, error=AccessError)
        self.assertRefused("", self.inventory.copy, error=AccessError)
        self.assertRefused("", self.inventory.action_cancel, error=AccessError)

    def test_technician_learns_nothing_of_equipment_by_its_identifier(self):
        secret = self._create_equipment("Secret", serial_no="S-1")
        lines = self.env["maintenance.inventory.line"].with_user(self.technician)
        values = {"inventory_id": self.inventory.id, "equipment_id": secret.id}
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            lines.create({**values, "name": "x"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            lines.with_context(default_equipment_id=secret.id).create(
                {"name": "x", "serial_no": "x", "inventory_id": self.inventory.id}
            )
        shown = {"name": {}, "serial_no": {}, "equipment_id": {"fields": {"display_name": {}}}}
        for value in (secret.id, (secret.id, "x"), {"id": secret.id}):
            self.env.invalidate_all()
            with self.subTest(value=value):
                told = lines.onchange({**values, "equipment_id": value}, ["equipment_id"], shown)
                self.assertNotIn("Secret", str(told))
        found = [(Command.CREATE, "virtual_1", {"equipment_id": secret.id})]
        self.env.invalidate_all()
        told = self.inventory.onchange(
            {"line_ids": found}, ["line_ids"], {"line_ids": {"fields": shown}}
        )
        self.assertNotIn("Secret", str(told))
        (line,) = self._find({"name": "x"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            line.equipment_id = secret

    def test_equipment_of_another_customer(self):
        other = self._create_equipment(
            customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        self.assertRefused(
            "Known Equipment",
            self._find,
            {"equipment_id": other.id},
            inventory=self._as(self.dispatcher),
        )

    def test_line_does_not_move_into_a_signed_inventory(self):
        self._find(self._get_line_vals())
        self._sign()
        other = self.inventory.with_user(self.dispatcher).copy()
        line = other.line_ids
        self.assertRefused(
            "final", line.write, {"inventory_id": self.inventory.id}, error=UserError
        )

    # === BAD INPUT === #

    def test_dates_and_years(self):
        (line,) = self._find({"name": "Press"})
        for day in ("1989-12-31", "2101-01-01", "0206-01-01"):
            self.assertRefused("Surveyed On", self.inventory.write, {"surveyed_on": day})
            for name in ("purchase_date", "delivery_date", "commissioning_date"):
                label = line._fields[name]._description_string(self.env)
                self.assertRefused(label, line.write, {name: day})
        self.assertRefused(
            "Commissioning Date.*after the survey", line.write, {"commissioning_date": "2027-01-05"}
        )
        self.assertRefused(
            "In Service Since.*after the survey", line.write, {"commissioning_year": 2028}
        )
        for year in (-1, 19, 1899, 2101):
            self.assertRefused("In Service Since", line.write, {"commissioning_year": year})
        line.commissioning_date = "2026-12-31"
        self.assertRefused("In Service Since", line.write, {"commissioning_year": 2001})
        self.assertRefused(
            "Commissioning Date", self.inventory.write, {"surveyed_on": "2026-12-30"}
        )

    def test_forms_stand_absurd_dates(self):
        (line,) = self._find({"name": "Press"})
        for day in (date(1, 1, 1), date(9999, 12, 31)):
            with self.subTest(day=day):
                form = Form(line)
                form.commissioning_date = day
                self.assertTrue(form.age)

    def test_negative_price_of_the_work(self):
        (line,) = self._find({"name": "Press"})
        self.assertRefused(
            "Estimated Price of the Work", line.with_user(self.manager).write, {"work_price": -1}
        )

    @mute_logger("odoo.sql_db")
    def test_twice_the_same(self):
        """The database refuses it; Odoo says so in the words of the index."""
        press = self._create_equipment("Press")
        inventory = self._as(self.dispatcher)
        for values, index in (
            ({"name": "A", "serial_no": "1"}, "serial"),
            ({"name": "A", "equipment_id": press.id}, "equipment"),
        ):
            with (
                self.subTest(index=index),
                self.assertRaisesRegex(IntegrityError, f"_{index}_uniq"),
                self.env.cr.savepoint(),
            ):
                self._find(values, values, inventory=inventory)


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestInventoryPhoto(InventoryCommon):
    """Photos are pictures that can be printed; each belongs to its line."""

    def test_photo_taken_before_the_line_exists(self):
        """The phone uploads it first; then who reads the line reads it, and nobody else."""
        photo = self._upload()
        (line,) = self._find(self._get_line_vals(photo_ids=photo.ids))
        self.assertEqual((photo.res_model, photo.res_id), (line._name, line.id))
        self.assertEqual(line.photo_count, 1)
        self.assertTrue(photo.with_user(self.dispatcher).has_access("read"))
        self.assertFalse(photo.with_user(self.technician_2).has_access("read"))
        self.assertFalse(photo.with_user(self.accountant).has_access("read"))

    def test_pictures_of_phones(self):
        for image_format in ("PNG", "JPEG", "GIF"):
            with self.subTest(format=image_format):
                raw = draw(image_format=image_format)
                photo = self._upload(raw, f"photo.{image_format.lower()}")
                line = self._find({"name": image_format, "photo_ids": photo.ids})
                self.assertEqual(line.photo_ids.mimetype, f"image/{image_format.lower()}")
                self.assertEqual(line.photo_ids.raw, raw, "the picture as it was taken")

    def test_what_is_no_picture(self):
        for name, raw in (
            ("report.pdf", b"%PDF-1.4"),
            ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("empty.png", b""),
            ("text.png", b"A lathe, seen from the side."),
            ("cut.jpg", draw(400, 400, "JPEG")[:500]),
            ("scan.bmp", draw(image_format="BMP")),
        ):
            with self.subTest(name=name):
                photo = self._upload(raw, name)
                self.assertRefused(
                    f"Photos: “{name}”", self._find, {"name": "x", "photo_ids": photo.ids}
                )

    def test_picture_of_absurd_size(self):
        raw = draw(8000, 8000, mode="1")
        photo = self._upload(raw, "huge.png")
        if photo.raw == raw:
            self.assertRefused("huge.png", self._find, {"name": "x", "photo_ids": photo.ids})

    def test_remote_picture(self):
        """Nothing is fetched from elsewhere, neither by the browser nor by the printer."""
        photo = self._upload(b"", "far.png", type="url", url="http://example.com/far.png")
        self.assertRefused("far.png", self._find, {"name": "x", "photo_ids": photo.ids})

    def test_photo_does_not_become_something_else(self):
        photo = self._upload()
        self._find({"name": "x", "photo_ids": photo.ids})
        self.assertRefused("Photos", photo.write, {"raw": b"%PDF-1.4"})

    def test_file_of_somebody_else(self):
        """Naming a file by its identifier opens it to nobody."""
        hidden = self._upload(user=self.dispatcher)
        of_contract = self._upload(
            user=self.manager,
            res_model="maintenance.contract",
            res_id=self._create_contract(self._create_equipment()).id,
        )
        for photo in (hidden, of_contract):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._find({"name": "x", "photo_ids": photo.ids})
        self.assertFalse(hidden.res_id)

    def test_file_of_another_record_is_copied(self):
        of_customer = {"res_model": "res.partner", "res_id": self.customer.id}
        other = self._upload(user=self.env.user, **of_customer)
        (line,) = self._find(
            {"name": "x", "photo_ids": other.ids}, inventory=self.inventory.with_user(self.manager)
        )
        self.assertNotEqual(line.photo_ids, other)
        self.assertEqual(line.photo_ids.raw, other.raw)
        self.assertEqual((other.res_model, other.res_id), ("res.partner", self.customer.id))
        self.assertEqual(line.photo_ids.res_id, line.id)
