import json
from datetime import date
from pathlib import Path

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .price_common import PriceCommon

VECTORS = Path(__file__).parent / "vectors" / "price_revision.json"
CASES = {case["id"]: case for case in json.loads(VECTORS.read_text())["price_revision"]}
ROUNDINGS = {"none": "coefficient rounding none", "up_3": "3 decimals up"}


@tagged("post_install", "-at_install")
@freeze_time("2029-12-01 10:00:00")
class TestPriceVectors(PriceCommon):
    """The worked cases as a contract manager meets them: simulated, approved, in force."""

    def _revise(self, case, **settings):
        """The prices that revisions give, one a year, as they are in the history."""
        [term] = case.get("terms") or [{"weight": 1 - float(case["fixed"])}]
        values = case.get("index") or [term["base"], term["current"]]
        formula = self._create_formula(
            name=f"{case['id']} {settings}",
            fixed_part=float(case["fixed"]),
            term_ids=[Command.create({"index_id": self.index.id, "weight": float(term["weight"])})],
            threshold=100 * float(case.get("threshold", 0)),
            is_capped="cap" in case,
            cap=100 * float(case.get("cap", 0)),
            **settings,
        )
        self.series.value_ids.unlink()
        dates = [date(2027 + number, 1, 1) for number in range(len(values))]
        for day, value in zip(dates, values, strict=True):
            self._publish(float(value), month=day)
        contract = self._create_indexed_contract(float(case["price"]), formula=formula)
        prices = []
        for day in dates[1:]:
            self._simulate(on=day, contracts=contract).action_approve()
            prices.append(contract.coverage_ids.sudo()._get_price_on(day))
        return [f"{price:.2f}" for price in prices]

    def test_every_case_has_its_test(self):
        tests = {name.removeprefix("test_").upper() for name in vars(type(self))}
        self.assertLessEqual(set(CASES), tests)

    def test_p2(self):
        for rounding, key in ROUNDINGS.items():
            prices = self._revise(CASES["P2"], coefficient_rounding=rounding)
            self.assertEqual(prices, [CASES["P2"]["expected"][key]])

    def test_p4(self):
        for step in ("0.01", "0.05"):
            prices = self._revise(CASES["P4"], price_rounding=step)
            self.assertEqual(prices, [CASES["P4"]["expected"][f"price to {step}"]])

    def test_p7(self):
        self.assertEqual(self._revise(CASES["P7"]), [CASES["P7"]["expected"]])

    def test_p8(self):
        for mode in ("origin", "chained"):
            self.assertEqual(self._revise(CASES["P8"], base_mode=mode), CASES["P8"]["expected"])

    def test_p9(self):
        for mode, expected in CASES["P9"]["expected"].items():
            self.assertEqual(self._revise(CASES["P9"], base_mode=mode), expected)

    def test_p10(self):
        self.assertEqual(self._revise(CASES["P10"]), [CASES["P10"]["expected"]])
