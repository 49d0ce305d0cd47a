from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .life_common import LifeCommon

BATCH_LOG = "odoo.addons.maintenance_contract.models.core.batch"


@tagged("post_install", "-at_install")
@freeze_time("2027-06-01 08:00:00")
class TestTacitRenewal(LifeCommon):
    """A contract renewed tacitly gets one term more, for certain, once its notice has passed."""

    def test_first_term_comes_with_activation(self):
        contract = self._create_active("tacit")
        self.assertEqual(self._get_terms(contract), [(1, "2027-03-01", "2028-02-29", "initial")])

    def test_renewed_on_the_day_after_the_last_notice(self):
        """Notice until 29 November: on the 30th nobody can prevent the next year any more."""
        contract = self._create_active("tacit")
        self._run_cron("2027-11-29")
        self.assertEqual(len(contract.term_ids), 1)
        self._run_cron("2027-11-30")
        self._run_cron("2027-11-30")
        self.assertEqual(self._get_terms(contract)[1:], [(2, "2028-03-01", "2029-02-28", "tacit")])
        self.assertEqual(contract.term_ids[1].decided_on, date(2027, 11, 30))
        self.assertEqual(contract.date_end, date(2028, 2, 29), "the first term stays")
        self.assertEqual(contract.agreed_end, date(2029, 2, 28))
        self.assertEqual(contract.notice_date, date(2028, 11, 28))
        with freeze_time("2027-12-01"):
            self.assertEqual(contract.current_term_end, date(2028, 2, 29))
        told = contract.message_ids.filtered(lambda m: "Renewed tacitly until" in str(m.body))
        self.assertEqual(len(told), 1)

    def test_visits_of_the_next_term_are_certain_then(self):
        contract = self._create_active("tacit")
        visit = contract.visit_ids.filtered(lambda v: v.nominal_date == date(2028, 3, 1))
        self.assertTrue(visit.is_subject_to_renewal)
        self._run_cron("2027-11-30")
        self.assertFalse(visit.is_subject_to_renewal)

    def test_a_stop_of_two_years_is_made_up(self):
        """Every missed renewal has its row, and the dates do not drift from 29 February."""
        contract = self._create_active(
            "tacit", date_start=date(2024, 2, 29), term_months=36, renewal_months=12
        )
        self._run_cron("2029-01-15")
        self.assertEqual(
            self._get_terms(contract),
            [
                (1, "2024-02-29", "2027-02-27", "initial"),
                (2, "2027-02-28", "2028-02-28", "tacit"),
                (3, "2028-02-29", "2029-02-27", "tacit"),
                (4, "2029-02-28", "2030-02-27", "tacit"),
            ],
        )

    def test_month_ends_do_not_drift(self):
        """Monthly from 31 January: 28 February, then 31 March again (bad input 4)."""
        contract = self._create_active(
            "tacit", date_start=date(2027, 1, 31), term_months=1, notice_months=0
        )
        self._run_cron("2027-06-01")
        self.assertEqual(
            [start for _rank, start, _end, _origin in self._get_terms(contract)],
            ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"],
        )

    def test_at_the_end_of_the_year(self):
        contract = self._create_active("tacit", date_start=date(2027, 1, 1), notice_months=0)
        self._run_cron("2027-12-31")
        self.assertEqual(len(contract.term_ids), 1)
        self._run_cron("2028-01-01")
        self.assertEqual(self._get_terms(contract)[1][1:3], ("2028-01-01", "2028-12-31"))

    def test_each_company_by_its_own_day(self):
        """At 23:30 in UTC it is the next day in Geneva; a company in New York is not there yet."""
        contract = self._create_active("tacit")
        paris = self.env["maintenance.contract"].with_context(allowed_company_ids=self.paris.ids)
        self.paris.resource_calendar_id.tz = "America/New_York"
        other = paris.create(
            {
                "company_id": self.paris.id,
                "partner_id": self.other_customer.id,
                "date_start": date(2027, 3, 1),
                "renewal": "tacit",
                "warranty_type_id": self.warranty_type.id,
                "coverage_ids": [
                    Command.create(
                        {
                            "equipment_id": self._create_equipment(
                                "Robot",
                                company_id=self.paris.id,
                                customer_id=self.other_customer.id,
                                site_id=False,
                            ).id
                        }
                    )
                ],
            }
        )
        other.action_accept()
        other.action_activate()
        with freeze_time("2027-11-29 23:30:00"), self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_renew_contracts").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((len(contract.term_ids), len(other.term_ids)), (2, 1))

    def test_one_that_fails_does_not_stop_the_others(self):
        poison, other = (
            self._create_active("tacit", equipment=self._create_equipment(name))
            for name in ("Press", "Lathe")
        )
        add = type(poison)._add_term

        def fail(contract, *args):
            if contract == poison:
                raise ValueError("no way")
            return add(contract, *args)

        with patch.object(type(poison), "_add_term", fail), mute_logger(BATCH_LOG):
            self._run_cron("2027-12-01")
        self.assertEqual((len(poison.term_ids), len(other.term_ids)), (1, 2))
        self.assertTrue(poison.message_ids.filtered(lambda message: "no way" in str(message.body)))
        self._run_cron("2027-12-02")
        self.assertEqual(len(poison.term_ids), 2)

    def test_what_runs_to_its_term_ends(self):
        """Neither renewed nor tacit: the night closes it on the day after."""
        contract = self._create_active("express")
        self._run_cron("2028-03-01")
        self._run_cron("2028-02-29", "ir_cron_advance_visits")
        self.assertEqual(contract.state, "active")
        self._run_cron("2028-03-01", "ir_cron_advance_visits")
        self.assertEqual((contract.state, len(contract.term_ids)), ("ended", 1))

    def test_the_database_refuses_a_second_row(self):
        contract = self._create_active("tacit")
        values = contract.sudo().term_ids.copy_data()[0]
        terms = self.env["maintenance.contract.term"].sudo()
        for wrong in (
            {**values, "date_start": date(2030, 1, 1), "date_end": date(2030, 12, 31)},
            {**values, "rank": 2},
        ):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                terms.create(wrong)

    def test_terms_are_not_typed(self):
        contract = self._create_active("tacit")
        with self.assertRaises(AccessError):
            contract.term_ids.date_end = date(2040, 1, 1)
        with self.assertRaises(AccessError):
            contract.term_ids.unlink()


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 08:00:00")
class TestRenewalByAgreement(LifeCommon):
    """The customer agreed: one term more, and what is covered goes on."""

    def test_coverages_and_visits_go_on(self):
        contract = self._create_active("express")
        self.assertEqual(contract.coverage_ids.date_end, date(2028, 2, 29))
        wizard = self._open(contract.action_renew, months=24)
        self.assertEqual(
            (wizard.date_start, wizard.date_end), (date(2028, 3, 1), date(2030, 2, 28))
        )
        wizard.action_renew()
        self.assertEqual(
            self._get_terms(contract)[1:], [(2, "2028-03-01", "2030-02-28", "express")]
        )
        self.assertEqual(contract.coverage_ids.date_end, date(2030, 2, 28))
        self.assertEqual(
            contract.visit_ids.mapped("nominal_date"),
            [date(2027, 3, 1), date(2028, 3, 1), date(2029, 3, 1)],
        )
        self._run_cron("2028-03-01", "ir_cron_advance_visits")
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.term_ids[1].user_id, self.manager)

    def test_two_tabs_renew_once(self):
        """Bad input 26: the second one sees that it was done."""
        contract = self._create_active("express")
        first, second = (self._open(contract.action_renew) for _tab in range(2))
        first.action_renew()
        for wizard in (second, first):
            with self.assertRaisesRegex(UserError, "renewed already"):
                wizard.action_renew()
        self.assertEqual(len(contract.term_ids), 2)

    def test_an_agreement_signed_late(self):
        """Ended in the night, renewed in the week after: there is no gap."""
        contract = self._create_active("express")
        self._run_cron("2028-03-01", "ir_cron_advance_visits")
        self.assertEqual((contract.state, contract.coverage_ids.state), ("ended", "ended"))
        with freeze_time("2028-03-06 08:00:00"):
            self._open(contract.action_renew).action_renew()
        self.assertEqual((contract.state, contract.coverage_ids.state), ("active", "validated"))
        self.assertEqual(contract.coverage_ids.date_end, date(2029, 2, 28))
        self.assertEqual(len(contract.visit_ids), 2)

    def test_what_was_ended_before_stays_ended(self):
        """Before the end of the term, or with it: somebody decided that it does not go on."""
        names = ("Press", "Lathe", "Robot")
        equipment = [self._create_equipment(name) for name in names]
        contract = self._create_contract(
            *equipment, state="active", term_months=12, renewal="express"
        ).with_user(self.manager)
        coverages = {c.equipment_id.name: c for c in contract.coverage_ids}
        coverages["Lathe"]._end(date(2027, 12, 31), "Sold")
        coverages["Robot"]._end(date(2028, 2, 29), "Sold")
        self._open(contract.action_renew).action_renew()
        self.assertEqual(
            [coverages[name].date_end for name in names],
            [date(2029, 2, 28), date(2027, 12, 31), date(2028, 2, 29)],
        )

    def test_what_is_covered_elsewhere_is_left_out_and_told(self):
        press, lathe = (self._create_equipment(name) for name in ("Press", "Lathe"))
        contract = self._create_contract(
            press, lathe, state="active", term_months=12, renewal="express"
        ).with_user(self.manager)
        self._create_contract(lathe, state="active", date_start=date(2028, 6, 1))
        self._open(contract.action_renew).action_renew()
        ends = {c.equipment_id: c.date_end for c in contract.coverage_ids}
        self.assertEqual(ends, {press: date(2029, 2, 28), lathe: date(2028, 2, 29)})
        self.assertIn("Lathe", str(contract.message_ids[0].body))

    def test_months_are_a_term(self):
        contract = self._create_active("express")
        for wrong in (0, -12, 1201, 10**9):
            with self.subTest(wrong):
                self.assertRefused("Renew for", self._open, contract.action_renew, months=wrong)

    def test_not_beyond_2100(self):
        contract = self._create_active("express")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._open(contract.action_renew, months=1200).action_renew()

    def test_not_after_termination(self):
        contract = self._create_active("express")
        contract._terminate(date(2028, 2, 1), "Sold")
        with self.assertRaisesRegex(UserError, "ends on"):
            contract.action_renew()

    def test_only_a_manager_renews(self):
        contract = self._create_active("express")
        with self.assertRaises(AccessError):
            contract.with_user(self.dispatcher)._renew(12, contract.agreed_end)
        with self.assertRaises(AccessError):
            self.env["maintenance.renewal"].with_user(self.dispatcher).create(
                {"contract_id": contract.id}
            )


@tagged("post_install", "-at_install")
@freeze_time("2027-10-04 08:00:00")
class TestNotice(LifeCommon):
    """Notice ends a contract at the term for which it is in time."""

    def test_notice_in_time(self):
        contract = self._create_active("tacit")
        letter = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "letter.pdf", "raw": b"%PDF"})
        )
        wizard = self._open(
            contract.action_give_notice,
            received_on=date(2027, 10, 1),
            note="Moves abroad",
            attachment_ids=[Command.set(letter.ids)],
        )
        self.assertEqual((wizard.ends_on, wizard.is_late), (date(2028, 2, 29), False))
        wizard.action_give_notice()
        self.assertEqual(contract.date_terminated, date(2028, 2, 29))
        self.assertEqual(
            (contract.notice_received_on, contract.notice_by), (date(2027, 10, 1), "customer")
        )
        self.assertEqual(contract.state, "active", "it runs until its last day")
        self.assertEqual(contract.coverage_ids.date_end, date(2028, 2, 29))
        self.assertEqual(
            contract.visit_ids.filtered(lambda v: v.state != "cancelled").mapped("nominal_date"),
            [date(2027, 3, 1)],
        )
        self.assertEqual(contract.message_ids[0].attachment_ids, letter)
        self._run_cron("2027-12-01")
        self.assertEqual(len(contract.term_ids), 1, "not renewed any more")
        self._run_cron("2028-03-01", "ir_cron_advance_visits")
        self.assertEqual(contract.state, "ended", "at its term, as agreed")

    def test_last_day_and_the_day_after(self):
        contract = self._create_active("tacit")
        for received, end in (
            (date(2027, 11, 29), date(2028, 2, 29)),
            (date(2027, 11, 30), date(2029, 2, 28)),
            (date(2028, 11, 29), date(2030, 2, 28)),
        ):
            with self.subTest(received):
                wizard = self._open(contract.action_give_notice, received_on=received)
                self.assertEqual(wizard.ends_on, end)

    def test_a_letter_recorded_after_the_renewal(self):
        """It had arrived in time: the renewal that the night wrote never happened."""
        contract = self._create_active("tacit")
        self._run_cron("2027-11-30")
        with freeze_time("2027-12-02 08:00:00"):
            wizard = self._open(contract.action_give_notice, received_on=date(2027, 11, 26))
            wizard.action_give_notice()
        self.assertEqual(contract.date_terminated, date(2028, 2, 29))
        self.assertEqual(len(contract.term_ids), 1)

    def test_not_in_the_future_and_not_twice(self):
        contract = self._create_active("tacit")
        wizard = self._open(contract.action_give_notice, received_on=date(2027, 10, 5))
        with self.assertRaisesRegex(UserError, "Received On"):
            wizard.action_give_notice()
        wizard.received_on = date(2027, 10, 4)
        wizard.action_give_notice()
        with self.assertRaisesRegex(UserError, "already"):
            wizard.action_give_notice()

    def test_a_contract_that_ends_needs_none(self):
        with self.assertRaisesRegex(UserError, "no notice"):
            self._create_active("never").action_give_notice()


@tagged("post_install", "-at_install")
class TestRenewalAlerts(LifeCommon):
    """The salesperson is told three times ahead of the day to act, once each.

    Last notice on 29 November 2027, a Monday.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2027-03-01 08:00:00"):
            cls.contract = cls._create_contract(
                cls._create_equipment(), state="active", term_months=12, renewal="tacit"
            )

    def _get_alerts(self):
        return self.contract.activity_ids.filtered("automated")

    def test_the_day_to_act_is_before_holidays_that_follow_each_other(self):
        """Notice by Easter Monday 2028: Good Friday is closed too, so by the Thursday."""
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": day,
                    "calendar_id": self.calendar.id,
                    "date_from": f"{day} 00:00:00",
                    "date_to": f"{day} 21:59:59",
                }
                for day in ("2028-04-14", "2028-04-17")
            ]
        )
        contract = self._create_contract(
            date_start=date(2027, 7, 18), term_months=12, renewal="tacit", notice_months=3
        )
        self.assertEqual(contract.notice_date, date(2028, 4, 17))
        self.assertEqual(contract.notice_working_date, date(2028, 4, 13))

    def test_three_alerts_once_each(self):
        given = {}
        for day in (
            "2027-08-28", "2027-08-29", "2027-08-30", "2027-10-28", "2027-10-29", "2027-10-30",
            "2027-11-28", "2027-11-29", "2027-11-29",
        ):  # fmt: skip
            self._run_cron(day)
            given[day] = self._get_alerts().ids
            self.assertLessEqual(len(given[day]), 1, "one activity asks for one decision")
        first, second, third = (
            given["2027-08-29"], given["2027-10-29"], given["2027-11-29"],
        )  # fmt: skip
        self.assertFalse(given["2027-08-28"])
        self.assertEqual(given["2027-08-30"], first)
        self.assertEqual(given["2027-10-28"], first)
        self.assertEqual(given["2027-10-30"], second)
        self.assertEqual(given["2027-11-28"], second)
        self.assertEqual(len({*first, *second, *third}), 3)

    def test_who_is_asked_what_by_when(self):
        self._run_cron("2027-09-01")
        alert = self._get_alerts()
        self.assertEqual(alert.user_id, self.manager)
        self.assertEqual(alert.date_deadline, date(2027, 11, 29))
        self.assertIn("give notice", alert.summary)

    def test_the_day_to_act_is_a_working_day(self):
        """A bridge of the firm before the last notice: the last alert comes on the day before."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Bridge",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": "2027-11-28 23:00:00",
                "date_to": "2027-11-29 23:00:00",
                "time_type": "leave",
            }
        )
        self._run_cron("2027-11-26")
        self.assertEqual(self.contract.alert_count, 3)
        self.assertEqual(self._get_alerts().date_deadline, date(2027, 11, 26))

    def test_a_salesperson_who_left(self):
        self.manager.active = False
        self._run_cron("2027-09-01")
        self.assertTrue(self._get_alerts().user_id.active)

    def test_a_decision_closes_the_question(self):
        self._run_cron("2027-09-01")
        with freeze_time("2027-09-02 08:00:00"):
            contract = self.contract.with_user(self.manager)
            self._open(contract.action_give_notice).action_give_notice()
        self.assertFalse(self._get_alerts())
        self._run_cron("2027-11-29")
        self.assertFalse(self._get_alerts())

    def test_the_next_term_has_its_own_alerts(self):
        self._run_cron("2027-09-01")
        self._run_cron("2027-11-30")
        self.assertFalse(self._get_alerts(), "done with the renewal")
        self._run_cron("2028-08-29")
        self.assertTrue(self._get_alerts())
