from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .request_common import GATEWAY, RequestCommon

AUTOMATIC = (
    {"Auto-Submitted": "auto-replied"},
    {"Auto-Submitted": "auto-generated (vacation)"},
    {"Precedence": "bulk"},
    {"Precedence": "LIST"},
    {"Precedence": "junk"},
    {"X-Auto-Response-Suppress": "All"},
    {"X-Autoreply": "yes"},
    {"Return-Path": "<>"},
)


@tagged("post_install", "-at_install")
class TestTicketGateway(RequestCommon):
    """What a mail does to a request depends on who can be shown to have sent it."""

    def setUp(self):
        super().setUp()
        self.messages = self.env["mail.message"].sudo()

    def _reply(self, ticket, sender="anna@horloger.test", **headers):
        """A mail that answers the last message of a request."""
        original = ticket.sudo().message_ids[:1]
        return self._receive_mail(sender, In_Reply_To=original.message_id, **headers)

    # === NEW REQUESTS === #

    def test_known_contact_opens_a_request(self):
        ticket = self._receive_mail()
        self.assertRecordValues(
            ticket,
            [
                {
                    "name": "Pump stopped",
                    "partner_id": self.contact.id,
                    "is_sender_unverified": False,
                    "team_id": self.team.id,
                    "company_id": self.geneva.id,
                    "user_id": False,
                    "channel_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
                }
            ],
        )
        self.assertIn("It stopped.", ticket.description)
        message = self._get_messages(ticket, "email")
        self.assertEqual(message.author_id, self.contact)
        self.assertTrue(ticket._is_customer_message(message))

    def test_unknown_sender_is_in_quarantine(self):
        ticket = self._receive_mail("nobody@nowhere.test")
        self.assertRecordValues(
            ticket,
            [
                {
                    "is_sender_unverified": True,
                    "partner_id": False,
                    "partner_email": "nobody@nowhere.test",
                }
            ],
        )
        self.assertFalse(self._get_messages(ticket, "auto_comment"))
        self.assertFalse(ticket._is_customer_message(self._get_messages(ticket, "email")))

    def test_who_vouches_gives_the_contact_first(self):
        ticket = self._receive_mail("nobody@nowhere.test").with_user(self.staff)
        with self.assertRaisesRegex(UserError, "contact"):
            ticket.action_verify_sender()
        ticket.partner_id = self.contact
        ticket.action_verify_sender()
        self.assertFalse(ticket.is_sender_unverified)

    def test_bad_senders_are_in_quarantine(self):
        """RELIABILITY 50: nothing in From stops the mail from being kept."""
        for sender in (
            None,
            "",
            "@",
            "<>",
            "=?utf-8?B?////?=",
            "undisclosed-recipients:;",
            "Group: a@x.test, b@x.test;",
            "x@y&gt;",
            '"a\\"b" <not an address>',
        ):
            with self.subTest(sender=sender):
                source = self._build_mail(text=f"From {sender}", From=None).as_bytes()
                if sender is not None:
                    source = b"From: " + sender.encode() + b"\r\n" + source
                ticket = self._receive(source)
                self.assertEqual(ticket.mapped("is_sender_unverified"), [True])
                self.assertFalse(ticket.partner_id)

    def test_two_senders_are_one_request(self):
        source = self._build_mail().as_bytes()
        ticket = self._receive(b"From: nobody@nowhere.test\r\n" + source)
        self.assertEqual(len(ticket), 1)

    def test_control_characters_do_not_lose_the_mail(self):
        """FM19: PostgreSQL refuses the null character."""
        for source in (
            b"Subject: Pump\x00 stopped\x07\r\n\r\nIt\x00 stopped.",
            b"Subject: =?utf-8?q?Pump=00_stopped?=\r\n\r\nIt stopped.\x00",
            b"Subject: Pump stopped\r\nReferences: <a\x00b@c>\r\n\r\nIt stopped.",
            b"Subject: Pump stopped\r\nIn-Reply-To: =?utf-8?q?=00?=\r\n\r\nIt stopped.",
            b"Subject: Pump stopped\r\nContent-Type: text/html\r\n\r\n<p>It \x00stopped.</p>",
            b"Subject: Pump stopped\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\nIt =00=ED=A0=BDstopped.",
        ):
            with self.subTest(source=source):
                self.mail_count += 1
                head = f"From: anna@horloger.test\r\nTo: {GATEWAY}\r\nMessage-Id: <{id(source)}\0>"
                ticket = self._receive(head.encode() + b"\r\n" + source)
                self.assertEqual(ticket.name, "Pump stopped")
                self.assertIn("stopped.", ticket.description)

    def test_unknown_character_set_does_not_lose_the_mail(self):
        for charset in ("iso-8859-8-i", "x-unknown", "hex", "'a\0'"):
            with self.subTest(charset=charset):
                message = self._build_mail()
                message.add_attachment("Log of the pump", filename="log.txt")
                source = message.as_string().replace("utf-8", charset)
                ticket = self._receive(source.encode())
                self.assertIn("It stopped.", ticket.description)
                [attachment] = ticket._get_portal_attachments()
                self.assertEqual(attachment.raw, b"Log of the pump\n")

    def test_subject_is_one_short_line(self):
        ticket = self._receive_mail(Subject="word " * 1000)
        self.assertEqual(len(ticket.name), 200)
        self.assertEqual(self._receive_mail(Subject=None).name, "No subject")
        self.assertEqual(self._receive_mail(Subject="\u202egpj.exe").name, "gpj.exe")

    def test_text_is_shown_as_text(self):
        """RELIABILITY 40, 41: nothing of a mail is evaluated or run."""
        hostile = '<script>alert(1)</script>{{7*7}}${env}%s"><svg onload=alert(1)>'
        ticket = self._receive_mail(text=hostile, Subject=hostile)
        self.assertEqual(ticket.name, hostile)
        self.assertNotIn("<script", ticket.description)
        self.assertNotIn("<svg", ticket.description)

    def test_empty_mail_is_kept(self):
        self.assertTrue(self._receive_mail(text="").description)

    def test_attachments_are_kept(self):
        message = self._build_mail()
        for name in ("one.txt", "../../etc/two.png", "a\u202eb" + "c" * 300 + ".log"):
            message.add_attachment(
                b"content", maintype="application", subtype="octet-stream", filename=name
            )
        attachments = self._receive(message)._get_portal_attachments()
        self.assertEqual(len(attachments), 3)
        self.assertEqual(attachments[:2].mapped("name"), ["one.txt", "two.png"])
        self.assertEqual(attachments[2].name, "ab" + "c" * 113 + "….log")

    def test_long_identifier_is_shortened(self):
        """An index of the database holds no more than 2 700 bytes."""
        identifier = f"<{''.join(map(str, range(5000)))}@outside.test>"
        self.assertTrue(self._receive_mail(Message_Id=identifier))
        self.assertFalse(self._receive_mail(Message_Id=identifier))

    def test_nested_mail_is_bounded(self):
        """RELIABILITY 53: forty layers, five hundred parts."""
        inner = self._build_mail(text="deep")
        for _layer in range(40):
            outer = EmailMessage()
            outer["Subject"] = "Fwd"
            outer.set_content("see")
            outer.add_attachment(inner)
            inner = outer
        deep = self._build_mail()
        deep.add_attachment(inner)
        wide = self._build_mail()
        for part in range(500):
            wide.add_attachment(
                b"x", maintype="application", subtype="octet-stream", filename=f"{part}.bin"
            )
        self.assertTrue(self._receive(deep))
        self.assertEqual(len(self._receive(wide)._get_portal_attachments()), 500)

    def test_team_and_company_are_those_of_the_address(self):
        """KNOWN_BUGS 36: not those of the user who runs the gateway."""
        paris_domain = self.env["mail.alias.domain"].create(
            {"name": "paris.test", "company_ids": [Command.set(self.paris.ids)]}
        )
        paris_team = self._create_team("Paris", "aide", self.paris)
        shared_team = self._create_team("Shared", "partage")
        shared_team.company_id = False
        shared_team.alias_domain_id = paris_domain
        for address, team, company in (
            (GATEWAY, self.team, self.geneva),
            (f"aide@{paris_team.alias_domain_id.name}", paris_team, self.paris),
            ("partage@paris.test", shared_team, self.paris),
        ):
            with self.subTest(address=address):
                ticket = self._receive_mail(To=address)
                self.assertEqual((ticket.team_id, ticket.company_id), (team, company))
                self.assertIn(ticket.stage_id, team._get_applicable_stages())

    def test_address_that_is_no_teams_has_the_default_team(self):
        other = self._create_team("Other", "other")
        self.env["mail.alias"].create(
            {
                "alias_name": "info",
                "alias_domain_id": self.domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "alias_contact": "everyone",
            }
        )
        self.assertFalse(self._receive_mail(To="info@geneva.test").team_id)
        self.geneva.request_team_id = other
        self.assertEqual(self._receive_mail(To="info@geneva.test").team_id, other)
        self.assertEqual(self._receive_mail().team_id, self.team)
        other.active = False
        self.assertEqual(self._receive_mail(To="info@geneva.test").team_id, self.team)

    def test_two_addresses_open_two_requests(self):
        self._create_team("Second", "second")
        tickets = self._receive_mail(To=f"{GATEWAY}, second@geneva.test")
        self.assertEqual(len(tickets), 2)

    # === LOOPS AND DUPLICATES === #

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def test_thirty_mails_are_not_thirty_requests(self):
        tickets = self.tickets.sudo()
        for number in range(30):
            tickets |= self._receive_mail(text=f"Error {number}")
        self.assertEqual(len(tickets), 20)

    def test_program_gets_no_bounce(self):
        """KNOWN_BUGS 65: two programs would answer each other for ever."""
        mails = self.env["mail.mail"].sudo()
        for headers, count in (
            ({}, 1),
            ({"Subject": "Pump\0"}, 1),
            ({"Auto-Submitted": "auto-replied"}, 0),
        ):
            with self.subTest(headers=headers):
                self.team.alias_id.alias_contact = "partners"
                before = mails.search([])
                self.assertFalse(self._receive_mail("nobody@nowhere.test", **headers))
                bounce = mails.search([]) - before
                self.assertEqual(len(bounce), count)
                for email in bounce and bounce._prepare_outgoing_list():
                    self.assertEqual(email["headers"]["Auto-Submitted"], "auto-replied")

    def test_automatic_mail_opens_nothing(self):
        for headers in AUTOMATIC:
            with self.subTest(headers=headers):
                self.assertFalse(self._receive_mail(**headers))

    def test_automatic_mail_is_a_note_at_most(self):
        ticket = self._receive_mail()
        for headers in AUTOMATIC:
            with self.subTest(headers=headers):
                before = ticket.message_ids
                self.assertFalse(self._reply(ticket, **headers))
                note = ticket.message_ids - before
                self.assertRecordValues(note, [{"is_automatic": True, "message_type": "email"}])
                self.assertTrue(note._is_note())
                self.assertFalse(ticket._is_customer_message(note))

    def test_bounce_opens_nothing(self):
        ticket = self._receive_mail()
        message = self._build_mail(
            "MAILER-DAEMON@horloger.test", In_Reply_To=ticket.message_ids[0].message_id
        )
        before = ticket.message_ids
        self.assertFalse(self._receive(message))
        self.assertEqual(ticket.message_ids, before)

    def test_same_identifier_is_ignored(self):
        message = self._build_mail()
        self.assertTrue(self._receive(message))
        self.assertFalse(self._receive(message))

    @mute_logger("odoo.sql_db")
    def test_two_mailboxes_at_once_open_one_request(self):
        """Neither transaction sees the other: the database refuses the second."""
        ticket = self._receive_mail()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._create_ticket(origin_key=ticket.origin_key)

    def test_same_words_are_flagged(self):
        """FM23: the copy has another identifier; it is kept, and flagged."""
        first = self._receive_mail()
        copy = self._receive_mail(Subject="RE: pump  Stopped")
        self.assertEqual(copy.possible_duplicate_id, first)
        for values in ({"text": "It burns."}, {"sender": "carl@horloger.test"}):
            self.assertFalse(self._receive_mail(**values).possible_duplicate_id)
        first.flush_recordset()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = create_date - interval '11 minutes'"
        )
        self.env.invalidate_all()
        self.assertFalse(self._receive_mail().possible_duplicate_id)

    # === REPLIES === #

    def test_customer_adds_to_his_request(self):
        ticket = self._receive_mail()
        colleague = self._create_contact("Carl", "carl@horloger.test", self.customer)
        for contact in (self.contact, colleague):
            with self.subTest(contact=contact.name):
                before = ticket.message_ids
                self.assertFalse(self._reply(ticket, contact.email))
                message = ticket.message_ids - before
                self.assertEqual(message.author_id, contact)
                self.assertFalse(message._is_note())
                self.assertTrue(ticket._is_customer_message(message))

    def test_stranger_does_not_enter_a_request(self):
        """RELIABILITY 51: to name a request is not to take part in it."""
        ticket = self._receive_mail()
        for sender, partner in (
            ("nobody@nowhere.test", self.env["res.partner"]),
            ("bob@autre.test", self.stranger_contact),
        ):
            with self.subTest(sender=sender):
                before = ticket.message_ids
                opened = self._reply(ticket, sender)
                self.assertEqual(ticket.message_ids, before)
                self.assertEqual(opened.partner_id, partner)
                self.assertEqual(opened.is_sender_unverified, not partner)
                self.assertEqual(opened.team_id, self.team)
                self.assertIn(ticket.number, opened.message_ids.mapped("body")[-1])

    def test_follower_and_copied_address_take_part(self):
        ticket = self._receive_mail(Cc="Expert <expert@third.test>")
        ticket.message_subscribe(self.stranger_contact.ids)
        for sender in ("bob@autre.test", "expert@third.test"):
            with self.subTest(sender=sender):
                before = ticket.message_ids
                self.assertFalse(self._reply(ticket, sender))
                message = ticket.message_ids - before
                self.assertFalse(ticket._is_customer_message(message))

    def test_denied_sender_is_a_stranger(self):
        ticket = self._receive_mail()
        before = ticket.message_ids
        denied = {"Authentication-Results": "mx.test; dmarc=fail header.from=horloger.test"}
        opened = self._reply(ticket, **denied)
        self.assertEqual(ticket.message_ids, before)
        self.assertRecordValues(opened, [{"is_sender_unverified": True, "partner_id": False}])
        self.assertFalse(self._get_messages(opened, "email").author_id)

    def test_with_a_server_only_its_word_counts(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "maintenance_contract.mail_authentication_server", "mx.geneva.test"
        )
        for results, is_unverified in (
            (None, True),
            ("mx.evil.test; dmarc=pass header.from=horloger.test", True),
            ("mx.geneva.test; dmarc=pass header.from=horloger.test", False),
            ("mx.geneva.test; dkim=pass header.d=horloger.test", False),
            ("mx.geneva.test; dkim=pass header.d=evil.test", True),
        ):
            with self.subTest(results=results):
                ticket = self._receive_mail(Authentication_Results=results)
                self.assertEqual(ticket.is_sender_unverified, is_unverified)

    def test_address_of_an_employee_is_no_proof(self):
        """R28: it opens nothing in his name, and answers no customer."""
        opened = self._receive_mail("staff@geneva.test")
        self.assertRecordValues(
            opened, [{"is_sender_unverified": True, "partner_id": False, "user_id": False}]
        )
        self.assertNotEqual(opened.create_uid, self.staff)
        ticket = self._receive_mail()
        before = ticket.message_ids
        self.assertFalse(self._reply(ticket, "staff@geneva.test"))
        note = ticket.message_ids - before
        self.assertTrue(note._is_note())
        self.assertFalse(note.author_id)
        self.assertFalse(ticket._is_staff_answer(note))

    @freeze_time("2027-06-07 08:00:00")
    def test_proven_employee_answers_from_his_mail_program(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "maintenance_contract.mail_authentication_server", "mx.geneva.test"
        )
        proof = {"Authentication-Results": "mx.geneva.test; dmarc=pass"}
        ticket = self._receive_mail(**proof)
        before = ticket.message_ids
        self._reply(
            ticket,
            "staff@geneva.test",
            To=f"{GATEWAY}, anna@horloger.test",
            Date="Sun, 06 Jun 2027 08:00:00 +0000",
            **proof,
        )
        message = self._get_messages(ticket, "email") - before
        self.assertEqual(message.author_id, self.staff.partner_id)
        self.assertFalse(message._is_note())
        self.assertTrue(ticket._is_staff_answer(message))
        self.assertFalse(ticket._is_customer_message(message))
        now = fields.Datetime.now()
        self.assertRecordValues(
            ticket,
            [
                {
                    "acknowledged_at": now,
                    "first_answer_at": now,
                    "maintenance_step": "in_progress",
                }
            ],
        )

    def test_mail_of_a_colleague_who_may_not_write_here_is_no_answer(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "maintenance_contract.mail_authentication_server", "mx.geneva.test"
        )
        self._create_user("mc_outsider", "base.group_user", email="outsider@geneva.test")
        proof = {"Authentication-Results": "mx.geneva.test; dmarc=pass"}
        ticket = self._receive_mail(**proof)
        for sender, headers in (
            ("outsider@geneva.test", proof),
            ("staff@geneva.test", {}),
            ("staff@geneva.test", {**proof, "Auto-Submitted": "auto-replied"}),
        ):
            self._reply(ticket, sender, To=f"{GATEWAY}, anna@horloger.test", **headers)
        self.assertEqual(len(self._get_messages(ticket, "email")), 4)
        self.assertFalse(ticket.first_answer_at)

    def test_employee_who_is_a_contact_of_the_customer_is_no_customer(self):
        self.staff.partner_id.parent_id = self.customer
        ticket = self._receive_mail()
        self._reply(ticket, "staff@geneva.test")
        self.assertFalse(ticket._is_customer_message(ticket.message_ids[0]))

    @freeze_time("2027-06-07 08:00:00")
    def test_date_of_a_mail_is_believed_within_limits(self):
        """RELIABILITY 33."""
        now = fields.Datetime.now()
        for sent, said, received in (
            (now + timedelta(days=300), now, now),
            (now - timedelta(hours=3), now - timedelta(hours=3), now - timedelta(hours=3)),
            (now - timedelta(days=3650), now - timedelta(days=3650), now - timedelta(days=1)),
        ):
            with self.subTest(sent=sent):
                ticket = self._receive_mail(Date=format_datetime(sent))
                self.assertEqual(self._get_messages(ticket, "email").date, said)
                self.assertEqual(ticket.received_at, received)
        self.assertEqual(self._receive_mail(Date="yesterday-ish").received_at, now)

    def test_copied_people_of_other_customers_do_not_follow(self):
        ticket = self._receive_mail(Cc="bob@autre.test, staff@geneva.test")
        self._reply(ticket, Cc="bob@autre.test")
        self.assertNotIn(self.stranger_contact, ticket.message_partner_ids)
        self.assertIn(self.staff.partner_id, ticket.message_partner_ids)

    def test_late_reply_opens_a_following_request(self):
        ticket = self._receive_mail()
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.geneva.ticket_reopen_days = 30
        ticket.stage_id = done
        ticket.closed_date = fields.Datetime.now() - timedelta(days=29)
        self.assertFalse(self._reply(ticket))
        self.assertFalse(ticket.closed)
        ticket.stage_id = done
        ticket.closed_date = fields.Datetime.now() - timedelta(days=31)
        opened = self._reply(ticket)
        self.assertRecordValues(
            opened, [{"previous_ticket_id": ticket.id, "partner_id": self.contact.id}]
        )

    # === WHO ANSWERED === #

    def _staff_writes(self, ticket, **values):
        return ticket.with_user(self.staff).message_post(
            body="Try again.",
            **{
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "partner_ids": self.contact.ids,
                **values,
            },
        )

    def test_staff_answer_is_a_comment_of_a_session(self):
        ticket = self._create_ticket()
        answer = self._staff_writes(ticket)
        note = self._staff_writes(ticket, subtype_xmlid="mail.mt_note")
        automatic = self._staff_writes(ticket, message_type="auto_comment")
        of_program = ticket.with_user(self.env.ref("base.user_root")).message_post(
            body="Ok.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.contact.ids,
        )
        in_the_name_of = self._staff_writes(ticket, author_id=self.contact.id)
        self.assertTrue(ticket._is_staff_answer(answer))
        for message in (note, automatic, of_program, in_the_name_of):
            self.assertFalse(ticket._is_staff_answer(message))
            self.assertFalse(ticket._is_customer_message(message))

    def test_staff_answer_goes_to_the_customer(self):
        """What goes to colleagues, to other customers or to nobody is no answer."""
        colleague = self._create_contact("Carla", "carla@horloger.test", self.customer)
        silent = self._create_contact("Without Address", False, self.customer)
        for recipients in (
            self.env["res.partner"],
            self.dispatcher.partner_id,
            self.stranger_contact,
            silent,
        ):
            ticket = self._create_ticket()
            with self.subTest(recipients=recipients.name):
                message = self._staff_writes(ticket, partner_ids=recipients.ids)
                self.assertFalse(ticket._is_staff_answer(message))
                self.assertFalse(ticket.first_answer_at)
                self.assertEqual(ticket.maintenance_step, "new")
        for values in ({}, {"partner_ids": colleague.ids}):
            ticket = self._create_ticket()
            message = self._staff_writes(ticket, **values)
            self.assertEqual(ticket.first_answer_at, message.date)
        ticket = self._create_ticket()
        ticket.message_subscribe(self.contact.ids, self.env.ref("mail.mt_note").ids)
        self.assertFalse(ticket._is_staff_answer(self._staff_writes(ticket, partner_ids=[])))
        ticket.message_subscribe(self.contact.ids, self.env.ref("mail.mt_comment").ids)
        self.assertTrue(ticket._is_staff_answer(self._staff_writes(ticket, partner_ids=[])))

    def test_contact_without_address_reads_the_answer_on_his_page(self):
        ticket = self._create_ticket()
        self.contact.email = False
        self.assertTrue(ticket._is_staff_answer(self._staff_writes(ticket)))
        self.portal_user.active = False
        self.assertFalse(ticket._is_staff_answer(self._staff_writes(ticket)))

    def test_unknown_sender_is_answered_at_his_address(self):
        ticket = self._receive_mail("Zoe <zoe@unknown.test>")
        self.assertFalse(ticket.commercial_partner_id)
        self.assertFalse(ticket._is_staff_answer(self._staff_writes(ticket)))
        sender = self.env["res.partner"].create({"name": "Zoe", "email": "ZOE@unknown.test"})
        self.assertTrue(ticket._is_staff_answer(self._staff_writes(ticket, partner_ids=sender.ids)))

    def test_portal_message_is_the_customers(self):
        ticket = self._create_ticket()
        message = ticket.with_user(self.portal_user).message_post(
            body="Still stopped.", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertTrue(ticket._is_customer_message(message))
        self.assertFalse(ticket._is_staff_answer(message))

    # === AUTOMATIC MAIL === #

    def test_known_contact_gets_one_receipt(self):
        ticket = self._receive_mail()
        receipt = self._get_messages(ticket, "auto_comment")
        self.assertEqual(receipt.partner_ids, self.contact)
        self.assertIn(ticket.number, receipt.subject)
        self.assertTrue(ticket.is_receipt_sent)
        ticket._send_receipt()
        self._reply(ticket)
        self.assertEqual(self._get_messages(ticket, "auto_comment"), receipt)

    def test_automatic_mail_says_that_it_is(self):
        ticket = self._receive_mail()
        human = ticket.with_user(self.staff).message_post(
            body="Try again.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.contact.ids,
        )
        automatic = self._get_messages(ticket, "auto_comment")
        for message, expected in ((human, None), (automatic, "auto-generated")):
            mail = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
            for email in mail._prepare_outgoing_list():
                self.assertEqual(email["headers"].get("Auto-Submitted"), expected)

    def test_three_automatic_mails_a_day(self):
        ticket = self._create_ticket()
        template = self.env.ref("maintenance_contract.mail_template_receipt")
        sent = [bool(ticket._send_automatic_mail(template)) for _time in range(5)]
        self.assertEqual(sent, [True, True, True, False, False])
        for message in self._get_messages(ticket, "auto_comment"):
            message.date -= timedelta(days=1)
        self.assertTrue(ticket._may_send_automatic_mail())
        for _time in range(3):
            ticket.with_user(self.portal_user).message_post(
                body="x", message_type="auto_comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertTrue(ticket._may_send_automatic_mail())

    def test_company_switches_automatic_mail_off(self):
        self.geneva.is_automatic_ticket_mail = False
        ticket = self._receive_mail()
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self._send_tracking_mails()
        self.assertFalse(self._get_messages(ticket, "auto_comment"))

    def test_mail_of_a_stage_goes_to_known_contacts(self):
        known, unknown = self._create_ticket(), self._receive_mail("nobody@nowhere.test")
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        done.mail_template_id = self.env.ref("helpdesk_mgmt.closed_ticket_template")
        for ticket, count in ((known, 1), (unknown, 0)):
            before = self.messages.search([])
            ticket.stage_id = done
            self._send_tracking_mails()
            sent = self.messages.search([]) - before
            self.assertEqual(len(sent.filtered("mail_ids")), count)

    def _send_tracking_mails(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_warning_of_a_deadline_is_automatic_mail(self):
        ticket = self._create_ticket()
        ticket._tell_customer("Your deadline is near.")
        self.assertEqual(self._get_messages(ticket, "auto_comment").partner_ids, self.contact)
        self.geneva.is_automatic_ticket_mail = False
        ticket._tell_customer("Your deadline is near.")
        self.assertEqual(len(self._get_messages(ticket, "auto_comment")), 1)

    def test_who_cannot_be_reached_gets_no_automatic_mail(self):
        ticket = self._create_ticket()
        self.assertTrue(ticket._may_send_automatic_mail())
        self.contact.email = "no address"
        self.assertFalse(ticket._may_send_automatic_mail())

    def test_receipts_of_an_address_are_limited(self):
        for _ticket in range(12):
            self._create_ticket()._send_receipt()
        tickets = self.tickets.search([("partner_id", "=", self.contact.id)])
        self.assertEqual(len(tickets.filtered("is_receipt_sent")), 10)

    # === DELETION === #

    def test_request_is_never_deleted(self):
        spam = self._receive_mail("nobody@nowhere.test")
        spam.unlink()
        self.assertFalse(spam.exists())
        with self.assertRaisesRegex(UserError, "archived"):
            self._receive_mail().unlink()
