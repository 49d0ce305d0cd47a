from datetime import date

from odoo.tests import freeze_time, tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
@freeze_time("2028-06-01 08:00:00")
class TestContinuity(MaintenanceCommon):
    """Covered since the delivery without a gap (seed 000 §3.3), and which gap there is."""

    def _cover(self, equipment, start, months=12, **values):
        contract = self._create_contract(
            equipment, state="active", date_start=start, term_months=months, **values
        )
        return contract.coverage_ids

    def _is_found(self, coverage):
        """Whether the filter finds it; it must agree with what the form shows."""
        coverages = self.env["maintenance.coverage"].with_user(self.dispatcher)
        found = coverage in coverages.search([("is_continuous", "=", True)])
        self.assertEqual(found, coverage.with_user(self.dispatcher).is_continuous)
        self.assertNotEqual(found, coverage in coverages.search([("is_continuous", "=", False)]))
        return found

    def test_warranty_then_contract(self):
        press = self._create_equipment(delivery_date=date(2026, 3, 1))
        warranty = self.env["maintenance.coverage"].create(
            {
                "equipment_id": press.id,
                "warranty_type_id": self.warranty_type.id,
                "date_start": date(2026, 3, 1),
                "date_end": date(2027, 2, 28),
            }
        )
        coverage = self._cover(press, date(2027, 3, 1), months=36)
        self.assertFalse(self._is_found(coverage), "the warranty is not validated yet")
        warranty.action_validate()
        self.env.invalidate_all()
        self.assertTrue(self._is_found(coverage))
        self.assertFalse(coverage.continuity_gap)

    def test_a_gap_is_named(self):
        press = self._create_equipment(delivery_date=date(2026, 3, 1))
        first = self._cover(press, date(2026, 3, 1))
        second = self._cover(press, date(2027, 4, 1), months=36)
        self.assertTrue(self._is_found(first), "there was none until its end")
        self.assertFalse(self._is_found(second))
        self.assertEqual(second.continuity_gap, "From 03/01/2027 to 03/31/2027")

    def test_one_day_is_a_gap(self):
        press = self._create_equipment(delivery_date=date(2027, 2, 28))
        coverage = self._cover(press, date(2027, 3, 1), months=36)
        self.assertEqual(coverage.continuity_gap, "From 02/28/2027 to 02/28/2027")

    def test_delivery_not_known(self):
        coverage = self._cover(self._create_equipment(), date(2027, 3, 1), months=36)
        self.assertFalse(self._is_found(coverage))
        self.assertIn("not known", coverage.continuity_gap)

    def test_a_suspension_is_no_gap(self):
        press = self._create_equipment(delivery_date=date(2027, 3, 1))
        coverage = self._cover(press, date(2027, 3, 1), months=36)
        coverage.contract_id._suspend(date(2027, 5, 1), False, "Works")
        self.assertTrue(self._is_found(coverage))
