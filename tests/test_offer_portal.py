from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from .test_offer import SIGNATURE, OfferCommon


@tagged("post_install", "-at_install")
class TestOfferPortal(OfferCommon, HttpCase):
    """The customer accepts or declines on the portal, and nobody else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.contact = cls._create_visitor("mc_customer", cls.customer)
        cls.stranger = cls._create_visitor("mc_stranger", cls.other_customer)
        cls.contract.user_id = cls.manager

    @classmethod
    def _create_visitor(cls, login, customer):
        user = cls._create_user(login, "base.group_portal")
        user.partner_id.parent_id = customer
        user.write({"lang": "en_US", "password": login})
        return user

    def setUp(self):
        super().setUp()
        self.offer = self._make_offer()
        self.offer.with_user(self.manager).action_quotation_sent()

    def _accept(self, token=None):
        """What the signature form posts."""
        with freeze_time("2026-11-02 09:00:00", tick=True):
            return self.make_jsonrpc_request(
                f"/my/orders/{self.offer.id}/accept",
                {"access_token": token, "name": "Anne Rochat", "signature": SIGNATURE},
            )

    def _get_page(self, query=""):
        return self.url_open(f"/my/orders/{self.offer.id}{query}")

    def test_page_says_what_is_offered(self):
        self.authenticate("mc_customer", "mc_customer")
        page = self._get_page().text
        self.assertIn(self.contract.name, page)
        self.assertIn("renewed tacitly", page)
        self.assertIn("Accept & Sign", page)
        self.assertIn("<h3>Annex</h3>", page)
        self.assertNotIn("maintenance_content", page)

    def test_customer_signs(self):
        self.authenticate("mc_customer", "mc_customer")
        answer = self._accept()
        self.assertIn("sign_ok", answer["redirect_url"])
        self.assertEqual(self.contract.state, "accepted")
        self.assertIn("is agreed. It begins on", self._get_page("?message=sign_ok").text)
        signed = self.offer.message_ids.filtered(lambda m: "signed by Anne" in (m.body or ""))
        self.assertEqual(signed.attachment_ids.mapped("mimetype"), ["application/pdf"])
        self.assertIn("error", self._accept(), "it is signed once")

    def test_customer_reads_no_internal_field(self):
        offer = self.offer.with_user(self.contact)
        self.assertTrue(offer.maintenance_terms)
        for name in ("maintenance_content", "maintenance_changes"):
            with self.subTest(name), self.assertRaises(AccessError):
                offer.read([name])

    def test_nobody_else_signs(self):
        """Not another customer, nor a visitor without the link of the mail."""
        self.authenticate("mc_stranger", "mc_stranger")
        self.assertEqual(self._accept(), {"error": "Invalid order."})
        self.assertTrue(self._get_page().url.endswith("/my"))
        self.authenticate(None, None)
        self.assertEqual(self._accept("guess"), {"error": "Invalid order."})
        self.assertEqual(self.contract.state, "offered")

    def test_visitor_with_the_link_signs(self):
        self.authenticate(None, None)
        self._accept(self.offer._portal_ensure_token())
        self.assertEqual(self.contract.state, "accepted")

    def test_offer_out_of_date(self):
        """It has no button; who still has the page open is told, and so is the salesperson."""
        self.contract.coverage_ids[0].price = 5
        self.authenticate("mc_customer", "mc_customer")
        page = self._get_page().text
        self.assertIn("This offer is out of date", page)
        self.assertNotIn("Accept & Sign", page)
        self.assertRegex(self._accept()["error"], "can no longer be signed")
        self.assertEqual(self.contract.state, "offered")
        self.assertFalse(self.offer.signature)
        activity = self.contract.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("out of date", activity.note)
        self._accept()
        self.assertEqual(len(self.contract.activity_ids), 1)
        self.contract.with_user(self.manager).action_renew_offer()
        self.assertFalse(self.contract.activity_ids, "it is done")
        self.assertEqual(self.offer.state, "cancel")

    def test_customer_declines(self):
        self.authenticate("mc_customer", "mc_customer")
        page = self._get_page().text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open(
            f"/my/orders/{self.offer.id}/decline",
            data={"csrf_token": token, "decline_message": "Too expensive"},
        )
        self.assertEqual(self.offer.state, "cancel")
        self.assertEqual(self.contract.state, "draft")
        self.assertEqual(self.contract.activity_ids.user_id, self.manager)
        self.assertIn("declined", self.contract.activity_ids.note)

    def test_mail_of_the_offer(self):
        """In the customer's language, with the terms and the offer attached."""
        action = self.offer.with_user(self.manager).action_quotation_send()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn(self.offer.name, composer.subject)
        self.assertIn("renewed tacitly", composer.body)
        self.assertEqual(composer.partner_ids, self.customer)
        self.assertEqual(len(composer.attachment_ids), 1)


@tagged("post_install", "-at_install")
class TestContractAnnex(OfferCommon):
    """The annex says which services and delays are promised, and is part of what is signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.best = cls.env.ref("maintenance_contract.tier_best")
        cls.severity = cls.env["maintenance.severity"].create(
            {"name": "Line down", "code": "L", "definition": "Nothing is made any more."}
        )
        cls.policy = cls.env["maintenance.sla.policy"].create(
            {
                "name": "Fast",
                "target_ids": [
                    Command.create({"kind": "first_answer", "amount": 4}),
                    Command.create(
                        {
                            "kind": "resolution",
                            "amount": 2,
                            "unit": "working_days_close",
                            "severity_id": cls.severity.id,
                            "obligation": "result",
                        }
                    ),
                    Command.create({"kind": "part_delivery", "amount": 72, "request_kind": "part"}),
                ],
            }
        )
        cls.best.sla_policy_id = cls.policy
        cls.contract.coverage_ids.tier_id = cls.best

    def _print(self, report, record, user):
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(user)
            .with_context(lang="en_US")
            ._render_qweb_html(report, record.ids)
        )
        page = html.fromstring(content.decode())
        return " ".join(" ".join(page.itertext()).split())

    def _print_annex(self):
        report = "maintenance_contract.action_report_contract_annex"
        return self._print(report, self.contract, self.manager)

    def test_services_and_delays(self):
        text = self._print_annex()
        self.assertIn("BEST", text)
        self.assertNotIn("BETTER", text)
        for words in (
            "Time to resolution 48 h",
            "Line down All others",
            "First Answer 4 opening hours 4 opening hours",
            "Resolution 2 working days guaranteed",
            "Spare Part, Part Delivery 72 opening hours",
            "Nothing is made any more.",
            "Monday to Friday: 09:00–17:00; Time zone: Europe/Zurich",
        ):
            with self.subTest(words):
                self.assertIn(words, text)

    def test_delays_of_each_policy(self):
        """Equipment of another tier has the delays of that one."""
        good = self.env.ref("maintenance_contract.tier_good")
        self.contract.coverage_ids.filtered(lambda c: c.equipment_id == self.robot).tier_id = good
        text = self._print_annex()
        self.assertRegex(text, "Delays: Fast For Press.*Delays: GOOD For Robot")
        self.assertIn("Service GOOD BEST", text)

    def test_policy_of_the_contract_and_its_hours(self):
        self.contract.sla_policy_id = self.env.ref("maintenance_contract.sla_policy_good")
        self.contract.sla_allowance = 1.5
        self.contract.site_calendar_id = self.calendar
        text = self._print_annex()
        self.assertIn("1.5 h are added", text)
        self.assertIn("Your hours", text)
        self.assertNotIn("Line down", text)

    def test_contract_without_tier_nor_delay(self):
        self.geneva.sla_policy_id = False
        self.contract.write({"tier_id": False, "sla_policy_id": False})
        self.contract.coverage_ids.tier_id = False
        self.assertIn("names no tier and promises no delay", self._print_annex())

    def test_language_of_the_customer(self):
        self.customer.lang = "fr_FR"
        self.assertIn("Europe/Zurich", self._print_annex())
        self.assertIn("Délai résolution 48 h", self._print_annex())

    def test_offer_holds_the_annex(self):
        """For who sells, even who may not read the contract."""
        offer = self._make_offer()
        for user in (self.manager, self.salesperson):
            text = self._print("sale.action_report_saleorder", offer, user)
            self.assertIn("renewed tacitly for 12 months", text)
            self.assertRegex(text, "Annex Services Service BEST")
            self.assertIn("Resolution 2 working days guaranteed", text)

    def test_other_orders_have_no_annex(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        text = self._print("sale.action_report_saleorder", order, self.salesperson)
        self.assertNotIn("Annex", text)

    def test_another_promise_is_another_offer(self):
        offer = self._make_offer()
        self.policy.target_ids[0].amount = 8
        self.env.invalidate_all()
        self.assertEqual(offer.maintenance_changes, "Annex")
        self.policy.target_ids[0].amount = 4
        self.env.invalidate_all()
        self._sign(offer)
        self.policy.target_ids[0].amount = 8
        self.env.invalidate_all()
        self.assertFalse(self.contract.offer_changes, "the catalogue goes on after the signature")

    def test_services_of_another_company_are_not_shown(self):
        self.env["maintenance.service"].create(
            {
                "name": "Only in Paris",
                "family_id": self.family.id,
                "company_id": self.paris.id,
            }
        )
        offer = self._make_offer()
        text = self._print("sale.action_report_saleorder", offer, self.salesperson)
        self.assertNotIn("Only in Paris", text)
