from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from .service_common import local
from .test_verdict import VerdictCommon


@tagged("post_install", "-at_install")
class TestServiceStop(VerdictCommon):
    """Who pays for a request while the service of its contract is stopped for payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls._stop("2027-06-07 10:00", "2027-06-09 15:00")

    @classmethod
    def _stop(cls, start, end=None, requests="billable", contract=None):
        """A notice whose stop of service lasted from one local time to another."""
        start, end = local(start), end and local(end)
        stops_on = start.date()
        return cls.env["maintenance.payment.notice"].create(
            {
                "contract_id": (contract or cls.contract).id,
                "user_id": cls.accountant.id,
                "sent_on": stops_on - timedelta(days=31),
                "due_by": stops_on - timedelta(days=1),
                "stops_on": stops_on,
                "requests": requests,
                "amount": 100,
                "stopped_at": start,
                "closed_at": end,
            }
        )

    def test_decided_by_the_instant_of_the_request(self):
        for moment, verdict, rule in (
            ("2027-06-07 09:59", "covered", "coverage"),
            ("2027-06-07 10:00", "billable", "service_stopped"),
            ("2027-06-09 14:59", "billable", "service_stopped"),
            ("2027-06-09 15:00", "covered", "coverage"),
        ):
            with self.subTest(moment=moment):
                self._assert_verdict(self._create_ticket(moment), verdict, rule)

    def test_what_was_decided_stays(self):
        before = self._create_ticket("2027-06-07 09:00")
        during = self._create_ticket("2027-06-08 09:00")
        with freeze_time("2027-06-10"):
            for ticket in (before, during):
                ticket.with_user(self.dispatcher).action_decide_again()
        self._assert_verdict(before, "covered", "coverage", (100, 100, 100))
        self._assert_verdict(during, "billable", "service_stopped", (0, 0, 0))

    def test_the_sentence_says_since_when(self):
        ticket = self._create_ticket("2027-06-08 09:00", user_id=self.technician.id)
        with freeze_time(local("2027-06-08 09:00")):
            self.env.invalidate_all()
            told = ticket.with_user(self.technician).verdict_summary
        for text in ("Service stopped for payment", self.contract.name, "since Mon, Jun 7"):
            self.assertIn(text, told)

    def test_refused_where_the_notice_says_so(self):
        self._stop("2027-07-05 09:00", None, "refused")
        ticket = self._create_ticket("2027-07-06 09:00")
        self._assert_verdict(ticket, "refused", "service_stopped", (0, 0, 0))
        self.assertFalse(ticket.sla_clock_ids.filtered(lambda clock: clock.state == "running"))

    def test_a_warranty_does_not_depend_on_the_contract(self):
        self._create_warranty()
        self._assert_verdict(
            self._create_ticket("2027-06-08 09:00"), "part", "warranty", (100, 0, 0)
        )

    def test_an_exclusion_comes_before(self):
        ticket = self._create_ticket("2027-06-08 09:00")
        ticket.exclusion_id = self.env["maintenance.exclusion"].create(
            {"name": "Sabotage", "outcome": "refused"}
        )
        self._assert_verdict(ticket, "refused", "exclusion")

    def test_another_contract_is_not_concerned(self):
        other = self._create_contract(self.uncovered, tier_id=self.tier.id, state="active")
        ticket = self._create_ticket("2027-06-08 09:00", equipment_id=self.uncovered.id)
        self._assert_verdict(ticket, "covered", "coverage")
        self.assertEqual(ticket.contract_id, other)

    def test_a_stop_uses_up_no_quantity(self):
        self._give("support", kind="quantity", quantity=1, quantity_of="tickets")
        self._assert_verdict(
            self._create_ticket("2027-06-08 09:00", request_kind="support"),
            "billable",
            "service_stopped",
        )
        self._assert_verdict(
            self._create_ticket("2027-06-10 09:00", request_kind="support"), "covered", "coverage"
        )

    def test_dispatcher_sees_the_stop_and_no_amount(self):
        self._stop("2027-07-05 09:00")
        with freeze_time(local("2027-07-06 09:00")):
            contract = self.contract.with_user(self.dispatcher)
            self.assertTrue(contract.is_service_stopped)
            self.assertEqual(contract.service_stopped_at, local("2027-07-05 09:00"))
            fields = contract.fields_get()
        for name in ("overdue_amount", "overdue_since", "payment_notice_ids", "is_overdue"):
            self.assertNotIn(name, fields)
        self.assertEqual(self.notice.sent_on, date(2027, 5, 7))
