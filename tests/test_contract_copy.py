from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestContractCopy(LifeCommon):
    """A copy promises what the contract promised last, from its own start on, and has no past."""

    def _copy(self, contract):
        copied = contract.copy()
        self.assertEqual(copied.state, "draft")
        return sorted(
            (coverage.equipment_id.name, coverage.tier_id.name, coverage.price)
            for coverage in copied.coverage_ids
        )

    def _create_amended(self):
        """Press changes its tier, Lathe leaves, Robot is replaced, Saw is added."""
        press, lathe, robot = (self._create_equipment(n) for n in ("Press", "Lathe", "Robot"))
        contract = self._create_contract(press, lathe, robot).with_user(self.manager)
        contract.coverage_ids.price = 1000
        contract.action_accept()
        contract.action_activate()
        covered = {coverage.equipment_id: coverage.id for coverage in contract.coverage_ids}
        gold = self.env["maintenance.tier"].create({"name": "Gold"})
        lines = [
            {
                "kind": "change",
                "coverage_id": covered[press],
                "tier_id": gold.id,
                "price": 1500,
            },
            {"kind": "remove", "coverage_id": covered[lathe]},
            {
                "kind": "replace",
                "coverage_id": covered[robot],
                "equipment_id": self._create_equipment("New robot").id,
            },
            {"kind": "add", "equipment_id": self._create_equipment("Saw").id, "price": 700},
        ]
        self.env["maintenance.amendment"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "subject": "Changes",
                "date": date(2027, 11, 1),
                "line_ids": [Command.create(line) for line in lines],
            }
        ).action_apply()
        return contract

    def test_what_was_changed_on_the_way_is_copied_once(self):
        contract = self._create_amended()
        expected = [
            ("New robot", "Test tier", 1000),
            ("Press", "Gold", 1500),
            ("Saw", "Test tier", 700),
        ]
        self.assertEqual(self._copy(contract), expected)
        contract._terminate(date(2028, 1, 31), "Closed down")
        self.assertEqual(self._copy(contract), expected)

    def test_dates_begin_anew(self):
        contract = self._create_contract(
            state="active",
            coverage_ids=[
                Command.create(
                    {
                        "equipment_id": self._create_equipment().id,
                        "date_start": date(2027, 6, 1),
                        "date_end": date(2027, 12, 31),
                        "first_visit_date": date(2027, 7, 1),
                    }
                )
            ],
        ).with_user(self.manager)
        contract._suspend(date(2027, 11, 1), False, "Works")
        copied = contract.copy()
        self.assertRecordValues(
            copied.coverage_ids,
            [
                {
                    "state": "draft",
                    "date_start": date(2027, 10, 4),
                    "date_end": date(2029, 10, 3),
                    "first_visit_date": date(2027, 10, 4),
                    "predecessor_id": False,
                    "end_reason": False,
                }
            ],
        )
        for name in ("term_ids", "suspension_ids", "amendment_ids", "visit_ids"):
            self.assertFalse(copied[name], name)
        later = contract.copy({"date_start": date(2028, 1, 1)})
        self.assertEqual(later.coverage_ids.date_start, date(2028, 1, 1))
        later.action_accept()
        later.action_activate()
        self.assertEqual(later.visit_ids[0].nominal_date, date(2028, 1, 1))

    def test_a_draft_is_copied_whole(self):
        contract = self._create_contract(
            self._create_equipment("Press"), self._create_equipment("Lathe")
        ).with_user(self.manager)
        self.assertEqual(len(self._copy(contract)), 2)
        self.assertFalse(contract.copy({"coverage_ids": []}).coverage_ids)
