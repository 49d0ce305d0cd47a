"""The worked cases of the specification come out to the day."""

import json
from datetime import date
from pathlib import Path

from ..tools.grouping import group
from ..tools.recurrence import Every
from ..tools.schedule import (
    FIXED,
    FLOATING,
    Done,
    Series,
    Shift,
    next_nominal,
    replay,
    to_plan_on,
    window,
)
from .tools_common import PureCase

VECTORS = Path(__file__).parent / "vectors" / "schedule.json"
CASES = {case["id"]: case for case in json.loads(VECTORS.read_text())["schedule"]}


def as_date(text):
    return date.fromisoformat(text)


class TestScheduleVectors(PureCase):
    def test_every_case_has_its_test(self):
        tests = {name.removeprefix("test_").upper() for name in vars(type(self))}
        self.assertEqual({case.replace("-", "_") for case in CASES} - tests, set())

    def test_pm_1(self):
        """Every 12 months: fixed counts from the nominal date, floating from the date done."""
        case = CASES["PM-1"]
        anchor = as_date(case["anchor"])
        done = Done(0, anchor, as_date(case["done"]))
        for shift, expected in (
            (FIXED, case["expected_next"]["fixed"]),
            (FLOATING, case["expected_next"]["floating"]),
        ):
            with self.subTest(shift):
                series = replay(Every(12, "month"), anchor, [done], shift)
                self.assertEqual(series.nominal(1), as_date(expected))

    def test_pm_2(self):
        """Every month from the 31st."""
        case = CASES["PM-2"]
        series = Series(Every(1, "month"), as_date(case["anchor"]))
        nominals = [series.nominal(rank) for rank in range(len(case["expected"]))]
        self.assertEqual(nominals, list(map(as_date, case["expected"])))

    def test_pm_3(self):
        """A partial shift, with a tolerance of 10 % of a period of 90 days."""
        case = CASES["PM-3"]
        dates = as_date(case["nominal"]), as_date(case["next_nominal"])
        for done, expected in case["expected_next"].items():
            with self.subTest(done):
                on = as_date(done.removeprefix("done "))
                moved = next_nominal(*dates, on, Shift(late=50, tolerance=9))
                self.assertEqual(moved, as_date(expected))

    def test_pm_5(self):
        """Horizon and window."""
        case = CASES["PM-5"]
        nominal = as_date(case["nominal"])
        before, after = case["window_days"]
        due = window(nominal, -before, after)
        expected = case["expected"]
        self.assertEqual(to_plan_on(nominal, case["horizon_days"]), as_date(expected["created_on"]))
        self.assertEqual([due.earliest, due.latest], list(map(as_date, expected["window"])))

    def test_pm_7(self):
        """Three visits of a site merge."""
        case = CASES["PM-7"]
        before, after = case["window_days"]
        nominals = list(map(as_date, case["nominals"]))
        visits = [(rank, day, window(day, -before, after)) for rank, day in enumerate(nominals)]
        [trip] = group(visits)
        intersection = list(map(as_date, case["expected"]["intersection"]))
        self.assertEqual(trip.ids, (0, 1, 2))
        self.assertEqual([trip.window.earliest, trip.window.latest], intersection)
        self.assertEqual(trip.on, as_date(case["expected"]["group_date"]))
