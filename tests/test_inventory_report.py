import io
from base64 import b64decode

from PIL import Image

from odoo.tests import freeze_time, tagged

from .inventory_common import InventoryCommon, draw


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestInventoryReport(InventoryCommon):
    """The expertise report: what was found, in the customer's language, with small photos."""

    def _print(self, user=None):
        """The page that is printed, as text."""
        reports = self.env["ir.actions.report"].with_user(user or self.technician)
        content, _kind = reports._render_qweb_html(
            "maintenance_contract.report_inventory", self.inventory.ids
        )
        return content.decode()

    def _prepare_photos(self, *photos):
        (line,) = self._find(
            self._get_line_vals(photo_ids=[self._upload(raw, "x.jpg").id for raw in photos])
        )
        return self.env["report.maintenance_contract.report_inventory"]._prepare_photo_rows(line)

    def test_report_says_what_was_found(self):
        self.inventory.needs = "Two shifts <script>alert(1)</script>"
        self._find(
            self._get_line_vals("Compressor", serial_no="C-1", commissioning_year=2015),
            self._get_line_vals(
                "Old press", condition="poor", feasibility="no", remark="Frame cracked"
            ),
            self._get_line_vals(
                "Pump", feasibility="after_work", work_needed="Change the seals", work_price=1250
            ),
        )
        page = self._print()
        for text in (
            self.inventory.name,
            "Horloger SA",
            "C-1",
            "12 years",
            "Often fails, is out of order or not safe.",
            "Frame cracked",
            "Change the seals",
            "1,250.00",
            "Test tier, Preventive",
            "Draft, not to be signed",
        ):
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertNotIn("<script>alert", page)

    def test_summary_counts(self):
        self._find(
            self._get_line_vals("A"),
            self._get_line_vals("B", condition="poor"),
            self._get_line_vals("C", condition="poor", feasibility="no"),
        )
        summaries = self.env["report.maintenance_contract.report_inventory"]._prepare_summaries(
            self.inventory.line_ids
        )
        self.assertEqual(
            [(title, [(row[0], row[2]) for row in rows]) for title, rows in summaries],
            [
                ("Condition", [("As new", 0), ("Good", 1), ("Fair", 0), ("Poor", 2)]),
                ("Criticality", [("Low", 0), ("Medium", 0), ("High", 3)]),
                ("Feasibility", [("Yes", 2), ("After work", 0), ("No", 1)]),
            ],
        )

    def test_signature_is_printed(self):
        self._find(self._get_line_vals())
        self.assertNotIn('alt="Signature"', self._print())
        self._sign()
        page = self._print(self.dispatcher)
        self.assertIn('alt="Signature"', page)
        self.assertIn("Nadia Keller", page)

    def test_photos_are_small_and_two_in_a_row(self):
        rows = self._prepare_photos(*[draw(1900, 1400, "JPEG")] * 3)
        self.assertEqual([len(row) for row in rows], [2, 1])
        for uri in rows[0]:
            self.assertTrue(uri.startswith("data:image/jpeg;base64,"))
            picture = Image.open(io.BytesIO(b64decode(uri.partition(",")[2])))
            self.assertLessEqual(picture.width, 600)
            self.assertLessEqual(picture.height, 450)

    def test_photo_of_a_phone_held_upright(self):
        """The phone turns nothing: it notes that the picture is on its side."""
        exif = Image.Exif()
        exif[0x0112] = 6
        ((uri,),) = self._prepare_photos(draw(400, 200, "JPEG", exif=exif))
        picture = Image.open(io.BytesIO(b64decode(uri.partition(",")[2])))
        self.assertEqual((picture.width < picture.height), True)

    def test_transparent_drawing_is_on_white(self):
        file = io.BytesIO()
        Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
        ((uri,),) = self._prepare_photos(file.getvalue())
        picture = Image.open(io.BytesIO(b64decode(uri.partition(",")[2])))
        self.assertEqual(picture.getpixel((25, 25)), (255, 255, 255))

    def test_nothing_is_fetched_from_elsewhere(self):
        self._find(
            self._get_line_vals(
                photo_ids=self._upload().ids,
                remark='<img src="http://example.com/spy.png"/>',
            )
        )
        page = self._print()
        self.assertNotIn('src="http://example.com', page)
        self.assertIn("&lt;img", page)
