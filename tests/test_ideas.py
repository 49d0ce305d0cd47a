from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .service_common import ServiceCommon, local


class IdeaCommon(ServiceCommon):
    """An idea of the customer's contact, and contacts of two customers who may vote."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.idea = cls._create_idea("Count the parts on the screen")
        cls.colleague, cls.stranger = cls.env["res.partner"].create(
            [
                {"name": "Bruno Favre", "parent_id": cls.site.id, "email": "b@horloger.example"},
                {"name": "Claire Weber", "parent_id": cls.other_customer.id},
            ]
        )

    @classmethod
    def _create_idea(cls, name, **values):
        return cls._create_ticket(request_kind="idea", name=name, equipment_id=False, **values)

    def _decline(self, ideas, reason, user=None):
        """Decline by the wizard that the button opens."""
        action = ideas.with_user(user or self.dispatcher).action_idea_decline()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(user or self.dispatcher)
            .with_context(**action["context"])
        )
        wizard.reason = reason
        wizard.save().action_decline()


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 10:00"))
class TestIdeas(IdeaCommon):
    """The short life of an improvement idea."""

    def test_an_idea_is_proposed_and_has_no_clock(self):
        self.assertEqual(self.idea.idea_state, "proposed")
        self.assertFalse(self.idea.sla_clock_ids)
        self.assertFalse(self._create_ticket().idea_state)

    def test_from_proposed_to_done(self):
        mine = self.idea.with_user(self.dispatcher)
        mine.action_idea_study()
        self.assertEqual(self.idea.idea_state, "studied")
        mine.action_idea_plan()
        self.assertEqual(self.idea.idea_state, "planned")
        mine.action_idea_done()
        self.assertEqual(self.idea.idea_state, "done")

    def test_the_contact_is_told_each_step(self):
        self.env["res.lang"]._activate_lang("en_US")
        self.contact.lang = "en_US"
        for step, told in (
            (self.idea.with_user(self.dispatcher).action_idea_study, "studied"),
            (self.idea.with_user(self.manager).action_idea_plan, "planned"),
            (self.idea.with_user(self.dispatcher).action_idea_done, "is done"),
        ):
            step()
            message = self.idea.message_ids[0]
            self.assertIn(told, message.body)
            self.assertIn(self.contact, message.notified_partner_ids)

    def test_the_contact_is_told_in_his_language(self):
        self.idea.with_user(self.dispatcher).action_idea_study()
        self.assertIn("Bonjour Anne Rochat", self.idea.message_ids[0].body)

    def test_the_request_goes_with_its_idea(self):
        """Decided ideas are not among the open requests; those that are reconsidered are again."""
        mine = self.idea.with_user(self.dispatcher)
        self.assertEqual(self.idea.maintenance_step, "new")
        mine.action_idea_plan()
        self.assertEqual(self.idea.maintenance_step, "in_progress")
        mine.action_idea_done()
        self.assertRecordValues(
            self.idea,
            [{"maintenance_step": "closed", "closed_date": local("2027-06-07 10:00")}],
        )
        mine.action_idea_reconsider()
        self.assertRecordValues(
            self.idea,
            [{"maintenance_step": "in_progress", "closed_date": False, "idea_state": "studied"}],
        )

    def test_an_idea_is_not_resolved(self):
        mine = self.idea.with_user(self.dispatcher)
        for step in (mine.action_resolve, mine.action_workaround):
            with self.subTest(step.__name__), self.assertRaisesRegex(UserError, "own buttons"):
                step()
        with self.assertRaisesRegex(UserError, "own buttons"):
            mine._resolve("Done.")

    def test_an_idea_that_is_withdrawn_is_declined(self):
        self.idea.with_user(self.dispatcher)._cancel("withdrawn")
        self.assertEqual(self.idea.idea_state, "declined")

    def test_a_customer_who_does_not_agree_is_heard(self):
        self._decline(self.idea, "Too dear.")
        self.idea.sudo()._reopen()
        self.assertRecordValues(
            self.idea, [{"idea_state": "proposed", "idea_decline_reason": False}]
        )

    def test_a_contract_manager_decides_too(self):
        self.idea.with_user(self.manager).action_idea_plan()
        self.assertEqual(self.idea.idea_state, "planned")

    def test_a_technician_does_not_decide(self):
        mine = self.idea.with_user(self.technician)
        for step in (
            mine.action_idea_study,
            mine.action_idea_plan,
            mine.action_idea_done,
            mine.action_idea_decline,
        ):
            with self.subTest(step.__name__), self.assertRaises(AccessError):
                step()

    def test_declined_with_a_reason(self):
        self._decline(self.idea, "The next version does it in another way.")
        self.assertRecordValues(
            self.idea,
            [
                {
                    "idea_state": "declined",
                    "idea_decline_reason": "The next version does it in another way.",
                }
            ],
        )
        self.assertIn("in another way", self.idea.message_ids[0].body)

    def test_declining_wants_a_reason(self):
        self.assertRefused("Reason", self._decline, self.idea, "   ")
        self.assertEqual(self.idea.idea_state, "proposed")

    def test_a_declined_idea_can_be_reconsidered(self):
        self._decline(self.idea, "Too dear.")
        self.idea.with_user(self.dispatcher).action_idea_reconsider()
        self.assertRecordValues(
            self.idea, [{"idea_state": "proposed", "idea_decline_reason": False}]
        )

    def test_steps_from_another_state_are_refused(self):
        mine = self.idea.with_user(self.dispatcher)
        with self.assertRaisesRegex(UserError, "Proposed"):
            mine.action_idea_done()
        mine.action_idea_study()
        with self.assertRaisesRegex(UserError, "Studied"):
            mine.action_idea_study()
        with self.assertRaisesRegex(UserError, "no improvement idea"):
            self._create_ticket().with_user(self.dispatcher).action_idea_study()

    def test_the_state_is_moved_by_the_buttons_only(self):
        mine = self.idea.with_user(self.administrator)
        for values in ({"idea_state": "done"}, {"idea_decline_reason": "No."}):
            with self.subTest(values), self.assertRaises(AccessError):
                mine.write(values)
        idea = (
            self.env["helpdesk.ticket"]
            .with_user(self.dispatcher)
            .with_context(default_idea_state="planned", default_request_kind="idea")
            .create({"name": "Blue light", "description": "Blue light", "team_id": self.team.id})
        )
        self.assertEqual(idea.idea_state, "proposed")

    def test_a_copy_begins_anew(self):
        self.idea.with_user(self.dispatcher).action_idea_study()
        self.idea._vote(self.contact)
        copied = self.idea.with_user(self.dispatcher).copy()
        self.assertRecordValues(copied, [{"idea_state": "proposed", "idea_vote_count": 0}])

    def test_what_turns_out_to_be_a_breakdown_is_no_idea(self):
        self.idea.with_user(self.dispatcher).request_kind = "breakdown"
        self.assertFalse(self.idea.idea_state)
        self.assertTrue(self.idea.received_at)


@tagged("post_install", "-at_install")
@freeze_time(local("2027-06-07 10:00"))
class TestVotes(IdeaCommon):
    """Votes of customers, who see their own ideas and, if the company says so, those of all."""

    def _see(self, idea, partner):
        return idea._get_idea_values(partner)

    def test_voting_twice_is_voting_once(self):
        self.idea._vote(self.contact)
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.idea._vote(self.contact)
        self.idea._vote(self.colleague)
        self.assertEqual(self.idea.idea_vote_count, 2)
        self.idea._unvote(self.contact)
        self.idea._unvote(self.contact)
        self.assertEqual(self.idea.idea_vote_ids.partner_id, self.colleague)
        self.assertEqual(self.idea.idea_vote_count, 1)

    def test_the_database_keeps_one_vote_each(self):
        vals = {"ticket_id": self.idea.id, "partner_id": self.contact.id}
        votes = self.env["maintenance.idea.vote"]
        votes.create(vals)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            votes.create(vals)

    def test_the_other_click_of_a_double_click(self):
        """The vote of another transaction is not seen before it is written a second time."""
        self.idea._vote(self.contact)
        self.env.flush_all()
        self.env.cache.set(self.idea, self.idea._fields["idea_vote_ids"], ())
        with mute_logger("odoo.sql_db"):
            self.idea._vote(self.contact)
        self.assertEqual(self.idea.idea_vote_count, 1)

    def test_own_ideas_are_seen_by_the_whole_customer(self):
        for partner in (self.contact, self.colleague, self.customer):
            with self.subTest(partner.name):
                [values] = self._see(self.idea, partner)
                self.assertTrue(values["is_own"])
                self.assertEqual(values["number"], self.idea.number)

    def test_ideas_of_others_are_not_seen(self):
        self.idea.with_user(self.dispatcher).action_idea_study()
        self.assertFalse(self._see(self.idea, self.stranger))
        for change in (self.idea._vote, self.idea._unvote):
            with self.assertRaisesRegex(UserError, "does not exist"):
                change(self.stranger)

    def test_shared_ideas_are_seen_without_names(self):
        self.geneva.are_ideas_shared = True
        self.assertFalse(self._see(self.idea, self.stranger), "nobody has read it yet")
        self.idea.with_user(self.dispatcher).action_idea_study()
        [values] = self._see(self.idea, self.stranger)
        self.assertEqual(values["title"], self.idea.name)
        self.assertFalse(values["is_own"])
        shown = str(values)
        for hidden in (
            self.contact.name,
            self.customer.name,
            self.idea.number,
            "/my/",
            "It stops after a minute",
        ):
            self.assertNotIn(hidden, shown)
        self.idea._vote(self.stranger)
        [values] = self._see(self.idea, self.stranger)
        self.assertEqual((values["votes"], values["has_voted"]), (1, True))

    def test_the_reason_of_declining_is_for_its_customer(self):
        self.geneva.are_ideas_shared = True
        self._decline(self.idea, "Too dear.")
        self.assertFalse(self._see(self.idea, self.stranger))
        self.assertEqual(self._see(self.idea, self.contact)[0]["decline_reason"], "Too dear.")

    def test_the_vote_ends_with_the_decision(self):
        self.idea._vote(self.contact)
        self._decline(self.idea, "Too dear.")
        for change in (self.idea._vote, self.idea._unvote):
            with self.assertRaisesRegex(UserError, "vote is over"):
                change(self.contact)
        self.assertEqual(self.idea.idea_vote_count, 1)

    def test_only_ideas_take_votes(self):
        with self.assertRaises(UserError):
            self._create_ticket()._vote(self.contact)
        with self.assertRaises(UserError):
            self.idea._vote(self.env["res.partner"])

    def test_nobody_votes_by_writing(self):
        votes = self.env["maintenance.idea.vote"]
        vals = {"ticket_id": self.idea.id, "partner_id": self.contact.id}
        for user in (self.technician, self.dispatcher, self.manager, self.administrator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                votes.with_user(user).create(vals)
        with self.assertRaises(AccessError):
            self.idea.with_user(self.dispatcher).write({"idea_vote_count": 99})

    def test_votes_are_grouped_for_many_ideas(self):
        ideas = self.idea | self._create_idea("Second") | self._create_idea("Third")
        for idea in ideas:
            idea._vote(self.contact)
        self.env.invalidate_all()
        ideas.mapped("name")
        with self.assertQueryCount(4):
            values = ideas._get_idea_values(self.contact)
        self.assertEqual([value["votes"] for value in values], [1, 1, 1])
