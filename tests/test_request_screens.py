from lxml import etree

from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .service_common import ServiceCommon, local
from .test_views_open import _read_specification


@tagged("post_install", "-at_install")
class TestRequestScreens(ServiceCommon):
    """What the screens of requests show, read as the people who use them."""

    def _get_arch(self, kind, user):
        tickets = self.env["helpdesk.ticket"].with_user(user)
        return etree.fromstring(tickets.get_view(view_type=kind)["arch"])

    def _read_list(self, user=None):
        """Read the first page of the list as the browser does; return its rows."""
        user = user or self.dispatcher
        arch = self._get_arch("list", user)
        self.env.invalidate_all()
        return (
            self.env["helpdesk.ticket"]
            .with_user(user)
            .web_search_read(
                [("partner_id", "=", self.contact.id)],
                _read_specification(arch),
                limit=80,
                order=arch.get("default_order"),
            )["records"]
        )

    def _use_filter(self, name):
        """The requests of the contact that a filter of the search view finds."""
        (node,) = self._get_arch("search", self.dispatcher).xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"uid": self.dispatcher.id})
        return self.env["helpdesk.ticket"].search([("partner_id", "=", self.contact.id), *domain])

    def _count_queries(self, read):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        read()
        return self.env.cr.sql_log_count - before

    # === LIST === #

    def test_list_begins_with_what_presses_most(self):
        """The earliest deadline first; what waits has none, and comes last."""
        later = self._create_ticket("2027-06-07 15:00")
        first = self._create_ticket("2027-06-07 09:00")
        waiting = self._create_ticket("2027-06-07 08:00", request_kind="information")
        with freeze_time(local("2027-06-07 15:00")):
            waiting._record_event("cancel")
            rows = [row["id"] for row in self._read_list()]
        self.assertEqual(rows, [first.id, later.id, waiting.id])

    @freeze_time(local("2027-06-07 12:00"))
    def test_list_costs_the_same_for_more_rows(self):
        for _number in range(3):
            self._create_ticket("2027-06-07 09:00")
        self._read_list()
        few = self._count_queries(self._read_list)
        for _number in range(9):
            self._create_ticket("2027-06-07 09:30", equipment_id=self._create_equipment().id)
        self.assertEqual(self._count_queries(self._read_list), few)

    def test_overdue_whatever_the_cron_did(self):
        """It is late at the deadline: neither the filter nor the form waits for the cron."""
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:59")):
            self.assertFalse(self._use_filter("overdue"))
            self.assertEqual(self._use_filter("due_today"), ticket)
            self.assertFalse(ticket.is_overdue)
        self.env.invalidate_all()
        with freeze_time(local("2027-06-07 11:01")):
            self.assertEqual(ticket.sla_state, "running")
            self.assertEqual(self._use_filter("overdue"), ticket)
            self.assertFalse(self._use_filter("due_today"))
            self.assertTrue(ticket.is_overdue)
            self.assertEqual(ticket.sla_badge["state"], "overdue")

    def test_due_today_ends_at_midnight_of_the_reader(self):
        self._create_ticket("2027-06-07 16:00")
        with freeze_time(local("2027-06-07 23:30")):
            self.assertFalse(self._use_filter("due_today"))
        with freeze_time(local("2027-06-08 00:30")):
            self.assertTrue(self._use_filter("due_today"))

    # === BADGE === #

    def _get_badge(self, ticket, moment):
        self.env.invalidate_all()
        with freeze_time(local(moment)):
            return ticket.with_user(self.technician).sla_badge

    def test_badge_tells_asleep_from_paused(self):
        """Icon, word and colour differ: not one of them alone."""
        ticket = self._create_ticket("2027-06-07 16:00")
        asleep = self._get_badge(ticket, "2027-06-07 20:00")
        with freeze_time(local("2027-06-08 09:30")):
            ticket._reach("first_answer")
            ticket._pause(self.waiting)
        paused = self._get_badge(ticket, "2027-06-08 20:00")
        self.assertEqual((asleep["state"], paused["state"]), ("asleep", "paused"))
        for part in ("icon", "word", "color"):
            self.assertNotEqual(asleep[part], paused[part], part)
        self.assertEqual(asleep["remaining"], "1 h 00 left")
        self.assertEqual(paused["kind"], "Workaround")

    def test_red_stays_red(self):
        """A first answer given late is seen, although the next clock is in time."""
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 15:00")):
            ticket._reach("first_answer")
        badge = self._get_badge(ticket, "2027-06-07 15:30")
        self.assertEqual((badge["kind"], badge["state"]), ("Workaround", "running"))
        self.assertTrue(badge["is_late"])

    def test_the_last_clock_is_shown_once_all_are_met(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 09:30")):
            ticket._reach("resolution")
        badge = self._get_badge(ticket, "2027-06-08 09:30")
        self.assertEqual((badge["kind"], badge["state"]), ("Resolution", "met"))
        self.assertFalse(badge.get("is_late"))

    def test_a_commitment_in_words_is_read_out(self):
        self.policy.target_ids.filtered(lambda target: target.kind == "resolution").write(
            {"unit": "text", "commitment": "In the next release"}
        )
        ticket = self._create_ticket("2027-06-07 09:00")
        badge = self._clock(ticket, "resolution").with_user(self.technician).badge
        self.assertEqual(badge["promise"], "In the next release")
        self.assertFalse(badge["deadline"])

    # === COUNTS === #

    def test_requests_are_counted_where_they_belong(self):
        other = self._create_equipment("Lathe")
        tickets = self._create_ticket("2027-06-07 09:00") | self._create_ticket("2027-06-07 09:00")
        tickets |= self._create_ticket(
            "2027-06-07 09:00", equipment_id=other.id, contract_id=self.contract.id
        )
        closed = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1)
        tickets[0].sudo().stage_id = closed
        for record, counted in (
            (self.equipment, tickets[:2]),
            (other, tickets[2:]),
            (self.contract, tickets),
            (self.customer, tickets),
            (self.contact, tickets),
            (self.other_customer, tickets.browse()),
        ):
            record = record.with_user(self.manager)
            action = record.action_view_requests()
            with self.subTest(record=record.display_name):
                self.assertEqual(record.request_count, len(counted))
                self.assertEqual(record.open_request_count, len(counted - tickets[0]))
                self.assertEqual(self.env["helpdesk.ticket"].search(action["domain"]), counted)

    def test_many_are_counted_in_one_query(self):
        equipments = self.equipment
        for number in range(5):
            equipments |= self._create_equipment(f"Robot {number}")
            self._create_ticket(equipment_id=equipments[-1].id)
        equipments = equipments.with_user(self.dispatcher)

        def count(records):
            self.env.invalidate_all()
            return self._count_queries(lambda: records.mapped("request_count"))

        count(equipments)
        self.assertEqual(count(equipments), count(equipments[1]))
        self.assertEqual(equipments.mapped("request_count"), [0, 1, 1, 1, 1, 1])

    # === FORM === #

    def test_clocks_fix_what_they_count_from(self):
        """Severity and time of receipt are chosen when the request is entered."""
        tickets = self.env["helpdesk.ticket"].with_user(self.dispatcher)
        with freeze_time(local("2027-06-07 09:00")), Form(tickets) as form:
            form.name = "The press stops"
            form.description = "It stops after a minute."
            form.partner_id = self.contact
            self.assertEqual(form.equipment_id, self.equipment)
            self.assertEqual(form.coverage_id, self.coverage)
            form.severity_id = self.blocking
            self.assertEqual(form.severity_definition, self.blocking.definition)
            with self.assertRaisesRegex(AssertionError, "severity_reason"):
                form.save()
            form.severity_reason = "The whole line stops."
        with Form(form.record) as form:
            for name in ("severity_id", "received_at"):
                with self.assertRaisesRegex(AssertionError, "readonly"):
                    form[name] = form[name]

    def test_severities_are_chosen_by_their_definition(self):
        names = self.env["maintenance.severity"].with_context(formatted_display_name=True)
        self.assertIn(self.blocking.definition, names.browse(self.blocking.id).display_name)
        self.assertEqual(self.blocking.display_name, self.blocking.name)

    def test_plain_helpdesk_user(self):
        """Who uses the helpdesk without a role of ours opens its requests without our clocks."""
        user = self._create_user("mc_helpdesk", "helpdesk_mgmt.group_helpdesk_user")
        ticket = self._create_ticket()
        with Form(ticket.with_user(user)) as form:
            form.name = "The press stops again"
        self.assertEqual([row["id"] for row in self._read_list(user)], ticket.ids)

    # === CATALOGUE === #

    def test_policy_is_read_as_a_table(self):
        """A row for each kind, a column for each severity; the last one for all the others."""
        policy = self._create_policy(
            ("acknowledge", 2, "open_hours"),
            {
                "kind": "acknowledge",
                "severity_id": self.blocking.id,
                "amount": 1,
                "unit": "open_hours",
            },
            {
                "kind": "resolution",
                "severity_id": self.minor.id,
                "unit": "text",
                "commitment": "In a later version",
            },
            {"kind": "workaround", "request_kind": "support", "amount": 5, "unit": "open_hours"},
        ).with_user(self.technician)
        table = etree.fromstring(str(policy.overview))
        rows = [
            ["".join(cell.itertext()).split() for cell in row.iterchildren("th", "td")]
            for row in table.iter("tr")
        ]
        texts = [[" ".join(cell) for cell in row] for row in rows]
        self.assertEqual(
            texts,
            [
                ["", "Blocking", "Minor", "All others"],
                ["Acknowledge", "1 opening hour", "2 opening hours", "2 opening hours"],
                ["Resolution", "", "In a later version", ""],
            ],
        )

    def test_calendar_version_is_read_out(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Fête",
                "calendar_id": self.calendar.id,
                "date_from": local("2027-06-10 00:00"),
                "date_to": local("2027-06-10 23:59:59"),
                "time_type": "leave",
            }
        )
        version = self.calendar._get_versions()[self.calendar]
        lines = version.summary.splitlines()
        self.assertIn("Time zone: Europe/Zurich", lines)
        self.assertIn("Monday: 09:00–17:00", lines)
        self.assertFalse([line for line in lines if line.startswith("Sunday")])
        self.assertIn("06/10/2027 Fête", lines)
