from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .service_common import ServiceCommon, local


@tagged("post_install", "-at_install")
class TestSlaAmendment(ServiceCommon):
    """An edited policy or calendar moves running clocks only when somebody says so (FM11)."""

    def _open(self, source, user=None, **values):
        source = source.with_user(user or self.manager)
        action = source.with_context(lang="en_US", tz="Europe/Zurich").action_apply_to_clocks()
        wizards = source.env[action["res_model"]]
        return wizards.with_context(**action["context"], lang="en_US", tz="Europe/Zurich").create(
            {"reason": "It was meant so", **values}
        )

    def _close_tuesday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Forgotten holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": local("2027-06-08 00:00"),
                "date_to": local("2027-06-09 00:00"),
            }
        )

    def _set_delay(self, kind, amount):
        target = self.policy.target_ids.filtered(lambda t: t.kind == kind)
        target.with_user(self.administrator).amount = amount

    def _get_deadlines(self, ticket):
        self.env.invalidate_all()
        return {clock.kind: clock.deadline for clock in ticket.sla_clock_ids}

    # === CALENDAR === #

    def test_a_holiday_added_late_moves_what_runs_once_confirmed(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        before = self._get_deadlines(ticket)
        with freeze_time(local("2027-06-07 10:00")):
            self._close_tuesday()
            wizard = self._open(self.calendar)
            self.assertEqual(wizard.clock_count, 4)
            self.assertIn("that would move:\n                <strong>2</strong>", wizard.preview)
            self.assertIn("Thu, Jun 10, 05:00 PM CEST", wizard.preview)
            self.assertEqual(self._get_deadlines(ticket), before, "a preview moves nothing")
            wizard.action_apply()
            self.assertEqual(
                self._get_deadlines(ticket),
                {
                    **before,
                    "workaround": local("2027-06-09 17:00"),
                    "resolution": local("2027-06-10 17:00"),
                },
            )
            self.assertEqual(self._open(self.calendar).clock_count, 0)
        events = ticket.sla_event_ids.filtered(lambda event: event.name == "amend")
        self.assertEqual(set(events.mapped("note")), {"It was meant so"})
        self.assertEqual(events.user_id, self.manager)
        self.assertEqual(set(events.term_id.mapped("policy_version")), {1}, "the same promise")
        with freeze_time(local("2027-06-07 11:00")):
            self.assertFalse(ticket._compare_clocks())
            clock = self._clock(ticket, "resolution")
            self.assertIn("Corrected", str(clock._get_explanation()))
            self.assertIn("Forgotten holiday", str(clock._get_explanation()))

    def test_an_overdue_clock_stays_overdue(self):
        ticket = self._create_ticket("2027-06-07 16:00")
        with freeze_time(local("2027-06-08 12:00")):
            ticket._refresh_clocks()
            self.assertEqual(self._clock(ticket, "acknowledge").state, "overdue")
            self._close_tuesday()
            wizard = self._open(self.calendar)
            self.assertIn("Overdue and left so: 1", wizard.preview)
            wizard.action_apply()
            clock = self._clock(ticket, "acknowledge")
            self.assertEqual((clock.state, clock.deadline), ("overdue", local("2027-06-08 10:00")))
            self.assertEqual(
                self._clock(ticket, "first_answer").deadline, local("2027-06-09 12:00")
            )
            wizard = self._open(
                self.calendar, is_overdue_included=True, reason="The customer agrees"
            )
            self.assertEqual(wizard.clock_count, 1)
            self.assertIn("Overdue now and in time again: 1", wizard.preview)
            wizard.action_apply()
            clock = self._clock(ticket, "acknowledge")
            self.assertEqual((clock.state, clock.deadline), ("running", local("2027-06-09 10:00")))
            event = ticket.sla_event_ids.filtered(lambda e: e.kind == "acknowledge")[-1]
            self.assertEqual((event.name, event.note), ("amend", "The customer agrees"))

    def test_a_paused_clock_goes_on_by_the_corrected_calendar(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 16:00")):
            ticket._pause(self.waiting)
            self._close_tuesday()
            self._open(self.calendar).action_apply()
        with freeze_time(local("2027-06-08 10:00")):
            ticket._resume()
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-11 10:00"))

    def test_the_customers_hours_are_corrected_too(self):
        site = self.calendar.copy({"name": "Customer", "company_id": self.geneva.id})
        self.contract.site_calendar_id = site
        ticket = self._create_ticket("2027-06-07 09:00")
        site.attendance_ids.filtered(lambda line: line.dayofweek == "1").unlink()
        with freeze_time(local("2027-06-07 10:00")):
            self._open(site).action_apply()
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-10 17:00"))

    # === POLICY === #

    def test_a_corrected_policy_counts_again_from_the_start(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        other = self._create_ticket("2027-06-07 09:00", equipment_id=False, partner_id=False)
        self._set_delay("resolution", 40)
        self._set_delay("acknowledge", 1)
        with freeze_time(local("2027-06-07 10:30")):
            wizard = self._open(self.policy)
            self.assertEqual(wizard.clock_count, 2)
            self.assertIn("Overdue at once: 1", wizard.preview)
            wizard.action_apply()
            self.assertFalse(ticket._compare_clocks())
        clock = self._clock(ticket, "resolution")
        self.assertEqual(clock.deadline, local("2027-06-11 17:00"))
        self.assertEqual(clock.term_id.policy_version, 2)
        self.assertEqual(self._clock(ticket, "acknowledge").result, "late")
        self.assertFalse(other.sla_clock_ids)
        self.assertIn("running clocks (2)", str(self.policy.message_ids[0].body))

    def test_closed_clocks_and_given_up_delays_do_not_change(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._reach("first_answer")
        self._set_delay("first_answer", 1)
        self.policy.target_ids.filtered(lambda t: t.kind == "workaround").unlink()
        before = self._get_deadlines(ticket)
        with freeze_time(local("2027-06-07 11:00")):
            wizard = self._open(self.policy)
            self.assertEqual(wizard.clock_count, 0)
            wizard.action_apply()
        self.assertEqual(self._get_deadlines(ticket), before)
        self.assertFalse(ticket.sla_event_ids.filtered(lambda event: event.name == "amend"))

    def test_an_agreed_deadline_is_kept(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        agreed = local("2027-06-20 12:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._record_event("manual", kind="resolution", deadline=agreed)
            self._set_delay("resolution", 40)
            self._open(self.policy).action_apply()
        clock = self._clock(ticket, "resolution")
        self.assertEqual(clock.deadline, agreed)
        self.assertEqual(clock.computed_deadline, local("2027-06-11 17:00"))

    def test_only_managers_and_with_a_reason(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        self._set_delay("resolution", 40)
        with freeze_time(local("2027-06-07 10:00")):
            for user in (self.technician, self.dispatcher, self.accountant):
                with self.assertRaises(AccessError):
                    self._open(self.policy, user)
                with self.assertRaises(AccessError):
                    self._open(self.calendar, user)
            with self.assertRaisesRegex(UserError, "Reason"):
                self._open(self.policy, reason=" ").action_apply()
            # Another company's clocks are not touched through a policy that both share.
            self.env = self.env(context={**self.env.context, "allowed_company_ids": self.paris.ids})
            self._open(self.policy.with_env(self.env), self.paris_manager).action_apply()
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-09 17:00"))
