from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import html2plaintext

from ...tools.sla import Event, replay
from ..core.windows import open_dialog, open_window
from ..service_level.instants import to_datetime, to_instant
from ..service_level.sla_clock import OPEN_STATES
from .intervention import OUTCOMES
from .stage import OPEN_STEPS

OPEN_INTERVENTION_STATES = ("draft", "planned", "in_progress")


class HelpdeskTicket(models.Model):
    """Where remote help does not solve it, a request is escalated: somebody goes there.

    It is neither resolved nor closed before its interventions are.
    """

    _inherit = "helpdesk.ticket"
    _check_company_auto = True

    intervention_ids = fields.One2many("maintenance.intervention", "ticket_id")
    intervention_count = fields.Integer(compute="_compute_intervention_counts")
    open_intervention_count = fields.Integer(compute="_compute_intervention_counts")
    settled_intervention_id = fields.Many2one(
        "maintenance.intervention",
        compute="_compute_site_outcome",
        compute_sudo=True,
        help="The last one that told how it left the equipment.",
    )
    site_outcome = fields.Selection(OUTCOMES, compute="_compute_site_outcome", compute_sudo=True)
    site_restored_at = fields.Datetime(compute="_compute_site_outcome", compute_sudo=True)
    replacement_equipment_id = fields.Many2one(
        "maintenance.equipment",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
        help="What the customer works with until the equipment is repaired.",
    )

    # === COMPUTE METHODS === #

    @api.depends("intervention_ids.state")
    def _compute_intervention_counts(self):
        counts = {
            (ticket, state): count
            for ticket, state, count in self.env["maintenance.intervention"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id", "state"], ["__count"]
            )
        }
        states = dict(self.env["maintenance.intervention"]._fields["state"].selection)
        for ticket in self:
            ticket.intervention_count = sum(
                counts.get((ticket._origin, state), 0) for state in states
            )
            ticket.open_intervention_count = sum(
                counts.get((ticket._origin, state), 0) for state in OPEN_INTERVENTION_STATES
            )

    @api.depends("intervention_ids.outcome", "intervention_ids.date_closed")
    def _compute_site_outcome(self):
        for ticket in self:
            settled = ticket.intervention_ids.filtered("outcome").sorted("date_closed")[-1:]
            ticket.settled_intervention_id = settled
            ticket.site_outcome = settled.outcome
            ticket.site_restored_at = settled.restored_at

    # === CONSTRAINTS === #

    @api.constrains("replacement_equipment_id", "equipment_id")
    def _check_replacement(self):
        for ticket in self:
            if ticket.replacement_equipment_id and (
                ticket.replacement_equipment_id == ticket.equipment_id
            ):
                raise ValidationError(
                    self.env._("Replacement Equipment: it is the one that failed.")
                )

    # === ACTIONS === #

    def action_escalate_on_site(self):
        """Ask what was tried and where to go; who plans may plan at once."""
        self.ensure_one()
        self._check_takes_work()
        return open_dialog(
            self,
            self.env._("Escalate on Site"),
            "maintenance.escalation",
            default_ticket_id=self.id,
        )

    def action_resolve(self):
        # EXTENDS: what the technician reported is proposed.
        return self._propose_report(super().action_resolve(), "restored")

    def action_workaround(self):
        # EXTENDS: what the technician reported is proposed.
        return self._propose_report(super().action_workaround(), "degraded")

    def _propose_report(self, action, outcome):
        """Begin a wizard with what was last reported from the site, if it says so.

        :param str outcome: which one the wizard is about
        """
        if self.site_outcome == outcome:
            remarks = self.sudo().settled_intervention_id.remarks
            action["context"] = {
                **action["context"],
                "default_at": self.site_restored_at,
                "default_note": html2plaintext(remarks or ""),
            }
        return action

    def action_view_interventions(self):
        action = open_window(
            self,
            "maintenance_intervention_action",
            domain=[("ticket_id", "=", self.id)],
            context={"create": False},
        )
        if len(self.intervention_ids) == 1:
            form = [view for view in action["views"] if view[1] == "form"]
            return {**action, "views": form, "res_id": self.intervention_ids.id}
        return action

    # === BUSINESS METHODS === #

    def _escalate_on_site(self, reason, site, contact, planning=None):
        """Open the intervention of this request, and start the clocks that waited for it.

        Whoever works on the request may ask for it; planning it is for dispatchers.

        :param str reason: what was tried, and what is to be done there
        :param res.partner site: where to go
        :param res.partner contact: whom to ask for
        :param dict planning: ``start``, ``end`` (UTC) and ``technicians``; None: planned later
        :return: the intervention, in superuser mode: the technician may not see it
        :rtype: maintenance.intervention
        """
        self.ensure_one()
        self._check_takes_work()
        if planning:
            self.env["maintenance.intervention"].check_access("create")
        # Technicians read no contract, and open no intervention but by this door.
        intervention = (
            self.env["maintenance.intervention"]
            .sudo()
            .create(self.sudo()._prepare_intervention_vals(reason, site, contact))
        )
        if planning:
            intervention._plan_first_task(**planning)
        self._take()
        self._start_awaited("escalated")
        self.message_post(body=self.env._("Escalated on site: %s.", intervention._get_html_link()))
        return intervention

    def _get_arrival_deadline(self):
        """By when somebody is promised to be there.

        A delay that is counted from the escalation is foreseen as if that were now.

        :return: UTC, False where nothing is promised or somebody was there already
        :rtype: datetime | bool
        """
        self.ensure_one()
        clock = self.sudo().sla_clock_ids.filtered(
            lambda clock: clock.kind == "on_site" and clock.state in OPEN_STATES
        )[-1:]
        if clock.state != "pending":
            return clock.deadline
        now = to_instant(fields.Datetime.now())
        [cycle] = replay([Event(now, "start", clock.term_id._get_value())])
        return to_datetime(cycle.deadline)

    def _prepare_intervention_vals(self, reason, site, contact):
        user = self.env.user
        may_plan = self.env["maintenance.intervention"].sudo(False).has_access("create")
        responsible = user if may_plan else self.team_id.user_id or user
        return {
            "ticket_id": self.id,
            "kind": "curative",
            "subject": self.name,
            "company_id": self.company_id.id,
            "partner_id": (self.contract_id.partner_id or self.commercial_partner_id or site).id,
            "site_id": site.id,
            "contact_id": contact.id,
            "contract_id": self.contract_id.id,
            "user_id": responsible.id,
            "internal_note": reason,
            "line_ids": [Command.create({"equipment_id": self.equipment_id.id})]
            if self.equipment_id
            else [],
        }

    def _check_can_close(self):
        """Refuse to resolve or close while somebody is still to go, or is there.

        :raises UserError: listing the open interventions
        """
        for ticket in self:
            # The intervention of a colleague counts too.
            open_interventions = ticket.sudo().intervention_ids.filtered(
                lambda intervention: intervention.state in OPEN_INTERVENTION_STATES
            )
            if open_interventions:
                raise UserError(
                    self.env._(
                        "%(request)s: close or cancel its interventions first.\n%(interventions)s",
                        request=ticket.number,
                        interventions="\n".join(
                            f"– {intervention.display_name}" for intervention in open_interventions
                        ),
                    )
                )

    def _close_unanswered(self):
        # EXTENDS: who is still to go, or is there, keeps the request open. Looked at again daily.
        if not self.sudo().open_intervention_count:
            super()._close_unanswered()
            return
        self._set_countdown(False, fields.Datetime.now() + timedelta(days=1))
        self._warn_dispatcher(
            self.env._("The customer does not answer"),
            self.env._("The request stays open until its interventions are closed."),
        )

    def _settle(self, outcome, restored_at):
        """Go on with a request whose equipment was just left by a technician.

        What lets the customer work again stops the clock of the workaround. Whether that is the
        resolution, a person says: the one who closes the intervention if the request is his, else
        the one who leads the team.

        :param str outcome: one of the outcomes of an intervention
        :param datetime restored_at: UTC, unless it does not work
        :return: the wizard that says so, None when there is nothing to ask this user
        :rtype: dict | None
        """
        self.ensure_one()
        ticket = self.sudo()
        if restored_at:
            ticket._reach("workaround", restored_at)
        if outcome != "not_restored" and self._may_be_settled_now():
            return self.action_resolve() if outcome == "restored" else self.action_workaround()
        summaries = {
            "restored": self.env._("Works again: resolve the request"),
            "degraded": self.env._("Works in degraded mode: tell the customer"),
            "not_restored": self.env._("Not restored on site: what next?"),
        }
        ticket._warn_dispatcher(summaries[outcome], ticket.settled_intervention_id.display_name)
        return None

    def _may_be_settled_now(self):
        return (
            self.has_access("write")
            and self.maintenance_step in OPEN_STEPS
            and not self.sudo().open_intervention_count
        )

    def _prepare_loan_vals(self):
        """What lending the replacement starts from; lending itself belongs to the parts.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "ticket_id": self.id,
            "equipment_id": self.replacement_equipment_id.id,
            "replaced_equipment_id": self.equipment_id.id,
            "partner_id": self.commercial_partner_id.id,
            "company_id": self.company_id.id,
        }
