from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..core.windows import open_dialog, open_window
from ..service_level.ticket_decision import DECIDING_GROUPS
from .stage import FINAL_STEPS

# From which states each one is reached.
IDEA_STEPS = {
    "proposed": ("declined",),
    "studied": ("proposed", "done"),
    "planned": ("proposed", "studied"),
    "done": ("planned",),
    "declined": ("proposed", "studied", "planned"),
}
OPEN_IDEA_STATES = ("proposed", "studied", "planned")


class HelpdeskTicket(models.Model):
    """An improvement idea is a request with a short life of its own, and votes instead of clocks.

    Customers see the ideas of their own company. Where the company shares ideas, they see those of
    all once somebody has studied them: the title, the state and the votes, never whose they are.
    """

    _inherit = "helpdesk.ticket"
    _guarded_fields = frozenset({"idea_state", "idea_decline_reason", "idea_vote_count"})

    idea_state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("studied", "Studied"),
            ("planned", "Planned"),
            ("done", "Done"),
            ("declined", "Declined"),
        ],
        compute="_compute_idea_state",
        store=True,
        precompute=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        group_expand=True,
    )
    idea_decline_reason = fields.Text(
        readonly=True, copy=False, help="Told to the customer who had the idea."
    )
    idea_vote_ids = fields.One2many("maintenance.idea.vote", "ticket_id", copy=False)
    idea_vote_count = fields.Integer("Votes", compute="_compute_idea_vote_count", store=True)

    # === COMPUTE METHODS === #

    @api.depends("request_kind")
    def _compute_idea_state(self):
        for ticket in self:
            is_idea = ticket.request_kind == "idea"
            ticket.idea_state = (ticket.idea_state or "proposed") if is_idea else False

    @api.depends("idea_vote_ids")
    def _compute_idea_vote_count(self):
        counts = dict(
            self.env["maintenance.idea.vote"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.idea_vote_count = counts.get(ticket._origin, 0)

    # === ACTIONS === #

    def action_idea_study(self):
        """Somebody has looked at it and takes it seriously."""
        self._move_idea("studied")

    def action_idea_plan(self):
        """It will be done."""
        self._move_idea("planned")

    def action_idea_done(self):
        self._move_idea("done")

    def action_idea_reconsider(self):
        """A declined idea is proposed again; one that was done is studied again."""
        for ticket in self:
            ticket._move_idea("proposed" if ticket.idea_state == "declined" else "studied")

    def action_idea_decline(self):
        """Ask why: the customer is told."""
        self._check_idea_step("declined")
        return open_dialog(
            self,
            self.env._("Decline Ideas"),
            "maintenance.idea.decline",
            default_ticket_ids=self.ids,
        )

    def action_resolve(self):
        # EXTENDS: nothing has failed.
        self._check_not_idea()
        return super().action_resolve()

    def action_workaround(self):
        # EXTENDS: nothing has failed.
        self._check_not_idea()
        return super().action_workaround()

    def action_view_votes(self):
        return open_window(
            self, "maintenance_idea_vote_action", domain=[("ticket_id", "=", self.id)]
        )

    # === BUSINESS METHODS === #

    def _check_idea_step(self, state):
        """Refuse a step to who does not decide on ideas, and from another state.

        :raises AccessError: to those who are neither dispatcher nor contract manager
        :raises UserError: naming the idea and its state
        """
        self.check_access("read")
        if not (self.env.su or self.env.user.has_groups(DECIDING_GROUPS)):
            raise AccessError(
                self.env._("Ideas are decided on by dispatchers and contract managers.")
            )
        labels = dict(self._fields["idea_state"]._description_selection(self.env))
        for ticket in self:
            if not ticket.idea_state:
                raise UserError(self.env._("%s is no improvement idea.", ticket.number))
            if ticket.idea_state not in IDEA_STEPS[state]:
                raise UserError(
                    self.env._(
                        "%(idea)s is “%(state)s”: this step does not apply.",
                        idea=ticket.display_name,
                        state=labels[ticket.idea_state],
                    )
                )

    def _move_idea(self, state, reason=False):
        """Move ideas on, with the step of their request, and tell those who had them.

        :param str reason: why they are declined, in words for the customer
        """
        self._check_idea_step(state)
        is_open = state in OPEN_IDEA_STATES
        values = {"closed_date": False, "closing_reason": False} if is_open else {}
        for ticket in self:
            ticket._move_to_step(
                "in_progress" if is_open else "closed",
                idea_state=state,
                idea_decline_reason=reason,
                **values,
            )
            ticket._write_to_customer("mail_template_idea")

    def _enter_step(self, old_step):
        # EXTENDS: an idea that is closed in another way is declined, one that is opened again by
        # the word of its customer is looked at again.
        state = self.idea_state
        is_final = self.maintenance_step in FINAL_STEPS
        if state in OPEN_IDEA_STATES and is_final:
            self.idea_state = "declined"
        elif state in ("done", "declined") and not is_final:
            self.write(
                {
                    "idea_state": "proposed" if state == "declined" else "studied",
                    "idea_decline_reason": False,
                }
            )
        return super()._enter_step(old_step)

    def _finish(self, note, at):
        # EXTENDS: nothing has failed.
        self._check_not_idea()
        return super()._finish(note, at)

    def _check_not_idea(self):
        if ideas := self.filtered("idea_state"):
            raise UserError(
                self.env._(
                    "%s: an improvement idea is done or declined, by its own buttons.",
                    ", ".join(ideas.mapped("number")),
                )
            )

    # === VOTES === #

    @api.model
    def _get_visible_ideas_domain(self, partner):
        """The ideas that a contact sees: those of its company, and of all where they are shared.

        :param partner: the contact
        :rtype: Domain
        """
        own = Domain("commercial_partner_id", "=", partner.commercial_partner_id.id)
        shared = Domain("company_id.are_ideas_shared", "=", True) & Domain(
            "idea_state", "in", ("studied", "planned", "done")
        )
        return Domain("request_kind", "=", "idea") & (own | shared)

    def _vote(self, partner):
        """Note that a contact is for this idea; to vote twice is to vote once.

        The caller has checked who the contact is.

        :raises UserError: when the contact does not see the idea, or it was decided on
        """
        self.ensure_one()
        self._check_takes_vote(partner)
        ideas = self.sudo()
        if partner in ideas.idea_vote_ids.partner_id:
            return
        try:
            with self.env.cr.savepoint():
                ideas.idea_vote_ids.create({"ticket_id": self.id, "partner_id": partner.id})
        except UniqueViolation:
            # The other click of a double click was first.
            self.env.invalidate_all(flush=False)

    def _unvote(self, partner):
        """Take the vote of a contact back; where there is none, there is nothing to do.

        :raises UserError: when the contact does not see the idea, or it was decided on
        """
        self.ensure_one()
        self._check_takes_vote(partner)
        self.sudo().idea_vote_ids.filtered(lambda vote: vote.partner_id == partner).unlink()

    def _check_takes_vote(self, partner):
        domain = self._get_visible_ideas_domain(partner)
        # A contact reads shared ideas through what is shown of them, not the requests themselves.
        if not partner or not self.sudo().filtered_domain(domain):
            raise UserError(self.env._("This idea does not exist, or is not open to your vote."))
        if self.sudo().idea_state not in OPEN_IDEA_STATES:
            raise UserError(self.env._("This idea has been decided on: the vote is over."))

    def _get_idea_values(self, partner):
        """What a contact is shown of ideas: of those of others, neither names nor description.

        :param partner: the contact
        :return: for each idea ``id``, ``title``, ``state`` (code), ``state_label``, ``votes``,
            ``has_voted``, ``can_vote``, ``is_own`` and, for own ones, ``number``, ``url`` and
            ``decline_reason``
        :rtype: list[dict]
        """
        labels = dict(self._fields["idea_state"]._description_selection(self.env))
        values = []
        for idea in self.sudo().filtered_domain(self._get_visible_ideas_domain(partner)):
            is_own = idea.commercial_partner_id == partner.commercial_partner_id
            values.append(
                {
                    "id": idea.id,
                    "title": idea.name,
                    "state": idea.idea_state,
                    "state_label": labels[idea.idea_state],
                    "votes": idea.idea_vote_count,
                    "has_voted": partner in idea.idea_vote_ids.partner_id,
                    "can_vote": idea.idea_state in OPEN_IDEA_STATES,
                    "is_own": is_own,
                    "number": is_own and idea.number,
                    "url": is_own and idea.access_url,
                    "decline_reason": is_own and idea.idea_decline_reason,
                }
            )
        return values
