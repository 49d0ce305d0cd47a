from unittest import SkipTest

from odoo.tests import TransactionCase, tagged

MODULE = "maintenance_contract"
LOGINS = ("dispatcher", "technician", "technician2", "manager", "accountant", "customer")


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo tells the whole story. It is there with ``./dev test --demo`` only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls.env.ref(f"{MODULE}.contract_meyrin_demo", raise_if_not_found=False)
        if not cls.contract:
            raise SkipTest("this database has no demo data")
        cls.company = cls.env.ref("base.main_company")

    def _get_demo_states(self, model):
        """The states of the records of ``model`` in the demo's company."""
        records = self.env[model].search([("company_id", "=", self.company.id)])
        return set(records.mapped("state"))

    def test_each_state_is_shown(self):
        """A newcomer meets contracts, visits and interventions in each of their main states."""
        self.assertEqual(
            self._get_demo_states("maintenance.contract"),
            {"draft", "offered", "accepted", "active", "ended", "terminated"},
        )
        self.assertGreaterEqual(
            self._get_demo_states("maintenance.visit"),
            {"upcoming", "to_plan", "missed", "planned", "in_progress", "done", "skipped"},
        )
        self.assertEqual(
            self._get_demo_states("maintenance.intervention"),
            {"draft", "planned", "in_progress", "closed"},
        )

    def test_everybody_logs_in_with_login_as_password(self):
        for login in LOGINS:
            with self.subTest(login=login):
                user = self.env["res.users"].search([("login", "=", login)])
                user.with_user(user)._check_credentials(
                    {"type": "password", "login": login, "password": login}, {"interactive": False}
                )

    def test_technician_finds_his_work(self):
        """Who logs in as the technician has interventions, and only his own."""
        technician = self.env.ref(f"{MODULE}.user_technician_demo")
        interventions = self.env["maintenance.intervention"].with_user(technician).search([])
        self.assertIn("in_progress", interventions.mapped("state"))
        self.assertNotIn(
            self.env.ref(f"{MODULE}.intervention_palletising_demo"), interventions.sudo()
        )

    def test_planning_warns(self):
        """The board shows one overlap and one absence."""
        overlap = self.env.ref(f"{MODULE}.task_breakdown_demo")
        self.assertIn(overlap.user_ids.name, overlap.planning_warning or "")
        absence = self.env.ref(f"{MODULE}.task_training_demo")
        self.assertIn(absence.user_ids.name, absence.planning_warning or "")

    def test_accepted_contract_is_ready_to_activate(self):
        contract = self.env.ref(f"{MODULE}.contract_cases_demo")
        contract.with_user(self.env.ref(f"{MODULE}.user_manager_demo")).action_activate()
        self.assertTrue(contract.visit_ids)

    def test_delivered_camera_is_under_warranty(self):
        camera = self.env["maintenance.equipment"].search(
            [("lot_id", "=", self.env.ref(f"{MODULE}.lot_smart_camera_demo").id)]
        )
        self.assertEqual(camera.coverage_id.kind, "warranty")
        self.assertEqual(camera.site_id, self.env.ref(f"{MODULE}.partner_cornavin_meyrin_demo"))

    def test_second_night_changes_nothing(self):
        """The crons run on the demo without error, and doing their work twice is doing it once."""
        visits = self.env["maintenance.visit"].search([("company_id", "=", self.company.id)])
        self._run_crons()
        before = visits.mapped("state")
        self._run_crons()
        self.assertEqual(visits.mapped("state"), before)
        self.assertEqual(
            self.env["maintenance.visit"].search([("company_id", "=", self.company.id)]), visits
        )
        coverages = self.env["maintenance.coverage"].search([("company_id", "=", self.company.id)])
        self.assertFalse(any(coverages.mapped("schedule_error")))

    def _run_crons(self):
        for name in ("advance_visits", "generate_visits", "load_holidays"):
            with self.enter_registry_test_mode():
                self.env.ref(f"{MODULE}.ir_cron_{name}").method_direct_trigger()

    def test_requests_tell_their_story(self):
        """Open and closed, in time and late, waiting, escalated, excluded, and ideas."""
        tickets = self.env["helpdesk.ticket"].search(
            [("company_id", "=", self.company.id), ("team_id.name", "=", "Support")]
        )
        self.assertGreaterEqual(
            set(tickets.mapped("maintenance_step")),
            {"new", "in_progress", "waiting", "resolved", "closed"},
        )
        self.assertEqual(set(tickets.sla_clock_ids.mapped("result")), {"in_time", "late", False})
        self.assertGreaterEqual(
            set(tickets.mapped("verdict")), {"covered", "part", "billable", False}
        )
        self.assertTrue(tickets.intervention_ids)
        self.assertTrue(tickets.remote_session_ids)
        self.assertTrue(tickets.filtered("reopen_count"))
        self.assertTrue(tickets.filtered(lambda t: t.feasibility_state == "asked"))
        self.assertTrue(tickets.filtered(lambda t: t.request_kind == "idea").idea_vote_ids)
        self.assertFalse(tickets._compare_clocks(), "the figures are those of the log")

    def test_quotes_out_of_contract_tell_their_story(self):
        """One waits for the customer, one was signed, worked and invoiced."""
        to_sign = self.env.ref(f"{MODULE}.ticket_laser_lens_demo").quote_ids
        self.assertEqual(to_sign.state, "sent")
        self.assertIn(0, to_sign.order_line.mapped("price_subtotal"), "covered")
        self.assertEqual(to_sign.currency_id, self.env.ref("base.CHF"))
        self.assertIn(680, to_sign.order_line.mapped("price_unit"), "a price of the tariff")
        done = self.env.ref(f"{MODULE}.ticket_colour_drift_demo").quote_ids
        self.assertEqual((done.state, done.invoice_status), ("sale", "invoiced"))
        self.assertEqual(done.invoice_ids.mapped("state"), ["posted"])
        self.assertTrue(all(done.order_line.mapped("qty_delivered")))

    def test_payments_are_followed(self):
        """One customer was asked to pay, the service of another is stopped."""
        notices = self.env["maintenance.payment.notice"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(set(notices.mapped("state")), {"open", "stopped"})
        self.assertTrue(all(notices.contract_id.mapped("is_overdue")))
        self.assertTrue(self.env["maintenance.visit"].search([("is_service_stopped", "=", True)]))

    def test_no_mail_of_the_story_leaves(self):
        self.assertFalse(self.env["mail.mail"].search([("state", "=", "outgoing")]))
