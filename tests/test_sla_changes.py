from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .service_common import PARIS, ServiceCommon, local

LATER = "maintenance_contract.pause_reason_later"


@tagged("post_install", "-at_install")
class TestSlaChanges(ServiceCommon):
    """What happens to the clocks when the request or its contract changes (SEMANTICS §1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The case of a severity that is raised: 24 opening hours become 8.
        cls.severe = cls._create_policy(
            {"kind": "resolution", "amount": 24, "severity_id": cls.minor.id},
            {"kind": "resolution", "amount": 8, "severity_id": cls.blocking.id},
        )
        cls.contract.sla_policy_id = cls.severe

    def _raise_severity(self, rule):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-09 17:00"))
        with freeze_time(local("2027-06-07 15:00")):
            ticket._change_severity(self.blocking, "Production stands still", rule)
        return ticket

    def test_carry_keeps_what_has_elapsed(self):
        ticket = self._raise_severity("carry")
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-07 17:00"))
        self.assertEqual(ticket.severity_reason, "Production stands still")

    def test_restart_begins_a_new_cycle_and_excludes_the_old_one(self):
        ticket = self._raise_severity("restart")
        old, new = (self._clock(ticket, "resolution", cycle) for cycle in (1, 2))
        self.assertEqual((old.state, old.result), ("cancelled", False))
        self.assertEqual(new.deadline, local("2027-06-08 15:00"))

    def test_without_a_rule_that_of_the_policy_applies(self):
        self.severe.change_rule = "restart"
        ticket = self._raise_severity(None)
        self.assertEqual(self._clock(ticket, "resolution", 2).deadline, local("2027-06-08 15:00"))

    def test_late_by_reclassification_is_told_apart(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        with freeze_time(local("2027-06-08 15:00")):
            ticket._change_severity(self.blocking, "Worse than thought")
        clock = self._clock(ticket, "resolution")
        self.assertEqual((clock.state, clock.result), ("overdue", "late"))
        self.assertTrue(clock.is_reclassified_late)

    def test_severity_is_not_rewritten_under_running_clocks(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        for user in (self.technician, self.dispatcher, self.administrator):
            with self.assertRaisesRegex(UserError, "Severity"):
                ticket.with_user(user).severity_id = self.blocking
            with self.assertRaisesRegex(UserError, "Received At"):
                ticket.with_user(user).received_at = local("2027-06-07 12:00")
            with self.assertRaisesRegex(UserError, "Company"):
                ticket.with_user(user).company_id = self.paris

    def test_severity_without_clocks_is_decided_too(self):
        """It decides when the customer is reminded."""
        self.tier.sla_policy_id = False
        ticket = self._create_ticket(severity_id=self.minor.id, user=self.technician)
        self.assertFalse(ticket.sla_clock_ids)
        ticket.with_user(self.technician).write({"severity_id": self.minor.id, "name": "Stops"})
        with self.assertRaisesRegex(UserError, "Severity"):
            ticket.with_user(self.technician).severity_id = self.blocking
        ticket.with_user(self.dispatcher).severity_id = self.blocking
        self.assertEqual(ticket.severity_id, self.blocking)

    def test_a_contract_found_later_counts_from_the_reception(self):
        ticket = self._create_ticket(
            "2027-06-07 09:00",
            equipment_id=False,
            partner_id=False,
            severity_id=self.minor.id,
        )
        self.assertFalse(ticket.sla_clock_ids)
        with freeze_time(local("2027-06-07 12:00")):
            ticket.write({"partner_id": self.contact.id, "equipment_id": self.equipment.id})
        self.env.invalidate_all()
        self.assertEqual(ticket.contract_id, self.contract)
        self.assertEqual(self._clock(ticket, "resolution").started_at, local("2027-06-07 09:00"))

    def test_reopening_by_each_rule(self):
        for rule, cycle, deadline in (
            ("resume", 1, "2027-06-09 13:00"),
            ("new_cycle", 2, "2027-06-10 11:00"),
            ("continuous", 1, "2027-06-08 17:00"),
        ):
            with self.subTest(rule=rule):
                self.contract.sla_policy_id = self._create_policy(
                    ("resolution", 16, "open_hours"), reopen_rule=rule
                )
                ticket = self._create_ticket("2027-06-07 09:00")
                with freeze_time(local("2027-06-07 15:00")):
                    ticket._reach("resolution")
                with freeze_time(local("2027-06-08 11:00")):
                    ticket._reopen_clocks()
                clock = self._clock(ticket, "resolution", cycle)
                self.assertEqual(clock.deadline, local(deadline))

    def test_an_agreed_deadline_binds_until_it_is_given_up(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.blocking.id)
        agreed = local("2027-06-18 12:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._record_event("manual", kind="resolution", deadline=agreed, note="Agreed")
            clock = self._clock(ticket, "resolution")
            self.assertEqual((clock.deadline, clock.manual_deadline), (agreed, agreed))
            self.assertEqual(clock.computed_deadline, local("2027-06-07 17:00"))
            ticket._record_event("release", kind="resolution")
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-07 17:00"))

    def test_warnings_of_a_moved_deadline_are_armed_anew(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.blocking.id)
        with freeze_time(local("2027-06-07 13:00")):
            self._run_cron()
        with freeze_time(local("2027-06-07 14:00")):
            ticket._pause(self.waiting)
        with freeze_time(local("2027-06-09 14:00")):
            ticket._resume()
            self._run_cron()
        alerts = ticket.sudo().sla_clock_ids.alert_ids
        self.assertEqual(alerts.mapped("percent"), [50], "the half has gone once")
        with freeze_time(local("2027-06-09 15:00")):
            self._run_cron()
        alerts = ticket.sudo().sla_clock_ids.alert_ids
        self.assertEqual(sorted(alerts.mapped("percent")), [50, 75])

    def test_a_warning_due_before_an_event_is_given_after_it(self):
        """Somebody pauses the request at the minute of its half, before the cron has run."""
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.blocking.id)
        with freeze_time(local("2027-06-07 13:01")):
            ticket._record_event("pause", reason=self.env.ref(LATER))
            ticket._record_event("resume")
            self._run_cron()
        self.assertEqual(ticket.sudo().sla_clock_ids.alert_ids.mapped("percent"), [50])

    def test_one_message_after_hours_of_silence(self):
        ticket = self._create_ticket(
            "2027-06-07 09:00", severity_id=self.blocking.id, user_id=self.technician.id
        )
        with freeze_time(local("2027-06-09 12:00")):
            self._run_cron()
        ticket.invalidate_recordset()
        self.assertEqual(len(ticket.sudo().sla_clock_ids.alert_ids), 5)
        self.assertEqual(
            ticket.activity_ids.user_id, self.technician | self.dispatcher | self.manager
        )
        self.assertEqual(len(ticket.activity_ids), 3)

    def test_a_request_of_nobody_warns_a_dispatcher(self):
        self.geneva.sla_policy_id = self.policy
        ticket = self._create_ticket(
            "2027-06-07 09:00", team_id=False, equipment_id=False, partner_id=False, user_id=False
        )
        with freeze_time(local("2027-06-07 11:01")):
            self._run_cron()
        self.assertIn(self.dispatcher, ticket.activity_ids.user_id)

    def test_an_archived_request_warns_nobody(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.blocking.id)
        ticket.sudo().active = False
        with freeze_time(local("2027-06-09 12:00")):
            self._run_cron()
        self.assertFalse(ticket.sudo().sla_clock_ids.alert_ids)


@tagged("post_install", "-at_install")
class TestSlaTerms(ServiceCommon):
    """What a contract may say otherwise than its tier."""

    def test_the_policy_of_the_contract_replaces_that_of_the_tier(self):
        self.contract.with_user(self.manager).sla_policy_id = self._create_policy(
            ("resolution", 3, "working_days_close")
        )
        ticket = self._create_ticket("2027-06-07 10:00")
        self.assertEqual(ticket.sla_clock_ids.deadline, local("2027-06-10 17:00"))

    def test_service_hours_of_the_contract(self):
        paris = self.paris.resource_calendar_id.copy({"company_id": False, "tz": "Europe/Paris"})
        paris.attendance_ids.hour_to = 18
        self.contract.sla_calendar_id = paris
        ticket = self._create_ticket("2027-06-07 17:30")
        self.assertEqual(
            self._clock(ticket, "acknowledge").deadline, local("2027-06-08 10:30", PARIS)
        )

    def test_both_must_be_open_where_the_contract_says_so(self):
        site = self.calendar.copy({"name": "Afternoons"})
        site.attendance_ids.hour_from = 13
        self.contract.site_calendar_id = site
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(self._clock(ticket, "first_answer").deadline, local("2027-06-07 17:00"))
        self.assertEqual(self._clock(ticket, "acknowledge").deadline, local("2027-06-07 15:00"))

    def test_allowance_for_the_time_difference(self):
        self.contract.sla_allowance = 6
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(self._clock(ticket, "acknowledge").deadline, local("2027-06-07 17:00"))

    def test_no_commitment_and_words_are_shown_without_a_deadline(self):
        self.contract.sla_policy_id = self._create_policy(
            {"kind": "workaround", "unit": "none"},
            {"kind": "resolution", "unit": "text", "commitment": "Next minor version"},
        )
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {"none"})
        self.assertFalse(ticket.sla_deadline)
        self.assertEqual(
            {clock.kind: clock.term_id._get_promise() for clock in ticket.sla_clock_ids},
            {"workaround": "NC", "resolution": "Next minor version"},
        )

    def test_delays_are_told_in_the_numbers_of_the_reader(self):
        policy = self._create_policy(
            ("acknowledge", 1, "open_hours"),
            ("first_answer", 1.5, "open_hours"),
            ("resolution", 1, "working_days_close"),
            ("report", 1000, "calendar_hours"),
        )
        self.assertEqual(
            [target._get_promise() for target in policy.target_ids],
            ["1 opening hour", "1.5 opening hours", "1 working day", "1,000 h around the clock"],
        )
        french = policy.with_context(lang="fr_FR").target_ids[1]
        self.assertIn("1,5", french._get_promise())

    def test_a_calendar_that_never_opens_gives_no_deadline_and_says_so(self):
        self.contract.sla_calendar_id = self.calendar.copy({"name": "Closed for good"})
        self.contract.sla_calendar_id.attendance_ids.unlink()
        ticket = self._create_ticket("2027-06-07 09:00")
        clock = self._clock(ticket, "resolution")
        self.assertFalse(clock.deadline)
        self.assertTrue(clock.has_no_deadline)
        self.assertEqual(clock.badge["word"], "No deadline computable")
        ticket._reach("acknowledge")
        self.assertEqual(ticket.activity_ids.user_id, self.contract.user_id)
        self.assertEqual(len(ticket.activity_ids), 1)

    def test_calendar_without_hours_is_refused(self):
        empty = self.calendar.copy({"name": "Empty"})
        empty.attendance_ids.unlink()
        flexible = self.calendar.copy({"name": "Flexible"})
        flexible.schedule_type = "flexible"
        self.assertTrue(flexible.attendance_ids)
        for calendar in (empty, flexible):
            with self.subTest(calendar.name):
                with self.assertRaisesRegex(ValidationError, "Service Hours"):
                    self.contract.sla_calendar_id = calendar
                with self.assertRaisesRegex(ValidationError, "Service Hours"):
                    self.policy.calendar_id = calendar

    def test_delays_that_are_no_delays_are_refused(self):
        for amount in (-1, 90_000, float("nan"), float("inf")):
            with self.subTest(amount=amount), self.assertRaisesRegex(ValidationError, "Delay"):
                self._create_policy(("resolution", amount, "open_hours"))
        with self.assertRaisesRegex(ValidationError, "whole working days"):
            self._create_policy(("resolution", 1.5, "working_days_close"))
        with self.assertRaisesRegex(ValidationError, "In Words"):
            self._create_policy({"kind": "resolution", "unit": "text"})

    def test_zero_hours_are_due_at_the_next_opening(self):
        self.contract.sla_policy_id = self._create_policy(("acknowledge", 0, "open_hours"))
        ticket = self._create_ticket("2027-06-05 12:00")
        self.assertEqual(ticket.sla_clock_ids.deadline, local("2027-06-07 09:00"))

    def test_the_most_specific_target_applies(self):
        self.contract.sla_policy_id = self._create_policy(
            ("resolution", 24, "open_hours"),
            {"kind": "resolution", "amount": 8, "severity_id": self.blocking.id},
            {
                "kind": "resolution",
                "amount": 4,
                "severity_id": self.blocking.id,
                "request_kind": "support",
            },
        )
        for values, hours in (
            ({"severity_id": self.major.id}, 24),
            ({"severity_id": self.blocking.id}, 8),
            ({"severity_id": self.blocking.id, "request_kind": "support"}, 4),
        ):
            ticket = self._create_ticket("2027-06-07 09:00", **values)
            self.assertEqual(ticket.sla_clock_ids.budget, hours * 3600)

    def test_out_of_contract_the_company_may_promise_something_or_nothing(self):
        values = {"partner_id": self.other_customer.id, "equipment_id": False}
        self.assertFalse(self._create_ticket("2027-06-07 09:00", **values).sla_clock_ids)
        self.geneva.sla_policy_id = self.policy
        self.assertTrue(self._create_ticket("2027-06-07 09:00", **values).sla_clock_ids)

    def test_ideas_have_no_clocks(self):
        self.assertFalse(self._create_ticket(request_kind="idea").sla_clock_ids)

    def test_coverage_is_that_of_the_day_of_reception(self):
        """Entered on the morning after the end, received the evening before: covered."""
        self.coverage._end(local("2027-06-07 12:00").date(), "Sold")
        vals = {"received_at": local("2027-06-07 18:00")}
        with freeze_time(local("2027-06-08 09:00")):
            covered = self._create_ticket(**vals)
            vals["received_at"] = local("2027-06-08 08:00")
            late = self._create_ticket(**vals)
        self.assertEqual(covered.coverage_id, self.coverage)
        self.assertFalse(late.coverage_id)

    def test_a_request_of_tomorrow_is_refused(self):
        with freeze_time(local("2027-06-07 09:00")):
            for moment in ("2027-06-07 09:30", "2017-06-07 09:00"):
                with self.assertRaisesRegex(ValidationError, "Received At"):
                    self._create_ticket(received_at=local(moment))
