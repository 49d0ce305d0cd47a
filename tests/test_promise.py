from datetime import date

from odoo.tests import freeze_time, tagged

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestPromise(MaintenanceCommon):
    """The promise meter counts each promised visit of a contract year once."""

    @classmethod
    @freeze_time("2027-03-01 08:00:00")
    def setUpClass(cls):
        super().setUpClass()
        warranty_type = cls._create_warranty_type(
            {"name": "Quarterly", "interval_count": 3, "spacing_days": 30, "package": 1},
            {"name": "Annual", "package": 2},
            nesting_days=10,
        )
        cls.contract = cls._create_contract(
            cls._create_equipment(), warranty_type_id=warranty_type.id, state="active"
        )
        cls.quarterly = warranty_type.plan_ids.filtered(lambda plan: plan.package == 1)

    def _get_meter(self, year=1):
        row = (
            self.env["maintenance.promise"]
            .with_user(self.dispatcher)
            .search(
                [
                    ("contract_id", "=", self.contract.id),
                    ("plan_id", "=", self.quarterly.id),
                    ("contract_year", "=", year),
                ]
            )
        )
        row.invalidate_recordset()
        return {
            name: row[name]
            for name in ("promised", "done", "planned", "excused", "to_plan", "lost")
        }

    @freeze_time("2027-03-01 08:00:00")
    def test_at_the_start_all_can_be_planned(self):
        """Four quarterly visits are promised a year; the first is made with the annual one."""
        visits = self.contract.visit_ids
        self.assertEqual(len(visits.filtered(lambda v: v.plan_id == self.quarterly)), 6)
        self.assertEqual(len(visits.nested_ids), 2)
        nothing = {"done": 0, "planned": 0, "excused": 0, "lost": 0}
        self.assertEqual(self._get_meter(), {"promised": 4, "to_plan": 4, **nothing})
        self.assertEqual(self._get_meter(2), {"promised": 4, "to_plan": 4, **nothing})

    def test_year_bounds(self):
        """The second contract year ends with the contract."""
        rows = self.env["maintenance.promise"].search(
            [("contract_id", "=", self.contract.id), ("plan_id", "=", self.quarterly.id)]
        )
        self.assertRecordValues(
            rows,
            [
                {"year_first": date(2027, 3, 1), "year_last": date(2028, 2, 29)},
                {"year_first": date(2028, 3, 1), "year_last": date(2029, 2, 28)},
            ],
        )

    @freeze_time("2028-02-10 08:00:00")
    def test_late_in_the_year_some_cannot_fit(self):
        """Twenty days before the end, with thirty days between two visits, only one fits."""
        annual = self.contract.visit_ids.filtered(lambda v: v.plan_id != self.quarterly)[0]
        annual.sudo()._mark_done(date(2027, 3, 10))
        self.assertEqual(
            self._get_meter(),
            {"promised": 4, "done": 1, "planned": 0, "excused": 0, "to_plan": 1, "lost": 2},
        )

    @freeze_time("2028-02-10 08:00:00")
    def test_a_refusal_of_the_customer_is_counted_apart(self):
        """A skipped visit is lost, unless its reason is the customer's."""
        visits = self.contract.visit_ids.filtered(lambda v: v.plan_id == self.quarterly)
        excused, other = self.env["maintenance.skip.reason"].create(
            [{"name": "Refused", "is_excused": True}, {"name": "Forgotten"}]
        )
        visits[0].with_user(self.dispatcher)._skip(excused, "by phone")
        visits[1].with_user(self.dispatcher)._skip(other, False)
        self.assertEqual(
            self._get_meter(),
            {"promised": 4, "done": 0, "planned": 0, "excused": 1, "to_plan": 1, "lost": 2},
        )

    def test_ending_takes_back_what_was_promised_after(self):
        """Visits cancelled with the end of the coverage are not promised any more."""
        self.contract.with_user(self.manager)._terminate(date(2027, 9, 30), "Closed down")
        self.assertEqual(self._get_meter()["promised"], 3)
        self.assertFalse(
            self.env["maintenance.promise"].search_count(
                [("contract_id", "=", self.contract.id), ("contract_year", "=", 2)]
            )
        )
