from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .price_common import PriceCommon

HEADER = "Index and Base;Month;Value;Published On;Provisional"


@tagged("post_install", "-at_install")
@freeze_time("2027-06-15 10:00:00")
class TestPriceImport(PriceCommon):
    """The table of an office, as a contract manager imports it: all of it or nothing (FM20)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index.series_ids = [Command.create({"name": "déc. 2020 = 100"})]

    def _import(self, *rows, encoding="utf-8", separator=";"):
        """Import a file as Odoo's screen does, with what it guesses itself.

        :return: the messages as (row, text)
        """
        text = "\n".join((HEADER, *rows, "")).replace(";", separator)
        wizard = (
            self.env["base_import.import"]
            .with_user(self.manager)
            .create(
                {
                    "res_model": "maintenance.price.index.value",
                    "file": text.encode(encoding),
                    "file_name": "index.csv",
                    "file_type": "text/csv",
                }
            )
        )
        guess = wizard.parse_preview(
            {"quoting": '"', "separator": "", "encoding": "", "has_headers": True}
        )
        fields = ["/".join(guess["matches"][column]) for column in range(len(guess["headers"]))]
        result = wizard.execute_import(fields, guess["headers"], guess["options"])
        self.env.invalidate_all()
        return [
            ((message.get("rows") or {}).get("from"), message["message"])
            for message in result["messages"]
        ]

    def _get_values(self):
        return [
            (value.series_id.name, str(value.month), value.value, value.is_provisional)
            for value in self.index.value_ids.sorted(lambda value: (value.series_id, value.month))
        ]

    def test_files_as_offices_and_spreadsheets_write_them(self):
        """BOM, Windows’ letters, semicolons, decimal commas, days in front of months."""
        rows = (
            "S: déc. 2020 = 100;01/03/2027;136,4;18/05/2027;False",
            "S: déc. 2020 = 100;01/04/2027;136,95;17/06/2026;True",
        )
        expected = [
            ("déc. 2020 = 100", "2027-03-01", 136.4, False),
            ("déc. 2020 = 100", "2027-04-01", 136.95, True),
        ]
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            with self.subTest(encoding):
                self.index.value_ids.unlink()
                self.assertEqual(self._import(*rows, encoding=encoding), [])
                self.assertEqual(self._get_values(), expected)
        with self.subTest("commas"):
            plain = [row.replace(",", ".") for row in rows]
            self.assertEqual(self._import(*plain, separator=","), [])
            self.assertEqual(self._get_values(), expected)

    def test_the_same_file_again_changes_nothing(self):
        rows = ("S: 2015 = 100;2027-03-01;136.4;2027-05-18;False",)
        self._import(*rows)
        value = self.index.value_ids
        told = len(self.index.message_ids)
        self.assertEqual(self._import(*rows), [])
        self.assertEqual(self.index.value_ids, value)
        self.assertEqual(len(self.index.message_ids), told)

    @mute_logger("odoo.sql_db")
    def test_one_row_wrong_and_nothing_is_imported(self):
        good = [f"S: 2015 = 100;2027-0{month}-01;1{month}.5;2027-06-01;False" for month in (1, 2)]
        for row, word in (
            ("S: 2015 = 100;2027-09-01;136.4;2027-06-01;False", "September 2027 is in the future"),
            ("S: 2015 = 100;2027-02-17;136.4;2027-06-01;False", "another row .* February 2027"),
            ("T: 2015 = 100;2027-03-01;136.4;2027-06-01;False", "T: 2015 = 100"),
            ("S: 2015 = 100;2027-03-01;0;2027-06-01;False", "Value: give a number above 0"),
            ("S: 2015 = 100;2027-03-01;-4;2027-06-01;False", "Value: give a number"),
            (";2027-03-01;136.4;2027-06-01;False", "Index and Base"),
            ("S: 2015 = 100;;136.4;2027-06-01;False", "Month"),
            ("S: 2015 = 100;1789-07-01;136.4;2027-06-01;False", "Month"),
        ):
            with self.subTest(row):
                messages = self._import(*good, row)
                self.assertRegex(messages[0][1], word)
                # The third row, and no other.
                self.assertEqual({number for number, _text in messages}, {2})
                self.assertFalse(self.index.value_ids)

    def test_what_is_no_number_or_no_day_is_refused(self):
        good = "S: 2015 = 100;2027-01-01;104.2;2027-06-01;False"
        for row in (
            "S: 2015 = 100;2027-02-01;about 100;2027-06-01;False",
            "S: 2015 = 100;2027-02-01;NaN;2027-06-01;False",
            "S: 2015 = 100;2027-02-30;104.2;2027-06-01;False",
        ):
            with self.subTest(row):
                self.assertTrue(self._import(good, row))
                self.assertFalse(self.index.value_ids)

    def test_a_definitive_value_takes_the_place_of_the_provisional_one(self):
        value = self._publish(104.2, month=date(2027, 3, 1), is_provisional=True)
        self._import("S: 2015 = 100;2027-03-31;104.6;2027-06-01;False")
        self.assertEqual((value.value, value.is_provisional), (104.6, False))
