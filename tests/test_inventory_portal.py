import base64
import json
import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .inventory_common import InventoryCommon, draw


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestInventoryPortal(InventoryCommon, HttpCase):
    """The customer reads his inventories once they are closed, and signs them himself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user, cls.stranger = (
            cls._create_user(
                f"mc_portal_{partner.id}",
                "base.group_portal",
                partner_id=cls.env["res.partner"]
                .create({"name": "Nadia Keller", "parent_id": partner.id})
                .id,
            )
            for partner in (cls.customer, cls.other_customer)
        )
        cls.url = f"/my/inventories/{cls.inventory.id}"

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, url):
        return self.url_open(url, allow_redirects=False)

    def _send(self, read=None, **params):
        """Sign the report as it is, or as it was when the customer read it."""
        response = self.url_open(
            f"{self.url}/sign?read={read or self.inventory._get_fingerprint()}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _close(self):
        self._find(self._get_line_vals("Compressor", serial_no="C-1"))
        self.inventory.action_close()
        self.env.flush_all()

    def test_customer_reads_and_signs(self):
        self._close()
        self._log_in(self.portal_user)
        self.assertIn(self.inventory.name, self._get("/my/inventories").text)
        page = self._get(self.url).text
        self.assertIn("C-1", page)
        self.assertIn("portal.signature_form", page)
        answer = self._send(name=" Nadia Keller ", signature=base64.b64encode(draw()).decode())[
            "result"
        ]
        self.assertEqual(answer, {"force_refresh": True, "redirect_url": self.url})
        self.inventory.invalidate_recordset()
        self.assertEqual(
            (self.inventory.state, self.inventory.signed_by), ("signed", "Nadia Keller")
        )
        self.assertNotIn("portal.signature_form", self._get(self.url).text)
        again = self._send(name="Other", signature=base64.b64encode(draw()).decode())
        self.assertIn("Signed", again["result"]["error"])
        self.assertEqual(self.inventory.signed_by, "Nadia Keller")

    def test_what_changed_meanwhile_is_read_again(self):
        """The staff goes back to the survey while the customer has the page open."""
        self._close()
        self._log_in(self.portal_user)
        (read,) = re.findall(r"/sign\?read=(\w+)", self._get(self.url).text)
        self.inventory.action_reopen()
        self.inventory.line_ids.condition = "poor"
        self.inventory.action_close()
        self.env.flush_all()
        signature = base64.b64encode(draw()).decode()
        answer = self._send(read, name="Nadia Keller", signature=signature)
        self.assertIn("has changed", answer["result"]["error"])
        self.inventory.invalidate_recordset()
        self.assertEqual(self.inventory.state, "done")
        (read,) = re.findall(r"/sign\?read=(\w+)", self._get(self.url).text)
        answer = self._send(read, name="Nadia Keller", signature=signature)
        self.assertNotIn("error", answer["result"])

    def test_what_is_no_signature(self):
        self._close()
        self._log_in(self.portal_user)
        picture = base64.b64encode(draw()).decode()
        for params in (
            {"name": "", "signature": picture},
            {"name": "  ", "signature": picture},
            {"name": "Nadia", "signature": ""},
            {"name": "Nadia", "signature": "no base64"},
            {"name": "Nadia", "signature": base64.b64encode(b"%PDF-1.4").decode()},
            {"name": "Nadia", "signature": ["x"]},
            {"name": "Nadia", "signature": {"x": 1}},
            {"name": ["x"]},
        ):
            with self.subTest(params=params):
                self.assertTrue(self._send(**params)["result"]["error"])
        self.inventory.invalidate_recordset()
        self.assertEqual(self.inventory.state, "done")

    def test_survey_is_not_shown_before_it_is_closed(self):
        self._find(self._get_line_vals())
        self.env.flush_all()
        self._log_in(self.portal_user)
        self.assertEqual(self._get(self.url).status_code, 404)
        self.assertNotIn(self.inventory.name, self._get("/my/inventories").text)
        self.assertFalse(self.inventory.with_user(self.portal_user).has_access("read"))

    def test_inventory_of_another_customer(self):
        self._close()
        self._log_in(self.stranger)
        for url in (self.url, f"{self.url}/report"):
            self.assertEqual(self._get(url).status_code, 404)
        self.assertNotIn(self.inventory.name, self._get("/my/inventories").text)
        answer = self._send(name="x", signature=base64.b64encode(draw()).decode())
        self.assertIn("error", answer)
        self.inventory.invalidate_recordset()
        self.assertEqual(self.inventory.state, "done")

    def test_pages_ask_for_a_login(self):
        self._close()
        for url in ("/my/inventories", self.url, f"{self.url}/report"):
            self.assertIn("/web/login", self._get(url).headers.get("Location", ""))

    def test_report(self):
        self._close()
        self._log_in(self.portal_user)
        response = self._get(f"{self.url}/report")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")

    def test_customer_reads_no_more_than_is_meant_for_him(self):
        self._close()
        own = self.inventory.with_user(self.portal_user)
        self.assertEqual(own.read(["state"])[0]["state"], "done")
        for name in ("user_id", "has_contract", "line_ids", "contract_ids", "needs"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                own.read([name])
            with self.subTest(field=name), self.assertRaises(AccessError):
                own.search([(name, "!=", False)])
        for method in [name for name in dir(type(own)) if name.startswith("action_")]:
            part = next(part for part in type(own).mro() if method in vars(part))
            if part.__module__.startswith("odoo.addons.maintenance_contract"):
                with self.subTest(method=method), self.assertRaises(UserError):
                    getattr(own, method)()
        self.assertRefused("", own.write, {"remarks": "x"}, error=UserError)
        with self.assertRaises(AccessError):
            self.inventory.line_ids.with_user(self.portal_user).read(["name"])
