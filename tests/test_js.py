from odoo.tests import tagged

from odoo.addons.web.tests.test_js import HOOTCommon


@tagged("post_install", "-at_install")
class TestJs(HOOTCommon):
    """The JavaScript of this addon has tests of its own: `static/tests/**/*.test.js`."""

    def get_hoot_filters(self):
        self._test_params = [("+", "@maintenance_contract")]
        return super().get_hoot_filters()

    def test_desktop(self):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000{self.hoot_filters}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
        )
