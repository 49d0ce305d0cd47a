from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import ExclusionViolation, UniqueViolation
from pytz import timezone

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.maintenance_contract.models.preventive import coverage as coverage_module
from odoo.addons.maintenance_contract.models.preventive import (
    coverage_schedule as schedule_module,
)

from .common import MaintenanceCommon

MONTHLY = {"name": "Monthly", "interval_count": 1, "interval_unit": "month"}
QUARTERLY = {"name": "Quarterly", "interval_count": 3, "interval_unit": "month"}


class GenerationCommon(MaintenanceCommon):
    """Coverages under contract, validated by the contract manager."""

    @classmethod
    def _create_coverage(cls, *plans, start=date(2027, 3, 1), months=12, **values):
        """Draft coverage of a new press, under an accepted contract of its own."""
        contract = cls._create_contract(
            cls._create_equipment(),
            state="accepted",
            date_start=start,
            term_months=months,
            warranty_type_id=(cls._create_warranty_type(*plans) if plans else cls.warranty_type).id,
            **values,
        )
        return contract.coverage_ids.with_user(cls.manager)

    @classmethod
    def _validate(cls, *plans, **values):
        coverage = cls._create_coverage(*plans, **values)
        coverage.contract_id.action_activate()
        return coverage

    def assertNominal(self, coverage, *days):
        """The coverage has visits, not cancelled, aimed at these days and no others."""
        visits = coverage.visit_ids.filtered(lambda visit: visit.state != "cancelled")
        self.assertEqual(visits.mapped("nominal_date"), [date(*day) for day in days])

    def _run_generation(self):
        with self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_generate_visits").method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestGeneration(GenerationCommon):
    """Validating a coverage creates the visits of its whole term, once."""

    def test_month_ends_do_not_drift(self):
        """A monthly series from 31 January finds the 31st again after February."""
        coverage = self._validate(MONTHLY, start=date(2027, 1, 31), months=4)
        self.assertNominal(coverage, (2027, 1, 31), (2027, 2, 28), (2027, 3, 31), (2027, 4, 30))

    def test_leap_day_comes_back(self):
        coverage = self._validate(
            {"interval_count": 1, "interval_unit": "year"}, start=date(2028, 2, 29), months=60
        )
        self.assertNominal(
            coverage, (2028, 2, 29), (2029, 2, 28), (2030, 2, 28), (2031, 2, 28), (2032, 2, 29)
        )

    def test_visits_copy_the_coverage(self):
        coverage = self._create_coverage(QUARTERLY)
        group = self.env["maintenance.visit.group"].create(
            {"name": "Meyrin", "site_id": self.site.id}
        )
        coverage.visit_group_id = group
        coverage.contract_id.action_activate()
        self.assertRecordValues(
            coverage.visit_ids[2:],
            [
                {
                    "company_id": self.geneva.id,
                    "contract_id": coverage.contract_id.id,
                    "equipment_id": coverage.equipment_id.id,
                    "customer_id": self.customer.id,
                    "site_id": self.site.id,
                    "group_id": group.id,
                    "rank": rank,
                    "contract_year": 1,
                    "series_date": day,
                    "nominal_date": day,
                    "proposed_date": day,
                    "earliest_date": day - timedelta(days=15),
                    "latest_date": day + timedelta(days=30),
                    "to_plan_date": day - timedelta(days=60),
                    "duration": 3.0,
                    "state": "upcoming",
                    "create_uid": self.manager.id,
                }
                for rank, day in ((2, date(2027, 9, 1)), (3, date(2027, 12, 1)))
            ],
        )
        self.assertEqual(coverage.contract_id.visit_count, 4)

    def test_validating_twice_gives_the_same_visits(self):
        coverage = self._validate(MONTHLY)
        visits = coverage.visit_ids
        self.assertEqual(len(visits), 12)
        coverage.action_validate()
        self._run_generation()
        self.assertEqual(coverage.visit_ids, visits)

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_second_visit_of_a_rank(self):
        coverage = self._validate(MONTHLY)
        with self.assertRaises(UniqueViolation):
            coverage.visit_ids[0].sudo().copy(
                {"plan_id": coverage.visit_ids[0].plan_id.id, "rank": 1, "coverage_id": coverage.id}
            )

    def test_ending_early_cancels_the_visits_after_the_end(self):
        coverage = self._validate(MONTHLY)
        coverage._end(date(2027, 5, 1), "sold")
        self.assertNominal(coverage, (2027, 3, 1), (2027, 4, 1), (2027, 5, 1))
        self.assertEqual(coverage.date_end, date(2027, 5, 1))
        coverage.action_validate()
        self._run_generation()
        self.assertNominal(coverage, (2027, 3, 1), (2027, 4, 1), (2027, 5, 1))

    def test_ending_before_the_start_cancels_all(self):
        coverage = self._validate(MONTHLY)
        coverage._end(date(2027, 2, 28), "never delivered")
        self.assertEqual(coverage.state, "cancelled")
        self.assertNominal(coverage)

    def test_ending_keeps_the_visits_already_planned(self):
        coverage = self._validate(MONTHLY)
        visit = coverage.visit_ids[5].with_user(self.dispatcher)
        visit._open_interventions(datetime(2027, 8, 2, 7), datetime(2027, 8, 2, 9), self.technician)
        coverage._end(date(2027, 3, 31), "sold")
        self.assertEqual(visit.state, "planned", "the dispatcher decides what was agreed")

    def test_end_is_not_brought_forward_by_a_plain_write(self):
        """The button cancels the visits after the end; a write would leave them promised."""
        coverage = self._validate(MONTHLY)
        with self.assertRaisesRegex(UserError, "End"):
            coverage.date_end = date(2027, 5, 1)

    def test_annual_visit_swallows_the_quarterly_one(self):
        coverage = self._validate(QUARTERLY, {"name": "Annual", "package": 2})
        annual, second, third, fourth = coverage.visit_ids
        self.assertNominal(coverage, (2027, 3, 1), (2027, 6, 1), (2027, 9, 1), (2027, 12, 1))
        self.assertEqual(annual.plan_id.name, "Annual")
        self.assertEqual((second | third | fourth).plan_id.name, "Quarterly")
        self.assertRecordValues(
            annual.nested_ids,
            [{"plan_id": second.plan_id.id, "rank": 0, "coverage_id": coverage.id}],
        )
        coverage.action_validate()
        self.assertEqual(len(coverage.visit_ids), 4, "what is contained has its place")

    def test_closed_days_of_the_canton(self):
        """On a public holiday of Geneva the visit moves to the next open day, the series not."""
        self.calendar.holiday_country_id = self.env.ref("base.ch")
        self.calendar.holiday_subdivision_id = self.env.ref("base.state_ch_ge")
        self.calendar.action_load_holidays()
        # The Jeûne genevois is the Thursday after the first Sunday of September.
        coverage = self._validate(
            {**MONTHLY, "closed_day_rule": "next"}, start=date(2027, 8, 9), months=3
        )
        self.assertNominal(coverage, (2027, 8, 9), (2027, 9, 10), (2027, 10, 11))
        self.assertEqual(
            coverage.visit_ids.mapped("series_date"),
            [date(2027, 8, 9), date(2027, 9, 9), date(2027, 10, 9)],
        )
        for rule, day in (("previous", (2027, 9, 8)), ("keep", (2027, 9, 9))):
            other = self._validate(
                {**MONTHLY, "closed_day_rule": rule}, start=date(2027, 9, 9), months=1
            )
            # The day before is outside the days covered: the next one is taken.
            expected = (2027, 9, 10) if rule == "previous" else day
            self.assertNominal(other, expected)
        self.assertNominal(
            self._validate({**MONTHLY, "closed_day_rule": "skip"}, start=date(2027, 9, 9), months=2)
        )

    def test_other_company_has_its_own_calendar(self):
        """14 July closes Paris, not Geneva."""
        (self.paris.resource_calendar_id | self.calendar).holiday_country_id = False
        self.paris.resource_calendar_id.holiday_country_id = self.env.ref("base.fr")
        self.paris.resource_calendar_id.action_load_holidays()
        plan = {**MONTHLY, "closed_day_rule": "next"}
        env = self.env(context={**self.env.context, "allowed_company_ids": self.paris.ids})
        customer = env["res.partner"].create({"name": "Client parisien", "is_company": True})
        equipment = env["maintenance.equipment"].create(
            {"name": "Presse", "customer_id": customer.id, "company_id": self.paris.id}
        )
        contract = (
            env["maintenance.contract"]
            .create(
                {
                    "company_id": self.paris.id,
                    "partner_id": customer.id,
                    "user_id": self.paris_manager.id,
                    "warranty_type_id": self._create_warranty_type(plan).id,
                    "date_start": date(2027, 7, 14),
                    "term_months": 1,
                    "coverage_ids": [(0, 0, {"equipment_id": equipment.id})],
                }
            )
            .with_user(self.paris_manager)
        )
        contract.action_offer()
        contract.action_accept()
        contract.action_activate()
        self.assertEqual(contract.visit_ids.nominal_date, date(2027, 7, 15))
        self.assertEqual(contract.visit_ids.company_id, self.paris)
        geneva = self._validate(plan, start=date(2027, 7, 14), months=1)
        self.assertNominal(geneva, (2027, 7, 14))

    def test_two_steps_give_what_one_gives(self):
        """A coverage extended later has the visits it would have had from the start."""
        at_once = self._validate(MONTHLY, QUARTERLY | {"package": 2}, months=24)
        in_steps = self._validate(MONTHLY, QUARTERLY | {"package": 2}, months=24)
        # Forget the second half, as if it had never been created.
        later = in_steps.sudo().visit_ids.filtered(lambda v: v.nominal_date > date(2027, 10, 20))
        self.env.cr.execute("DELETE FROM maintenance_visit WHERE id IN %s", [later._ids])
        self.env.invalidate_all()
        in_steps.action_validate()
        self.assertEqual(
            self._describe(in_steps), self._describe(at_once), "neither gap nor repetition"
        )

    @staticmethod
    def _describe(coverage):
        return [
            (
                visit.plan_id.name,
                visit.rank,
                visit.nominal_date,
                [(nested.plan_id.name, nested.rank) for nested in visit.nested_ids],
            )
            for visit in coverage.visit_ids.sorted(lambda v: (v.nominal_date, v.plan_id.name))
        ]


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestOverlap(GenerationCommon):
    """An equipment has one contract and one warranty at a time."""

    def _validate_other(self, equipment, **values):
        contract = self._create_contract(equipment, state="accepted", **values)
        contract.with_user(self.manager).action_activate()
        return contract

    def test_second_contract_is_refused_by_name(self):
        first = self._validate()
        with self.assertRaisesRegex(ValidationError, f"Equipment.*{first.contract_id.name}"):
            self._validate_other(first.equipment_id, date_start=date(2028, 2, 29))

    def test_contract_may_follow_the_other(self):
        first = self._validate()
        contract = self._validate_other(first.equipment_id, date_start=date(2028, 3, 1))
        self.assertEqual(contract.coverage_ids.state, "validated")

    def test_contract_and_warranty_may_run_together(self):
        first = self._validate()
        warranty = self.env["maintenance.coverage"].create(
            {
                "equipment_id": first.equipment_id.id,
                "warranty_type_id": self.warranty_type.id,
                "date_start": date(2027, 3, 1),
            }
        )
        warranty.with_user(self.manager).action_validate()
        self.assertEqual(warranty.kind, "warranty")
        self.assertEqual(warranty.state, "validated")

    @mute_logger("odoo.sql_db")
    def test_database_refuses_what_python_did_not_see(self):
        """Two servers may both see nothing: the constraint has the last word."""
        first = self._validate()
        second = self._create_contract(first.equipment_id, state="accepted").coverage_ids
        self.env.flush_all()
        with self.assertRaises(ExclusionViolation):
            self.env.cr.execute(
                "UPDATE maintenance_coverage SET state = 'validated' WHERE id = %s", [second.id]
            )


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestOpenEnd(GenerationCommon):
    """A contract renewed tacitly keeps its visits two years ahead."""

    def test_tacit_contract_is_extended_month_by_month(self):
        coverage = self._validate(QUARTERLY, renewal="tacit", start=date(2027, 1, 15))
        self.assertFalse(coverage.date_end)
        self.assertEqual(coverage.visits_until, date(2029, 1, 31))
        self.assertEqual(max(coverage.visit_ids.mapped("nominal_date")), date(2029, 1, 15))
        self._run_generation()
        self.assertEqual(len(coverage.visit_ids), 9, "nothing to do in the same month")
        with freeze_time("2027-04-02 01:00:00"):
            self._run_generation()
        self.assertEqual(coverage.visits_until, date(2029, 4, 30))
        self.assertEqual(coverage.visit_ids[-1].nominal_date, date(2029, 4, 15))

    def test_visits_after_the_term_are_subject_to_renewal(self):
        coverage = self._validate(QUARTERLY, renewal="tacit", start=date(2027, 1, 15))
        flagged = coverage.visit_ids.filtered("is_subject_to_renewal")
        self.assertEqual(min(flagged.mapped("nominal_date")), date(2028, 1, 15))
        self.assertEqual(len(flagged), 5)

    def test_termination_ends_what_was_open(self):
        coverage = self._validate(QUARTERLY, renewal="tacit", start=date(2027, 1, 15))
        coverage.contract_id._terminate(date(2028, 1, 14), "moved away")
        self.assertNominal(coverage, (2027, 1, 15), (2027, 4, 15), (2027, 7, 15), (2027, 10, 15))
        with freeze_time("2027-09-01 01:00:00"):
            self._run_generation()
        self.assertEqual(len(coverage.visit_ids), 9, "cancelled visits do not come back")


@tagged("post_install", "-at_install")
class TestShift(GenerationCommon):
    """What a visit done early or late does to the next ones."""

    def _done(self, visit, day):
        with freeze_time(datetime(*day, 10)):
            visit.with_user(self.technician).sudo()._mark_done(date(*day))

    @freeze_time("2027-01-04 08:00:00")
    def test_fixed_series_stays(self):
        coverage = self._validate(QUARTERLY)
        self._done(coverage.visit_ids[0], (2027, 3, 20))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 6, 1), (2027, 9, 1), (2027, 12, 1))

    @freeze_time("2027-01-04 08:00:00")
    def test_floating_series_starts_again_from_the_date_done(self):
        coverage = self._validate({**QUARTERLY, "mode": "floating"})
        self.assertEqual(coverage.visit_ids.mapped("is_provisional"), [False, True, True, True])
        self._done(coverage.visit_ids[0], (2027, 4, 10))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 7, 10), (2027, 10, 10), (2028, 1, 10))
        # Earlier than foreseen, one more fits in the term; the window follows the date.
        self._done(coverage.visit_ids[1], (2027, 5, 20))
        self.assertNominal(
            coverage, (2027, 3, 1), (2027, 7, 10), (2027, 8, 20), (2027, 11, 20), (2028, 2, 20)
        )
        self.assertEqual(coverage.visit_ids[2].earliest_date, date(2027, 8, 5))

    @freeze_time("2027-01-04 08:00:00")
    def test_floating_visit_that_leaves_the_term_is_not_promised_any_more(self):
        coverage = self._validate({**QUARTERLY, "mode": "floating"})
        self._done(coverage.visit_ids[0], (2027, 9, 15))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 12, 15))

    @freeze_time("2027-01-04 08:00:00")
    def test_partial_shift_moves_by_a_share_beyond_the_tolerance(self):
        plan = {**QUARTERLY, "mode": "partial", "late_percent": 50, "tolerance_days": 9}
        coverage = self._validate(plan)
        self._done(coverage.visit_ids[0], (2027, 3, 10))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 6, 1), (2027, 9, 1), (2027, 12, 1))
        self._done(coverage.visit_ids[1], (2027, 6, 15))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 6, 1), (2027, 9, 8), (2027, 12, 8))

    @freeze_time("2027-01-04 08:00:00")
    def test_planned_visit_keeps_the_date_agreed(self):
        coverage = self._validate({**QUARTERLY, "mode": "floating"})
        coverage.visit_ids[1].with_user(self.dispatcher)._open_interventions(
            datetime(2027, 6, 1, 7), datetime(2027, 6, 1, 9), self.technician
        )
        self._done(coverage.visit_ids[0], (2027, 3, 20))
        self.assertNominal(coverage, (2027, 3, 1), (2027, 6, 1), (2027, 9, 20), (2027, 12, 20))


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestManyCoverages(GenerationCommon):
    """Large contracts: batches, failures of one, and queries."""

    def _accept_many(self, count, *plans):
        equipment = [self._create_equipment(f"Press {number}") for number in range(count)]
        return self._create_contract(
            *equipment,
            state="accepted",
            warranty_type_id=self._create_warranty_type(*plans or (MONTHLY,)).id,
        ).with_user(self.manager)

    def test_large_contract_is_handed_over_to_the_cron(self):
        contract = self._accept_many(6)
        cron = self.env.ref("maintenance_contract.ir_cron_generate_visits")
        with patch.object(coverage_module, "COVERAGES_AT_ONCE", 5):
            contract.action_activate()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(triggers.call_at, datetime(2027, 1, 4, 8), "the cron runs at once")
        self.assertFalse(contract.visit_ids)
        with patch.object(schedule_module, "COVERAGES_PER_BATCH", 4):
            self._run_generation()
        self.assertEqual(contract.visit_count, 6 * 24)

    def test_failing_coverage_is_isolated_with_its_reason(self):
        contract = self._accept_many(5)
        with patch.object(coverage_module, "COVERAGES_AT_ONCE", 0):
            contract.action_activate()
        poison = contract.coverage_ids[2]
        get_term = type(poison)._get_term

        def fail(coverage, horizon):
            if coverage == poison:
                raise ValueError("no such rule")
            return get_term(coverage, horizon)

        with (
            patch.object(type(poison), "_get_term", fail),
            mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
        ):
            self._run_generation()
            self._run_generation()
        self.assertEqual(poison.schedule_error, "no such rule")
        self.assertFalse(poison.visit_ids)
        self.assertEqual(contract.visit_count, 4 * 24)
        told = poison.message_ids.filtered(lambda message: "no such rule" in message.body)
        self.assertEqual(len(told), 1, "told once, not every night")
        self._run_generation()
        self.assertFalse(poison.schedule_error)
        self.assertEqual(contract.visit_count, 5 * 24)

    def test_group_is_dated_once_all_its_visits_exist(self):
        """Visits of equipment covered from different days are made on one day, batch or not."""
        contract = self._accept_many(4, {})
        group = self.env["maintenance.visit.group"].create(
            {"name": "Meyrin", "site_id": self.site.id}
        )
        coverages = contract.coverage_ids.sorted("id")
        coverages.visit_group_id = group
        for coverage, day in zip(coverages, (1, 4, 8, 12), strict=True):
            coverage.first_visit_date = date(2027, 3, day)
        with patch.object(coverage_module, "COVERAGES_AT_ONCE", 0):
            contract.action_activate()
        trips = []
        propose = type(group)._propose_dates

        def record(groups):
            trips.append(groups)
            return propose(groups)

        get_term, poison = type(coverages)._get_term, coverages[0]

        def fail(coverage, horizon):
            if coverage == poison:
                raise ValueError("no such rule")
            return get_term(coverage, horizon)

        with (
            patch.object(schedule_module, "COVERAGES_PER_BATCH", 1),
            patch.object(type(group), "_propose_dates", record),
            patch.object(type(coverages), "_get_term", fail),
            mute_logger("odoo.addons.maintenance_contract.models.core.batch"),
        ):
            self._run_generation()
        visits = contract.visit_ids.filtered(lambda visit: visit.rank == 0)
        self.assertEqual(visits.mapped("proposed_date"), [date(2027, 3, 8)] * 3)
        self.assertEqual([len(groups) for groups in trips], [0, 0, 1])

    def test_queries_do_not_grow_with_coverages(self):
        costs = []
        # The first one warms the caches.
        for count in (1, 10, 100):
            contract = self._accept_many(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contract.action_activate()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertAlmostEqual(costs[1], costs[2], delta=2)

    def test_dates_are_those_of_the_user(self):
        """On the evening of 31 January in UTC, it is February already in Geneva."""
        evening = timezone("Europe/Zurich").localize(datetime(2027, 2, 1, 0, 30))
        with freeze_time(evening.astimezone(timezone("UTC")).replace(tzinfo=None)):
            coverage = self._validate(MONTHLY, renewal="tacit", start=date(2027, 1, 15))
        self.assertEqual(coverage.visits_until, date(2029, 2, 28))
