import random
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .service_common import ServiceCommon, local

# Each history is drawn from its own seed: one that fails can be run again.
HISTORIES = 40
LONGEST_HISTORY = 14


@tagged("post_install", "-at_install")
class TestSlaComparison(ServiceCommon):
    """Every stored figure can be recomputed from the log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["maintenance.pause.reason"].search([])
        cls.policies = cls._create_policy(
            ("acknowledge", 2, "open_hours"),
            ("first_answer", 24, "open_day_24h"),
            ("workaround", 2, "working_days_same"),
            {"kind": "on_site", "amount": 6, "start_event": "escalated"},
            {"kind": "resolution", "amount": 5, "unit": "working_days_close"},
            {"kind": "resolution", "amount": 30, "severity_id": cls.minor.id},
            {"kind": "report", "amount": 48, "unit": "calendar_hours", "start_event": "resolved"},
        )
        for rule in ("new_cycle", "continuous"):
            cls.policies |= cls.policies[0].copy({"reopen_rule": rule})
        cls.contracts = cls.env["maintenance.contract"]
        for policy in cls.policies:
            equipment = cls._create_equipment()
            cls.contracts |= cls._create_contract(
                equipment, tier_id=cls.tier.id, state="active", sla_policy_id=policy.id
            )

    # === RANDOM HISTORIES === #

    def _live(self, seed):
        """A request that lives through a random history, through its real methods.

        :return: the request, and when its history ends
        """
        chance = random.Random(seed)
        contract = chance.choice(self.contracts)
        severities = (self.blocking, self.major, self.minor)
        # From the Friday before the summer time of 2027 begins, or ends, in Geneva.
        start = local(chance.choice(("2027-03-26 07:00", "2027-10-29 07:00")))
        moment = start + timedelta(seconds=chance.randrange(3 * 86400))
        with freeze_time(moment):
            ticket = self.env["helpdesk.ticket"].create(
                {
                    "name": f"History {seed}",
                    "description": "Lives",
                    "company_id": self.geneva.id,
                    "partner_id": self.contact.id,
                    "equipment_id": contract.coverage_ids.equipment_id.id,
                    "contract_id": contract.id,
                    "severity_id": chance.choice(severities).id,
                    "received_at": moment - timedelta(hours=chance.randrange(20)),
                }
            )
        steps = (
            lambda: ticket._pause(chance.choice(self.reasons)),
            lambda: ticket._resume(moment - timedelta(minutes=chance.randrange(30))),
            lambda: ticket._reach(chance.choice(("acknowledge", "first_answer", "workaround"))),
            lambda: ticket._reach(chance.choice(("resolution", "report"))),
            lambda: ticket._reopen_clocks(),
            lambda: ticket._start_awaited(chance.choice(("escalated", "resolved"))),
            lambda: ticket._change_severity(
                chance.choice(severities),
                "Drawn",
                chance.choice(("carry", "retro", "restart", None)),
            ),
            lambda: ticket._record_event(
                "manual",
                kind=chance.choice(("workaround", "resolution")),
                deadline=moment + timedelta(hours=chance.randrange(1, 200)),
            ),
            lambda: ticket._record_event("release"),
            lambda: ticket.with_context(tracking_disable=True).write(
                {"equipment_id": chance.choice((False, self.equipment.id))}
            ),
            lambda: ticket._record_event("cancel", kind="report"),
            lambda: self._correct_calendar(ticket, moment + timedelta(days=chance.randrange(9))),
            self.env["maintenance.sla.clock"]._cron_refresh,
        )
        for _step in range(chance.randrange(1, LONGEST_HISTORY)):
            moment += timedelta(seconds=chance.randrange(chance.choice((3600, 86400, 400_000))))
            with freeze_time(moment):
                chance.choice(steps)()
                self.env.flush_all()
        return ticket, moment

    def _correct_calendar(self, ticket, day):
        """Close a day, and have the clocks that run counted again."""
        midnight = local(f"{day:%Y-%m-%d} 00:00")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Forgotten",
                "calendar_id": self.calendar.id,
                "company_id": self.geneva.id,
                "date_from": midnight,
                "date_to": midnight + timedelta(hours=22),
            }
        )
        clocks = ticket._get_open_clocks()
        corrected = clocks.filtered(self.calendar._get_corrected_terms(clocks).__contains__)
        corrected._amend(self.calendar._keep_corrected_terms(corrected), "Drawn")

    def test_stored_is_recomputed_whatever_happened(self):
        seen = set()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60)
        for seed in range(HISTORIES):
            ticket, moment = self._live(seed)
            seen |= {(clock.kind, clock.state) for clock in ticket.sla_clock_ids}
            for days in (0, 3, 60):
                # So many days later, without any cron, and with it.
                with freeze_time(moment + timedelta(days=days)):
                    for _run in range(2):
                        self.env.invalidate_all()
                        self.assertEqual(ticket._compare_clocks(), [], f"history {seed}")
                        ticket._refresh_clocks()
        states = {state for _kind, state in seen}
        self.assertEqual(
            states - {"none"},
            {"pending", "running", "paused", "overdue", "met", "met_late", "cancelled"},
            "the histories go everywhere",
        )

    # === TAMPERING === #

    def _tamper(self, sql, *params):
        self.env.flush_all()
        self.env.cr.execute(sql, params)
        self.env.invalidate_all()

    def test_a_figure_that_was_tampered_with_is_found(self):
        values = {
            "deadline": "2027-06-30 12:00:00",
            "state": "met",
            "stopped_at": "2027-06-08 12:00:00",
            "elapsed": 60,
            "budget": 7,
            "next_change_at": None,
            "is_reclassified_late": True,
        }
        for name, value in values.items():
            with self.subTest(name=name):
                ticket = self._create_ticket("2027-06-07 09:00")
                clock = self._clock(ticket, "resolution")
                with freeze_time(local("2027-06-07 10:00")):
                    self._tamper(
                        f"UPDATE maintenance_sla_clock SET {name} = %s WHERE id = %s",
                        value,
                        clock.id,
                    )
                    found = ticket._compare_clocks()
                    self.assertIn((clock, name), [(record, field) for record, field, *_ in found])
                    ticket._refresh_clocks()
                    self.assertFalse(ticket._compare_clocks())

    def test_a_clock_or_a_summary_that_was_tampered_with_is_found(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-07 10:00")):
            self._tamper(
                "UPDATE helpdesk_ticket SET sla_deadline = NULL, sla_state = 'met' WHERE id = %s",
                ticket.id,
            )
            fields = {field for _record, field, *_ in ticket._compare_clocks()}
            self.assertEqual(fields, {"sla_deadline", "sla_state"})
            self._tamper(
                "DELETE FROM maintenance_sla_clock WHERE ticket_id = %s AND kind = 'resolution'",
                ticket.id,
            )
            self.assertIn((ticket, "sla_clock_ids", False, "resolution"), ticket._compare_clocks())

    def test_what_only_waits_for_the_cron_is_no_difference(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        with freeze_time(local("2027-06-20 09:00")):
            self.assertEqual(self._clock(ticket, "resolution").state, "running", "no cron ran")
            self.assertFalse(ticket._compare_clocks())

    # === THE ACTION === #

    def test_managers_see_the_differences_and_administrators_correct_them(self):
        ticket = self._create_ticket("2027-06-07 09:00")
        clock = self._clock(ticket, "resolution")
        with freeze_time(local("2027-06-07 10:00")):
            action = ticket.with_user(self.manager).action_compare_clocks()
            self.assertEqual(action["tag"], "display_notification")
            self.assertIn("all clocks (4) agree", action["params"]["message"])
            self._tamper(
                "UPDATE maintenance_sla_clock SET deadline = '2027-06-30' WHERE id = %s", clock.id
            )
            action = ticket.with_user(self.manager).action_compare_clocks()
            wizard = (
                self.env[action["res_model"]]
                .with_user(self.manager)
                .with_context(lang="en_US", tz="Europe/Zurich")
                .browse(action["res_id"])
            )
            self.assertIn("Wed, Jun 9, 05:00 PM CEST", wizard.report)
            self.assertIn("Wed, Jun 30, 02:00 AM CEST", wizard.report)
            with self.assertRaises(AccessError):
                wizard.action_correct()
            wizard.with_user(self.administrator).sudo(False).action_correct()
            self.assertEqual(self._clock(ticket, "resolution").deadline, local("2027-06-09 17:00"))
        for user in (self.technician, self.dispatcher, self.accountant, self.paris_manager):
            with self.assertRaises(AccessError):
                ticket.with_user(user).action_compare_clocks()

    def test_it_is_offered_on_lists_to_managers(self):
        action = self.env.ref("maintenance_contract.action_compare_clocks")
        tickets = self._create_ticket("2027-06-07 09:00") | self._create_ticket("2027-06-07 10:00")
        context = {
            "active_model": "helpdesk.ticket",
            "active_ids": tickets.ids,
            "active_id": tickets[0].id,
        }
        with freeze_time(local("2027-06-07 11:00")):
            result = action.with_user(self.manager).with_context(**context).run()
        self.assertIn("all clocks (8) agree", result["params"]["message"])
        with self.assertRaises(AccessError):
            action.with_user(self.dispatcher).with_context(**context).run()
