from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .service_common import ServiceCommon, local


@tagged("post_install", "-at_install")
class TestSlaClocks(ServiceCommon):
    def test_a_request_gets_one_clock_per_target_counted_in_opening_hours(self):
        ticket = self._create_ticket("2027-06-07 15:00")
        self.assertEqual(ticket.coverage_id, self.coverage)
        self.assertEqual(ticket.sla_policy_id, self.policy)
        deadlines = {clock.kind: clock.deadline for clock in ticket.sla_clock_ids}
        self.assertEqual(
            deadlines,
            {
                "acknowledge": local("2027-06-07 17:00"),
                "first_answer": local("2027-06-08 11:00"),
                "workaround": local("2027-06-09 15:00"),
                "resolution": local("2027-06-10 15:00"),
            },
        )
        self.assertEqual(ticket.sla_deadline, local("2027-06-07 17:00"))
        self.assertEqual(ticket.sla_state, "running")

    def test_nobody_works_at_lunch(self):
        """Bad input 30: a line that says lunch is no opening hour."""
        self.calendar.attendance_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "name": period,
                        "dayofweek": str(day),
                        "hour_from": start,
                        "hour_to": end,
                        "day_period": period,
                    }
                )
                for day in range(5)
                for period, start, end in (
                    ("morning", 9, 12),
                    ("lunch", 12, 13),
                    ("afternoon", 13, 17),
                )
            ),
        ]
        ticket = self._create_ticket("2027-06-07 11:00")
        deadlines = {clock.kind: clock.deadline for clock in ticket.sla_clock_ids}
        self.assertEqual(deadlines["acknowledge"], local("2027-06-07 14:00"))
        self.assertEqual(deadlines["first_answer"], local("2027-06-07 16:00"))
        self.assertEqual(deadlines["workaround"], local("2027-06-09 14:00"))

    def test_a_pause_moves_the_resolution_and_not_the_first_answer(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._pause(self.waiting)
        resolution = self._clock(ticket, "resolution")
        self.assertEqual((resolution.state, resolution.deadline), ("paused", False))
        self.assertEqual(resolution.remaining, 23 * 3600)
        self.assertEqual(self._clock(ticket, "first_answer").state, "running")
        with freeze_time(local("2027-06-08 10:00")):
            ticket._resume()
        self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-10 17:00"))

    def test_a_third_of_an_hour_is_twenty_minutes(self):
        self.policy.target_ids[0].amount = 1 / 3
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(self._clock(ticket, "acknowledge").deadline, local("2027-06-07 09:20"))
        self.assertEqual(ticket.sla_clock_ids[0].term_id._get_promise(), "0.33 opening hours")

    def test_figures_are_written_whatever_was_read_before(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        clock = self._clock(ticket, "resolution")
        with freeze_time(local("2027-06-07 11:00")):
            ticket._pause(self.waiting)
        self.assertEqual(clock.remaining, 22 * 3600)
        clock.invalidate_recordset(["remaining"])
        with freeze_time(local("2027-06-07 12:00")):
            ticket._resume()
        clock.invalidate_recordset()
        self.assertEqual(clock.remaining, 0)

    def test_resolving_meets_the_stages_before_it(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:30")):
            ticket._reach("resolution")
        self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {"met"})
        self.assertFalse(ticket.sla_deadline)
        self.assertEqual(ticket.sla_state, "met")

    def test_reaching_at_the_second_of_the_deadline_is_in_time(self):
        for moment, result in (("11:00:00", "in_time"), ("11:00:01", "late")):
            ticket = self._create_ticket("2027-06-07 09:00")
            with freeze_time(local(f"2027-06-07 {moment}")):
                ticket._reach("acknowledge")
            self.assertEqual(self._clock(ticket, "acknowledge").result, result)

    def test_editing_the_policy_touches_new_requests_only(self):
        first = self._create_ticket("2027-06-07 09:00")
        target = self.policy.target_ids.filtered(lambda t: t.kind == "acknowledge")
        target.with_user(self.administrator).amount = 1
        second = self._create_ticket("2027-06-07 09:00")
        first._refresh_clocks()
        self.assertEqual(self._clock(first, "acknowledge").deadline, local("2027-06-07 11:00"))
        self.assertEqual(self._clock(second, "acknowledge").deadline, local("2027-06-07 10:00"))
        self.assertEqual(self.policy.version, 2)

    def test_a_holiday_added_late_leaves_running_clocks_alone(self):
        first = self._create_ticket("2027-06-07 09:00")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": local("2027-06-08 00:00"),
                "date_to": local("2027-06-09 00:00"),
            }
        )
        second = self._create_ticket("2027-06-07 09:00")
        first._refresh_clocks()
        self.assertEqual(self._clock(first, "resolution").deadline, local("2027-06-09 17:00"))
        self.assertEqual(self._clock(second, "resolution").deadline, local("2027-06-10 17:00"))

    def test_late_whenever_the_cron_ran(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 12:00")):
            self.env.invalidate_all()
            clock = self._clock(ticket, "acknowledge")
            self.assertEqual(clock.state, "running", "no cron ran yet")
            self.assertEqual(clock.display_state, "overdue")
            self._run_cron()
            self.assertEqual(clock.state, "overdue")
            self.assertEqual(clock.result, "late")
            self.assertEqual(ticket.sla_state, "overdue")

    def test_asleep_is_not_paused(self):
        ticket = self._create_ticket("2027-06-07 15:00")
        for moment, state in (("16:00", "running"), ("20:00", "asleep")):
            with freeze_time(local(f"2027-06-07 {moment}")):
                self.env.invalidate_all()
                clock = self._clock(ticket, "first_answer")
                self.assertEqual(clock.display_state, state)
        self.assertEqual(clock.state, "running")

    def test_each_warning_once(self):
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        with freeze_time(local("2027-06-07 10:00")):
            self._run_cron()
            self._run_cron()
        alerts = ticket.sudo().sla_clock_ids.alert_ids
        self.assertEqual([(a.clock_id.kind, a.percent) for a in alerts], [("acknowledge", 50)])
        self.assertEqual(ticket.activity_ids.user_id, self.technician)
        self.assertEqual(len(ticket.activity_ids), 1)

    def test_the_log_is_only_added_to(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        for user in (self.technician, self.dispatcher, self.manager, self.administrator):
            event = ticket.sla_event_ids[0].with_user(user)
            self.assertTrue(event.read(["name"]))
            with self.assertRaises(UserError):
                event.write({"at": "2027-01-01 00:00:00"})
            with self.assertRaises(UserError):
                event.unlink()
            with self.assertRaises(AccessError):
                event.create({"ticket_id": ticket.id, "name": "cancel", "at": "2027-01-01"})

    def test_one_clock_of_a_kind_in_the_database(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env.cr.execute(
                "INSERT INTO maintenance_sla_clock (ticket_id, kind, cycle, term_id, state) "
                "SELECT ticket_id, kind, cycle, term_id, state FROM maintenance_sla_clock "
                "WHERE ticket_id = %s",
                [ticket.id],
            )

    def test_equipment_of_another_customer_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Equipment"):
            self._create_ticket(partner_id=self.other_customer.id)

    def test_a_delivery_is_noted_by_who_works_on_the_request(self):
        """Resolving does not deliver the report: somebody says when he has sent it."""
        self.contract.sla_policy_id = self._create_policy(
            ("resolution", 8, "open_hours"),
            {
                "kind": "report",
                "amount": 2,
                "unit": "working_days_close",
                "start_event": "resolved",
            },
        )
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        self.assertEqual(self._clock(ticket, "report").state, "pending")
        with freeze_time(local("2027-06-07 15:00")):
            ticket.with_user(self.technician)._resolve("New belt")
        report = self._clock(ticket, "report")
        self.assertEqual(report.deadline, local("2027-06-09 17:00"))
        with freeze_time(local("2027-06-08 10:00")):
            with self.assertRaises(UserError):
                self._clock(ticket, "resolution").with_user(self.technician).action_reach()
            with self.assertRaises(UserError):
                report.with_user(self.accountant).action_reach()
            report.with_user(self.technician).action_reach()
        self.assertEqual((report.state, report.result), ("met", "in_time"))

    def test_the_cron_is_woken_at_the_first_threshold(self):
        cron = self.env.ref("maintenance_contract.ir_cron_refresh_clocks")
        cron_triggers = self.env["ir.cron.trigger"].sudo()
        cron_triggers.search([("cron_id", "=", cron.id)]).unlink()
        self._create_ticket("2027-06-07 09:00")
        triggers = cron_triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(set(triggers.mapped("call_at")), {local("2027-06-07 10:00")})
        with freeze_time(local("2027-06-07 10:00")):
            self._run_cron()
        latest = cron_triggers.search([("cron_id", "=", cron.id)], order="call_at desc", limit=1)
        self.assertEqual(latest.call_at, local("2027-06-07 10:30"), "75 % of two hours")

    def test_equipment_is_found_from_a_caller_who_has_one(self):
        alone = self._create_equipment(
            "Lathe", customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        tickets = self.env["helpdesk.ticket"].with_user(self.dispatcher)
        vals = {
            "name": "It stops",
            "description": "It stops.",
            "company_id": self.geneva.id,
            "partner_id": self.other_customer.id,
        }
        self.assertEqual(tickets.create(vals).equipment_id, alone)
        self._create_equipment(
            "Mill", customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        self.assertFalse(tickets.create(vals).equipment_id, "somebody has to choose")
