"""pytest plugin: in CI, a browser or portal test that is skipped has failed.

Odoo skips them by itself where Chromium or the HTTP server is missing: a green run would then
have tested no page at all.
"""

import os

import pytest

from odoo.tests.common import HttpCase


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    case = getattr(item, "cls", None)
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and isinstance(case, type)
        and issubclass(case, HttpCase)
    ):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped in CI: {report.longrepr}"
