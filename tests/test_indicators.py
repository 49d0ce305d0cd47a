from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .indicator_common import IndicatorCommon
from .service_common import local


@tagged("post_install", "-at_install")
class TestSlaReport(IndicatorCommon):
    """SLA kept = in time / due or closed. Delays: 2, 4, 16 and 24 opening hours."""

    def _get_rates(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self._read(
            "maintenance.sla.report", ["kind"], "in_time:sum", "decided:sum", domain=domain
        )

    def test_each_delay_counts_once_it_is_decided(self):
        """Acknowledged in time, answered late, the rest open and not yet due."""
        ticket = self._create_ticket("2027-06-07 09:00")
        self._reach(ticket, "acknowledge", "2027-06-07 11:00")
        self._reach(ticket, "first_answer", "2027-06-07 13:01")
        with self._at("2027-06-07 16:00"):
            self.assertEqual(self._get_rates(), {"acknowledge": (1, 1), "first_answer": (0, 1)})

    def test_open_after_its_deadline_is_late_without_any_cron(self):
        """The deadline of the acknowledgement is 11:00; at 11:00:00 it is not past."""
        ticket = self._create_ticket("2027-06-07 09:00")
        with self._at("2027-06-07 11:00:00"):
            self.assertEqual(self._get_rates(), {})
        with self._at("2027-06-07 11:00:01"):
            self.assertEqual(self._get_rates(), {"acknowledge": (0, 1)})
            row = self.env["maintenance.sla.report"].search([("ticket_id", "=", ticket.id)])
            self.assertEqual(row.clock_id.state, "running", "no cron ran")
            self.assertEqual(row.date, local("2027-06-07 11:00"))
            self.assertFalse(row.stopped_at)

    def test_a_past_month_does_not_change(self):
        """Reached in June, due in July: it counts in June, then and later."""
        ticket = self._create_ticket("2027-06-30 16:30")
        self._reach(ticket, "acknowledge", "2027-06-30 16:45")
        late = self._create_ticket("2027-06-30 14:30")
        self._reach(late, "acknowledge", "2027-07-01 10:00")
        for moment in ("2027-07-01 10:00", "2027-08-01 10:00"):
            with self._at(moment):
                months = self._read(
                    "maintenance.sla.report",
                    ["date:month"],
                    "in_time:sum",
                    "late:sum",
                    domain=[("kind", "=", "acknowledge")],
                )
            self.assertEqual(
                [(month.month, *figures) for month, figures in months.items()], [(6, 1, 1)]
            )

    def test_months_are_those_of_the_reader(self):
        """Half an hour after midnight of 1 July in Zurich it is still June in UTC."""
        policy = self._create_policy(("acknowledge", 2, "calendar_hours"))
        self.tier.sla_policy_id = policy
        ticket = self._create_ticket("2027-06-30 23:00")
        self._reach(ticket, "acknowledge", "2027-07-01 00:30")
        with self._at("2027-07-02 10:00"):
            [month] = self._read("maintenance.sla.report", ["date:month"])
        self.assertEqual(month.month, 7)

    def test_cancelled_and_nc_are_not_counted(self):
        policy = self._create_policy(("acknowledge", 2, "open_hours"), ("resolution", 0, "none"))
        self.tier.sla_policy_id = policy
        cancelled, done = (self._create_ticket("2027-06-07 09:00") for _ in range(2))
        with freeze_time(local("2027-06-07 10:00")):
            cancelled._record_event("cancel")
            done._reach("resolution")
        with self._at("2027-06-30 10:00"):
            self.assertEqual(self._get_rates(), {"acknowledge": (1, 1)})

    def test_paused_is_not_due(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._reach("first_answer")
            ticket._pause(self.waiting)
        with self._at("2027-06-30 10:00"):
            self.assertEqual(self._get_rates(), {"acknowledge": (1, 1), "first_answer": (1, 1)})

    def test_of_several_cycles_the_worst_counts(self):
        """Resolved in time, re-opened with the full delay anew, and late then: one late."""
        self.policy.reopen_rule = "new_cycle"
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-07 10:00")
        self._reopen(ticket, "2027-06-08 09:00")
        with self._at("2027-06-09 10:00"):
            self.assertEqual(self._get_rates(kind="resolution"), {"resolution": (1, 1)})
        self._resolve(ticket, "2027-06-11 09:01")
        with self._at("2027-06-30 10:00"):
            self.assertEqual(self._get_rates(kind="resolution"), {"resolution": (0, 1)})
            row = self.env["maintenance.sla.report"].search([("kind", "=", "resolution")])
            self.assertEqual((row.clock_id.cycle, row.date), (2, local("2027-06-10 17:00")))

    def test_late_by_reclassification_is_listed_apart(self):
        """Two hours left of minor are none of blocking: late at once, and told apart."""
        target = self.policy.target_ids.filtered(lambda t: t.kind == "resolution")
        target.copy({"severity_id": self.blocking.id, "amount": 2})
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 13:00")):
            ticket._change_severity(self.blocking, "The whole workshop stands still.")
        with self._at("2027-06-07 13:01"):
            figures = self._read(
                "maintenance.sla.report",
                ["severity_id"],
                "late:sum",
                "reclassified:sum",
                domain=[("kind", "=", "resolution")],
            )
        self.assertEqual(figures, {self.blocking: (1, 1)})

    def test_rate_of_a_group_is_that_of_its_rows(self):
        """Three of four in time: 75 %, not the mean of the means of the teams."""
        other_team = self.team.copy({"name": "Other"})
        for team, moment in (
            (self.team, "2027-06-07 10:00"),
            (self.team, "2027-06-07 10:30"),
            (self.team, "2027-06-07 11:00"),
            (other_team, "2027-06-07 11:30"),
        ):
            ticket = self._create_ticket("2027-06-07 09:00", team_id=team.id)
            self._reach(ticket, "acknowledge", moment)
        with self._at("2027-06-07 12:00"):
            self.assertEqual(
                self._read("maintenance.sla.report", ["team_id"], "rate:avg"),
                {self.team: (1,), other_team: (0,)},
            )
            self.assertEqual(
                self._read("maintenance.sla.report", ["kind"], "rate:avg"), {"acknowledge": (0.75,)}
            )


@tagged("post_install", "-at_install")
class TestResponseReport(IndicatorCommon):
    """Times in opening hours, 9 to 17."""

    def _get_times(self, groupby=("kind",), domain=()):
        return self._read(
            "maintenance.response.report",
            list(groupby),
            "median_hours:median",
            "percentile_hours:percentile_90",
            "mean_hours:avg",
            domain=domain,
        )

    def test_median_percentile_and_mean(self):
        """1, 2 and 9 hours (overnight): median 2, mean 4, 90th percentile 2 + 0.8 x 7 = 7.6."""
        for moment in ("2027-06-07 10:00", "2027-06-07 11:00", "2027-06-08 10:00"):
            self._reach(self._create_ticket("2027-06-07 09:00"), "acknowledge", moment)
        with self._at("2027-06-08 12:00"):
            [figures] = self._get_times().values()
            for value, expected in zip(figures, (2, 7.6, 4), strict=True):
                self.assertAlmostEqual(value, expected)

    def test_median_of_all_is_not_that_of_the_groups(self):
        """Medians 1 and 5 by severity; of 1, 1, 1, 5 it is 1."""
        for severity, moment in (
            (self.major, "10:00"),
            (self.major, "10:00"),
            (self.major, "10:00"),
            (self.minor, "14:00"),
        ):
            ticket = self._create_ticket("2027-06-07 09:00", severity_id=severity.id)
            self._reach(ticket, "acknowledge", f"2027-06-07 {moment}")
        report = self.env["maintenance.response.report"].with_user(self.manager)
        with self._at("2027-06-07 15:00"):
            by_severity, [total] = report.formatted_read_grouping_sets(
                [], [["severity_id"], []], ["median_hours:median"]
            )
        self.assertEqual([group["median_hours:median"] for group in by_severity], [1, 5])
        self.assertEqual(total["median_hours:median"], 1)

    def test_opening_hours_whatever_the_unit(self):
        """Promised around the clock, answered the next morning: 2 opening hours, not 17."""
        self.tier.sla_policy_id = self._create_policy(("first_answer", 24, "calendar_hours"))
        ticket = self._create_ticket("2027-06-07 16:00")
        self._reach(ticket, "first_answer", "2027-06-08 10:00")
        self.assertEqual(self._clock(ticket, "first_answer").elapsed, 18 * 3600)
        with self._at("2027-06-08 12:00"):
            self.assertEqual(self._get_times(), {"first_answer": (2, 2, 2)})

    def test_pauses_and_what_follows_a_reopening(self):
        """1 h, then waiting, 1 h, resolved, re-opened the next day for 3 h: 5 hours."""
        for rule in ("resume", "new_cycle"):
            self.policy.reopen_rule = rule
            ticket = self._create_ticket("2027-06-07 09:00")
            with freeze_time(local("2027-06-07 10:00")):
                ticket._pause(self.waiting)
            with freeze_time(local("2027-06-07 15:00")):
                ticket._resume()
            self._resolve(ticket, "2027-06-07 16:00")
            self._reopen(ticket, "2027-06-08 10:00")
            domain = [("kind", "=", "resolution"), ("ticket_id", "=", ticket.id)]
            with self.subTest(rule=rule):
                with self._at("2027-06-08 11:00"):
                    self.assertFalse(self._get_times(domain=domain), "it is open again")
                self._resolve(ticket, "2027-06-08 13:00")
                with self._at("2027-06-08 14:00"):
                    self.assertEqual(self._get_times(domain=domain), {"resolution": (5, 5, 5)})

    def test_cancelled_is_not_timed(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket._record_event("cancel")
        with self._at("2027-06-30 10:00"):
            self.assertFalse(self._get_times())


@tagged("post_install", "-at_install")
class TestReopeningReport(IndicatorCommon):
    def test_reopened_counts_with_the_month_of_its_resolution(self):
        """Two resolved in June, of which one re-opened in July: 50 % of June."""
        again, done = (self._create_ticket("2027-06-28 09:00") for _ in range(2))
        self._create_ticket("2027-06-28 09:00")
        for ticket in (again, done):
            self._resolve(ticket, "2027-06-29 10:00")
        self._reopen(again, "2027-07-01 10:00")
        self._resolve(again, "2027-07-02 10:00")
        self._reopen(again, "2027-07-05 10:00")
        with self._at("2027-07-06 10:00"):
            figures = self._read(
                "maintenance.reopening.report",
                ["date:month"],
                "reopened:sum",
                "resolved:sum",
                "rate:avg",
            )
        self.assertEqual([(month.month, *row) for month, row in figures.items()], [(6, 1, 2, 0.5)])

    def test_reopened_without_a_clock(self):
        """Nothing was promised, and it was resolved and re-opened all the same."""
        self.contract.sudo().sla_policy_id = self._create_policy()
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-07 10:00")
        self._reopen(ticket, "2027-06-08 10:00")
        with self._at("2027-06-09 10:00"):
            figures = self._read(
                "maintenance.reopening.report", ["ticket_id"], "reopened:sum", "resolved:sum"
            )
        self.assertEqual(figures, {ticket: (1, 1)})


@tagged("post_install", "-at_install")
class TestBacklogReport(IndicatorCommon):
    def _get_backlog(self, *groupby, domain=()):
        figures = self._read(
            "maintenance.backlog.report", list(groupby), "is_open:sum", domain=domain
        )
        return {key: count for key, (count,) in figures.items()}

    def _get_on(self, day):
        return self._get_backlog("age", domain=[("date", "=", day)])

    def test_replayed_at_any_date(self):
        """It was open on these days, whatever it is now."""
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-09 10:00")
        self._reopen(ticket, "2027-06-14 10:00")
        self._resolve(ticket, "2027-06-15 10:00")
        with self._at("2027-06-30 12:00"):
            days = self._get_backlog("date:day", domain=[("date", ">=", "2027-06-01")])
            self.assertEqual({day.day: count for day, count in days.items()}, {7: 1, 8: 1, 14: 1})
            # At midnight of the first and the second day, it was 15 and 39 hours old.
            self.assertEqual(self._get_on("2027-06-07"), {"00": 1})
            self.assertEqual(self._get_on("2027-06-08"), {"01": 1})
            self.assertEqual(self._get_on("2027-06-14"), {"07": 1})

    def test_closed_without_resolution(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        closed = self.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1)
        with freeze_time(local("2027-06-08 10:00")):
            ticket.sudo().stage_id = closed
        with self._at("2027-06-30 12:00"):
            self.assertEqual(
                [day.day for day in self._get_backlog("date:day")], [7], "closed on the 8th"
            )

    def test_today_is_now(self):
        """Received at 9, resolved at 11: there at 9 sharp, gone at 11 sharp."""
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-07 11:00")
        for moment, count in (("08:59", 0), ("09:00", 1), ("10:59", 1), ("11:00", 0)):
            with self._at(f"2027-06-07 {moment}"):
                self.assertEqual(sum(self._get_on("today").values()), count, moment)

    def test_age_bands(self):
        """Exactly one day old is one day old."""
        for received in ("06-29 10:00", "06-28 10:00", "06-27 10:00", "06-23 10:00"):
            self._create_ticket(f"2027-{received}")
        with self._at("2027-06-29 10:00:00"):
            self.assertEqual(self._get_on("today"), {"00": 1, "01": 2, "03": 1})
        with self._at("2027-07-24 10:00:00"):
            self.assertEqual(self._get_on("today"), {"07": 3, "30": 1})
        with self._at("2027-10-01 10:00:00"):
            self.assertEqual(self._get_on("today"), {"90": 4})

    def test_a_period_shows_its_last_day(self):
        """Days do not add up: neither in a week or a month, nor in a total."""
        first, second = (self._create_ticket(f"2027-06-{day} 09:00") for day in ("07", "08"))
        self._resolve(first, "2027-06-17 10:00")
        self._resolve(second, "2027-07-01 10:00")
        self._create_ticket("2027-07-02 09:00")
        with self._at("2027-07-05 12:00"):
            weeks = self._get_backlog("date:week")
            self.assertEqual(list(weeks.values()), [2, 1, 1, 1, 1])
            self.assertEqual(list(self._get_backlog("date:month").values()), [1, 1])
            self.assertEqual(self._get_backlog("age"), {"03": 1})
            june = [("date", ">=", "2027-06-01"), ("date", "<=", "2027-06-10")]
            self.assertEqual(self._get_backlog("age", domain=june), {"01": 1, "03": 1})
            days, [total] = (
                self.env["maintenance.backlog.report"]
                .with_user(self.manager)
                .formatted_read_grouping_sets(june, [["date:day"], []], ["is_open:sum"])
            )
        self.assertEqual([day["is_open:sum"] for day in days], [1, 2, 2, 2])
        self.assertEqual(total["is_open:sum"], 2)

    def test_without_a_clock_what_the_request_says_counts(self):
        """Nothing was promised, so no clock has stopped."""
        self.contract.sudo().sla_policy_id = self._create_policy()
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertFalse(ticket.sla_clock_ids)
        self._resolve(ticket, "2027-06-08 10:00")
        with self._at("2027-06-11 12:00"):
            self.assertEqual([day.day for day in self._get_backlog("date:day")], [7])
        self._reopen(ticket, "2027-06-11 13:00")
        with self._at("2027-06-11 14:00"):
            self.assertEqual(self._get_on("today"), {"03": 1})

    def test_reopened_without_commitment(self):
        """A clock without deadline (NC) keeps the log of resolutions and re-openings too."""
        self.contract.sudo().sla_policy_id = self._create_policy(("resolution", 0, "none"))
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-08 10:00")
        self._reopen(ticket, "2027-06-10 10:00")
        with self._at("2027-06-11 12:00"):
            self.assertEqual([day.day for day in self._get_backlog("date:day")], [7, 10, 11])

    def test_ideas_have_a_life_of_their_own(self):
        self._create_ticket("2027-06-07 09:00", request_kind="idea")
        with self._at("2027-06-08 10:00"):
            self.assertFalse(self._get_on("today"))


@tagged("post_install", "-at_install")
class TestIndicatorRights(IndicatorCommon):
    MODELS = ("sla", "response", "reopening", "backlog")

    def test_one_company_at_a_time(self):
        """What happened in Geneva is not read in Paris."""
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-07 10:00")
        self._create_ticket("2027-06-07 09:00")
        with self._at("2027-06-07 11:00"):
            for name in self.MODELS:
                report = self.env[f"maintenance.{name}.report"]
                with self.subTest(report=name):
                    self.assertTrue(report.with_user(self.dispatcher).search_count([]))
                    elsewhere = report.with_user(self.paris_manager).with_context(
                        allowed_company_ids=self.paris.ids
                    )
                    self.assertFalse(elsewhere.search_count([]))

    def test_archived(self):
        """Junk that was put away is not counted; what was closed before stays."""
        junk, done = (self._create_ticket("2027-06-07 09:00") for _ in range(2))
        self._resolve(done, "2027-06-08 10:00")
        (junk | done).sudo().active = False
        with self._at("2027-06-09 10:00"):
            for name in self.MODELS:
                with self.subTest(report=name):
                    rows = self.env[f"maintenance.{name}.report"].search([])
                    self.assertEqual(rows.ticket_id, done)

    def test_any_identifier_may_be_asked_for(self):
        report = self.env["maintenance.backlog.report"].with_user(self.manager)
        for row_id in (0, 1, -1, 1 << 40, 1 << 62):
            self.assertFalse(report.search([("id", "=", row_id)]))

    def test_not_for_technicians(self):
        for name in self.MODELS:
            with self.subTest(report=name), self.assertRaises(AccessError):
                self.env[f"maintenance.{name}.report"].with_user(self.technician).search([])
