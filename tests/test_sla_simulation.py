from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .service_common import PARIS, ServiceCommon, local


@tagged("post_install", "-at_install")
class TestSlaSimulation(ServiceCommon):
    """The simulator says what a real request would be promised, and keeps nothing."""

    def _simulate(self, received="2027-06-07 15:00", user=None, **values):
        simulations = self.env["maintenance.sla.simulation"].with_user(user or self.manager)
        return simulations.with_context(lang="en_US", tz="Europe/Zurich").create(
            {"severity_id": self.major.id, "received_at": local(received), **values}
        )

    def _get_deadlines(self, simulation):
        return {t["kind"]: t["deadline"] for t in simulation._get_result()["targets"]}

    def test_it_says_what_a_request_is_promised(self):
        self.policy.write({"name": "By severity"})
        self.contract.write({"sla_allowance": 1.5})
        self.contract.site_calendar_id = self.calendar.copy(
            {"name": "Customer", "company_id": self.geneva.id}
        )
        self.contract.site_calendar_id.attendance_ids.filtered(
            lambda line: line.dayofweek == "1"
        ).unlink()
        for received in ("2027-06-07 15:00", "2027-06-05 03:00", "2027-06-07 17:00"):
            ticket = self._create_ticket(received)
            clocks = {clock._get_kind_name(): clock.deadline for clock in ticket.sla_clock_ids}
            simulation = self._simulate(received, contract_id=self.contract.id)
            self.assertEqual(simulation.policy_id, self.policy)
            self.assertEqual(self._get_deadlines(simulation), clocks)

    def test_it_keeps_nothing(self):
        models = ("maintenance.sla.term", "maintenance.calendar.version", "helpdesk.ticket")
        counts = [self.env[name].search_count([]) for name in models]
        self.assertTrue(self._simulate(contract_id=self.contract.id).result)
        self.assertEqual([self.env[name].search_count([]) for name in models], counts)
        self.policy.target_ids[0].amount = 3
        self.assertEqual(self.policy.version, 1, "a simulation promises nothing to anybody")

    def test_an_offer_a_tier_or_a_policy_can_be_tried(self):
        offer = self._create_contract(self._create_equipment(), tier_id=self.tier.id)
        for values in (
            {"contract_id": offer.id},
            {"tier_id": self.tier.id},
            {"policy_id": self.policy.id},
        ):
            simulation = self._simulate(**values)
            self.assertEqual(
                self._get_deadlines(simulation)["Acknowledge"], local("2027-06-07 17:00")
            )
        self.assertFalse(self._simulate()._get_result()["targets"])

    def test_the_form_follows_what_is_chosen(self):
        simulations = self.env["maintenance.sla.simulation"].with_user(self.manager)
        with Form(simulations.with_context(default_contract_id=self.contract.id)) as form:
            self.assertEqual(form.tier_id, self.tier)
            self.assertEqual(form.policy_id, self.policy)
            form.received_at = local("2027-06-07 15:00")
            self.assertIn("Wed, Jun 9", form.result)
            form.severity_id = self.minor
            form.received_at = False
            self.assertNotIn("Wed, Jun 9", form.result)
            form.received_at = local("2027-06-07 15:00")

    def test_words_and_no_commitment_are_shown(self):
        policy = self._create_policy(
            {"kind": "workaround", "unit": "none"},
            {"kind": "resolution", "unit": "text", "commitment": "In a next minor version"},
            {"kind": "on_site", "amount": 8, "start_event": "escalated"},
        )
        result = self._simulate(policy_id=policy.id).result
        self.assertIn("In a next minor version", result)
        self.assertIn("NC", result)
        self.assertIn("if it started when received", result)

    def test_a_calendar_that_never_opens_is_told(self):
        calendar = self.calendar.copy({"name": "Never", "company_id": self.geneva.id})
        policy = self._create_policy(
            ("resolution", 8, "open_hours"), calendar_id=calendar.id, company_id=self.geneva.id
        )
        calendar.attendance_ids.unlink()
        simulation = self._simulate(policy_id=policy.id)
        self.assertIn("No deadline can be computed", simulation.result)
        self.assertEqual(len(simulation._get_result()["days"]), 1)

    def test_the_calendar_has_the_openings_the_holidays_and_the_marks(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Fête-Dieu",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": local("2027-06-09 00:00"),
                "date_to": local("2027-06-10 00:00"),
            }
        )
        days = self._simulate(contract_id=self.contract.id)._get_result()["days"]
        self.assertEqual(
            [(day["name"], day["is_closed"], day["closings"]) for day in days],
            [
                ("Mon, Jun 7, 2027", False, []),
                ("Tue, Jun 8, 2027", False, []),
                ("Wed, Jun 9, 2027", True, ["Fête-Dieu"]),
                ("Thu, Jun 10, 2027", False, []),
                ("Fri, Jun 11, 2027", False, []),
            ],
        )
        self.assertEqual(days[0]["openings"], [(37.5, 70.83)], "from 9 to 17")
        self.assertEqual(
            [(mark["left"], mark["level"], mark["hour"]) for mark in days[0]["marks"]],
            [(62.5, 0, "03:00 PM"), (70.83, 0, "05:00 PM")],
        )

    def test_the_days_are_those_of_the_reader(self):
        simulation = self._simulate(contract_id=self.contract.id).with_context(tz="Asia/Tokyo")
        days = simulation._get_result()["days"]
        self.assertEqual(days[0]["openings"], [(66.67, 100.0)], "from 16 to midnight")
        self.assertIn("JST", simulation.result)

    def test_a_night_of_23_hours(self):
        self.calendar.attendance_ids.filtered(lambda a: a.dayofweek == "0").copy({"dayofweek": "6"})
        simulation = self._simulate("2027-03-28 01:00", policy_id=self.policy.id)
        day = simulation._get_result()["days"][0]
        self.assertEqual(day["openings"], [(34.78, 69.57)], "8 and 16 hours out of 23")

    def test_of_months_only_the_marked_days_are_drawn(self):
        self.policy.target_ids.filtered(lambda t: t.kind == "resolution").amount = 800
        days = self._simulate(policy_id=self.policy.id)._get_result()["days"]
        self.assertEqual([day.get("gap") for day in days], [None, None, None, 137, None])

    def test_paris_counts_by_its_own_hours(self):
        self.env = self.env(context={**self.env.context, "allowed_company_ids": self.paris.ids})
        simulation = self._simulate(
            user=self.paris_manager,
            policy_id=self.policy.id,
            company_id=self.paris.id,
            received_at=local("2027-06-07 15:00", PARIS),
        )
        self.assertEqual(
            self._get_deadlines(simulation)["Acknowledge"], local("2027-06-07 17:00", PARIS)
        )

    def test_nobody_tries_what_he_may_not_read(self):
        with self.assertRaises(AccessError):
            self._simulate(user=self.technician, policy_id=self.policy.id)
        simulations = self.env["maintenance.sla.simulation"].with_user(self.paris_manager)
        with freeze_time(local("2027-06-07 15:00")), self.assertRaises(AccessError):
            simulations.new({"contract_id": self.contract.id}).result  # noqa: B018
