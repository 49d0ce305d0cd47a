from odoo import fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """What no contract covers is studied first, then quoted (seed 003 §1.3)."""

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"feasibility_state"})

    feasibility_state = fields.Selection(
        [
            ("none", "Not asked"),
            ("asked", "Asked"),
            ("feasible", "Feasible"),
            ("not_feasible", "Not feasible"),
        ],
        string="Feasibility Study",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )

    # === ACTIONS === #

    def action_ask_feasibility(self):
        """Ask the head of the team whether it can be done, before anything is quoted."""
        for ticket in self:
            ticket._check_feasibility("none")
            if ticket.verdict != "billable":
                raise UserError(
                    self.env._("%s is not billable: there is nothing to study.", ticket.number)
                )
            ticket._set_feasibility("asked")
            ticket._schedule_step(
                self.env._("Study whether it can be done, and at what cost"), "team_leader"
            )

    def action_feasible(self):
        """It can be done: the salesperson prepares the quote."""
        for ticket in self:
            ticket._check_feasibility("asked")
            ticket._set_feasibility("feasible")
            ticket._schedule_step(self.env._("Prepare the quote"), "contract_manager")

    def action_not_feasible(self):
        for ticket in self:
            ticket._check_feasibility("asked")
            ticket._set_feasibility("not_feasible")

    # === BUSINESS METHODS === #

    def _check_feasibility(self, state):
        """Refuse a step from another state, a double click included."""
        self.ensure_one()
        self.check_access("write")
        if self.feasibility_state != state:
            labels = dict(self._fields["feasibility_state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "Feasibility Study of %(request)s: “%(state)s”, this step does not apply.",
                    request=self.number,
                    state=labels[self.feasibility_state],
                )
            )

    def _set_feasibility(self, state):
        """Move to ``state`` once the rights were checked, and settle the activity before it."""
        self.sudo().feasibility_state = state
        self.activity_feedback(["maintenance_contract.mail_activity_feasibility"])

    def _schedule_step(self, summary, recipient):
        user = self._get_alert_user(recipient) or self.env.user
        self.activity_schedule(
            "maintenance_contract.mail_activity_feasibility", summary=summary, user_id=user.id
        )

    def _prepare_quotation(self):
        """What the quote of a feasible request starts from; quoting itself belongs to billing.

        :rtype: dict
        """
        self.ensure_one()
        contract = self.contract_id
        return {
            "partner_id": (contract.partner_id or self.commercial_partner_id).id,
            "company_id": self.company_id.id,
            "user_id": contract.user_id.id,
            "origin": self.number,
            "client_order_ref": contract.customer_reference,
        }
