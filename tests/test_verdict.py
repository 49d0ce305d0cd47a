from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .service_common import ServiceCommon, local

MODULE = "maintenance_contract"


class VerdictCommon(ServiceCommon):
    """The tier of the contract gives everything a request may ask for, until a test says less."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for kind in ("breakdown", "support", "update", "part"):
            cls._give(kind, kind="included")
        # One more, so that the customer's equipment is not known from the customer alone.
        cls.uncovered = cls._create_equipment("Lathe")

    @classmethod
    def _give(cls, request_kind, tier=None, **values):
        """Let the tier answer for the requests of a kind as ``values`` of its cell say."""
        cell = (tier or cls.tier)._get_cell(request_kind, cls.geneva)
        cell.write(values)
        return cell

    @classmethod
    def _create_warranty(cls, equipment=None, **values):
        warranty = cls.env["maintenance.coverage"].create(
            {
                "equipment_id": (equipment or cls.equipment).id,
                "warranty_type_id": cls.env["maintenance.warranty.type"]
                .create({"name": "Parts only", "labour_percent": 0, "travel_percent": 0})
                .id,
                "date_start": date(2027, 3, 1),
                "date_end": date(2028, 2, 29),
                **values,
            }
        )
        warranty.action_validate()
        return warranty

    def _assert_verdict(self, ticket, verdict, rule, shares=None):
        self.assertEqual((ticket.verdict, ticket.verdict_rule), (verdict, rule))
        if shares is not None:
            told = ticket.parts_percent, ticket.labour_percent, ticket.travel_percent
            self.assertEqual(told, shares)


@tagged("post_install", "-at_install")
class TestVerdict(VerdictCommon):
    """Who pays, by the first rule that applies, told before any work."""

    def test_the_line_of_the_equipment_covers(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        self._assert_verdict(ticket, "covered", "coverage", (100, 100, 100))
        self.assertEqual(ticket.verdict_detail, f"{self.contract.name}, {self.tier.name}")
        self.assertIn("Covered", ticket.verdict_summary)

    def test_who_may_not_read_the_contract_reads_who_pays(self):
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        self.env.invalidate_all()
        self.assertIn(self.contract.name, ticket.with_user(self.technician).verdict_summary)

    def test_parts_of_a_breakdown_follow_the_row_of_spare_parts(self):
        self._give("part", kind="excluded")
        breakdown = self._create_ticket("2027-06-07 09:00")
        self._assert_verdict(breakdown, "part", "coverage", (0, 100, 100))
        part = self._create_ticket("2027-06-07 09:00", request_kind="part")
        self._assert_verdict(part, "billable", "coverage", (0, 0, 0))

    def test_the_share_of_the_cell_is_covered(self):
        self._give("support", kind="quantity", quantity=3, labour_percent=50, travel_percent=0)
        ticket = self._create_ticket("2027-06-07 09:00", request_kind="support")
        self._assert_verdict(ticket, "part", "coverage", (100, 50, 0))

    def test_the_warranty_type_of_the_line_is_a_ceiling(self):
        self.warranty_type.write({"parts_percent": 33.33, "labour_months": 3})
        ticket = self._create_ticket("2027-05-31 09:00")
        self._assert_verdict(ticket, "part", "coverage", (33.33, 100, 100))
        ticket = self._create_ticket("2027-06-01 09:00")
        self._assert_verdict(ticket, "part", "coverage", (33.33, 0, 100))

    def test_a_warranty_comes_before_the_contract(self):
        warranty = self._create_warranty()
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(ticket.coverage_id, self.coverage)
        self._assert_verdict(ticket, "part", "warranty", (100, 0, 0))
        self.assertEqual(ticket.verdict_detail, warranty.warranty_type_id.name)

    def test_the_contract_answers_for_equipment_without_a_line(self):
        ticket = self._create_ticket("2027-06-07 09:00", equipment_id=self.uncovered.id)
        self._assert_verdict(ticket, "covered", "contract", (100, 100, 100))
        self.contract.sudo().write({"tier_id": False, "warranty_type_id": False})
        ticket = self._create_ticket("2027-06-07 09:00", equipment_id=self.uncovered.id)
        self._assert_verdict(ticket, "billable", "uncovered", (0, 0, 0))

    def test_nothing_covers_after_the_end(self):
        """Bad input 55: accepted, and out of contract."""
        with freeze_time("2027-06-01"):
            self.contract._terminate(date(2027, 6, 6), "Sold")
        ticket = self._create_ticket("2027-06-07 09:00")
        self._assert_verdict(ticket, "billable", "uncovered")
        # It was covered when he called, whatever became of the contract.
        ticket = self._create_ticket("2027-06-06 09:00")
        self._assert_verdict(ticket, "covered", "coverage")

    def test_a_customer_without_anything(self):
        """Bad input 34."""
        ticket = self._create_ticket(
            "2027-06-07 09:00", partner_id=self.other_customer.id, equipment_id=False
        )
        self._assert_verdict(ticket, "billable", "uncovered")

    def test_nobody_knows_until_the_equipment_is_chosen(self):
        self.contract.copy().sudo().write({"state": "active"})
        ticket = self._create_ticket("2027-06-07 09:00", equipment_id=False)
        self.assertFalse(ticket.equipment_id or ticket.contract_id)
        self._assert_verdict(ticket, False, False)
        ticket.equipment_id = self.equipment
        self._assert_verdict(ticket, "covered", "coverage")

    def test_an_unknown_sender_has_no_verdict(self):
        ticket = self._create_ticket("2027-06-07 09:00", partner_id=False, equipment_id=False)
        self._assert_verdict(ticket, False, False)

    def test_asking_and_proposing_cost_nothing(self):
        for kind in ("information", "idea"):
            ticket = self._create_ticket("2027-06-07 09:00", request_kind=kind)
            self._assert_verdict(ticket, False, False)
        ticket.request_kind = "breakdown"
        self._assert_verdict(ticket, "covered", "coverage")

    def test_on_request_is_quoted(self):
        for values in ({"kind": "on_request"}, {"kind": "remark", "remark": "As agreed"}):
            self._give("update", **values)
            ticket = self._create_ticket("2027-06-07 09:00", request_kind="update")
            self._assert_verdict(ticket, "billable", "on_request", (0, 0, 0))
            self.assertIn("Software updates", ticket.verdict_detail)

    def test_what_is_given_without_a_delay_is_covered(self):
        self._give("breakdown", kind="none")
        self._assert_verdict(self._create_ticket("2027-06-07 09:00"), "covered", "coverage")

    def test_a_companys_own_row_comes_before_the_shared_one(self):
        service = self.env["maintenance.service"].create(
            {
                "name": "Own support",
                "family_id": self.family.id,
                "company_id": self.geneva.id,
                "request_kind": "support",
            }
        )
        ticket = self._create_ticket("2027-06-07 09:00", request_kind="support")
        self._assert_verdict(ticket, "billable", "coverage")
        service.active = False
        ticket = self._create_ticket("2027-06-07 09:00", request_kind="support")
        self._assert_verdict(ticket, "covered", "coverage")

    # === EXCLUSIONS === #

    def test_an_exclusion_is_billed_and_keeps_its_delays(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_misuse")
        self._assert_verdict(ticket, "billable", "exclusion", (0, 0, 0))
        self.assertEqual(ticket.verdict_detail, "Improper use")
        self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {"running"})

    def test_what_is_refused_has_no_delay(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_no_cooperation")
            self._assert_verdict(ticket, "refused", "exclusion", (0, 0, 0))
            self.env.invalidate_all()
            self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {"cancelled"})

    def test_refused_from_the_start(self):
        exclusion = self.env.ref(f"{MODULE}.exclusion_no_cooperation")
        ticket = self._create_ticket("2027-06-07 09:00", exclusion_id=exclusion.id)
        self._assert_verdict(ticket, "refused", "exclusion")
        self.assertFalse(ticket.sla_clock_ids)

    def test_an_exclusion_of_another_company(self):
        exclusion = self.env["maintenance.exclusion"].create(
            {"name": "Paris only", "company_id": self.paris.id}
        )
        with self.assertRaises(UserError):
            self._create_ticket("2027-06-07 09:00", exclusion_id=exclusion.id)

    # === KEPT ONCE WORK HAS BEGUN === #

    def _begin_work(self, ticket):
        with freeze_time(local("2027-06-07 10:00")):
            self.env["maintenance.remote.session"].with_user(self.technician).create(
                {
                    "ticket_id": ticket.id,
                    "tool_id": self.env["maintenance.remote.tool"].search([], limit=1).id,
                }
            )

    def test_it_follows_what_the_request_is_about_before_the_work(self):
        self.contract.sudo().write({"tier_id": False, "warranty_type_id": False})
        ticket = self._create_ticket("2027-06-07 09:00")
        ticket.equipment_id = self.uncovered
        self._assert_verdict(ticket, "billable", "uncovered")
        self.assertFalse(ticket.is_verdict_outdated)

    def test_it_does_not_change_by_itself_once_work_has_begun(self):
        self.contract.sudo().write({"tier_id": False, "warranty_type_id": False})
        ticket = self._create_ticket("2027-06-07 09:00", user_id=self.technician.id)
        self._begin_work(ticket)
        ticket.equipment_id = self.uncovered
        self._assert_verdict(ticket, "covered", "coverage", (100, 100, 100))
        self.assertTrue(ticket.is_verdict_outdated)
        with self.assertRaises(AccessError):
            ticket.with_user(self.technician).action_decide_again()
        ticket.with_user(self.manager).action_decide_again()
        self._assert_verdict(ticket, "billable", "uncovered", (0, 0, 0))
        self.assertFalse(ticket.is_verdict_outdated)
        self.assertIn("Nothing covers it", ticket.message_ids[0].body)
        self.assertIn(self.contract.name, ticket.message_ids[0].body)

    def test_an_intervention_that_was_cancelled_is_no_work(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        intervention = ticket._escalate_on_site("Broken", self.site, self.contact)
        self.assertTrue(ticket._is_work_begun())
        intervention.with_user(self.dispatcher).action_cancel()
        self.assertFalse(ticket._is_work_begun())

    def test_deciding_again_follows_the_tier_and_restarts_what_was_refused(self):
        exclusion = self.env["maintenance.exclusion"].create(
            {"name": "Never", "outcome": "refused"}
        )
        ticket = self._create_ticket("2027-06-07 09:00", exclusion_id=exclusion.id)
        exclusion.outcome = "billable"
        self._assert_verdict(ticket, "refused", "exclusion")
        ticket.action_decide_again()
        self._assert_verdict(ticket, "billable", "exclusion")
        self.assertEqual(len(ticket.sla_clock_ids), 4)

    def test_nobody_writes_the_verdict(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        for user in (self.technician, self.dispatcher, self.manager, self.administrator):
            for vals in (
                {"verdict": "covered"},
                {"verdict_rule": "warranty"},
                {"labour_percent": 100},
                {"verdict_cell_id": False},
                {"is_verdict_outdated": False},
                {"feasibility_state": "feasible"},
            ):
                with self.subTest(user.login, vals=vals), self.assertRaises(AccessError):
                    ticket.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            self._create_ticket("2027-06-07 09:00", verdict="refused")
        tickets = self.env["helpdesk.ticket"].with_user(self.dispatcher)
        defaults = tickets.with_context(default_verdict="refused").default_get(["verdict"])
        self.assertFalse(defaults.get("verdict"))

    def test_a_copy_is_decided_anew(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_malice")
        with freeze_time(local("2027-06-07 10:00")):
            copy = ticket.copy()
        self._assert_verdict(copy, "covered", "coverage")

    def test_a_batch_asks_no_more_than_one_request(self):
        """RELIABILITY G8."""

        def count(number):
            tickets = self.env["helpdesk.ticket"].union(
                *(self._create_ticket("2027-06-07 09:00") for _ in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.sudo()._get_verdict_vals()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(20), count(1))

    # === FEASIBILITY === #

    def test_from_the_study_to_who_quotes(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with self.assertRaisesRegex(UserError, "nothing to study"):
            ticket.action_ask_feasibility()
        ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_misuse")
        with self.assertRaisesRegex(UserError, "Not asked"):
            ticket.action_feasible()
        ticket.action_ask_feasibility()
        self.assertEqual(ticket.feasibility_state, "asked")
        self.assertEqual(ticket.activity_ids.user_id, self.dispatcher)
        with self.assertRaisesRegex(UserError, "does not apply"):
            ticket.action_ask_feasibility()
        ticket.action_feasible()
        self.assertEqual(ticket.feasibility_state, "feasible")
        self.assertEqual(ticket.activity_ids.user_id, self.manager, "the salesperson quotes")

    def test_a_study_may_say_no(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_development")
        ticket.action_ask_feasibility()
        ticket.action_not_feasible()
        self.assertEqual(ticket.feasibility_state, "not_feasible")
        self.assertFalse(ticket.activity_ids)

    def test_who_only_reads_asks_for_nothing(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        ticket.exclusion_id = self.env.ref(f"{MODULE}.exclusion_development")
        with self.assertRaises(AccessError):
            ticket.with_user(self.accountant).action_ask_feasibility()

    # === TOLD === #

    def test_the_report_of_the_intervention_says_who_pays(self):
        self._give("part", kind="excluded")
        ticket = self._create_ticket("2027-06-07 09:00")
        intervention = ticket._escalate_on_site("Broken", self.site, self.contact)
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            f"{MODULE}.action_report_intervention", intervention.ids
        )
        self.assertIn("parts 0 %, labour 100 %, travel 100 %", html.decode())

    def test_percents_of_a_cell(self):
        for percent in (-1, 101, float("nan"), float("inf")):
            with self.subTest(percent), self.assertRaises(ValidationError):
                self._give("support", labour_percent=percent)
                self.env.flush_all()


@tagged("post_install", "-at_install")
class TestOffer(ServiceCommon):
    """What the offer (seed 000) and the annex (seed 003) say, executed."""

    EXPECTED = {
        # breakdown, support, update, part
        "warranty": ("covered", "covered", "billable", "covered"),
        "standard": ("billable", "billable", "billable", "billable"),
        "good": ("part", "billable", "covered", "billable"),
        "better": ("covered", "covered", "covered", "covered"),
        "best": ("covered", "covered", "covered", "covered"),
    }

    def test_the_tiers_of_the_offer(self):
        for name, expected in self.EXPECTED.items():
            self.coverage.sudo().tier_id = self.env.ref(f"{MODULE}.tier_{name}")
            for kind, verdict in zip(
                ("breakdown", "support", "update", "part"), expected, strict=True
            ):
                with self.subTest(name, kind=kind):
                    ticket = self._create_ticket("2027-06-07 09:00", request_kind=kind)
                    self.assertEqual(ticket.verdict, verdict)
                    self.assertEqual(ticket.verdict_rule, "coverage")

    def test_the_exclusions_of_the_annex(self):
        exclusions = self.env["maintenance.exclusion"].search([("company_id", "=", False)])
        outcomes = exclusions.mapped("outcome")
        self.assertGreaterEqual(len(exclusions), 9)
        self.assertEqual(outcomes.count("refused"), 1)
        self.assertTrue(all(exclusions.mapped("description")))
