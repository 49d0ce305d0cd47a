from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .indicator_common import IndicatorCommon
from .service_common import local


class DashboardCommon(IndicatorCommon):
    def _get_dashboard(self, user=None, **kwargs):
        dashboard = self.env["maintenance.service.dashboard"].with_user(user or self.manager)
        return dashboard.with_context(
            tz="Europe/Zurich", allowed_company_ids=(user or self.manager).company_ids.ids
        ).get_figures(**kwargs)

    def _get_tiles(self, **kwargs):
        """The figures of each tile, by its name."""
        return {
            tile["name"]: tile["figures"]
            for section in self._get_dashboard(**kwargs)["sections"]
            for tile in section["tiles"]
        }

    def _get_values(self, **kwargs):
        return {
            name: [figure["value"] for figure in figures]
            for name, figures in self._get_tiles(**kwargs).items()
        }


@tagged("post_install", "-at_install")
class TestServiceDashboard(DashboardCommon):
    """Monday 7 June 2027; Geneva opens from 9 to 17. Delays: 2, 4, 16 and 24 opening hours."""

    def test_automatic_run_in_trouble_is_told(self):
        """FM1: on the dashboard of those who act, and once to an administrator."""
        job = self.env.ref("maintenance_contract.ir_cron_remind_customers")
        jobs = self.env["ir.cron"]._get_maintenance_jobs()
        now = fields.Datetime.now()
        jobs.write({"lastcall": now, "failure_count": 0})
        for values, word in (
            ({"failure_count": 1, "first_failure_date": now - timedelta(hours=1)}, "failing"),
            ({"failure_count": 0, "lastcall": now - timedelta(hours=3)}, "has not run"),
        ):
            job.write(values)
            for user in (self.dispatcher, self.administrator):
                (problem,) = self._get_dashboard(user)["problems"]
                self.assertIn(job.name, problem)
                self.assertIn(word, problem)
            self.assertFalse(self._get_dashboard(self.manager)["problems"])
            for _run in range(2):
                self._watch()
            self.assertEqual(len(job.activity_ids), 1)
            self.assertTrue(job.activity_ids.user_id._is_system())
        self.assertFalse((jobs - job).activity_ids)
        job.lastcall = now - timedelta(hours=1)
        self._watch()
        self.assertFalse(job.activity_ids)
        self.assertFalse(self._get_dashboard(self.dispatcher)["problems"])

    def _watch(self):
        with self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_watch").method_direct_trigger()
        self.env.invalidate_all()

    def test_present(self):
        """What is open, late, due, waiting, paused and asleep at one moment."""
        _late, due, waiting, solved = (self._create_ticket("2027-06-07 09:00") for _ in range(4))
        self._create_ticket("2027-06-07 10:30", severity_id=self.blocking.id)
        with freeze_time(local("2027-06-07 10:00")):
            due._reach("acknowledge")
            waiting.with_user(self.dispatcher)._wait(self.waiting)
            waiting._reach("first_answer")
            solved.with_user(self.dispatcher)._resolve("Done.")
        self._create_ticket("2027-06-07 09:00", request_kind="idea")
        with self._at("2027-06-07 11:30"):
            values = self._get_values()
        self.assertEqual(values["open"], [4])
        self.assertEqual(values["overdue"], [1], "acknowledge of the first, without any cron")
        self.assertEqual(values["due_today"], [3], "its answer, that of the second, the fresh one")
        self.assertEqual(values["waiting"], [1])
        self.assertEqual(values["paused"], [1])
        self.assertEqual(values["asleep"], [0])
        self.assertEqual(values[f"severity_{self.major.id}"], [3])
        self.assertEqual(values[f"severity_{self.blocking.id}"], [1])
        self.assertEqual(values[f"severity_{self.minor.id}"], [0])
        with self._at("2027-06-07 20:00"):
            values = self._get_values()
        self.assertEqual(values["overdue"], [3])
        self.assertEqual(values["due_today"], [0])
        self.assertEqual(values["asleep"], [3], "their workaround runs, but not at night")
        self.assertEqual(values["paused"], [1])
        with self._at("2027-06-21 20:00"):
            values = self._get_values()
        self.assertEqual(values["overdue"], [3])
        self.assertEqual(values["asleep"], [0], "all is overdue, though no cron has said so")

    def test_months(self):
        """May: two answered after 2 and 4 hours, one of them late. June: one after 1 hour."""
        first, second = (self._create_ticket("2027-05-10 09:00") for _ in range(2))
        third = self._create_ticket("2027-06-07 09:00")
        self._reach(first, "first_answer", "2027-05-10 11:00")
        self._reach(second, "first_answer", "2027-05-10 13:00")
        self._reach(third, "first_answer", "2027-06-07 10:00")
        self._resolve(first, "2027-05-12 10:00")
        self._resolve(second, "2027-05-12 10:00")
        self._reopen(second, "2027-06-01 10:00")
        with self._at("2027-06-07 11:00"):
            tiles = self._get_tiles()
        self.assertEqual([f["period"] for f in tiles["first_answer"]], ["June 2027", "May 2027"])
        self.assertEqual([f["value"] for f in tiles["first_answer"]], [1, 3])
        self.assertEqual([f["population"] for f in tiles["first_answer"]], [1, 2])
        june, may = tiles["sla_acknowledge"]
        self.assertEqual((june["numerator"], june["denominator"], june["value"]), (1, 1, 1))
        self.assertEqual((may["numerator"], may["denominator"], may["value"]), (1, 2, 0.5))
        june, may = tiles["reopening"]
        self.assertEqual((may["numerator"], may["denominator"], may["value"]), (1, 2, 0.5))
        self.assertIsNone(june["value"])
        self.assertTrue(june["reason"])

    def test_nothing_is_undefined_and_not_zero(self):
        with self._at("2027-06-07 11:00"):
            tiles = self._get_tiles()
        self.assertEqual(tiles["open"][0]["value"], 0)
        for name in ("sla_False", "first_answer", "reopening"):
            for figure in tiles[name]:
                self.assertIsNone(figure["value"])
                self.assertTrue(figure["reason"])

    def test_each_figure_opens_what_it_counts(self):
        """The list behind a figure has as many rows as it says."""
        tickets = [self._create_ticket(f"2027-06-0{day} 09:00") for day in (1, 2, 3, 4)]
        self._resolve(tickets[0], "2027-06-02 10:00")
        self._reach(tickets[1], "first_answer", "2027-06-03 10:00")
        with freeze_time(local("2027-06-04 10:00")):
            tickets[2].with_user(self.dispatcher)._wait(self.waiting)
        with self._at("2027-06-04 11:30"):
            dashboard = self._get_dashboard(backlog_day="2027-06-02")
            lines = [tile for section in dashboard["sections"] for tile in section["tiles"]]
            lines += [series for chart in dashboard["charts"] for series in chart["series"]]
            checked = 0
            for line in lines:
                for figure in line["figures"]:
                    counted = figure.get("denominator", figure.get("population", figure["value"]))
                    window = self.env["ir.actions.actions"]._for_xml_id(figure["action"])
                    model = self.env[window["res_model"]].with_user(self.manager)
                    with self.subTest(line=line["label"], title=figure["title"]):
                        self.assertEqual(model.search_count(figure["domain"]), counted)
                    checked += bool(counted)
        self.assertGreater(checked, 10)

    def test_backlog_of_a_day(self):
        """Open on Monday evening, whatever happened since."""
        ticket = self._create_ticket("2027-06-07 09:00")
        self._resolve(ticket, "2027-06-08 10:00")
        with self._at("2027-06-30 11:00"):
            for day, counts in (
                ("2027-06-06", [0, 0, 0, 0, 0, 0]),
                ("2027-06-07", [1, 0, 0, 0, 0, 0]),
                ("2027-06-08", [0, 0, 0, 0, 0, 0]),
            ):
                backlog = self._get_dashboard(backlog_day=day)["charts"][0]
                figures = backlog["series"][0]["figures"]
                self.assertEqual([figure["value"] for figure in figures], counts, day)
            for day in ("yesterday", 5, [1]):
                with self.subTest(day=day), self.assertRaises(UserError):
                    self._get_dashboard(backlog_day=day)

    def test_open_requests_are_the_backlog_of_today(self):
        """Two ways to count the same: by the step of today, and replayed from the log."""
        tickets = [self._create_ticket("2027-06-07 09:00") for _ in range(5)]
        with freeze_time(local("2027-06-07 10:00")):
            for ticket in tickets[:3]:
                ticket.with_user(self.dispatcher)._resolve("Done.")
        with freeze_time(local("2027-06-07 10:30")):
            tickets[0].with_user(self.dispatcher)._reopen()
            tickets[1].with_user(self.dispatcher)._confirm(self.contact)
            tickets[3].with_user(self.dispatcher)._cancel("withdrawn")
        with self._at("2027-06-07 11:00"):
            dashboard = self._get_dashboard()
        backlog = dashboard["charts"][0]["series"][0]["figures"]
        self.assertEqual(sum(figure["value"] for figure in backlog), 2)
        self.assertEqual(dashboard["sections"][0]["tiles"][0]["figures"][0]["value"], 2)

    def test_one_company_at_a_time(self):
        self._create_ticket("2027-06-07 09:00")
        with self._at("2027-06-07 11:30"):
            values = self._get_values(user=self.paris_manager)
        self.assertEqual(values["open"], [0])
        self.assertEqual(values["overdue"], [0])

    def test_not_for_technicians(self):
        with self.assertRaises(AccessError):
            self._get_dashboard(user=self.technician)

    def test_as_many_queries_whatever_the_volume(self):
        def count_queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(local("2027-06-08 11:00")):
                self._get_dashboard()
            return self.env.cr.sql_log_count - before

        self._create_ticket("2027-06-07 09:00")
        count_queries()
        few = count_queries()
        for _ in range(5):
            self._reach(self._create_ticket("2027-06-07 09:00"), "resolution", "2027-06-07 11:00")
        self.assertLessEqual(count_queries(), few)
        self.assertLess(few, 30)


@tagged("post_install", "-at_install")
class TestServiceDashboardScreen(DashboardCommon, HttpCase):
    def test_dashboard_and_reports_in_the_browser(self):
        """A tile opens its list; the reports show the formula of what they show."""
        self.env["res.lang"]._activate_lang("en_US")
        self.manager.lang = "en_US"
        # Today is before the contract of the other tests.
        self.geneva.sla_policy_id = self.policy
        ticket = self._create_ticket(name="The laser drifts")
        ticket._reach("acknowledge")
        self.start_tour("/odoo/service-dashboard", "service_dashboard", login="mc_manager")
