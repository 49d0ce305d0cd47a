"""`tools/` stays pure: no Odoo, no clock, no binary fractions."""

import ast
from pathlib import Path

from .. import tools
from .tools_common import PureCase

CLOCKS = {"now", "today", "utcnow"}
TIME_CLOCKS = {"time", "time_ns", "localtime", "gmtime", "monotonic", "perf_counter"}


def impurities(source):
    """Yield the line and the reason of each thing that a pure module does not do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "odoo":
                    yield node.lineno, "imports odoo"
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").partition(".")[0] == "odoo" and not node.level:
                yield node.lineno, "imports odoo"
            if node.level > 1:
                yield node.lineno, "imports from outside of tools"
            if node.module == "time":
                yield node.lineno, "imports the clock"
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and _reads_a_clock(function):
                yield node.lineno, f"calls {ast.unparse(function)}()"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"holds the float {node.value}"


def _reads_a_clock(function):
    # time.time() reads one; when.time() is the time of day of an instant that was given.
    of_time = ast.unparse(function.value) == "time" and function.attr in TIME_CLOCKS
    return of_time or function.attr in CLOCKS


class TestPurity(PureCase):
    def test_tools_are_pure(self):
        modules = sorted(Path(tools.__path__[0]).rglob("*.py"))
        self.assertGreater(len(modules), 7)
        for module in modules:
            with self.subTest(module.name):
                self.assertEqual(list(impurities(module.read_text())), [])

    def test_what_is_not_pure_is_found(self):
        for source in (
            "import odoo",
            "import odoo.tools as tools",
            "from odoo import fields",
            "from odoo.tools import float_round",
            "from ..models import visit",
            "from .. import models",
            "from time import time",
            "datetime.now(UTC)",
            "datetime.datetime.utcnow()",
            "date.today()",
            "fields.Date.today()",
            "time.time()",
            "time.monotonic()",
            "rate = 0.5",
            "rate = 1e3",
            "def rate(percent=1.0): pass",
        ):
            with self.subTest(source):
                self.assertEqual(len(list(impurities(source))), 1)

    def test_what_is_pure_is_left_alone(self):
        for source in (
            "from .dates import add_months",
            "from datetime import date",
            "from dateutil.relativedelta import relativedelta",
            "opening = when.time()",
            "today = visit.today",
            "rate = Decimal('0.5') / 2",
            '"0.5 of odoo, now() and today()"',
        ):
            with self.subTest(source):
                self.assertEqual(list(impurities(source)), [])
