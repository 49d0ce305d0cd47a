from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestCompliance(MaintenanceCommon):
    """How well a contract's visits were made, as its manager reads it."""

    @classmethod
    @freeze_time("2027-03-01 08:00:00")
    def setUpClass(cls):
        super().setUpClass()
        monthly = cls._create_warranty_type(
            {"interval_count": 1, "window_before": 5, "window_after": 5}
        )
        cls.contract = cls._create_contract(
            cls._create_equipment(), warranty_type_id=monthly.id, state="active"
        ).with_user(cls.manager)

    def _get_figures(self):
        self.contract.invalidate_recordset()
        return (
            self.contract.visit_due_count,
            self.contract.visit_compliance,
            self.contract.visit_realisation,
        )

    @freeze_time("2027-03-06 08:00:00")
    def test_nothing_was_due_yet(self):
        """On the last day of its window the first visit is not due yet."""
        self.assertEqual(self._get_figures()[0], 0)

    def test_on_time_late_never_and_refused(self):
        """Of three visits due, one was made in its window, one late, one not; one was refused."""
        refused = self.env["maintenance.skip.reason"].create(
            {"name": "Refused", "is_excused": True}
        )
        visits = self.contract.visit_ids.sudo()
        with freeze_time("2027-06-07 08:00:00"):
            visits[0]._mark_done(date(2027, 3, 6))
            visits[1]._mark_done(date(2027, 4, 7))
            visits[2].with_user(self.dispatcher)._skip(refused, False)
            self.assertEqual(self._get_figures(), (3, 1 / 3, 2 / 3))

    @freeze_time("2028-03-07 08:00:00")
    def test_last_twelve_months_only(self):
        """The visit due on 6 March 2027 has left the figures a year later, another has come."""
        self.contract.visit_ids.sudo()[0]._mark_done(date(2027, 3, 2))
        self.assertEqual(self._get_figures(), (12, 0.0, 0.0))

    @freeze_time("2027-03-06 08:00:00")
    def test_an_active_contract_keeps_its_term(self):
        """Customer and term cannot be changed once visits were promised on them."""
        for values in (
            {"term_months": 36},
            {"date_start": date(2027, 1, 1)},
            {"partner_id": self.other_customer.id},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "agreed"):
                self.contract.write(values)
