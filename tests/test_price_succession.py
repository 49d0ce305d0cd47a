from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 10:00:00")
class TestPriceSuccession(PriceCommon):
    """A revised price, and an amendment that has another coverage follow the one it is of.

    A contract of 2027–2029 at 1200 a year, all of it on the index S: 100 at its start, 110 on
    1 July 2028, the day of the revision.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.formula.write(
            {"fixed_part": 0, "term_ids": [Command.update(cls.formula.term_ids.id, {"weight": 1})]}
        )
        cls._publish(100, month=date(2027, 1, 1))
        cls.contract = cls._create_indexed_contract(1200)
        cls.coverage = cls.contract.coverage_ids
        cls.tier_2 = cls.env["maintenance.tier"].create({"name": "Second tier"})
        cls.july = date(2028, 7, 1)

    def _revise(self, on, value):
        self._publish_later(value, on)
        revision = self._simulate(on=on)
        revision.action_approve()
        return revision

    def _amend(self, on, coverage=None, **values):
        """Have another coverage follow, by an amendment that changes the tier."""
        coverage = coverage or self.coverage
        line = {"kind": "change", "coverage_id": coverage.id, "tier_id": self.tier_2.id, **values}
        amendment = (
            self.env["maintenance.amendment"]
            .with_user(self.manager)
            .create(
                {
                    "contract_id": self.contract.id,
                    "subject": "Another tier",
                    "date": on,
                    "line_ids": [Command.create(line)],
                }
            )
        )
        amendment.action_apply()
        self.env.invalidate_all()
        return amendment.line_ids.new_coverage_id.sudo()

    def test_a_later_price_goes_to_the_coverage_that_follows(self):
        """PR7: 1200 until June, 1320 from July, whatever coverage is billed."""
        self._revise(self.july, 110)
        follower = self._amend(date(2028, 4, 16))
        self.assertEqual(
            self._get_prices(follower),
            [("2028-04-16", 1200, "initial"), ("2028-07-01", 1320, "revision")],
        )
        self.assertEqual(self._get_prices(), [("2027-01-01", 1200, "initial")])
        self._run_cron(date(2028, 12, 31))
        rows = self.contract.billing_period_ids.filtered(lambda row: row.date_start.year == 2028)
        self.assertEqual(set(rows.mapped("state")), {"invoiced"})
        self.assertEqual(round(sum(rows.move_line_id.mapped("price_subtotal")), 2), 1260)
        april = rows.filtered(lambda row: row.date_start.month == 4)
        self.assertEqual(april.coverage_id, self.coverage | follower)
        self.assertEqual(sum(april.mapped("amount")), 100)
        second_half = rows.filtered(lambda row: row.date_start >= self.july)
        self.assertEqual(set(second_half.mapped("amount")), {110})

    def test_a_price_of_the_day_itself(self):
        self._revise(self.july, 110)
        follower = self._amend(self.july)
        self.assertEqual(self._get_prices(follower), [("2028-07-01", 1320, "revision")])
        self._revise(date(2028, 10, 1), 121)
        self.assertEqual(self._get_prices(follower)[-1], ("2028-10-01", 1452, "revision"))

    def test_what_follows_goes_on_from_the_same_origin(self):
        """The price was not agreed on the day of the amendment: its index then does not matter."""
        self._publish_later(105, date(2028, 4, 1))
        follower = self._amend(date(2028, 4, 16))
        self._revise(self.july, 110)
        self.assertEqual(self._get_prices(follower)[-1], ("2028-07-01", 1320, "revision"))
        second = self._amend(date(2028, 8, 1), coverage=follower, tier_id=self.coverage.tier_id.id)
        self._revise(date(2028, 10, 1), 121)
        self.assertEqual(self._get_prices(second)[-1], ("2028-10-01", 1452, "revision"))

    def test_a_revision_on_the_day_of_the_amendment(self):
        """Whichever comes first, the price is the same."""
        follower = self._amend(self.july)
        self._revise(self.july, 110)
        self.assertEqual(self._get_prices(follower), [("2028-07-01", 1320, "revision")])

    def test_another_price_undoes_later_revisions(self):
        revision = self._revise(self.july, 110)
        self._publish_later(100, date(2028, 4, 1))
        follower = self._amend(date(2028, 4, 16), price=2000)
        self.assertEqual(self._get_prices(follower), [("2028-04-16", 2000, "initial")])
        self.assertEqual(revision.state, "simulated")
        self.assertEqual(revision.line_ids.outcome, "waiting")
        self.assertFalse(revision.line_ids.is_applied)
        self.assertIn("simulate again", revision.message_ids[0].body)
        revision.action_simulate()
        revision.action_approve()
        self.assertEqual(revision.line_ids.coverage_id, follower)
        self.assertEqual(self._get_prices(follower)[-1], ("2028-07-01", 2200, "revision"))

    def test_another_price_of_the_same_coverage_undoes_them_too(self):
        revision = self._revise(self.july, 110)
        self._publish_later(100, date(2028, 4, 1))
        same = self._amend(date(2028, 4, 16), tier_id=self.coverage.tier_id.id, price=2000)
        self.assertEqual(same, self.coverage)
        self.assertEqual(self._get_prices()[-1], ("2028-04-16", 2000, "amendment"))
        revision.action_simulate()
        revision.action_approve()
        self.assertEqual(self._get_prices()[-1], ("2028-07-01", 2200, "revision"))

    def test_an_amendment_between_simulation_and_approval(self):
        self._publish_later(110, self.july)
        revision = self._simulate(on=self.july)
        follower = self._amend(date(2028, 4, 16))
        with self.assertRaisesRegex(UserError, "Simulate again"):
            revision.action_approve()
        revision.action_simulate()
        revision.action_approve()
        self.assertEqual(self._get_prices(follower)[-1], ("2028-07-01", 1320, "revision"))

    def test_definitive_values_correct_what_was_taken_over(self):
        january = date(2028, 1, 1)
        value = self._publish(110, month=january, is_provisional=True)
        revision = self._simulate(on=january)
        revision.action_approve()
        follower = self._amend(date(2028, 4, 16))
        self.assertEqual(follower.price, 1320)
        value.write({"value": 120, "is_provisional": False})
        revision.action_regularise()
        self.assertEqual(self._get_prices(follower), [("2028-04-16", 1440, "correction")])
        rows = self.contract.billing_period_ids.filtered(lambda row: row.date_start.year == 2028)
        self.assertEqual(round(sum(rows.mapped("amount")), 2), 1440)
        self._revise(self.july, 132)
        self.assertEqual(self._get_prices(follower)[-1], ("2028-07-01", 1584, "revision"))

    def test_history_is_kept_unless_its_revision_is_undone(self):
        self._revise(self.july, 110)
        with self.assertRaisesRegex(UserError, "history"):
            self.coverage.price_ids[:1].unlink()
