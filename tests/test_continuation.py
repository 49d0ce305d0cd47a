from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestContinuation(LifeCommon):
    """A notice or a termination is taken back until the last day has passed."""

    def _get_visits(self, contract):
        contract.invalidate_recordset()
        visits = contract.sudo().visit_ids.sorted("nominal_date")
        return [(str(visit.nominal_date), visit.state) for visit in visits]

    def _terminate(self, contract, last_day):
        contract._terminate(last_day, "Closed down")

    def _get_coverages(self, contract):
        return [
            (coverage.state, str(coverage.date_start), str(coverage.date_end), coverage.end_reason)
            for coverage in contract.coverage_ids.sorted("id")
        ]

    def test_notice(self):
        """Everything is again as before, and the reason is told."""
        contract = self._create_active("tacit")
        visits, coverages = self._get_visits(contract), self._get_coverages(contract)
        terms = self._get_terms(contract)
        self._open(contract.action_give_notice).action_give_notice()
        self.assertNotEqual(self._get_visits(contract), visits)
        wizard = self._open(contract.action_continue, reason="A new price was agreed")
        wizard.action_continue()
        self.assertRecordValues(
            contract,
            [
                {
                    "state": "active",
                    "date_terminated": False,
                    "termination_reason_id": False,
                    "notice_received_on": False,
                    "notice_by": False,
                }
            ],
        )
        self.assertEqual(self._get_coverages(contract), coverages)
        self.assertEqual(self._get_visits(contract), visits)
        self.assertEqual(self._get_terms(contract), terms)
        message = contract.message_ids.filtered(lambda m: "taken back" in str(m.body))
        self.assertIn("10/04/2027", message.body)
        self.assertIn("A new price was agreed", message.body)
        self._run_cron("2027-12-15")
        self.assertEqual(self._get_terms(contract)[-1][-1], "tacit")

    def test_termination(self):
        """Coverages with an end of their own, not begun, or ended before come back as they were."""
        press, lathe, robot, saw = (
            self._create_equipment(name) for name in ("Press", "Lathe", "Robot", "Saw")
        )
        contract = self._create_contract(
            state="active",
            renewal="express",
            coverage_ids=[
                Command.create({"equipment_id": press.id}),
                Command.create({"equipment_id": lathe.id, "date_end": date(2028, 6, 30)}),
                Command.create({"equipment_id": robot.id, "date_start": date(2028, 3, 1)}),
                Command.create({"equipment_id": saw.id}),
            ],
        ).with_user(self.manager)
        contract.coverage_ids.filtered(lambda c: c.equipment_id == saw)._end(
            date(2027, 9, 30), "Sold"
        )
        visits, coverages = self._get_visits(contract), self._get_coverages(contract)
        self._terminate(contract, date(2027, 12, 31))
        self.assertIn("cancelled", contract.coverage_ids.mapped("state"))
        contract._continue("Sold to another firm, which keeps it")
        self.assertEqual(self._get_coverages(contract), coverages)
        self.assertEqual(self._get_visits(contract), visits)
        self.assertFalse(any(contract.coverage_ids.mapped("before_end")))

    def test_a_renewal_that_the_notice_took_back_stands_again(self):
        contract = self._create_active("express")
        contract._renew(24, contract.agreed_end)
        terms, end = self._get_terms(contract), contract.agreed_end
        contract._give_notice(date(2027, 10, 1), "customer")
        self.assertEqual(contract.date_terminated, date(2028, 2, 29))
        self.assertEqual(len(contract.term_ids), 1)
        contract._continue("A mistake")
        self.assertEqual(self._get_terms(contract), terms)
        self.assertEqual((contract.agreed_end, contract.coverage_ids.date_end), (end, end))

    def test_what_changed_meanwhile_goes_on(self):
        """Equipment added, replaced or removed by an amendment after the notice stays so."""
        press, lathe = self._create_equipment("Press"), self._create_equipment("Lathe")
        contract = self._create_contract(press, lathe, state="active", renewal="tacit").with_user(
            self.manager
        )
        covered = {coverage.equipment_id: coverage for coverage in contract.coverage_ids}
        contract._give_notice(date(2027, 10, 1), "customer")
        added, new_press = self._create_equipment("Added"), self._create_equipment("New press")
        self.env["maintenance.amendment"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "subject": "Changes",
                "date": date(2027, 11, 1),
                "line_ids": [
                    Command.create({"kind": "add", "equipment_id": added.id}),
                    Command.create({"kind": "remove", "coverage_id": covered[lathe].id}),
                    Command.create(
                        {
                            "kind": "replace",
                            "coverage_id": covered[press].id,
                            "equipment_id": new_press.id,
                        }
                    ),
                ],
            }
        ).action_apply()
        contract._continue("A mistake")
        ends = {
            coverage.equipment_id.name: str(coverage.date_end) for coverage in contract.coverage_ids
        }
        self.assertEqual(
            ends,
            {
                "Press": "2027-10-31",
                "Lathe": "2027-10-31",
                "New press": "False",
                "Added": "False",
            },
        )
        visits = contract.sudo().visit_ids.filtered(lambda visit: visit.equipment_id == new_press)
        open_visits = visits.filtered(lambda visit: visit.state == "upcoming")
        self.assertEqual(
            open_visits.mapped("nominal_date")[:2], [date(2028, 3, 1), date(2029, 3, 1)]
        )

    def test_what_was_to_follow_follows_what_took_over(self):
        """A change to come is cancelled by the end, another one is made, and the end taken back."""
        contract = self._create_active("tacit")
        press = contract.coverage_ids
        gold, silver = self.env["maintenance.tier"].create([{"name": "Gold"}, {"name": "Silver"}])
        gold_coverage = press._succeed(date(2028, 1, 1), "Gold", tier_id=gold.id)
        contract._terminate(date(2027, 11, 30), "Closed down")
        self.assertEqual(gold_coverage.state, "cancelled")
        silver_coverage = press._succeed(date(2027, 11, 1), "Silver", tier_id=silver.id)
        contract._continue("A mistake")
        self.assertRecordValues(
            press | silver_coverage | gold_coverage,
            [
                {"state": "validated", "date_end": date(2027, 10, 31), "predecessor_id": False},
                {
                    "state": "validated",
                    "date_end": date(2027, 12, 31),
                    "predecessor_id": press.id,
                },
                {
                    "state": "validated",
                    "date_end": False,
                    "predecessor_id": silver_coverage.id,
                },
            ],
        )

    def test_what_is_covered_elsewhere_by_then_is_left_out(self):
        press = self._create_equipment("Press")
        contract = self._create_active("tacit", equipment=press)
        contract._give_notice(date(2027, 10, 1), "customer")
        self._create_contract(press, state="active", date_start=date(2028, 3, 1))
        contract._continue("A mistake")
        self.assertEqual(contract.coverage_ids.date_end, date(2028, 2, 29))
        message = contract.message_ids.filtered(lambda m: "left out" in str(m.body))
        self.assertIn("Press", message.body)

    def test_a_planned_visit_asks_for_nothing_any_more(self):
        contract = self._create_active("tacit")
        visit = contract.visit_ids.filtered(lambda v: v.nominal_date == date(2028, 3, 1))
        intervention = self._plan(visit.with_user(self.dispatcher), self.technician)
        contract._give_notice(date(2027, 10, 1), "customer")
        self.assertTrue(intervention.activity_ids)
        contract._continue("A mistake")
        self.assertFalse(intervention.activity_ids)
        self.assertEqual(visit.state, "planned")

    def test_alerts_begin_again(self):
        contract = self._create_active("tacit")
        self._run_cron("2027-11-02")
        before = contract.sudo().activity_ids
        contract._give_notice(date(2027, 11, 2), "customer")
        self.assertFalse(before.exists())
        contract._continue("A mistake")
        self.assertFalse(contract.sudo().activity_ids)
        self._run_cron("2027-11-03")
        self.assertEqual(contract.sudo().activity_ids.user_id, self.manager)

    def test_not_once_the_last_day_has_passed(self):
        contract = self._create_active("never")
        self._terminate(contract, date(2027, 10, 10))
        with freeze_time("2027-10-11 08:00:00"), self.assertRaisesRegex(UserError, "10/10/2027"):
            contract.action_continue()
        self._run_cron("2027-10-11", "ir_cron_advance_visits")
        self.assertEqual(contract.state, "terminated")
        with freeze_time("2027-10-11 08:00:00"), self.assertRaisesRegex(UserError, "10/10/2027"):
            contract.action_continue()
        with freeze_time("2027-10-10 08:00:00"):
            other = self._create_active("never")
            with self.assertRaisesRegex(UserError, "no last day"):
                other.action_continue()

    def test_managers_only(self):
        contract = self._create_active("tacit")
        contract._give_notice(date(2027, 10, 1), "customer")
        with self.assertRaises(AccessError):
            contract.with_user(self.dispatcher)._continue("A mistake")
        wizard = self._open(contract.action_continue, reason=" ")
        self.assertRefused("Reason", wizard.action_continue, error=UserError)

    def test_the_customer_is_told_in_his_language(self):
        self.customer.write({"lang": "fr_FR", "email": "direction@horloger.example"})
        contract = self._create_active("tacit")
        contract._give_notice(date(2027, 10, 1), "customer")
        window = self._open(contract.action_continue, reason="Agreed").action_continue_and_write()
        self.assertFalse(contract.date_terminated)
        composer = self.env[window["res_model"]].with_user(self.manager)
        composer.with_context(**window["context"]).create({}).action_send_mail()
        sent = contract.message_ids.filtered(lambda m: m.partner_ids == self.customer)
        self.assertIn("29/02/2028", str(sent.body))

    def test_the_schedule_comes_back(self):
        """Days credited after the notice are billed again, to the cent."""
        contract = self._create_active("tacit", billing_period="year")
        contract.sudo().coverage_ids._set_price(date(2027, 3, 1), 1200, "correction")

        def get_rows():
            rows = contract.sudo().billing_period_ids.sorted("date_start")
            return [(str(row.date_start), str(row.date_end), row.amount) for row in rows]

        before = get_rows()
        self._terminate(contract, date(2027, 11, 30))
        self.assertNotEqual(get_rows(), before)
        contract._continue("A mistake")
        self.assertEqual(get_rows(), before)
