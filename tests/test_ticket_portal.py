import io
import re
import struct
import zlib
from datetime import UTC, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from babel.dates import format_time
from PIL import Image

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .request_common import RequestCommon

# What the staff notes for itself, by which a customer neither reads, searches, sorts nor groups.
STAFF_FIELDS = (
    "severity_reason",
    "sla_policy_id",
    "tier_id",
    "contract_id",
    "feasibility_state",
    "is_sender_unverified",
    "possible_duplicate_id",
    "mail_fingerprint",
    "origin_key",
    "last_customer_message_id",
    "is_verdict_outdated",
    "resolution_note",
    "access_token",
)
HOSTILE = ("zz", "-1", "0", "1e9", "9" * 30, "__", "password", "%", "'", "\x00", "١", "")


def _build_picture_bomb():
    """A small file that says it is a huge picture."""
    small = io.BytesIO()
    Image.new("1", (1, 1)).save(small, "PNG")
    header = struct.pack(">4sIIBBBBB", b"IHDR", 50_000, 50_000, 1, 0, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    return small.getvalue()[:12] + header + checksum + small.getvalue()[33:]


class PortalCommon(RequestCommon, HttpCase):
    """One request of each customer, read by the portal user of either, or by nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls._create_ticket()
        cls.other_ticket = cls._create_ticket(cls.stranger_contact, name="Oven cold")
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.today = fields.Date.today()

    def log_in(self, user):
        self.authenticate(user.login, user.login)

    def post(self, url, files=None, **values):
        data = {"csrf_token": http.Request.csrf_token(self), **values}
        return self.url_open(url, data=data, files=files, allow_redirects=False)

    def get(self, url):
        return self.url_open(url, allow_redirects=False)


@tagged("post_install", "-at_install")
class TestClosing(PortalCommon):
    """A customer closes his own request, by a form."""

    def close(self, ticket, stage, method=None):
        url = "/ticket/close"
        values = {"ticket_id": ticket, "stage_id": stage}
        if method == "GET":
            return self.get(f"{url}?ticket_id={ticket}&stage_id={stage}")
        return self.post(url, **values)

    def test_own_request_is_closed_by_a_form(self):
        self.log_in(self.portal_user)
        response = self.close(self.ticket.id, self.done.id)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.ticket.stage_id, self.done)

    def test_a_link_changes_nothing(self):
        self.log_in(self.portal_user)
        before = self.ticket.stage_id
        self.assertIn(self.close(self.ticket.id, self.done.id, "GET").status_code, (404, 405))
        self.assertEqual(self.ticket.stage_id, before)

    @mute_logger("odoo.http")
    def test_a_form_of_another_site_changes_nothing(self):
        self.log_in(self.portal_user)
        before = self.ticket.stage_id
        data = {"ticket_id": self.ticket.id, "stage_id": self.done.id}
        self.assertEqual(self.url_open("/ticket/close", data=data).status_code, 400)
        self.assertEqual(self.ticket.stage_id, before)

    def test_follower_of_another_company_hinders_nobody(self):
        """KNOWN_BUGS 34: neither the list nor the page, of the customer nor of the staff."""
        follower = self.env["res.partner"].create(
            {"name": "Paris Only", "email": "paris@only.test", "company_id": self.paris.id}
        )
        self.ticket.message_subscribe(follower.ids)
        self.log_in(self.portal_user)
        for url in ("/my/tickets", f"/my/ticket/{self.ticket.id}"):
            page = self.get(url)
            self.assertEqual(page.status_code, 200)
            self.assertIn(self.ticket.name, page.text)
            self.assertNotIn("Paris Only", page.text)
        tickets = self.env["helpdesk.ticket"].with_user(self.staff)
        with Form(tickets.browse(self.ticket.id)) as form:
            form.name = "Pump stopped again"
        rows = tickets.web_search_read([], {"name": {}, "message_is_follower": {}})
        self.assertIn("Pump stopped again", [row["name"] for row in rows["records"]])
        message = tickets.browse(self.ticket.id).message_post(
            body="Soon.", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertTrue(message)

    def test_missing_and_foreign_are_the_same(self):
        self.log_in(self.portal_user)
        before = self.other_ticket.stage_id
        for ticket in (self.other_ticket.id, 10**9, *HOSTILE):
            with self.subTest(ticket=ticket):
                self.assertEqual(self.close(ticket, self.done.id).status_code, 404)
        self.assertEqual(self.other_ticket.stage_id, before)

    def test_follower_of_another_customer_closes_nothing(self):
        self.other_ticket.message_subscribe(self.contact.ids)
        self.log_in(self.portal_user)
        self.assertEqual(self.close(self.other_ticket.id, self.done.id).status_code, 404)

    def test_staff_does_not_close_by_the_portal(self):
        self.staff.password = self.staff.login
        self.log_in(self.staff)
        self.assertEqual(self.close(self.ticket.id, self.done.id).status_code, 404)

    def test_only_stages_meant_for_it(self):
        stages = self.env["helpdesk.ticket.stage"]
        other_team = self._create_team("Other", "other")
        values = {"name": "Closed", "closed": True, "close_from_portal": True}
        refused = stages.create(
            [
                {**values, "close_from_portal": False},
                {**values, "team_ids": [Command.set(other_team.ids)]},
                {**values, "company_id": self.paris.id},
                {**values, "active": False},
            ]
        )
        self.log_in(self.portal_user)
        before = self.ticket.stage_id
        for stage in (*refused.ids, *HOSTILE):
            with self.subTest(stage=stage):
                self.assertEqual(self.close(self.ticket.id, stage).status_code, 404)
        self.assertEqual(self.ticket.stage_id, before)

    def test_nobody_logged_in_closes_nothing(self):
        self.authenticate(None, None)
        response = self.close(self.ticket.id, self.done.id)
        self.assertIn("/web/login", response.headers["Location"])
        self.assertFalse(self.ticket.closed)

    def test_page_offers_forms_only(self):
        self.log_in(self.portal_user)
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        forms = re.findall(r'<form[^>]*action="/ticket/close"[^>]*>', page)
        self.assertEqual(len(forms), 2)
        for form in forms:
            self.assertIn('method="POST"', form)
        self.assertNotIn('href="/ticket/close', page)


@tagged("post_install", "-at_install")
class TestPortalSteps(PortalCommon):
    """What the customer may say about a request, at each of its steps."""

    def act(self, action, ticket=None, **values):
        self.log_in(self.portal_user)
        ticket = ticket or self.ticket
        return self.post(f"/my/ticket/{ticket.id}/{action}", **values)

    def resolve(self):
        self.ticket.with_user(self.staff)._resolve("Replaced the relay.")

    def test_what_waits_for_the_customer_is_told_on_his_home_page(self):
        """UX 8. What waits for somebody else does not concern him."""
        supplier = self.env["maintenance.pause.reason"].create({"name": "Supplier"})
        reason = self.env.ref("maintenance_contract.pause_reason_customer")
        asked = self._create_ticket(name="Belt torn")
        elsewhere = self._create_ticket(name="Motor ordered")
        foreign = self._create_ticket(self.stranger_contact, name="Foreign fan")
        for ticket, why in ((asked, reason), (elsewhere, supplier), (foreign, reason)):
            ticket.with_user(self.staff)._wait(why)
        self.resolve()
        self.log_in(self.portal_user)
        self.assertIn("/my/tickets?filterby=awaited", self.get("/my").text)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["awaited_count"]})
        self.assertEqual(counters["awaited_count"], 2)
        for url, names in (
            ("filterby=awaited", {"Belt torn", self.ticket.name}),
            ("filterby=awaited&sortby=stage&groupby=category", {"Belt torn", self.ticket.name}),
            ("filterby=awaited&search=Belt", {"Belt torn"}),
            ("filterby=all", {"Belt torn", self.ticket.name, "Motor ordered"}),
        ):
            with self.subTest(url=url):
                page = self.get(f"/my/tickets?{url}").text
                shown = {"Belt torn", self.ticket.name, "Motor ordered", "Foreign fan"}
                self.assertEqual({name for name in shown if f">{name}<" in page}, names)

    def test_customer_confirms_that_it_works(self):
        self.resolve()
        self.act("confirm")
        self.assertRecordValues(
            self.ticket,
            [
                {
                    "maintenance_step": "closed",
                    "closing_reason": "confirmed",
                    "confirmed_by_id": self.contact.id,
                    "is_in_production": True,
                }
            ],
        )

    def test_what_is_not_resolved_is_not_confirmed(self):
        self.act("confirm")
        self.assertEqual(self.ticket.maintenance_step, "new")
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("this step does not apply", page)
        # Told once.
        self.assertNotIn("does not apply", self.get(f"/my/ticket/{self.ticket.id}").text)

    def test_customer_says_that_it_does_not_work(self):
        self.resolve()
        self.act("reopen", text=" ")
        self.assertEqual(self.ticket.maintenance_step, "resolved")
        self.act("reopen", text="It stops <b>again</b>.")
        self.assertEqual(self.ticket.maintenance_step, "in_progress")
        message = self.ticket.message_ids.filtered(lambda m: "again" in (m.body or ""))
        self.assertTrue(self.ticket._is_customer_message(message))
        self.assertIn("&lt;b&gt;", message.body)
        self.assertFalse(self.ticket.activity_ids)

    def test_closed_request_opens_again_within_its_days(self):
        self.resolve()
        self.act("confirm")
        self.ticket.sudo().closed_date = fields.Datetime.now() - timedelta(days=31)
        self.assertNotIn("It does not work", self.get(f"/my/ticket/{self.ticket.id}").text)
        self.act("reopen", text="It stops.")
        self.assertEqual(self.ticket.maintenance_step, "closed")
        self.ticket.sudo().closed_date = fields.Datetime.now() - timedelta(days=29)
        self.act("reopen", text="It stops.")
        self.assertEqual(self.ticket.maintenance_step, "in_progress")

    def test_customer_withdraws_or_closes_by_himself(self):
        cancelled = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_cancelled")
        second = self._create_ticket()
        self.log_in(self.portal_user)
        for ticket, stage, reason in (
            (self.ticket, cancelled, "withdrawn"),
            (second, self.done, "confirmed"),
        ):
            self.post("/ticket/close", ticket_id=ticket.id, stage_id=stage.id)
            self.assertRecordValues(ticket, [{"stage_id": stage.id, "closing_reason": reason}])
            self.assertFalse(ticket.message_ids.filtered(ticket._is_customer_message))
            self.assertFalse(ticket.message_ids.filtered(ticket._is_staff_answer))

    def test_customer_accepts_a_workaround(self):
        self.ticket.with_user(self.staff)._set_workaround("provisional", "Use the other line.")
        self.log_in(self.portal_user)
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("Use the other line.", page)
        self.act("accept_workaround")
        self.assertEqual(self.ticket.workaround_accepted_by_id, self.contact)

    def test_customer_reads_what_is_awaited(self):
        self.log_in(self.portal_user)
        reason = self.env.ref("maintenance_contract.pause_reason_customer")
        self.ticket.with_user(self.staff)._wait(reason, note="He is on holiday.")
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        for text in ("We need your answer", "Next reminder", "Without an answer, closed on"):
            self.assertIn(text, page)
        self.assertNotIn("He is on holiday.", page)

    def test_own_request_of_another_company_is_not_found(self):
        """He asks each company in the portal of that company."""
        ticket = self._create_ticket(company_id=self.paris.id, team_id=False)
        ticket.with_user(self.env.ref("base.user_root"))._resolve("Done.")
        self.assertEqual(self.act("confirm", ticket).status_code, 404)
        self.assertEqual(self.get(f"/my/ticket/{ticket.id}").status_code, 404)

    def test_steps_of_others_are_not_found(self):
        self.other_ticket.with_user(self.staff)._resolve("Done.")
        for action in ("confirm", "reopen", "accept_workaround"):
            response = self.act(action, self.other_ticket, text="x")
            self.assertEqual(response.status_code, 404)
            self.assertIn(self.get(f"/my/ticket/1/{action}").status_code, (404, 405))
        self.assertEqual(self.other_ticket.maintenance_step, "resolved")


@tagged("post_install", "-at_install")
class TestPage(PortalCommon):
    """Who sees a request, and what of it."""

    def test_customer_sees_his_requests_and_no_others(self):
        colleague = self._create_portal_user(
            self._create_contact("Carl", "carl@horloger.test", self.customer)
        )
        for user, own, foreign in (
            (self.portal_user, self.ticket, self.other_ticket),
            (colleague, self.ticket, self.other_ticket),
            (self.other_portal_user, self.other_ticket, self.ticket),
        ):
            with self.subTest(user=user.login):
                self.log_in(user)
                self.assertIn(own.name, self.get(f"/my/ticket/{own.id}").text)
                self.assertEqual(self.get(f"/my/ticket/{foreign.id}").status_code, 404)
                page = self.get("/my/tickets").text
                self.assertIn(own.name, page)
                self.assertNotIn(foreign.name, page)

    def test_follower_of_another_customer_sees_nothing(self):
        """R2: list, count and page go by the same rule."""
        self.other_ticket.message_subscribe(self.contact.ids)
        self.log_in(self.portal_user)
        self.assertEqual(self.get(f"/my/ticket/{self.other_ticket.id}").status_code, 404)
        self.assertNotIn(self.other_ticket.name, self.get("/my/tickets").text)
        tickets = self.env["helpdesk.ticket"].with_user(self.portal_user)
        self.assertEqual(tickets.search_count([]), len(tickets.search([])))
        self.assertEqual(tickets.search([]), self.ticket)

    def test_missing_and_foreign_are_the_same(self):
        self.log_in(self.portal_user)
        for ticket in (self.other_ticket.id, 10**9, "9" * 30, "-1", "zz"):
            with self.subTest(ticket=ticket):
                self.assertEqual(self.get(f"/my/ticket/{ticket}").status_code, 404)

    def test_link_of_the_mail_opens_the_request_while_it_is_open(self):
        url = f"/my/ticket/{self.ticket.id}"
        token = self.ticket._portal_ensure_token()
        self.authenticate(None, None)
        page = self.get(f"{url}?access_token={token}")
        self.assertIn(self.ticket.name, page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
        self.assertNotIn("/ticket/close", page.text)
        for wrong in (
            "",
            "?access_token=",
            "?access_token=%00",
            "?access_token=%C3%A9",
            "/%C3%A9",
            f"?access_token={self.other_ticket.access_token}",
        ):
            self.assertIn("/web/login", self.get(url + wrong).headers["Location"])
        missing = self.get(f"/my/ticket/{10**9}?access_token={token}")
        self.assertIn("/web/login", missing.headers["Location"])
        self.ticket.stage_id = self.done
        self.assertIn("/web/login", self.get(f"{url}/{token}").headers["Location"])

    def test_link_dies_with_the_contact_and_with_the_customer(self):
        for change in (
            lambda: self.ticket.partner_id.write({"active": False}),
            lambda: self.ticket.write({"partner_id": self.stranger_contact.id}),
        ):
            self.ticket.partner_id = self._create_contact("Eva", "eva@x.test", self.customer)
            self.ticket._portal_ensure_token()
            change()
            self.assertFalse(self.ticket.access_token)

    def test_former_customer_follows_no_more(self):
        self.ticket.message_subscribe((self.contact | self.staff.partner_id).ids)
        self.ticket.partner_id = self.stranger_contact
        self.assertEqual(self.ticket.message_partner_ids, self.staff.partner_id)

    def test_page_of_who_is_logged_in_shows_no_token(self):
        token = self.ticket._portal_ensure_token()
        self.log_in(self.portal_user)
        self.assertNotIn(token, self.get(f"/my/ticket/{self.ticket.id}").text)

    def test_text_of_the_address_is_not_shown(self):
        self.log_in(self.portal_user)
        page = self.get(f"/my/ticket/{self.ticket.id}?error=Call+this+number").text
        self.assertNotIn("Call this number", page)

    def test_text_is_shown_as_text(self):
        hostile = '<script>alert(1)</script>{{7*7}}"><svg onload=alert(1)>'
        self.ticket.name = hostile
        self.log_in(self.portal_user)
        for url in ("/my/tickets", f"/my/ticket/{self.ticket.id}"):
            page = self.get(url).text
            self.assertNotIn("<script>alert", page)
            self.assertNotIn("<svg onload", page)


@tagged("post_install", "-at_install")
class TestFiles(PortalCommon):
    """Of the files of a request, the customer gets those of the messages that he sees."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = {}
        thread = cls.ticket.with_user(cls.staff)
        for name, subtype, author in (
            ("note", "mail.mt_note", thread),
            ("answer", "mail.mt_comment", thread),
        ):
            message = author.message_post(
                body=name,
                message_type="comment",
                subtype_xmlid=subtype,
                attachments=[(f"{name}.txt", name)],
            )
            cls.files[name] = message.attachment_ids
        values = {"res_model": cls.ticket._name, "res_id": cls.ticket.id}
        attachments = cls.env["ir.attachment"]
        cls.files["left by staff"] = attachments.with_user(cls.staff).create(
            {"name": "staff.txt", "raw": b"staff", **values}
        )
        cls.files["sent by customer"] = (
            attachments.with_user(cls.portal_user)
            .sudo()
            .create({"name": "customer.txt", "raw": b"customer", **values})
        )
        cls.visible = cls.files["answer"] | cls.files["sent by customer"]

    def test_page_lists_what_the_customer_may_see(self):
        self.log_in(self.portal_user)
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        found = {int(number) for number in re.findall(r"/web/content/(\d+)", page)}
        self.assertEqual(found, set(self.visible.ids))
        for name, file in self.files.items():
            self.assertEqual(file.name in page, file in self.visible, name)

    def test_links_of_the_page_work_and_others_do_not(self):
        self.log_in(self.portal_user)
        page = self.get(f"/my/ticket/{self.ticket.id}").text
        links = re.findall(r'href="(/web/content/[^"]+)"', page)
        contents = {self.get(link.replace("&amp;", "&")).text for link in links}
        self.assertEqual(contents, {"answer", "customer"})
        token = re.search(r"access_token=([^&\"]+)", links[0])[1]
        hidden = self.files["note"]
        self.authenticate(None, None)
        self.assertNotEqual(
            self.get(f"/web/content/{hidden.id}?access_token={token}").status_code, 200
        )

    def test_hidden_files_have_no_door(self):
        hidden = self.files["note"] | self.files["left by staff"]
        self.assertFalse(any(hidden.mapped("access_token")))
        for user in (self.portal_user, self.other_portal_user):
            self.log_in(user)
            for file, url in product(
                hidden, ("/web/content/{}", "/web/image/{}", "/mail/attachment/pdf_first_page/{}")
            ):
                with self.subTest(user=user.login, url=url):
                    response = self.get(url.format(file.id))
                    # An image that may not be seen is replaced by a blank one.
                    self.assertNotIn(file.raw, response.content)
            for file in hidden:
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])

    def test_note_is_not_found_by_its_words(self):
        for is_note in (True, False):
            ticket = self.ticket
            ticket.message_post(
                body="Kowalski says so",
                message_type="comment",
                subtype_xmlid="mail.mt_note" if is_note else "mail.mt_comment",
            )
            for name in ("message_ids", "website_message_ids"):
                with self.subTest(field=name, is_note=is_note):
                    found = ticket.with_user(self.portal_user).search(
                        [(f"{name}.body", "ilike", "Kowalski")]
                    )
                    self.assertEqual(bool(found), not is_note)

    def test_note_has_no_door(self):
        ticket = self.ticket
        note = ticket.message_ids.filtered(lambda message: message._is_note())[:1]
        mail_note = ticket.message_post(
            body="By mail",
            message_type="email",
            subtype_xmlid="mail.mt_note",
            author_id=self.staff.partner_id.id,
        )
        for message in note | mail_note:
            self.assertFalse(message.with_user(self.portal_user).has_access("read"))


@tagged("post_install", "-at_install")
class TestSubmission(PortalCommon):
    """A customer opens a request; the server decides for whom and of which company."""

    def submit(self, files=None, **values):
        return self.post(
            "/submitted/ticket",
            files=files,
            **{"kind": "part", "subject": "Valve leaks", "description": "A drop.", **values},
        )

    def get_new(self):
        return self.env["helpdesk.ticket"].search([("name", "=", "Valve leaks")])

    def test_request_is_the_customers(self):
        self.log_in(self.portal_user)
        response = self.submit(
            partner_id=self.stranger_contact.id,
            company_id=self.paris.id,
            priority="3",
            user_id=self.staff.id,
            stage_id=self.done.id,
            access_token="guess",
        )
        ticket = self.get_new()
        self.assertTrue(response.headers["Location"].endswith(f"/my/ticket/{ticket.id}"))
        self.assertRecordValues(
            ticket,
            [
                {
                    "partner_id": self.contact.id,
                    "company_id": self.geneva.id,
                    "priority": "1",
                    "user_id": False,
                    "closed": False,
                    "access_token": False,
                    "is_receipt_sent": True,
                }
            ],
        )

    def test_a_link_opens_nothing(self):
        self.log_in(self.portal_user)
        response = self.get("/submitted/ticket?subject=Valve+leaks&description=x")
        self.assertIn(response.status_code, (404, 405))
        self.assertFalse(self.get_new())

    def test_form_without_a_kind_is_shown_again(self):
        self.log_in(self.portal_user)
        response = self.submit(kind="", subject="")
        self.assertEqual(response.status_code, 422)
        self.assertIn('name="kind" value="support"', response.text)

    def test_what_is_missing_is_told_and_the_rest_is_kept(self):
        self.log_in(self.portal_user)
        for values, field in (
            ({"subject": " \x00 ", "description": "Kept text"}, "Subject"),
            ({"description": "\n", "subject": "Kept text"}, "Description"),
        ):
            with self.subTest(field=field):
                response = self.submit(**values)
                self.assertEqual(response.status_code, 422)
                self.assertIn(f"{field}: ", response.text)
                self.assertIn("Kept text", response.text)
        self.assertFalse(self.get_new())

    def test_hidden_choices_are_refused(self):
        self.geneva.helpdesk_mgmt_portal_select_team = True
        self.geneva.helpdesk_mgmt_portal_select_category = True
        categories = self.env["helpdesk.ticket.category"]
        hidden = categories.create({"name": "Hidden", "show_in_portal": False})
        foreign = categories.create({"name": "Foreign", "company_id": self.paris.id})
        wrong = set(HOSTILE) - {"", "\x00"}
        self.log_in(self.portal_user)
        for name, values in (
            ("category", (hidden.id, foreign.id, *wrong)),
            ("team", (self._create_team("Paris", "p", self.paris).id, *wrong)),
        ):
            for value in values:
                with self.subTest(name=name, value=value):
                    self.assertEqual(self.submit(**{name: value}).status_code, 404)
        self.assertFalse(self.get_new())
        self.submit(team=self.team.id)
        self.assertEqual(self.get_new().team_id, self.team)

    def test_files_are_kept_under_safe_names(self):
        self.log_in(self.portal_user)
        self.submit(
            files=[
                ("attachment", ("../../etc/passwd", b"text", "text/plain")),
                ("attachment", ('"><svg onload=alert(1)>.svg', b"<svg></svg>", "image/png")),
                ("attachment", ("page.html", b"<script>alert(1)</script>", "text/html")),
            ]
        )
        files = self.get_new()._get_portal_attachments()
        self.assertEqual(files[0].name, "passwd")
        self.assertEqual(files.mapped("mimetype"), ["text/plain"] * 3)
        self.assertFalse(self.get_new().message_attachment_count - 3)

    def test_picture_bomb_is_kept(self):
        """Bad input 45."""
        self.log_in(self.portal_user)
        bomb = _build_picture_bomb()
        self.submit(files=[("attachment", ("p.png", bomb, "image/png"))])
        self.assertEqual(self.get_new()._get_portal_attachments().raw, bomb)

    def test_form_follows_the_kind(self):
        self.log_in(self.portal_user)
        kinds = self.get("/new/ticket").text
        self.assertEqual(kinds.count("/new/ticket?kind="), 6)
        for kind, has_severity in (("breakdown", True), ("support", True), ("idea", False)):
            page = self.get(f"/new/ticket?kind={kind}").text
            self.assertEqual('name="severity"' in page, has_severity)
        for kind in HOSTILE:
            url = "/new/ticket?kind=" + kind.replace("%", "%25").replace("\x00", "%00")
            self.assertIn("What is it about?", self.get(url).text)

    def test_severity_is_chosen_by_its_definition(self):
        blocking = self.env.ref("maintenance_contract.severity_blocking")
        self.log_in(self.portal_user)
        self.assertIn(blocking.definition, self.get("/new/ticket?kind=breakdown").text)
        response = self.submit(kind="breakdown")
        self.assertEqual(response.status_code, 422)
        self.assertIn("Severity: ", response.text)
        response = self.submit(kind="breakdown", severity=blocking.id, severity_reason=" ")
        self.assertEqual(response.status_code, 422)
        self.assertIn("Why: ", response.text)
        self.assertFalse(self.get_new())
        self.submit(kind="breakdown", severity=blocking.id, severity_reason="The line stops.")
        self.assertRecordValues(
            self.get_new(),
            [
                {
                    "request_kind": "breakdown",
                    "severity_id": blocking.id,
                    "severity_reason": "The line stops.",
                }
            ],
        )

    def test_browser_marks_the_reason_as_required(self):
        """As soon as a severity is chosen that asks for one; the server decides."""
        blocking = self.env.ref("maintenance_contract.severity_blocking")
        major = self.env.ref("maintenance_contract.severity_major")
        code = f"""
            const reason = document.querySelector("#severity_reason");
            const mark = document.querySelector(".o_maintenance_required");
            async function choose(id) {{
                document.querySelector(`#severity_${{id}}`).click();
                await new Promise((resolve) => setTimeout(resolve, 100));
                return reason.required && !mark.classList.contains("d-none");
            }}
            // The page listens a moment after it is shown.
            for (let i = 0; i < 100 && !(await choose({blocking.id})); i++) {{
                await choose({major.id});
            }}
            const told = [await choose({major.id}), await choose({blocking.id})].join();
            console.log(told === "false,true" ? "test successful" : told);
        """
        self.browser_js(
            "/new/ticket?kind=breakdown",
            f"(async () => {{{code}}})()",
            login=self.portal_user.login,
        )

    def test_equipment_is_the_customers(self):
        """RELIABILITY 35."""
        own = self._create_equipment("Own press")
        foreign = self._create_equipment(
            "Foreign press", customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        elsewhere = self._create_equipment("Paris press", company_id=self.paris.id)
        archived = self._create_equipment("Old press", active=False)
        self.log_in(self.portal_user)
        page = self.get("/new/ticket?kind=part").text
        self.assertIn("Own press", page)
        for equipment in (foreign, elsewhere, archived):
            self.assertNotIn(equipment.name, page)
            self.assertEqual(self.submit(equipment=equipment.id).status_code, 404)
        for value in set(HOSTILE) - {"", "\x00"}:
            self.assertEqual(self.submit(equipment=value).status_code, 404)
        self.assertFalse(self.get_new())
        self.submit(equipment=own.id)
        self.assertEqual(self.get_new().equipment_id, own)

    def test_other_kinds_and_severities_are_refused(self):
        foreign = self.env["maintenance.severity"].create(
            {
                "name": "Paris",
                "code": "paris",
                "definition": "Paris",
                "company_id": self.paris.id,
            }
        )
        self.log_in(self.portal_user)
        self.assertEqual(self.submit(kind="theft").status_code, 404)
        for severity in (foreign.id, "zz", "9" * 30):
            response = self.submit(kind="breakdown", severity=severity)
            self.assertEqual(response.status_code, 404)
        self.assertFalse(self.get_new())

    def test_untrained_contact_is_told_how_to_be_trained(self):
        """R31: refused by the server, whatever the page showed."""
        self.tier.is_training_required = True
        press = self._create_equipment()
        self._create_contract(press, tier_id=self.tier.id, state="active", date_start=self.today)
        self.log_in(self.portal_user)
        for answer in (self.get("/new/ticket?kind=part"), self.submit(equipment=press.id)):
            self.assertIn("Ask for a training", answer.text)
        self.assertEqual(answer.status_code, 422)
        self.assertFalse(self.get_new())
        link = re.search(r'href="(/new/ticket\?kind=information[^"]*)"', answer.text)[1]
        page = self.get(link.replace("&amp;", "&")).text
        self.assertIn('value="Training"', page)
        self.assertNotIn("Ask for a training", page)
        self.submit(kind="information", equipment=press.id)
        self.assertEqual(self.get_new().request_kind, "information")
        self.env["maintenance.training"].create(
            {"partner_id": self.contact.id, "company_id": self.geneva.id, "date": self.today}
        )
        self.submit(equipment=press.id)
        self.assertEqual(self.get_new().mapped("request_kind"), ["part", "information"])

    def test_form_sent_twice_opens_one_request(self):
        """RELIABILITY X8: the connection was lost after the first."""
        self.log_in(self.portal_user)
        page = self.get("/new/ticket?kind=part").text
        key = re.search(r'name="form_key" value="(\w+)"', page)[1]
        locations = {self.submit(form_key=key).headers["Location"] for _time in range(2)}
        self.assertEqual(len(self.get_new()), 1)
        self.assertEqual(len(locations), 1)
        self.submit(form_key="x" * 100_000)
        self.assertEqual(len(self.get_new()), 2)

    def test_only_team_gets_the_request(self):
        self.log_in(self.portal_user)
        self.submit()
        self.assertEqual(self.get_new().team_id, self.team)

    def test_default_team_gets_the_request_when_several_are_shown(self):
        self._create_team("Other", "other")
        self.log_in(self.portal_user)
        self.submit()
        self.assertFalse(self.get_new().team_id)
        self.geneva.request_team_id = self.team
        self.submit()
        ticket = self.get_new()[:1]
        self.assertEqual(ticket.team_id, self.team)
        self.assertIn(ticket.stage_id, self.team._get_applicable_stages())

    def test_flood_is_refused(self):
        self.log_in(self.portal_user)
        tickets = self.env["helpdesk.ticket"].with_user(self.portal_user).sudo()
        for _request in range(20):
            tickets.create({"name": "x", "description": "x", "partner_id": self.contact.id})
        response = self.submit()
        self.assertEqual(response.status_code, 422)
        self.assertIn("Try again later", response.text)

    def test_empty_file_and_too_many_are_refused(self):
        self.log_in(self.portal_user)
        for files in (
            [("attachment", ("empty.txt", b"", "text/plain"))],
            [("attachment", (f"{n}.txt", b"x", "text/plain")) for n in range(21)],
        ):
            self.assertEqual(self.submit(files=files).status_code, 422)
        self.assertFalse(self.get_new())

    def test_too_much_is_refused_before_it_is_read(self):
        self.log_in(self.portal_user)
        file = ("attachment", ("big.bin", b"x" * (26 * 1024 * 1024), "text/plain"))
        self.assertEqual(self.submit(files=[file]).status_code, 413)


@tagged("post_install", "-at_install")
class TestIdeasOnPortal(PortalCommon):
    """Ideas are voted for by those who see them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.idea = cls._create_ticket(request_kind="idea", name="Show the temperature")
        cls.other_idea = cls._create_ticket(
            cls.stranger_contact, request_kind="idea", name="Count the parts"
        )
        cls.other_idea.sudo().idea_state = "studied"

    def test_own_ideas_are_listed(self):
        self.log_in(self.portal_user)
        page = self.get("/my/ideas").text
        self.assertIn(self.idea.name, page)
        self.assertNotIn(self.other_idea.name, page)

    def test_shared_ideas_are_listed_without_names(self):
        self.geneva.are_ideas_shared = True
        self.log_in(self.portal_user)
        page = self.get("/my/ideas").text
        self.assertIn(self.other_idea.name, page)
        for private in (self.stranger_contact.name, self.other_customer.name, "It stopped."):
            self.assertNotIn(private, page)
        self.assertEqual(self.get(f"/my/ticket/{self.other_idea.id}").status_code, 404)

    def test_vote_is_sent_and_taken_back(self):
        self.log_in(self.portal_user)
        for _time in range(2):
            self.post("/my/idea/vote", idea_id=self.idea.id)
            self.assertEqual(self.idea.idea_vote_ids.partner_id, self.contact)
        self.post("/my/idea/unvote", idea_id=self.idea.id)
        self.assertFalse(self.idea.idea_vote_ids)

    def test_what_is_not_seen_is_not_voted_for(self):
        self.log_in(self.portal_user)
        for idea in (self.other_idea.id, self.ticket.id, 10**9, *HOSTILE):
            with self.subTest(idea=idea):
                self.assertEqual(self.post("/my/idea/vote", idea_id=idea).status_code, 404)
        self.assertIn(self.get("/my/idea/vote?idea_id=1").status_code, (404, 405))

    def test_decided_idea_takes_no_vote(self):
        self.idea.sudo().idea_state = "done"
        self.log_in(self.portal_user)
        self.post("/my/idea/vote", idea_id=self.idea.id)
        self.assertIn("the vote is over", self.get("/my/ideas").text)
        self.assertFalse(self.idea.idea_vote_ids)


@tagged("post_install", "-at_install")
class TestClocks(PortalCommon):
    """The customer reads his delays, and why they are so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["maintenance.sla.policy"].create(
            {
                "name": "Test policy",
                "target_ids": [
                    Command.create({"kind": kind, "amount": amount, "unit": "open_hours"})
                    for kind, amount in (("first_answer", 4), ("resolution", 16))
                ],
            }
        )
        cls.geneva.sla_policy_id = cls.policy
        cls.request = cls._create_ticket()

    def get_page(self):
        self.log_in(self.portal_user)
        return self.get(f"/my/ticket/{self.request.id}").text

    def test_deadlines_are_told_in_the_zone_of_the_reader(self):
        self.request._reach("first_answer")
        page = self.get_page()
        deadline = self.request.sla_deadline.replace(tzinfo=UTC)
        for zone in ("Asia/Kathmandu", "America/New_York"):
            self.portal_user.tz = zone
            page = self.get_page()
            self.assertIn(format_time(deadline, "h:mm a", ZoneInfo(zone)), page)
        self.assertIn("Why this deadline?", page)
        self.assertIn("Test policy", page)

    def test_explanation_is_not_printed_for_others(self):
        """RELIABILITY 81: by whatever door of the reports."""
        clocks = self.request.sla_clock_ids
        name = "maintenance_contract.report_sla_explanation"
        self.log_in(self.other_portal_user)
        for door in ("html", "pdf", "text"):
            with self.subTest(door=door), mute_logger("odoo.http"):
                response = self.get(f"/report/{door}/{name}/{clocks[0].id}")
                self.assertGreaterEqual(response.status_code, 400)
                self.assertNotIn(self.request.number, response.text)
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.other_portal_user)._render_qweb_html(
                name, clocks.ids
            )

    def test_names_and_notes_of_staff_are_not_told(self):
        self.request.with_user(self.staff)._pause(
            self.env.ref("maintenance_contract.pause_reason_customer"), note="He is on holiday."
        )
        page = self.get_page()
        self.assertIn("Paused", page)
        self.assertNotIn("He is on holiday.", page)
        self.assertNotIn(self.staff.name, page)

    def test_page_without_promises_stands(self):
        self.geneva.sla_policy_id = False
        self.request = self._create_ticket(team_id=False, partner_email=False)
        self.assertNotIn("What we promised", self.get_page())

    def test_queries_of_the_list_do_not_grow(self):
        """RELIABILITY G8."""
        self.log_in(self.portal_user)
        self.get("/my/tickets")
        counts = []
        for _round in range(2):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(self.get("/my/tickets").status_code, 200)
            counts.append(self.cr.sql_log_count - before)
            for _number in range(15):
                self._create_ticket()
            self.cr.flush()
        self.assertAlmostEqual(counts[0], counts[1], delta=2)


@tagged("post_install", "-at_install")
class TestDoors(PortalCommon):
    """No route changes anything by a link, and no parameter breaks a page."""

    # Pages: they show, and change nothing.
    PAGES = {
        "/my/tickets",
        "/my/tickets/page/<int:page>",
        "/my/ticket/<int:ticket_id>",
        "/my/ticket/<int:ticket_id>/<access_token>",
        "/new/ticket",
        "/my/inventories/<int:inventory_id>/report",
    }

    def test_what_changes_something_is_sent_with_a_token(self):
        # Not routing_map(), which wants a thread that serves a database.
        http = self.env["ir.http"]
        changing = set()
        for url, endpoint in http._generate_routing_rules(
            sorted(self.registry._init_modules), http._get_converters()
        ):
            module = endpoint.func.__module__
            routing = endpoint.routing
            if (
                not module.startswith(
                    ("odoo.addons.maintenance_contract", "odoo.addons.helpdesk_mgmt")
                )
                or url in self.PAGES
                or routing.get("readonly")
            ):
                continue
            changing.add(url)
            with self.subTest(route=url):
                self.assertEqual(set(routing["methods"]), {"POST"})
                self.assertTrue(routing.get("csrf", True))
        self.assertIn("/my/idea/vote", changing)

    def test_pages_change_nothing(self):
        self.ticket.message_post(
            body="x", subtype_xmlid="mail.mt_comment", attachments=[("a.txt", "a")]
        )
        self.log_in(self.portal_user)
        self.env.flush_all()
        before = self.ticket.read()[0], self.ticket.attachment_ids.read(["access_token"])
        for url in ("/my/tickets", f"/my/ticket/{self.ticket.id}", "/new/ticket"):
            self.assertEqual(self.get(url).status_code, 200)
        self.env.invalidate_all()
        after = self.ticket.read()[0], self.ticket.attachment_ids.read(["access_token"])
        self.assertEqual(before, after)

    def test_no_parameter_breaks_the_list(self):
        self.log_in(self.portal_user)
        names = (
            ("sortby",),
            ("filterby",),
            ("groupby",),
            ("search_in", "search"),
            ("search",),
            ("date_begin", "date_end"),
            ("page",),
        )
        for group, value in product(names, HOSTILE):
            query = "&".join(f"{name}={value}" for name in group).replace("%", "%25")
            with self.subTest(query=query):
                response = self.get("/my/tickets?" + query.replace("\x00", "%00"))
                self.assertEqual(response.status_code, 200)
        # Odoo itself fails on a null character in the path of any address.
        for page in set(HOSTILE) - {"\x00"}:
            with self.subTest(page=page):
                url = f"/my/tickets/page/{page}".replace("%", "%25")
                self.assertLess(self.get(url).status_code, 500)

    def test_every_key_offered_works(self):
        self.log_in(self.portal_user)
        for query in (
            *(f"sortby={key}" for key in ("date", "name", "stage", "update")),
            *(f"groupby={key}" for key in ("none", "category", "stage")),
            *(f"search_in={key}&search=Pump" for key in ("all", "name")),
            f"filterby={self.ticket.stage_id.id}",
            "date_begin=2020-01-01&date_end=2090-01-01 10:00:00",
        ):
            with self.subTest(query=query):
                self.assertIn("Pump stopped", self.get(f"/my/tickets?{query}").text)

    def test_newest_is_what_was_received_last(self):
        self._create_ticket(name="Noted later", received_at=fields.Datetime.now() - timedelta(2))
        self.log_in(self.portal_user)
        page = self.get("/my/tickets").text
        self.assertLess(page.index("Pump stopped"), page.index("Noted later"))

    def test_search_is_for_text(self):
        self.log_in(self.portal_user)
        self.assertNotIn("Pump stopped", self.get("/my/tickets?search=P%25mp").text)
        self.assertNotIn("Pump stopped", self.get("/my/tickets?search=P_mp").text)
        self.assertIn("Pump stopped", self.get("/my/tickets?search=pump").text)
        self.assertEqual(self.get("/my/tickets?search=" + "x" * 10000).status_code, 200)


@tagged("post_install", "-at_install")
class TestRights(PortalCommon):
    """Rights that helpdesk_mgmt grants and this addon takes back."""

    def test_public_reads_and_writes_nothing(self):
        public = self.env.ref("base.public_user")
        for name in ("", ".stage", ".category", ".team", ".tag", ".channel"):
            model = self.env[f"helpdesk.ticket{name}"].with_user(public)
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(model=name, operation=operation):
                    self.assertFalse(model.has_access(operation))

    @mute_logger("odoo.http")
    def test_who_may_not_read_requests_opens_none(self):
        """Logged in, but neither a customer of the portal nor of the staff."""
        visitor = new_test_user(
            self.env, login="mc_visitor", groups="base.group_public", password="mc_visitor"
        )
        self.log_in(visitor)
        self.assertEqual(self.get("/my/ideas").status_code, 403)
        before = self.tickets.search_count([])
        response = self.post("/submitted/ticket", kind="idea", subject="x", description="x")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(self.tickets.search_count([]), before)

    def test_portal_user_changes_no_field(self):
        """RELIABILITY 39."""
        ticket = self.ticket.with_user(self.portal_user)
        for values in (
            {"stage_id": self.done.id},
            {"company_id": self.paris.id},
            {"partner_id": self.stranger_contact.id},
            {"access_token": "guess"},
            {"is_sender_unverified": False},
        ):
            with self.assertRaises(AccessError):
                ticket.write(values)
        with self.assertRaises(AccessError):
            ticket.create({"name": "x", "description": "x"})
        with self.assertRaises(AccessError):
            ticket.action_verify_sender()

    def test_portal_user_reads_no_field_of_the_staff(self):
        """Neither its value nor what a search, an order or a group tells of it."""
        ticket = self.ticket.with_user(self.portal_user)
        (values,) = self.ticket.read(STAFF_FIELDS, load=None)
        for name in STAFF_FIELDS:
            for ask in (
                lambda name: ticket.read([name]),
                lambda name: ticket.search([(name, "=", values[name])]),
                lambda name: ticket.search([], order=name),
                lambda name: ticket.formatted_read_group([], [name]),
            ):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    ask(name)
        for name in ("settled_intervention_id", "user_ids", "sla_clock_ids", "reminder_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                ticket.read([name])
        for path in ("sla_clock_ids.state", "user_ids.name", "team_id.user_ids", "tier_id.name"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                ticket.search([(path, "!=", False)])
        with self.assertRaises(AccessError):
            ticket.get_portal_url()
        self.assertFalse(ticket.fields_get(STAFF_FIELDS))
        self.assertEqual(
            set(self.ticket.with_user(self.staff).fields_get(STAFF_FIELDS)), set(STAFF_FIELDS)
        )

    def test_portal_user_reads_what_he_asked(self):
        ticket = self.ticket.with_user(self.portal_user)
        self.assertEqual(ticket.search([]), ticket)
        (values,) = ticket.read()
        self.assertEqual(values["name"], self.ticket.name)
        self.assertLessEqual(values.keys(), ticket._portal_fields)
        self.assertEqual(ticket.team_id.name, self.team.name)
        with self.assertRaises(AccessError):
            ticket.team_id.read(["user_ids"])
        with self.assertRaises(AccessError):
            ticket.company_id.read(["sla_policy_id"])

    def test_portal_user_writes_and_opens_his_mail(self):
        """The program reads for him what this needs."""
        self.ticket.message_subscribe(self.staff.partner_id.ids)
        self.log_in(self.portal_user)
        posted = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": self.ticket._name,
                "thread_id": self.ticket.id,
                "post_data": {"body": "Still down.", "subtype_xmlid": "mail.mt_comment"},
            },
        )
        message = self.env["mail.message"].browse(posted["message_id"])
        self.assertEqual(message.author_id, self.contact)
        self.assertIn(self.staff.partner_id, message.notified_partner_ids)
        self.ticket._portal_ensure_token()
        response = self.get(f"/mail/view?model={self.ticket._name}&res_id={self.ticket.id}")
        self.assertURLEqual(
            response.headers["Location"].rstrip("?"), f"/my/ticket/{self.ticket.id}"
        )

    def test_staff_does_not_rewrite_what_the_portal_goes_by(self):
        ticket = self.ticket.with_user(self.staff)
        for values in (
            {"number": "HT00000"},
            {"commercial_partner_id": self.stranger_contact.commercial_partner_id.id},
            {"last_stage_update": "2020-01-01 00:00:00"},
            {"access_token": "guess"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                ticket.write(values)
        begun = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        ticket.write({"partner_id": self.stranger_contact.id, "stage_id": begun.id})
        self.assertEqual(ticket.commercial_partner_id, self.other_ticket.commercial_partner_id)

    def test_rights_survive_updates(self):
        """They are written at each update of this addon, which follows one of helpdesk_mgmt."""
        names = ("helpdesk_ticket_rule_portal", "access_helpdesk_ticket_stage_public")
        data = self.env["ir.model.data"].search(
            [("module", "=", "helpdesk_mgmt"), ("name", "in", names)]
        )
        self.assertEqual(data.mapped("noupdate"), [False, False])
