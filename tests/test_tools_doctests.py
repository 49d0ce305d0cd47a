"""The doctests of `tools/` are the specification: all of them run, in every module."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

from .. import tools
from .tools_common import PureCase


class TestDoctests(PureCase):
    def test_doctests_of_all_modules(self):
        for info in iter_modules(tools.__path__):
            with self.subTest(info.name):
                module = import_module(f"{tools.__name__}.{info.name}")
                results = doctest.testmod(module)
                self.assertFalse(results.failed)
                self.assertTrue(results.attempted, "no example")
