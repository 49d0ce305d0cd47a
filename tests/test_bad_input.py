import json
import re
from datetime import date, datetime, time, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon

NOT_NUMBERS = ("NaN", "Infinity", "-Infinity")


class BadInputCommon(MaintenanceCommon):
    """A contract with one coverage, in draft, and what refusing something means."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.equipment = cls._create_equipment()
        cls.contract = cls._create_contract(cls.equipment).with_user(cls.manager)
        cls.coverage = cls.contract.coverage_ids


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestBadInput(BadInputCommon):
    """A clear error naming the field; nothing is written."""

    def test_periodicity_of_zero_or_less(self):
        plan = self.plan.with_user(self.administrator)
        for count in (0, -1):
            self.assertRefused("Every", plan.write, {"interval_count": count})
            self.assertRefused(
                "Visits per Contract Year", plan.write, {"rule_kind": "per_year", "per_year": count}
            )
            self.assertRefused(
                r"Every \(Months\)",
                plan.write,
                {"rule_kind": "nth_weekday", "every_months": count},
            )
        self.assertEqual(plan.interval_count, 12)

    def test_billing_periodicity_that_is_none(self):
        for months in (0, -1, 1.5, 10**9):
            self.assertRefused(
                "Months Per Invoice",
                self.contract.write,
                {"billing_period": "months", "billing_months": months},
            )
        self.assertEqual(self.contract.billing_months, 12)

    def test_list_of_dates_without_any(self):
        plan = self.plan.with_user(self.administrator)
        self.assertRefused("Dates", plan.write, {"rule_kind": "dates"})

    def test_mode_that_the_periodicity_cannot_follow(self):
        plan = self.plan.with_user(self.administrator)
        self.assertRefused("Mode", plan.write, {"rule_kind": "iso_week", "mode": "floating"})

    def test_end_before_start(self):
        self.assertRefused("End", self.coverage.write, {"date_end": date(2027, 2, 28)})
        self.assertRefused("Start", self.coverage.write, {"date_start": date(2027, 2, 28)})
        self.assertRefused("Term", self.contract.write, {"term_months": 0})
        self.assertEqual(self.coverage.date_start, date(2027, 3, 1))
        self.assertEqual(self.coverage.date_end, date(2029, 2, 28))

    def test_first_visit_outside_the_days_covered(self):
        for day in (date(2027, 2, 28), date(2029, 3, 1)):
            self.assertRefused("First Visit Date", self.coverage.write, {"first_visit_date": day})

    def test_last_day_before_the_start_of_the_contract(self):
        contract = self._create_contract(self.equipment, state="active").with_user(self.manager)
        wizard = self.env["maintenance.termination"].with_user(self.manager)
        wizard = wizard.create(
            {"contract_id": contract.id, "last_day": date(2027, 2, 28), "reason": "typing error"}
        )
        self.assertRefused("Last Day", wizard.action_terminate, error=UserError)
        self.assertEqual(contract.state, "active")
        self.assertFalse(contract.date_terminated)

    def _plan_on(self, visit, day):
        start = datetime.combine(day, time(8))
        self.env["maintenance.visit.planning"].with_user(self.dispatcher).create(
            {
                "visit_ids": [Command.set(visit.ids)],
                "technician_ids": [Command.set(self.technician.ids)],
                "start": start,
                "end": start + timedelta(hours=1),
            }
        )

    def test_forms_stand_absurd_dates(self):
        """A form computes on what is typed before anything can be refused."""
        for day in (date(1, 1, 1), date(9999, 12, 31)):
            for record, name in (
                (self.contract, "date_start"),
                (self.coverage, "date_start"),
                (self.env["maintenance.visit"].with_user(self.dispatcher), "nominal_date"),
            ):
                with self.subTest(model=record._name, day=day):
                    form = Form(record)
                    form[name] = day
                    self.assertEqual(form[name], day)

    def test_dates_outside_the_calendar(self):
        """1989 and 2101 are typing errors, wherever they are typed, and so are the ends of time."""
        visit = self._create_contract(self.equipment, state="active").visit_ids[0]
        by_hand = visit.with_user(self.dispatcher).create({"equipment_id": self.equipment.id})
        plan_date = self.env["maintenance.visit.plan.date"].with_user(self.administrator)
        wizard = self.env["maintenance.termination"].with_user(self.manager)
        visits = by_hand.browse()
        for day in (
            date(1989, 12, 31),
            date(2101, 1, 1),
            date(206, 1, 1),
            date(1, 1, 1),
            date(9999, 12, 31),
        ):
            self.assertRefused("Start", self.contract.write, {"date_start": day})
            self.assertRefused("Start", self.coverage.write, {"date_start": day, "date_end": False})
            self.assertRefused("First Visit", self.coverage.write, {"first_visit_date": day})
            self.assertRefused("Nominal Date", by_hand.write, {"nominal_date": day})
            self.assertRefused(
                "Nominal Date",
                visits.create,
                {"equipment_id": self.equipment.id, "nominal_date": day},
            )
            self.assertRefused("Start", self._plan_on, by_hand, day)
            self.assertRefused("Date", plan_date.create, {"plan_id": self.plan.id, "date": day})
            for name, label in (
                ("purchase_date", "Purchase Date"),
                ("delivery_date", "Delivery Date"),
                ("commissioning_date", "Commissioning Date"),
            ):
                self.assertRefused(label, self.equipment.with_user(self.manager).write, {name: day})
            termination = wizard.create(
                {"coverage_ids": visit.coverage_id.ids, "last_day": day, "reason": "typing error"}
            )
            self.assertRefused("Last Day", termination.action_terminate)
        self.assertEqual(self.contract.date_start, date(2027, 3, 1))
        self.assertEqual(visit.nominal_date, date(2027, 3, 1))

    def test_term_that_leaves_the_calendar(self):
        self.assertRefused("End", self.contract.write, {"term_months": 1200})

    def test_equipment_of_another_company(self):
        other = self._create_equipment(company_id=self.paris.id)
        self.assertRefused(
            "Equipment",
            self.contract.sudo().write,
            {"coverage_ids": [Command.create({"equipment_id": other.id})]},
            error=UserError,
        )
        self.assertEqual(self.contract.coverage_count, 1)

    def test_equipment_of_another_customer(self):
        other = self._create_equipment(
            customer_id=self.other_customer.id, site_id=self.other_customer.id
        )
        self.assertRefused(
            f"Equipment.*{self.other_customer.name}",
            self.contract.write,
            {"coverage_ids": [Command.create({"equipment_id": other.id})]},
        )
        self.assertRefused(
            "Equipment",
            self.contract.write,
            {"partner_id": self.other_customer.id, "site_ids": [Command.clear()]},
        )
        self.assertEqual(self.contract.coverage_ids.equipment_id, self.equipment)
        self.assertEqual(self.contract.partner_id, self.customer)

    def test_percents_outside_0_to_100(self):
        """The message of the form comes before that of the database."""
        warranty_type = self.warranty_type.with_user(self.administrator)
        for percent in (-0.01, 100.01, 1e30):
            for name, label in (
                ("parts_percent", r"Parts Covered \(%\)"),
                ("labour_percent", r"Labour Covered \(%\)"),
                ("travel_percent", r"Travel Covered \(%\)"),
            ):
                self.assertRefused(label, warranty_type.write, {name: percent})
        plan = self.plan.with_user(self.administrator)
        for percent in (-1, 101):
            self.assertRefused("Shift When Late", plan.write, {"late_percent": percent})
            self.assertRefused("Shift When Early", plan.write, {"early_percent": percent})
        self.assertEqual(warranty_type.parts_percent, 100)

    def test_negative_numbers(self):
        plan = self.plan.with_user(self.administrator)
        for name, label in (
            ("window_before", "Window Before"),
            ("window_after", "Window After"),
            ("horizon_days", "Horizon"),
            ("tolerance_days", "Tolerance"),
            ("spacing_days", "Days Between Two Visits"),
            ("duration", "Expected Duration"),
        ):
            self.assertRefused(label, plan.write, {name: -1})
        self.assertRefused("Yearly Price", self.coverage.write, {"price": -1})
        self.assertRefused("Notice", self.contract.write, {"notice_months": -1})
        self.assertRefused(
            "Nesting Window",
            self.warranty_type.with_user(self.administrator).write,
            {"nesting_days": -1},
        )

    def test_calendar_without_opening_hours(self):
        closed = self.env["resource.calendar"].create(
            {"name": "Never", "company_id": self.geneva.id, "attendance_ids": [Command.clear()]}
        )
        self.assertRefused(
            "Working Calendar.*Never", self.contract.write, {"calendar_id": closed.id}
        )
        # The hours may also be taken away later.
        self.contract.action_offer()
        self.contract.action_accept()
        self.calendar.attendance_ids.unlink()
        self.assertRefused("Working Calendar", self.contract.action_activate)
        self.assertEqual(self.contract.state, "accepted")
        self.assertFalse(self.contract.visit_ids)

    def test_group_with_two_sites(self):
        group = self.env["maintenance.visit.group"].create(
            {"name": "Meyrin", "site_id": self.site.id}
        )
        elsewhere = self._create_equipment("Mill", site_id=self.site_2.id)
        self.coverage.visit_group_id = group
        self.assertRefused(
            "Visit Group.*Mill",
            self.contract.write,
            {
                "coverage_ids": [
                    Command.create({"equipment_id": elsewhere.id, "visit_group_id": group.id})
                ]
            },
        )
        self.assertRefused(
            "Visit Group", group.with_user(self.dispatcher).write, {"site_id": self.site_2.id}
        )
        self.assertEqual(group.coverage_ids, self.coverage.sudo(False))

    def test_activation_without_equipment(self):
        contract = self._create_contract(state="accepted").with_user(self.manager)
        self.assertRefused("Covered Equipment", contract.action_activate, error=UserError)
        self.assertEqual(contract.state, "accepted")

    def test_steps_out_of_order(self):
        self.assertRefused(self.contract.name, self.contract.action_activate, error=UserError)
        self.assertRefused(self.contract.name, self.coverage.action_validate, error=UserError)
        self.contract.action_offer()
        self.assertRefused(self.contract.name, self.contract.action_offer, error=UserError)

    def test_what_was_agreed_is_not_rewritten(self):
        self.contract.action_offer()
        self.contract.action_accept()
        self.contract.action_activate()
        for vals in (
            {"equipment_id": self._create_equipment("Mill").id},
            {"date_start": date(2027, 4, 1)},
            {"first_visit_date": date(2027, 4, 1)},
            {"warranty_type_id": self._create_warranty_type().id},
        ):
            self.assertRefused("validated", self.coverage.write, vals, error=UserError)
        self.assertRefused(
            "Periodicity",
            self.plan.with_user(self.administrator).write,
            {"interval_count": 6},
            error=UserError,
        )
        self.assertRefused("validated", self.coverage.unlink, error=UserError)
        self.assertRefused("accepted", self.contract.unlink, error=UserError)


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestGuardedFields(BadInputCommon):
    """The right to write on a record is not the right to jump to any of its states."""

    def test_guarded_fields_are_moved_by_actions_only(self):
        visit = self._create_contract(self.equipment, state="active").visit_ids[0]
        visit.with_user(self.dispatcher)._open_interventions(
            "2027-03-01 07:00:00", "2027-03-01 09:00:00", self.technician
        )
        intervention = visit.intervention_id
        for record, user in (
            (self.contract, self.administrator),
            (self.coverage, self.administrator),
            (visit, self.administrator),
            (intervention, self.administrator),
            (intervention.line_ids, self.administrator),
            (visit, self.technician),
            (intervention, self.technician),
        ):
            record = record.with_user(user)
            for name in record._get_guarded_fields():
                with self.subTest(model=record._name, field=name, user=user.login):
                    label = record._fields[name]._description_string(record.env)
                    self.assertRefused(label, record.write, {name: record[name]}, error=AccessError)

    def test_guarded_fields_are_not_given_at_creation(self):
        for values in ({"state": "active"}, {"date_terminated": "2027-01-01"}):
            self.assertRefused(
                "buttons",
                self.contract.copy,
                values,
                error=AccessError,
            )


@tagged("post_install", "-at_install")
class TestNotNumbers(BadInputCommon, HttpCase):
    """JSON lets NaN and Infinity in, and PostgreSQL would store them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cell = cls.tier.cell_ids[:1]
        cell.write({"kind": "quantity", "quantity": 2})
        visit = cls.env["maintenance.visit"].create({"equipment_id": cls.equipment.id})
        target = cls.env["maintenance.sla.target"].create(
            {"policy_id": cls.env["maintenance.sla.policy"].create({"name": "Test policy"}).id}
        )
        fee = cls.env["maintenance.fee"].create(
            {
                "contract_id": cls.contract.id,
                "product_id": cls.geneva._get_billing_product().id,
                "price_unit": 80,
            }
        )
        amendment = cls.env["maintenance.amendment"].create(
            {
                "contract_id": cls.contract.id,
                "subject": "Test amendment",
                "date": cls.contract.date_start,
                "line_ids": [Command.create({"kind": "remove", "coverage_id": cls.coverage.id})],
            }
        )
        inventory = cls.env["maintenance.inventory"].create(
            {"partner_id": cls.customer.id, "line_ids": [Command.create({"name": "Lathe"})]}
        )
        renewal = cls.env["maintenance.renewal"].create({"contract_id": cls.contract.id})
        # Its lines are computed once: those of a contract without new prices are none.
        renewal.flush_recordset()
        renewal_line = cls.env["maintenance.renewal.line"].create(
            {"renewal_id": renewal.id, "coverage_id": cls.coverage.id}
        )
        records = (
            renewal_line,
            *(cls.contract, cls.coverage, cls.plan, cls.warranty_type, cell, visit, target, fee),
            *(amendment.line_ids, inventory.line_ids, *cls._create_price_records()),
        )
        cls.records = {record._name: record for record in records}

    @classmethod
    def _create_price_records(cls):
        index = cls.env["maintenance.price.index"].create(
            {
                "name": "Test wages",
                "code": "TESTWAGES",
                "series_ids": [Command.create({"name": "2015 = 100"})],
            }
        )
        formula = cls.env["maintenance.price.formula"].create(
            {
                "name": "Test formula",
                "fixed_part": 0.15,
                "term_ids": [Command.create({"index_id": index.id, "weight": 0.85})],
            }
        )
        value = cls.env["maintenance.price.index.value"].create(
            {"series_id": index.series_ids.id, "month": "2020-01-01", "value": 104.2}
        )
        base = cls.env["maintenance.price.base"].create(
            {"contract_id": cls.contract.id, "series_id": index.series_ids.id, "value": 104.2}
        )
        return index.series_ids, formula, formula.term_ids, value, base

    def _get_writable_numbers(self, *types):
        """All numbers of this addon that a user may write, of these types."""
        return [
            (model_name, name)
            for model_name, model in self.registry.items()
            if not model._abstract
            for name, field in model._fields.items()
            if field.type in types
            and "maintenance_contract" in field._modules
            and not field.readonly
        ]

    def test_not_a_number_is_refused_everywhere(self):
        numbers = self._get_writable_numbers("float", "monetary")
        self.assertIn(("maintenance.coverage", "price"), numbers)
        self.authenticate("mc_admin", "mc_admin")
        for model_name, name in numbers:
            record = self.records[model_name]
            before = record.sudo()[name]
            label = record._fields[name]._description_string(self.env)
            for value in NOT_NUMBERS:
                with self.subTest(model=model_name, field=name, value=value):
                    error = self._write_over_http(record, name, value)
                    self.assertIn("ValidationError", error["data"]["name"])
                    self.assertIn(label, error["data"]["message"])
                    record.invalidate_recordset()
                    self.assertEqual(record.sudo()[name], before)

    def test_numbers_of_absurd_size_are_refused_everywhere(self):
        """On creation too, where the database would speak first, and as texts."""
        numbers = self._get_writable_numbers("integer", "float", "monetary")
        self.assertIn(("maintenance.sla.warning", "percent"), numbers)
        for model_name, name in numbers:
            model = self.env[model_name].with_user(self.administrator)
            if model._transient:
                continue
            label = re.escape(model._fields[name]._description_string(self.env))
            for value in (1e16, -1e16, 10**400, str(10**16), "nan"):
                with self.subTest(model=model_name, field=name, value=value):
                    self.assertRefused(label, model.create, {name: value})

    def test_delays_out_of_range_are_refused_by_name(self):
        policy = self.env["maintenance.sla.policy"].search([], limit=1)
        targets = self.env["maintenance.sla.target"].with_user(self.administrator)
        values = {"policy_id": policy.id, "kind": "report"}
        for amount in (-1, -0.01, 87_661, 200_000, 1e30):
            for unit in ("open_hours", "working_days_close"):
                self.assertRefused(
                    "^Delay: give a number from 0 to 87660",
                    targets.create,
                    {**values, "unit": unit, "amount": amount},
                )
        self.assertRefused(
            "^Delay: give a number from 0 to 3660",
            targets.create,
            {**values, "unit": "working_days_close", "amount": 3661},
        )

    @mute_logger("odoo.http", "odoo.sql_db")
    def _write_over_http(self, record, name, value):
        # Written by hand: a well-behaved client would not send it.
        payload = json.dumps(
            {
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": record._name,
                    "method": "write",
                    "args": [record.ids, {name: "VALUE"}],
                    "kwargs": {},
                },
            }
        ).replace('"VALUE"', value)
        response = self.url_open(
            f"/web/dataset/call_kw/{record._name}/write",
            data=payload,
            headers={"Content-Type": "application/json"},
        )
        return response.json()["error"]
