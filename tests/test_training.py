import logging
from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .request_common import RequestCommon
from .service_common import ServiceCommon, local

LOGGER = "odoo.addons.maintenance_contract.models.helpdesk.ticket_training"


class TrainingCommon(ServiceCommon):
    """A tier that answers trained contacts only; nobody is trained yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier.is_training_required = True
        cls.product, cls.other_product = cls.env["product.product"].create(
            [{"name": "Vision"}, {"name": "Robot"}]
        )

    @classmethod
    def _train(cls, contact=None, **values):
        return cls.env["maintenance.training"].create(
            {
                "partner_id": (contact or cls.contact).id,
                "date": date(2027, 1, 4),
                "company_id": cls.geneva.id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestTraining(TrainingCommon):
    """Where the tier says so, only trained contacts have open requests (bad input 36)."""

    def _assert_refused(self, **values):
        with self.assertRaisesRegex(ValidationError, "Anne Rochat"):
            self._create_ticket("2027-06-07 09:00", **values)

    def test_an_untrained_contact_is_refused_by_name(self):
        self._assert_refused()
        for kind in ("support", "update", "part"):
            self._assert_refused(request_kind=kind)

    def test_what_is_refused_leaves_a_trace(self):
        """R31: whom, and for want of which training."""
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self._assert_refused(user=self.technician)
        self.assertIn(f"contact {self.contact.id} has no valid training", logs.output[0])
        self.assertIn(f"user {self.technician.id}:", logs.output[0])
        self._train()
        with self.assertNoLogs(LOGGER, logging.INFO):
            self._create_ticket("2027-06-07 09:00", user=self.technician)

    def test_a_trained_contact_is_welcome(self):
        self._train()
        ticket = self._create_ticket("2027-06-07 09:00")
        self.assertEqual(len(ticket.sla_clock_ids), 4)
        self.assertNotEqual(ticket.verdict, "refused")

    def test_other_tiers_ask_for_nothing(self):
        self.tier.is_training_required = False
        self.assertTrue(self._create_ticket("2027-06-07 09:00"))

    def test_nobody_is_above_the_rule(self):
        for user in (self.dispatcher, self.administrator, self.env.ref("base.user_root")):
            with self.subTest(user.login):
                self._assert_refused(user=user)

    def test_the_training_of_a_colleague_does_not_count(self):
        colleague = self.contact.copy({"name": "Colleague"})
        self._train(colleague)
        self._assert_refused()

    def test_first_and_last_day_of_a_training(self):
        training = self._train(date=date(2027, 6, 7), expiry_date=date(2027, 6, 9))
        for day, accepted in ((6, False), (7, True), (9, True), (10, False)):
            with self.subTest(day):
                if accepted:
                    self.assertTrue(self._create_ticket(f"2027-06-{day:02} 23:30"))
                else:
                    with self.assertRaises(ValidationError):
                        self._create_ticket(f"2027-06-{day:02} 23:30")
        with self.assertRaises(ValidationError):
            training.expiry_date = date(2027, 6, 6)

    def test_a_training_is_about_a_product(self):
        self.equipment.product_id = self.product
        training = self._train(product_id=self.other_product.id)
        self._assert_refused()
        training.product_id = self.product
        self.assertTrue(self._create_ticket("2027-06-07 09:00"))
        training.product_id = False
        self.assertTrue(self._create_ticket("2027-06-07 09:00"))

    def test_a_training_of_another_company(self):
        self._train(company_id=self.paris.id)
        self._assert_refused()

    def test_asking_for_a_training_is_always_allowed(self):
        for kind in ("information", "idea"):
            ticket = self._create_ticket("2027-06-07 09:00", request_kind=kind)
            self.assertFalse(ticket._get_training_refusal())
            with self.assertRaisesRegex(ValidationError, "Anne Rochat"):
                ticket.request_kind = "breakdown"

    def test_the_contact_is_not_changed_for_an_untrained_one(self):
        self._train()
        ticket = self._create_ticket("2027-06-07 09:00")
        colleague = self.contact.copy({"name": "Colleague"})
        with self.assertRaisesRegex(ValidationError, "Colleague"):
            ticket.partner_id = colleague
        with self.assertRaisesRegex(ValidationError, "say who asks"):
            ticket.partner_id = False

    def test_the_equipment_may_ask_for_a_training(self):
        lathe = self._create_equipment("Lathe")
        other_tier = self.tier.copy({"is_training_required": False})
        self._create_contract(lathe, tier_id=other_tier.id, state="active")
        ticket = self._create_ticket("2027-06-07 09:00", equipment_id=lathe.id)
        with self.assertRaisesRegex(ValidationError, "Anne Rochat"):
            ticket.equipment_id = self.equipment

    def test_a_rule_that_came_later_stops_no_work(self):
        self.tier.is_training_required = False
        ticket = self._create_ticket("2027-06-07 09:00")
        self.tier.is_training_required = True
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        ticket.name = "Still works on"
        self.assertEqual(ticket.stage_id.name, "In Progress")

    def test_the_context_is_no_way_in(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.dispatcher)
        with freeze_time(local("2027-06-07 09:00")):
            ticket = tickets.with_context(is_from_mail_gateway=True).create(
                {
                    "name": "By mail, he says",
                    "description": "x",
                    "company_id": self.geneva.id,
                    "partner_id": self.contact.id,
                    "equipment_id": self.equipment.id,
                }
            )
        self.assertTrue(ticket.closed)
        self.assertEqual(ticket.verdict, "refused")
        with self.assertRaisesRegex(ValidationError, "Anne Rochat"):
            ticket.sudo().stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")

    def test_the_form_can_ask_before_it_saves(self):
        ticket = self.env["helpdesk.ticket"].new(
            {
                "partner_id": self.contact.id,
                "equipment_id": self.equipment.id,
                "company_id": self.geneva.id,
                "received_at": local("2027-06-07 09:00"),
            }
        )
        self.assertIn("Anne Rochat", ticket._get_training_refusal())
        self._train()
        self.assertFalse(ticket._get_training_refusal())

    def test_valid_today(self):
        with freeze_time(local("2027-06-07 09:00")):
            trainings = self._train() + self._train(expiry_date=date(2027, 6, 6))
            trainings += self._train(date=date(2027, 6, 8))
            self.assertEqual(trainings.mapped("is_valid"), [True, False, False])
            found = self.env["maintenance.training"].search([("is_valid", "=", True)])
            self.assertEqual(found & trainings, trainings[0])
            found = self.env["maintenance.training"].search([("is_valid", "=", False)])
            self.assertEqual(found & trainings, trainings[1:])

    def test_who_keeps_the_trainings(self):
        with Form(self.env["maintenance.training"].with_user(self.dispatcher)) as form:
            form.partner_id = self.contact
        with self.assertRaises(AccessError):
            form.record.with_user(self.technician).expiry_date = date(2030, 1, 1)
        contact = self.contact.with_user(self.manager)
        self.assertEqual(contact.training_count, 1)
        self.assertEqual(self.customer.with_user(self.manager).training_count, 1)
        domain = contact.action_view_trainings()["domain"]
        self.assertEqual(self.env["maintenance.training"].search(domain), form.record)


@tagged("post_install", "-at_install")
class TestTrainingByMail(RequestCommon, TrainingCommon):
    """What comes by mail from an untrained contact is kept, rejected and answered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(local("2027-06-07 09:00")))
        cls.team.user_id = cls.dispatcher

    def test_the_mail_is_rejected_and_answered(self):
        ticket = self._receive_mail()
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.equipment_id, self.equipment)
        self.assertEqual(
            ticket.stage_id, self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_rejected")
        )
        self.assertEqual((ticket.verdict, ticket.verdict_rule), ("refused", "untrained"))
        self.assertEqual(ticket.verdict_detail, self.contact.name)
        self.assertFalse(ticket.sla_clock_ids)
        answers = self._get_messages(ticket, "auto_comment")
        self.assertEqual(len(answers), 1, "no receipt beside")
        self.assertEqual(answers.partner_ids, self.contact)
        self.assertIn("register for a training", answers.body)
        self.assertEqual(ticket.activity_ids.user_id, self.manager, "he sells trainings")

    def test_the_mail_of_a_trained_contact(self):
        self._train(self.contact, date=date(2026, 1, 1))
        ticket = self._receive_mail()
        self.assertFalse(ticket.closed)
        self.assertEqual(len(ticket.sla_clock_ids), 4)

    def test_an_unknown_sender_is_accepted_until_he_is_known(self):
        ticket = self._receive_mail(sender="nobody@outside.test")
        self.assertFalse(ticket.closed)
        with self.assertRaisesRegex(ValidationError, "valid training"):
            ticket.with_user(self.staff).write(
                {"partner_id": self.contact.id, "equipment_id": self.equipment.id}
            )

    def test_what_was_rejected_stays_so(self):
        """He writes again once he is trained: the delays of the old request have gone."""
        ticket = self._receive_mail()
        self._train(self.contact, date=date(2026, 1, 1))
        ticket.with_user(self.dispatcher).action_decide_again()
        self.assertNotEqual(ticket.verdict, "refused")
        self.assertFalse(ticket.sla_clock_ids)
        self.assertEqual(len(self._receive_mail(text="Now?").sla_clock_ids), 4)

    def test_a_mail_on_what_was_closed_is_kept(self):
        training = self._train(self.contact, date=date(2026, 1, 1))
        ticket = self._receive_mail()
        ticket.with_user(self.dispatcher)._resolve("Done")
        ticket.with_user(self.dispatcher).action_confirm()
        training.unlink()
        first = ticket.message_ids.sorted("id")[0].message_id
        self.assertFalse(self._receive_mail(text="It is back", In_Reply_To=first))
        self.assertTrue(ticket.closed)
        self.assertIn("It is back", "".join(ticket.message_ids.mapped("body")))
        self.assertIn("valid training", ticket.activity_ids[-1:].note)

    def test_a_mail_on_what_was_closed_long_ago(self):
        training = self._train(self.contact, date=date(2026, 1, 1))
        ticket = self._receive_mail()
        ticket.with_user(self.dispatcher)._resolve("Done")
        ticket.with_user(self.dispatcher).action_confirm()
        ticket.sudo().closed_date = local("2027-01-01 09:00")
        training.expiry_date = date(2027, 6, 1)
        following = self._receive_mail(
            text="Again", In_Reply_To=ticket.message_ids.sorted("id")[0].message_id
        )
        self.assertEqual(following.previous_ticket_id, ticket)
        self.assertEqual((following.closed, following.verdict), (True, "refused"))
