import time
from datetime import date
from decimal import Decimal
from typing import get_args

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from ..models.billing.formula_error import explain_formula_error
from ..tools.price_formula import Code, FormulaError
from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-06-15 10:00:00")
class TestPriceIndex(PriceCommon):
    def test_manager_enters_a_value(self):
        value = self._publish(104.2, month=date(2027, 4, 17)).with_user(self.manager)
        self.assertEqual(value.month, date(2027, 4, 1))
        value.value = 104.4
        self.assertEqual(self.index.last_month, "April 2027")
        self.assertEqual(self.index.last_value, 104.4)
        history = self.index.message_ids[:1].body
        self.assertIn("104.2", history)
        self.assertIn("104.4", history)

    def test_a_month_has_one_value(self):
        self._publish(104.2)
        with self.assertRaisesRegex(IntegrityError, "month_uniq"), mute_logger("odoo.sql_db"):
            self._publish(104.3, month=date(2027, 1, 31))

    def test_a_month_in_the_future_is_refused(self):
        self._publish(100, month=date(2027, 6, 1))
        self.assertRefused("Month", self._publish, 100, month=date(2027, 7, 1))

    def test_what_is_no_number_is_refused(self):
        for number in (float("nan"), float("inf"), float("-inf"), 10**30, -1):
            with self.subTest(number=number):
                self.assertRefused("Value", self._publish, number)
                self.assertRefused("Weight", self.formula.term_ids.write, {"weight": number})
                self.assertRefused("Link", self.series.write, {"link": number})
        with self.assertRaisesRegex(IntegrityError, "value_range"), mute_logger("odoo.sql_db"):
            self._publish(0)

    def test_a_code_stands_in_formulas(self):
        for code in ("ICHT-IME", "P0", "min", "2015", "é", "lambda", "__class__"):
            with self.subTest(code=code):
                self.assertRefused("Code", self._create_index, code)
        self.assertRefused("Code", self.index.write, {"code": "T"}, error=UserError)

    def test_a_code_is_unique_in_a_company(self):
        shared = self._create_index("S", company_id=False)
        self.assertTrue(shared)
        with self.assertRaisesRegex(IntegrityError, "code_uniq"), mute_logger("odoo.sql_db"):
            self._create_index("S")

    def test_its_own_index_goes_before_a_shared_one(self):
        shared = self._create_index("S", company_id=False)
        indices = self.env["maintenance.price.index"]
        self.assertEqual(indices._get_by_code(self.geneva)["S"], self.index)
        self.assertEqual(indices._get_by_code(self.paris)["S"], shared)

    def test_copy_has_the_series_and_a_code_of_its_own(self):
        self._publish(104.2)
        copy = self.index.copy()
        self.assertEqual(copy.code, "S_2")
        self.assertEqual(copy.series_ids.name, "2015 = 100")
        self.assertFalse(copy.value_ids)

    def test_an_index_of_a_formula_is_kept(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.index.unlink()

    def test_series_are_linked(self):
        newer = self.env["maintenance.price.index.series"].create(
            {"index_id": self.index.id, "name": "2025 = 100", "sequence": 20, "link": 0.95}
        )
        self._publish(120, month=date(2026, 12, 1))
        self._publish(115.2, month=date(2027, 1, 1), series=newer, is_provisional=True)
        index = self.index._get_published()["S"]
        old, new = index.at(date(2026, 12, 1)), index.at(date(2027, 1, 1))
        self.assertEqual(
            (new.value, new.series, new.provisional), (Decimal("115.2"), newer.name, True)
        )
        self.assertEqual(index.convert(old, newer.name).value, Decimal("114"))

    # === IMPORT === #

    def _import(self, *rows, user=None):
        values = self.env["maintenance.price.index.value"].with_user(user or self.manager)
        return values.with_context(import_file=True).load(
            ["series_id", "month", "value", "published_on", "is_provisional"],
            [list(row) for row in rows],
        )

    def test_import_again_changes_nothing(self):
        rows = [
            ("S: 2015 = 100", "2027-01-01", "104.2", "2027-03-01", "False"),
            ("S: 2015 = 100", "2027-02-15", "104.5", "2027-04-01", "True"),
        ]
        first = self._import(*rows)
        self.assertFalse(first["messages"])
        second = self._import(*rows)
        self.assertEqual(first["ids"], second["ids"])
        self.assertEqual(self.index.value_ids.mapped("value"), [104.5, 104.2])

    def test_import_brings_what_is_known_up_to_date(self):
        value = self._publish(104.2, is_provisional=True)
        self._import(("S: 2015 = 100", "2027-01-01", "104.6", "2027-05-01", "False"))
        self.assertEqual((value.value, value.is_provisional), (104.6, False))

    def test_import_names_what_it_refuses(self):
        result = self._import(
            ("S: 2015 = 100", "2027-01-01", "104.2", "2027-03-01", "False"),
            ("S: 2015 = 100", "2027-09-01", "104.2", "2027-03-01", "False"),
        )
        self.assertFalse(result["ids"])
        self.assertIn("Month", result["messages"][0]["message"])
        self.assertFalse(self.index.value_ids)

    def test_import_is_for_those_who_may_write(self):
        row = ("S: 2015 = 100", "2027-01-01", "104.2", "2027-03-01", "False")
        self.assertFalse(self._import(row, user=self.accountant)["ids"])


@tagged("post_install", "-at_install")
@freeze_time("2027-06-15 10:00:00")
class TestPriceFormula(PriceCommon):
    def test_manager_composes_a_formula(self):
        index = self._create_index("ICHT", company_id=False)
        other = self._create_index("PSD", company_id=False)
        with Form(self.env["maintenance.price.formula"].with_user(self.manager)) as form:
            form.name = "Wages and services"
            form.fixed_part = 0.15
            with form.term_ids.new() as term:
                term.index_id = index
                term.weight = 0.5
            self.assertIn("sum to 0.65", form.formula_error)
            with form.term_ids.new() as term:
                term.index_id = other
                term.weight = 0.35
            self.assertFalse(form.formula_error)
        formula = form.record
        self.assertEqual(formula.expression, "P0 * (0.15 + 0.5 * ICHT / ICHT0 + 0.35 * PSD / PSD0)")
        self.assertEqual(formula.index_ids, index | other)

    def test_typed_and_composed_are_the_same(self):
        typed = self._create_typed_formula("P0*(0.15+.85*S/S0)")
        self.assertEqual(typed.expression, self.formula.expression)
        self.assertEqual(typed.index_ids, self.index)
        self.assertEqual(typed._get_clause(), self.formula._get_clause())

    def test_weights_that_do_not_sum_to_one_are_refused(self):
        self.assertRefused("sum to 0.95", self.formula.write, {"fixed_part": 0.1})
        self.assertRefused("sum to 0.95", self.formula.term_ids.write, {"weight": 0.8})
        self.assertRefused(
            "no index", self.formula.write, {"fixed_part": 1, "term_ids": [Command.clear()]}
        )

    def test_bad_formulas_are_refused_quickly(self):
        for text, problem in (
            ("__import__('os').system('id')", "“'” has no meaning"),
            ("9**9**9", "“\\*\\*” is no operation"),
            ("1e400", "“1e400” is no number"),
            ("(" * 250 + "S" + ")" * 249, "nested deeper than 20"),
            ("P0 * ٣ * S/S0", "“٣” has no meaning"),
            ("P0 ＋ S", "has no meaning"),
            ("P0\u200b*S/S0", "has no meaning"),
            ("P0.__class__", "has no meaning"),
            ("lambda: S", "“lambda”"),
            ("(S := 3)", "“:” has no meaning"),
            ("P0 * UNKNOWN / S0", "“UNKNOWN” is no index.*character 6"),
            ("P0 * 0,85 * S / S0", "decimals with a point"),
            ("abs(S)", "“abs” is no function"),
            ("P0 * 2", "no index"),
            ("", "no formula"),
            ("S" * 501, "501 characters"),
        ):
            with self.subTest(text=text[:30]):
                begin = time.perf_counter()
                self.assertRefused(f"Typed Formula: .*{problem}", self._create_typed_formula, text)
                self.assertLess(time.perf_counter() - begin, 1)

    def test_each_error_has_its_sentence(self):
        sentences = {
            explain_formula_error(self.env, FormulaError(code, "X", 3)) for code in get_args(Code)
        }
        self.assertEqual(len(sentences), len(get_args(Code)))

    def test_clause_has_the_limits(self):
        self.formula.write(
            {
                "threshold": 2,
                "is_capped": True,
                "cap": 3.5,
                "is_floored": True,
                "floor": -1,
                "price_rounding": "0.05",
                "coefficient_rounding": "up_3",
                "lag_months": 3,
            }
        )
        clause = self.formula._get_clause()
        self.assertEqual(
            (clause.threshold, clause.cap, clause.floor, clause.step, clause.lag),
            (Decimal("0.02"), Decimal("0.035"), Decimal("-0.01"), Decimal("0.05"), 3),
        )
        self.formula.write({"is_capped": False, "is_floored": False})
        clause = self.formula._get_clause()
        self.assertEqual((clause.cap, clause.floor), (None, None))

    def test_limits_make_sense(self):
        for values, field in (
            ({"is_capped": True, "cap": 1, "is_floored": True, "floor": 2}, "Floor"),
            ({"floor": -101}, "Floor"),
            ({"threshold": -1}, "Threshold"),
            ({"threshold": float("nan")}, "Threshold"),
            ({"cap": float("inf")}, "Cap"),
            ({"lag_months": 61}, "Lag"),
            ({"notice_days": -1}, "Notice"),
        ):
            with self.subTest(values=values):
                self.assertRefused(field, self.formula.write, values)

    def test_index_of_another_company_is_refused(self):
        foreign = self._create_index("F", company_id=self.paris.id)
        with self.assertRaises(UserError):
            self.formula.term_ids.index_id = foreign
        self.assertRefused("“F” is no index", self._create_typed_formula, "P0 * F / F0")

    def test_copy_is_whole(self):
        copy = self.formula.copy()
        self.assertEqual(copy.name, "Wages (copy)")
        self.assertEqual(copy.expression, self.formula.expression)

    def test_archived_index_is_still_read(self):
        typed = self._create_typed_formula("P0 * S / S0")
        self.index.active = False
        self.assertEqual(typed._get_clause().formula.indices, ("S",))

    def test_who_bills_reads_and_who_works_does_not(self):
        self.assertEqual(
            self.formula.with_user(self.accountant).expression, self.formula.expression
        )
        with self.assertRaises(AccessError):
            self.formula.with_user(self.accountant).name = "X"
        for user in (self.technician, self.dispatcher):
            with self.assertRaises(AccessError):
                self.formula.with_user(user).invalidate_recordset()
                self.formula.with_user(user).read(["name"])
