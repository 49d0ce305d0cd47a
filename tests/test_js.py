from odoo.tests import tagged

# Not its class: pytest would collect it here.
from odoo.addons.web.tests import test_js


@tagged("post_install", "-at_install")
class TestJs(test_js.HOOTCommon):
    """The JavaScript of this addon has tests of its own: `static/tests/**/*.test.js`."""

    # Odoo's tests of its own filters are not ours.
    test_generate_hoot_hash = None
    test_get_hoot_filter = None

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
