from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-01 08:00:00")
class TestContractForm(MaintenanceCommon):
    """What the forms of contract and coverage tell the contract manager."""

    def test_contract_written_in_its_form(self):
        """Equipment added to a contract takes its warranty type, tier and dates."""
        press = self._create_equipment()
        with Form(self.env["maintenance.contract"].with_user(self.manager)) as form:
            form.partner_id = self.customer
            form.warranty_type_id = self.warranty_type
            form.date_start = date(2027, 4, 1)
            form.term_months = 24
            with form.coverage_ids.new() as line:
                line.equipment_id = press
                self.assertEqual(line.date_start, date(2027, 4, 1))
                self.assertEqual(line.date_end, date(2029, 3, 31))
        contract = form.record
        self.assertRecordValues(
            contract.coverage_ids,
            [
                {
                    "state": "draft",
                    "warranty_type_id": self.warranty_type.id,
                    "tier_id": self.tier.id,
                    "first_visit_date": date(2027, 4, 1),
                }
            ],
        )

    def test_start_is_given_beside_a_default_warranty_type(self):
        """Opened with a warranty type chosen already, a coverage still starts with its contract."""
        contract = self._create_contract(date_start=date(2027, 5, 1))
        coverages = self.env["maintenance.coverage"].with_user(self.manager)
        form = Form(
            coverages.with_context(
                default_contract_id=contract.id, default_warranty_type_id=self.warranty_type.id
            )
        )
        self.assertEqual(form.date_start, date(2027, 5, 1))

    # === DECISIONS === #

    def _is_to_renew(self, contract, today):
        """Whether form and filter, which must agree, ask for a decision on ``today``."""
        with freeze_time(today):
            contract.invalidate_recordset(["is_to_renew"])
            found = contract.search([("is_to_renew", "=", True), ("id", "=", contract.id)])
            self.assertEqual(bool(found), contract.is_to_renew)
            others = contract.search([("is_to_renew", "!=", True), ("id", "=", contract.id)])
            self.assertNotEqual(bool(found), bool(others))
            return contract.is_to_renew

    def _create_yearly(self, renewal):
        """A contract from 1 March 2027 to 29 February 2028, three months' notice."""
        return self._create_contract(
            self._create_equipment(renewal), state="active", term_months=12, renewal=renewal
        ).with_user(self.manager)

    def test_term_that_ends(self):
        """A contract that is not renewed is announced three months before its end."""
        contract = self._create_yearly("never")
        self.assertFalse(self._is_to_renew(contract, "2027-11-28"))
        self.assertTrue(self._is_to_renew(contract, "2027-11-29"))
        self.assertTrue(self._is_to_renew(contract, "2028-02-29"))

    def test_tacit_renewal(self):
        """It asks before the notice only, each year again: past it, the contract goes on."""
        contract = self._create_yearly("tacit")
        self.assertEqual(contract.notice_date, date(2027, 11, 29))
        self.assertFalse(self._is_to_renew(contract, "2027-08-28"))
        self.assertTrue(self._is_to_renew(contract, "2027-08-29"))
        self.assertTrue(self._is_to_renew(contract, "2027-11-29"))
        self.assertFalse(self._is_to_renew(contract, "2027-11-30"))
        with freeze_time("2027-11-30 01:00:00"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_renew_contracts").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self._is_to_renew(contract, "2028-08-27"))
        self.assertTrue(self._is_to_renew(contract, "2028-11-01"), "the second term")

    def test_renewal_by_agreement(self):
        """It asks until it is agreed on: without it, the contract ends."""
        contract = self._create_yearly("express")
        self.assertFalse(self._is_to_renew(contract, "2027-08-28"))
        self.assertTrue(self._is_to_renew(contract, "2027-08-29"))
        self.assertTrue(self._is_to_renew(contract, "2028-02-01"))

    def test_terminated_contract_asks_nothing(self):
        contract = self._create_yearly("tacit")
        contract._terminate(date(2027, 12, 31), "Notice given")
        self.assertEqual(contract.state, "active", "it runs until its last day")
        self.assertFalse(self._is_to_renew(contract, "2027-10-01"))

    # === PREVIEW === #

    def test_preview_before_validation(self):
        """The preview of a draft shows the visits that validating would create."""
        contract = self._create_contract(self._create_equipment()).with_user(self.manager)
        preview = contract.coverage_ids.visit_preview
        self.assertIn("Annual visit", preview)
        self.assertEqual(preview.count("Annual visit"), 2)
        self.assertFalse(contract.visit_ids)

    def test_preview_shows_the_visits_as_they_are(self):
        """Once validated, a visit moved to another month is shown there."""
        contract = self._create_contract(self._create_equipment(), state="active")
        coverage = contract.coverage_ids
        visit = contract.visit_ids[1]
        visit.write({"nominal_date": date(2028, 5, 15)})
        months = coverage._get_preview_values(date(2027, 3, 1))["months"]
        self.assertFalse(months[date(2028, 3, 1)])
        self.assertEqual(
            [(day, name) for day, name, _nested in months[date(2028, 5, 1)]],
            [(date(2028, 5, 15), "Annual visit")],
        )

    def test_preview_without_visits(self):
        """A warranty type without a plan says so in a sentence."""
        self.warranty_type.plan_ids.active = False
        contract = self._create_contract(self._create_equipment())
        self.assertIn("No visit falls", contract.coverage_ids.visit_preview)

    # === ERRORS === #

    def test_schedule_error_is_shown_on_the_contract(self):
        contract = self._create_contract(self._create_equipment(), state="active")
        self.assertFalse(contract.has_schedule_error)
        contract.coverage_ids._note_schedule_error(UserError("No opening hours"))
        self.assertTrue(contract.with_user(self.manager).has_schedule_error)
