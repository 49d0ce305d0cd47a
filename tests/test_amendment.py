from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .life_common import LifeCommon

QUARTERLY = {
    "name": "Quarterly",
    "interval_count": 3,
    "interval_unit": "month",
    "horizon_days": 30,
}


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestAmendment(LifeCommon):
    """A contract changes in the middle of a term: from a date on, nothing edited in place.

    The press has a visit on the first of March, June, September and December 2027.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quarterly = cls._create_warranty_type(QUARTERLY, name="Quarterly care")
        cls.best = cls.env["maintenance.tier"].create({"name": "Best"})
        cls.press = cls._create_equipment("Press")
        cls.contract = cls._create_contract(
            cls.press, term_months=12, warranty_type_id=cls.quarterly.id
        ).with_user(cls.manager)
        cls.coverage = cls.contract.coverage_ids
        cls.coverage.price = 1200
        cls.contract.action_accept()
        cls.contract.action_activate()
        cls.visits = cls.contract.visit_ids

    def _amend(self, *lines, on=None, apply=True, **values):
        amendment = (
            self.env["maintenance.amendment"]
            .with_user(self.manager)
            .create(
                {
                    "contract_id": self.contract.id,
                    "subject": "Change",
                    "date": on or date(2027, 7, 1),
                    "line_ids": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )
        if apply:
            amendment.action_apply()
        return amendment

    def _get_covered(self):
        """From when to when each equipment is covered, and by what tier."""
        return [
            (c.equipment_id.name, c.tier_id.name, str(c.date_start), str(c.date_end), c.state)
            for c in self.contract.coverage_ids.sorted("date_start")
        ]

    # === WHAT IT DOES === #

    def test_what_changes_later_already_is_not_changed_before(self):
        """Two coverages would follow the same one."""
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        with self.assertRaisesRegex(UserError, "07/01/2027"):
            self._amend(
                {"coverage_id": self.coverage.id, "warranty_type_id": self.warranty_type.id},
                on=date(2027, 6, 1),
            )

    def test_change_of_tier(self):
        """The old coverage ends the day before; the visits that remain keep rank and date."""
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id, "price": 1800})
        self.assertEqual(
            self._get_covered(),
            [
                ("Press", "Test tier", "2027-03-01", "2027-06-30", "validated"),
                ("Press", "Best", "2027-07-01", "2028-02-29", "validated"),
            ],
        )
        new = self.contract.coverage_ids - self.coverage
        self.assertEqual(new.predecessor_id, self.coverage)
        self.assertEqual((self.coverage.price, new.price), (1200, 1800))
        self.assertEqual(self.visits, self.contract.visit_ids, "none made anew")
        self.assertEqual(
            [(v.coverage_id, v.rank, v.nominal_date, v.state) for v in self.visits],
            [
                (self.coverage, 0, date(2027, 3, 1), "upcoming"),
                (self.coverage, 1, date(2027, 6, 1), "upcoming"),
                (new, 2, date(2027, 9, 1), "upcoming"),
                (new, 3, date(2027, 12, 1), "upcoming"),
            ],
        )
        self.assertEqual(self.coverage.end_reason, f"Amendment 1 to {self.contract.name}")

    def test_visits_are_not_made_twice_by_the_night(self):
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        self.contract.coverage_ids.sudo().visits_until = False
        self._run_cron("2027-08-01", "ir_cron_generate_visits")
        self.assertEqual(self.contract.visit_ids, self.visits)

    def test_replacement_of_an_equipment(self):
        """Coverage and visits that remain move to the new one; what was done stays on the old."""
        with freeze_time("2027-03-02 08:00:00"):
            self.visits[0].sudo()._mark_done(date(2027, 3, 2))
        lathe = self._create_equipment("Lathe", site_id=self.site_2.id)
        self._amend(
            {"kind": "replace", "coverage_id": self.coverage.id, "equipment_id": lathe.id},
            on=date(2027, 6, 1),
        )
        self.assertEqual([c[0] for c in self._get_covered()], ["Press", "Lathe"])
        self.assertEqual(
            [(v.equipment_id, v.site_id, v.state) for v in self.visits],
            [
                (self.press, self.site, "done"),
                (lathe, self.site_2, "upcoming"),
                (lathe, self.site_2, "upcoming"),
                (lathe, self.site_2, "upcoming"),
            ],
        )
        self.assertEqual(self.contract.visit_ids, self.visits)

    def test_planned_visit_of_a_replaced_equipment(self):
        """The dispatcher decides; given back, it goes to the new equipment."""
        intervention = self._plan(
            self.visits[2].with_user(self.dispatcher), self.technician, datetime(2027, 9, 3, 7)
        )
        lathe = self._create_equipment("Lathe")
        self._amend({"kind": "replace", "coverage_id": self.coverage.id, "equipment_id": lathe.id})
        self.assertEqual(self.visits[2].equipment_id, self.press)
        self.assertIn("keep or cancel", intervention.activity_ids.summary)
        intervention.with_user(self.dispatcher).action_cancel()
        self.assertEqual((self.visits[2].equipment_id, self.visits[2].state), (lathe, "upcoming"))

    def test_planned_visit_of_a_changed_tier_goes_along(self):
        intervention = self._plan(
            self.visits[2].with_user(self.dispatcher), self.technician, datetime(2027, 9, 3, 7)
        )
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        self.assertEqual(self.visits[2].coverage_id.tier_id, self.best)
        self.assertFalse(intervention.activity_ids)

    def test_a_floating_series_goes_on_from_what_was_done(self):
        """Done under the old coverage three weeks late: the next one is counted from there."""
        floating = self._create_warranty_type({**QUARTERLY, "mode": "floating"})
        contract = self._create_contract(
            self._create_equipment("Lathe"),
            state="active",
            term_months=12,
            renewal="tacit",
            warranty_type_id=floating.id,
        ).with_user(self.manager)
        visits = contract.visit_ids
        with freeze_time("2027-03-22 08:00:00"):
            visits[0].sudo()._mark_done(date(2027, 3, 22))
            self._amend(
                {"coverage_id": contract.coverage_ids.id, "tier_id": self.best.id},
                on=date(2027, 4, 1),
                contract_id=contract.id,
            )
        new = contract.coverage_ids.filtered("predecessor_id")
        dates = new.visit_ids.mapped("nominal_date")
        self.assertEqual(dates[:3], [date(2027, 6, 22), date(2027, 9, 22), date(2027, 12, 22)])
        self._run_cron("2027-06-20", "ir_cron_generate_visits")
        self.assertEqual(max(new.visit_ids.mapped("nominal_date")), date(2029, 6, 22))
        with freeze_time("2027-07-01 08:00:00"):
            new.visit_ids[0].sudo()._mark_done(date(2027, 7, 1))
        self.assertEqual(
            new.visit_ids.mapped("nominal_date")[1:3], [date(2027, 10, 1), date(2028, 1, 1)]
        )

    def test_change_of_warranty_type(self):
        """Other plans: what remained is cancelled, and made anew from the next visit on."""
        monthly = self._create_warranty_type(
            {"name": "Monthly", "interval_count": 1, "horizon_days": 10}, name="Monthly care"
        )
        self._amend({"coverage_id": self.coverage.id, "warranty_type_id": monthly.id})
        self.assertEqual(
            self.visits.mapped("state"), ["upcoming", "upcoming", "cancelled", "cancelled"]
        )
        new = self.contract.coverage_ids - self.coverage
        self.assertEqual(new.visit_ids[0].nominal_date, date(2027, 9, 1))
        self.assertEqual(len(new.visit_ids), 6)

    def test_added_and_removed(self):
        lathe = self._create_equipment("Lathe")
        self._amend(
            {"kind": "add", "equipment_id": lathe.id, "price": 600},
            {"kind": "remove", "coverage_id": self.coverage.id},
        )
        self.assertEqual(
            self._get_covered(),
            [
                ("Press", "Test tier", "2027-03-01", "2027-06-30", "validated"),
                ("Lathe", "Test tier", "2027-07-01", "2028-02-29", "validated"),
            ],
        )
        self.assertEqual(
            [(v.equipment_id.name, v.state) for v in self.contract.visit_ids],
            [
                ("Press", "upcoming"),
                ("Press", "upcoming"),
                ("Lathe", "upcoming"),
                ("Press", "cancelled"),
                ("Lathe", "upcoming"),
                ("Press", "cancelled"),
                ("Lathe", "upcoming"),
            ],
        )

    def test_removed_and_covered_again_the_same_day(self):
        """The equipment is free from the first day of the amendment on."""
        self._amend(
            {"kind": "add", "equipment_id": self.press.id},
            {"kind": "remove", "coverage_id": self.coverage.id},
        )
        self.assertEqual(len(self.contract.coverage_ids), 2)

    def test_from_the_first_day(self):
        """What never began is cancelled; the new coverage is there in its place."""
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id}, on=date(2027, 3, 1))
        self.assertEqual(self.coverage.state, "cancelled")
        self.assertIn(
            ("Press", "Best", "2027-03-01", "2028-02-29", "validated"), self._get_covered()
        )
        self.assertEqual(set(self.visits.mapped("state")), {"upcoming"})

    def test_price_alone(self):
        self._amend({"coverage_id": self.coverage.id, "price": 1500})
        for day, price in ((date(2027, 6, 30), 1200), (date(2027, 7, 1), 1500)):
            coverage = self.contract.coverage_ids.filtered(
                lambda coverage, day=day: coverage._is_in_force(day)
            )
            self.assertEqual(coverage.sudo()._get_price_on(day), price)

    def test_twice(self):
        """A second amendment changes what the first one made."""
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        second = self.contract.coverage_ids - self.coverage
        amendment = self._amend(
            {"coverage_id": second.id, "tier_id": self.tier.id}, on=date(2027, 10, 1)
        )
        self.assertEqual(amendment.rank, 2)
        self.assertEqual(self.visits[3].coverage_id.predecessor_id, second)
        self.assertEqual(self.contract.visit_ids, self.visits)

    def test_suspended_visits_go_along(self):
        self.contract._suspend(date(2027, 5, 1), date(2027, 12, 31), "Works")
        self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        self.contract._end_suspension(self.contract.suspension_ids, date(2027, 5, 2))
        self.assertEqual(self.visits[2].coverage_id.tier_id, self.best)
        self.assertEqual(set(self.visits.mapped("state")), {"upcoming"})

    # === STEPS === #

    def test_draft_changes_nothing(self):
        before = self._get_covered()
        amendment = self._amend(
            {"coverage_id": self.coverage.id, "tier_id": self.best.id}, apply=False
        )
        self.assertEqual(self._get_covered(), before)
        line = amendment.line_ids
        self.assertEqual((line.price_before, line.price, line.visit_count), (1200, 1200, 2))
        self.assertEqual(line.summary, "Press: Test tier → Best")
        amendment.action_cancel()
        with self.assertRaisesRegex(UserError, "Cancelled"):
            amendment.action_apply()
        self.assertEqual(self._get_covered(), before)

    def test_applied_once_and_kept(self):
        amendment = self._amend({"coverage_id": self.coverage.id, "tier_id": self.best.id})
        for refused in (
            amendment.action_apply,
            amendment.action_cancel,
            amendment.unlink,
            lambda: amendment.write({"date": date(2027, 8, 1)}),
            lambda: amendment.line_ids.write({"price": 5}),
            lambda: amendment.line_ids.unlink(),
            lambda: amendment.write({"line_ids": [Command.create({"kind": "remove"})]}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                refused()
        amendment.date_signed = date(2027, 6, 20)
        with self.assertRaises(AccessError):
            amendment.state = "draft"
        self.assertEqual((amendment.applied_by_id, amendment.rank), (self.manager, 1))
        told = self.contract.message_ids[0].body
        self.assertIn("Test tier → Best", str(told))
        self.assertNotIn("1,200", str(told))

    def test_bad_changes(self):
        """Each is refused, naming what is wrong, and nothing is written."""
        other = self._create_contract(self._create_equipment("Lathe"), state="active")
        foreign = self._create_equipment(
            "Robot", customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        elsewhere = other.coverage_ids
        for line, values, field in (
            ({"coverage_id": self.coverage.id}, {}, "nothing changes"),
            ({"coverage_id": self.coverage.id, "price": -5}, {}, "Yearly Price"),
            ({"coverage_id": self.coverage.id, "price": 1e15}, {}, "Yearly Price"),
            ({"coverage_id": self.coverage.id, "price": float("nan")}, {}, "Yearly Price"),
            ({"kind": "change"}, {}, "Covered Equipment"),
            ({"kind": "add"}, {}, "New Equipment"),
            ({"kind": "add", "equipment_id": self.press.id}, {}, "covered already"),
            ({"kind": "add", "equipment_id": foreign.id}, {}, "belongs to"),
            ({"kind": "remove", "coverage_id": elsewhere.id}, {}, "not under this contract"),
            (
                {
                    "kind": "replace",
                    "coverage_id": self.coverage.id,
                    "equipment_id": self.press.id,
                },
                {},
                "the one to replace",
            ),
            (
                {
                    "kind": "replace",
                    "coverage_id": self.coverage.id,
                    "equipment_id": elsewhere.equipment_id.id,
                },
                {},
                "covered already",
            ),
            ({"kind": "remove", "coverage_id": self.coverage.id}, {"on": date(2026, 1, 1)}, "From"),
            ({"kind": "remove", "coverage_id": self.coverage.id}, {"on": date(2028, 3, 1)}, "From"),
        ):
            with self.subTest(line=line, values=values):
                self.assertRefused(field, self._amend, line, error=(UserError), **values)
        self.assertEqual(len(self.contract.coverage_ids), 1)
        with self.assertRaisesRegex(UserError, "at least one"):
            self._amend()

    def test_not_of_a_draft_contract(self):
        draft = self._create_contract(self._create_equipment("Lathe"))
        with self.assertRaisesRegex(UserError, "Draft"):
            self._amend(
                {"kind": "remove", "coverage_id": draft.coverage_ids.id}, contract_id=draft.id
            )

    def test_form(self):
        """A chosen line begins with what is covered now."""
        amendments = self.env["maintenance.amendment"].with_user(self.manager)
        with Form(amendments.with_context(default_contract_id=self.contract.id)) as form:
            form.subject = "Better"
            form.date = date(2027, 7, 1)
            with form.line_ids.new() as line:
                line.coverage_id = self.coverage
                self.assertEqual((line.tier_id, line.price), (self.tier, 1200))
                line.tier_id = self.best
        form.record.action_apply()
        self.assertEqual(len(self.contract.coverage_ids), 2)

    def test_what_was_agreed_is_not_edited(self):
        """Neither in the list of the contract nor by RPC."""
        for vals in (
            {"tier_id": self.best.id},
            {"warranty_type_id": self.warranty_type.id},
            {"equipment_id": self._create_equipment("Lathe").id},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "amendment"):
                self.coverage.write(vals)

    def test_prices_are_not_for_all(self):
        amendment = self._amend({"coverage_id": self.coverage.id, "price": 1500}, apply=False)
        line = amendment.line_ids.with_user(self.dispatcher)
        self.assertEqual(line.summary, "Press: price")
        for name in ("price", "price_before"):
            with self.assertRaises(AccessError):
                line.read([name])
        with self.assertRaises(AccessError):
            amendment.with_user(self.dispatcher).action_apply()

    def test_print(self):
        """In the customer's language, with the prices for those who may read them only."""
        self.customer.lang = "fr_FR"
        amendment = self._amend(
            {"coverage_id": self.coverage.id, "tier_id": self.best.id, "price": 1500},
            apply=False,
        )
        report = "maintenance_contract.report_amendment"
        for user, is_shown in ((self.manager, True), (self.dispatcher, False)):
            html, _kind = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html(report, amendment.ids)
            )
            self.assertIn("Best", html.decode())
            self.assertEqual("500,00" in html.decode(), is_shown, user.login)
