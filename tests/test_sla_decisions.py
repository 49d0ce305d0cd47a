from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .service_common import ServiceCommon, local


@tagged("post_install", "-at_install")
class TestSlaDecisions(ServiceCommon):
    """Another severity, previewed before it is saved; another deadline, agreed on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.sla_policy_id = cls._create_policy(
            {"kind": "resolution", "amount": 24, "severity_id": cls.minor.id},
            {"kind": "resolution", "amount": 8, "severity_id": cls.blocking.id},
            {"kind": "workaround", "amount": 4, "severity_id": cls.blocking.id},
            {"kind": "report", "amount": 40, "severity_id": cls.minor.id},
        )

    def _open(self, model_name, ticket, user=None, **values):
        wizards = self.env[model_name].with_user(user or self.dispatcher)
        wizards = wizards.with_context(lang="en_US", tz="Europe/Zurich")
        return wizards.create({"ticket_id": ticket.id, **values})

    def _raise_severity(self, ticket, user=None, **values):
        return self._open(
            "maintenance.severity.change",
            ticket,
            user,
            **{"severity_id": self.blocking.id, "reason": "It stands still", **values},
        )

    # === SEVERITY === #

    def test_the_three_outcomes_are_shown_before_saving(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        with freeze_time(local("2027-06-07 15:00")):
            rows = {row["kind"]: row for row in self._raise_severity(ticket)._get_preview()["rows"]}
        resolution = rows["Resolution"]
        self.assertEqual(resolution["before"]["text"], "Wed, Jun 9, 05:00 PM CEST")
        self.assertEqual(
            {rule: cell["text"] for rule, cell in resolution["after"].items()},
            {
                "carry": "Mon, Jun 7, 05:00 PM CEST",
                "retro": "Mon, Jun 7, 05:00 PM CEST",
                "restart": "Tue, Jun 8, 03:00 PM CEST",
            },
        )
        workaround = rows["Workaround"]
        self.assertFalse(workaround["before"])
        self.assertTrue(workaround["after"]["carry"]["is_late"], "due at 13:00")
        self.assertEqual(set(rows["Report Delivery"]["after"].values()), {None})

    def test_the_preview_is_what_comes_true(self):
        for rule in ("carry", "retro", "restart"):
            ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
            with freeze_time(local("2027-06-07 10:00")):
                ticket._pause(self.waiting)
            with freeze_time(local("2027-06-07 14:00")):
                ticket._resume()
            with freeze_time(local("2027-06-08 15:00")):
                wizard = self._raise_severity(ticket, rule=rule)
                rows = wizard._get_preview()["rows"]
                wizard.action_change()
                self.env.invalidate_all()
                clocks = ticket.sla_clock_ids.filtered(lambda c: c.state != "cancelled")
                deadlines = {clock._get_kind_name(): clock.deadline for clock in clocks}
                expected = {
                    row["kind"]: row["after"][rule]["deadline"]
                    for row in rows
                    if row["after"][rule]
                }
                self.assertEqual(deadlines, expected)
                self.assertEqual(
                    clocks.filtered(lambda c: c.kind == "resolution").is_reclassified_late,
                    next(r for r in rows if r["kind"] == "Resolution")["after"][rule][
                        "is_reclassified"
                    ],
                )

    def test_late_by_reclassification_is_marked(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        with freeze_time(local("2027-06-08 15:00")):
            wizard = self._raise_severity(ticket, rule="carry")
            self.assertIn("late by reclassification", wizard.preview)
            self.assertFalse(
                next(
                    row["after"]["restart"]["is_late"]
                    for row in wizard._get_preview()["rows"]
                    if row["kind"] == "Resolution"
                )
            )

    def test_a_preview_keeps_nothing(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        terms = self.env["maintenance.sla.term"].search_count([])
        with (
            freeze_time(local("2027-06-07 15:00")),
            Form(
                self.env["maintenance.severity.change"]
                .with_user(self.dispatcher)
                .with_context(default_ticket_id=ticket.id, lang="en_US", tz="Europe/Zurich")
            ) as form,
        ):
            self.assertEqual(form.rule, "carry", "as the policy says")
            form.severity_id = self.blocking
            self.assertIn("Mon, Jun 7, 05:00 PM", form.preview)
            form.reason = "It stands still"
        self.assertEqual(self.env["maintenance.sla.term"].search_count([]), terms)
        self.assertEqual(ticket.severity_id, self.minor)

    def test_dispatchers_and_managers_change_it_technicians_do_not(self):
        for user in (self.dispatcher, self.manager, self.administrator):
            ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
            with freeze_time(local("2027-06-07 15:00")):
                self._raise_severity(ticket, user).action_change()
            self.assertEqual(ticket.severity_id, self.blocking)
            event = ticket.sudo().sla_event_ids.filtered(lambda e: e.name == "change")
            self.assertEqual((event.user_id, event.note), (user, "It stands still"))
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        for user in (self.technician, self.accountant, self.paris_manager):
            with self.assertRaises(AccessError):
                ticket.with_user(user).action_change_severity()
            with self.assertRaises(AccessError):
                self._raise_severity(ticket, user).action_change()
        self.assertEqual(ticket.severity_id, self.minor)

    def test_why_and_to_what_have_to_be_said(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        with freeze_time(local("2027-06-07 15:00")):
            for values, word in (
                ({"reason": "  "}, "Justification"),
                ({"severity_id": self.minor.id}, "New Severity"),
            ):
                with self.assertRaisesRegex(UserError, word):
                    self._raise_severity(ticket, **values).action_change()
            foreign = self.minor.copy({"code": "paris", "company_id": self.paris.id})
            with self.assertRaises(UserError):
                self._raise_severity(ticket, severity_id=foreign.id).action_change()

    # === AGREED DEADLINES === #

    def test_an_agreed_deadline_binds_until_it_is_given_up(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        computed, agreed = local("2027-06-09 17:00"), local("2027-06-15 12:00")
        with freeze_time(local("2027-06-07 10:00")):
            wizard = self._open(
                "maintenance.sla.agreement",
                ticket,
                self.manager,
                deadline=agreed,
                reason="With Ms Rochat",
            )
            self.assertEqual(wizard.clock_id, self._clock(ticket, "resolution"))
            self.assertEqual(wizard.computed_deadline, computed)
            wizard.action_agree()
        clock = self._clock(ticket, "resolution")
        self.assertEqual((clock.deadline, clock.computed_deadline), (agreed, computed))
        with freeze_time(local("2027-06-07 11:00")):
            self._open("maintenance.sla.agreement", ticket, reason="He called").action_release()
        self.assertEqual(self._clock(ticket, "resolution").deadline, computed)
        notes = ticket.sudo().sla_event_ids.filtered("note").mapped("note")
        self.assertEqual(notes, ["With Ms Rochat", "He called"])

    def test_no_deadline_is_agreed_without_a_clock(self):
        self.tier.sla_policy_id = False
        ticket = self._create_ticket("2027-06-07 09:00").with_user(self.dispatcher)
        with freeze_time(local("2027-06-07 10:00")):
            with self.assertRaisesRegex(UserError, "no clock that is open"):
                ticket.action_agree_deadline()
            wizard = self._open(
                "maintenance.sla.agreement",
                ticket,
                reason="Why",
                deadline=local("2027-06-20 12:00"),
            )
            with self.assertRaisesRegex(UserError, "Clock: choose one that is open"):
                wizard.action_agree()

    def test_no_deadline_in_the_past_or_without_reason_or_of_a_closed_clock(self):
        ticket = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        other = self._create_ticket("2027-06-07 09:00", severity_id=self.minor.id)
        model = "maintenance.sla.agreement"
        later = local("2027-06-20 12:00")
        with freeze_time(local("2027-06-07 10:00")):
            for values, word in (
                ({"deadline": local("2027-06-07 09:59")}, "Agreed Deadline"),
                ({}, "Agreed Deadline"),
                ({"deadline": "2150-01-01 00:00:00"}, "Agreed Deadline"),
                ({"deadline": later, "reason": " "}, "Reason"),
                ({"deadline": later, "clock_id": other.sla_clock_ids[0].id}, "Clock"),
            ):
                with self.assertRaisesRegex(UserError, word):
                    self._open(model, ticket, **{"reason": "Why", **values}).action_agree()
            with self.assertRaisesRegex(UserError, "No deadline was agreed"):
                self._open(model, ticket, reason="Why").action_release()
            clock = self._clock(ticket, "resolution")
            ticket._reach("resolution")
            with self.assertRaisesRegex(UserError, "Clock"):
                self._open(
                    model, ticket, clock_id=clock.id, deadline=later, reason="Why"
                ).action_agree()
            for user in (self.technician, self.accountant, self.paris_manager):
                with self.assertRaises(AccessError):
                    other.with_user(user).action_agree_deadline()
                with self.assertRaises(AccessError):
                    self._open(model, other, user, deadline=later, reason="Why").action_agree()
