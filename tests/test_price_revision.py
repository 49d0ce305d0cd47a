from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 10:00:00")
class TestPriceRevision(PriceCommon):
    """A contract of 2027–2029 at 1767 a year; S was 280 at its start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._publish(280, month=date(2027, 1, 1))
        cls.formula.coefficient_rounding = "up_3"
        cls.contract = cls._create_indexed_contract(1767)
        cls.coverage = cls.contract.coverage_ids

    def test_bases_are_frozen(self):
        base = self.contract.price_base_ids
        self.assertEqual((base.series_id, base.value), (self.series, 280))
        self.series.value_ids.value = 290
        self.assertEqual(base.value, 280)
        self.contract.with_user(self.manager).action_read_price_bases()
        self.assertEqual(self.contract.price_base_ids, base)

    def test_a_base_of_zero_is_refused(self):
        self.assertRefused("Base Value", self.contract.price_base_ids.write, {"value": -1})

    def test_simulation_shows_every_number_and_changes_nothing(self):
        self._publish(294.6, month=date(2028, 1, 1))
        line = self._simulate().line_ids
        self.assertEqual(
            (line.outcome, line.price_before, line.coefficient, line.price_after),
            ("revised", 1767, 1.045, 1846.52),
        )
        self.assertIn("294.6 / 280", line.index_summary)
        self.assertEqual(line.figures["coefficient"], "1.044321428571428571428571429")
        self.assertEqual(self._get_prices(), [("2027-01-01", 1767, "initial")])

    def test_approved_price_is_billed_from_its_date(self):
        self._publish(294.6, month=date(2028, 1, 1))
        revision = self._simulate()
        revision.action_approve()
        self.assertEqual(
            self._get_prices(),
            [("2027-01-01", 1767, "initial"), ("2028-01-01", 1846.52, "revision")],
        )
        self.assertEqual(self.coverage.price, 1846.52)
        year = self.contract.billing_period_ids.filtered(lambda row: row.date_start.year == 2028)
        self.assertEqual(round(sum(year.mapped("amount")), 2), 1846.52)
        self.assertIn("revised", self.contract.message_ids[:1].body)

    def test_approving_twice_changes_nothing(self):
        self._publish(294.6, month=date(2028, 1, 1))
        revision = self._simulate()
        revision.action_approve()
        before = self._get_prices()
        revision.action_approve()
        revision.action_simulate()
        self.assertEqual(len(revision.line_ids), 1)
        revision.action_approve()
        again = self._simulate()
        self.assertEqual(again.line_ids.outcome, "unchanged")
        again.action_approve()
        self.assertEqual(self._get_prices(), before)

    def test_queries_do_not_grow_with_the_prices(self):
        """Approving thousands of prices is one batch, whatever their number."""
        self._publish(294.6, month=date(2028, 1, 1))
        self._count_queries(2)  # what is read once
        few, many = self._count_queries(3), self._count_queries(30)
        self.assertLessEqual(many, few + 3)

    def _count_queries(self, size):
        contract = self._create_indexed_contract(*[1767] * size)
        revision = self._simulate(contracts=contract)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        revision.action_approve()
        self.env.flush_all()
        self.assertEqual(set(contract.coverage_ids.mapped("price")), {1846.52})
        return self.env.cr.sql_log_count - before

    def test_a_date_in_the_middle_of_a_period_splits_it(self):
        self._publish(308, month=date(2028, 1, 1))
        self._simulate(on=date(2028, 1, 16)).action_approve()
        january = self.contract.billing_period_ids.filtered(
            lambda row: row.date_start == date(2028, 1, 1)
        )
        self.assertEqual(self.coverage.price, 1767)
        new = self._get_prices()[-1][1]
        expected = (1767 * 15 + new * 16) / 31 / 12
        self.assertAlmostEqual(january.amount, expected, delta=0.02)

    def test_missing_index_waits(self):
        revision = self._simulate()
        line = revision.line_ids
        self.assertEqual(line.outcome, "waiting")
        self.assertRegex(line.explanation, "Index S .* January 2028")
        revision.action_approve()
        self.assertEqual(len(self._get_prices()), 1)
        self._publish(294.6, month=date(2028, 1, 1))
        revision.action_simulate()
        revision.action_approve()
        self.assertEqual(self.coverage.price, 1846.52)

    def test_absurd_result_is_held_until_a_person_lets_it_pass(self):
        self._publish(2940, month=date(2028, 1, 1))
        revision = self._simulate()
        line = revision.line_ids
        self.assertEqual(line.outcome, "held")
        self.assertEqual(line.price_after, 1767)
        revision.action_approve()
        self.assertEqual(len(self._get_prices()), 1)
        revision.action_simulate()
        with self.assertRaises(AccessError):
            revision.line_ids.with_user(self.accountant).action_release()
        revision.line_ids.action_release()
        revision.action_approve()
        self.assertEqual(self._get_prices()[-1], ("2028-01-01", 16035.53, "revision"))

    def test_what_passes_is_still_refused_where_it_is_invoiced(self):
        self._publish(2940, month=date(2028, 1, 1))
        self._run_cron(date(2028, 1, 10))
        revision = self._simulate()
        revision.line_ids.action_release()
        with self.assertRaisesRegex(UserError, "Simulate again"):
            revision.action_approve()
        revision.is_correcting = True
        revision.action_approve()
        self.assertEqual(self._get_prices()[-1][1], 16035.53)

    def test_letter_says_what_limits_the_price(self):
        formula = self._create_formula(name="Capped", is_capped=True, cap=2)
        contract = self._create_indexed_contract(1000, formula=formula)
        self._publish(300, month=date(2028, 1, 1))
        revision = self._simulate(contracts=contract)
        report = self.env.ref("maintenance_contract.action_report_price_letter")
        html, _kind = report.with_user(self.manager)._render_qweb_html(report, revision.ids)
        self.assertIn("Limited by the cap of the contract", html.decode())
        self.assertEqual(revision.line_ids.price_after, 1020)

    def test_what_is_not_positive_cannot_pass(self):
        formula = self._create_typed_formula("P0 * (S / S0 - 3)", name="Negative")
        contract = self._create_indexed_contract(1000, formula=formula)
        self._publish(280, month=date(2028, 1, 1))
        revision = self._simulate(contracts=contract)
        self.assertEqual(revision.line_ids.outcome, "held")
        with self.assertRaises(UserError):
            revision.line_ids.action_release()

    def test_a_date_before_what_is_invoiced_is_held(self):
        self._publish(294.6, month=date(2028, 1, 1))
        self._run_cron(date(2028, 1, 10))
        revision = self._simulate()
        self.assertEqual(revision.line_ids.outcome, "held")
        self.assertRegex(revision.line_ids.explanation, "^Invoiced until")
        with self.assertRaises(UserError):
            revision.line_ids.action_release()
        revision.is_correcting = True
        revision.action_simulate()
        revision.action_approve()
        corrections = self.contract.billing_period_ids.filtered("rank")
        self.assertEqual(
            [(str(row.date_start), row.state) for row in corrections],
            [("2028-01-01", "to_invoice")],
        )
        # A month of the difference of 79.52.
        self.assertAlmostEqual(corrections.amount, 6.63, delta=0.02)

    def test_what_changed_since_is_not_approved(self):
        value = self._publish(294.6, month=date(2028, 1, 1))
        revision = self._simulate()
        value.value = 300
        with self.assertRaisesRegex(UserError, "Simulate again"):
            revision.action_approve()
        self.assertEqual(len(self._get_prices()), 1)

    def test_posted_past_does_not_follow_the_index(self):
        value = self._publish(294.6, month=date(2028, 1, 1))
        self._simulate().action_approve()
        before = [(row.date_start, row.amount) for row in self.contract.billing_period_ids]
        value.value = 400
        self.contract._update_billing_schedule()
        after = [(row.date_start, row.amount) for row in self.contract.billing_period_ids]
        self.assertEqual(before, after)

    def test_definitive_values_correct_the_price(self):
        value = self._publish(294.6, month=date(2028, 1, 1), is_provisional=True)
        revision = self._simulate()
        revision.action_approve()
        self.assertTrue(revision.line_ids.is_provisional)
        with self.assertRaisesRegex(UserError, "definitive"):
            revision.action_regularise()
        self._run_cron(date(2028, 1, 10))
        value.write({"value": 297.0, "is_provisional": False})
        with self.assertRaises(AccessError):
            revision.with_user(self.accountant).action_regularise()
        revision.action_regularise()
        # 0.15 + 0.85 × 297 / 280 = 1.0516…, up to 1.052
        self.assertEqual(self._get_prices()[-1], ("2028-01-01", 1858.88, "correction"))
        self.assertEqual(revision.line_ids.price_after, 1858.88)
        corrections = self.contract.billing_period_ids.filtered("rank")
        self.assertAlmostEqual(sum(corrections.mapped("amount")), 12.36 / 12, delta=0.02)
        with self.assertRaises(UserError):
            revision.action_regularise()

    def test_formula_that_was_used_does_not_change(self):
        self._publish(294.6, month=date(2028, 1, 1))
        self._simulate().action_approve()
        formula = self.formula.with_user(self.manager)
        for action in (
            lambda: formula.write({"threshold": 5}),
            lambda: formula.write({"fixed_part": 0.2}),
            lambda: formula.term_ids.write({"weight": 0.8}),
            lambda: formula.term_ids.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "revised by it"), self.env.cr.savepoint():
                action()
        formula.write({"name": "Wages of Geneva", "notice_days": 60})

    def test_threshold_lets_the_change_add_up(self):
        self.formula.threshold = 5
        self._publish(290, month=date(2028, 1, 1))
        self._publish(297, month=date(2028, 1, 1), series=self._create_index("X").series_ids)
        first = self._simulate()
        self.assertEqual(first.line_ids.outcome, "unchanged")
        self.assertIn("threshold", first.line_ids.explanation)
        self._publish_later(310, date(2028, 6, 1))
        line = self._simulate(on=date(2028, 6, 1)).line_ids
        self.assertEqual((line.outcome, line.coefficient), ("revised", 1.092))

    def test_origin_and_chained(self):
        chained = self._create_formula(
            name="Chained", base_mode="chained", is_capped=True, cap=2, fixed_part=0.15
        )
        capped = self._create_formula(name="Origin", is_capped=True, cap=2)
        contracts = [
            self._create_indexed_contract(1000, formula=formula) for formula in (chained, capped)
        ]
        self._publish(300, month=date(2028, 1, 1))
        self._publish_later(300, date(2028, 7, 1))
        both = contracts[0] | contracts[1]
        self._simulate(contracts=both).action_approve()
        self._simulate(on=date(2028, 7, 1), contracts=both).action_approve()
        prices = [contract.coverage_ids.price_ids.sorted("date_start") for contract in contracts]
        # What the cap cut off is lost when chained; from the origin it is found again.
        self.assertEqual(prices[0].mapped("yearly"), [1000, 1020])
        self.assertEqual(prices[1].mapped("yearly"), [1000, 1020, 1040.4])

    def test_expired_and_future_coverages_are_left_alone(self):
        """OCA/contract#467: expired lines were revised."""
        self._publish(294.6, month=date(2028, 1, 1))
        ended = self._create_indexed_contract(500, date_start=date(2027, 1, 1))
        ended.coverage_ids.sudo().date_end = date(2027, 12, 31)
        revision = self._simulate(contracts=self.contract | ended)
        self.assertEqual(revision.line_ids.coverage_id, self.coverage)
        with self.assertRaisesRegex(UserError, "Contracts"):
            self._simulate(on=date(2027, 1, 1))

    def test_an_amended_price_follows_from_its_own_day(self):
        self._publish(290, month=date(2027, 7, 1))
        self._publish(294.6, month=date(2028, 1, 1))
        self.coverage._set_price(date(2027, 7, 1), 2000, "amendment")
        line = self._simulate().line_ids
        self.assertEqual((line.price_before, line.coefficient), (2000, 1.014))

    def test_a_new_series_is_linked(self):
        newer = self.env["maintenance.price.index.series"].create(
            {"index_id": self.index.id, "name": "2025 = 100", "sequence": 20, "link": 0.5}
        )
        self._publish(147.3, month=date(2028, 1, 1), series=newer)
        self.assertEqual(self._simulate().line_ids.price_after, 1846.52)

    def test_revised_contract_keeps_its_clause(self):
        self._publish(294.6, month=date(2028, 1, 1))
        self._simulate().action_approve()
        other = self._create_formula(name="Other")
        manager = self.contract.with_user(self.manager)
        for action in (
            lambda: manager.write({"price_formula_id": other.id}),
            lambda: manager.price_base_ids.write({"value": 270}),
            lambda: manager.price_base_ids.unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                action()

    def test_only_contract_managers_approve(self):
        self._publish(294.6, month=date(2028, 1, 1))
        revision = self._simulate()
        for user in (self.accountant, self.dispatcher, self.technician, self.paris_manager):
            for action in ("action_approve", "action_simulate"):
                with self.subTest(user=user.login, action=action), self.assertRaises(AccessError):
                    getattr(revision.with_user(user), action)()
        with self.assertRaises(AccessError):
            revision.write({"state": "approved"})
        with self.assertRaises(AccessError):
            revision.line_ids.write({"price_after": 1})

    def test_letter_is_in_the_language_of_the_customer(self):
        self.customer.lang = "fr_FR"
        self._publish(294.6, month=date(2028, 1, 1))
        revision = self._simulate()
        report = self.env.ref("maintenance_contract.action_report_price_letter")
        html, _kind = report.with_user(self.manager)._render_qweb_html(report, revision.ids)
        text = html.decode()
        self.assertIn("Brouillon", text)
        for part in (self.contract.name, "Machine 1", "294,6", "janvier 2028", "P0 * (0.15"):
            self.assertIn(part, text)
        revision.action_approve()
        html, _kind = report.with_user(self.manager)._render_qweb_html(report, revision.ids)
        self.assertNotIn("Brouillon", html.decode())

    def test_history_has_its_graph(self):
        self.coverage._set_price(date(2028, 1, 1), 2000, "amendment")
        action = self.coverage.with_user(self.manager).action_view_prices()
        prices = self.env[action["res_model"]].with_user(self.manager)
        # What the graph asks for; without an aggregator of its measure it does not open.
        self.assertEqual(prices.fields_get(["yearly"])["yearly"]["aggregator"], "avg")
        points = prices.formatted_read_group(
            action["domain"], ["date_start:month", "coverage_id"], ["yearly:avg"]
        )
        self.assertEqual([point["yearly:avg"] for point in points], [1767, 2000])
        with self.assertRaises(AccessError):
            self.coverage.with_user(self.technician).action_view_prices()
