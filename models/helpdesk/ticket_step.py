from odoo import api, fields, models
from odoo.exceptions import UserError

from .stage import FINAL_STEPS

# What a drag from one stage to another does: the same as the button between these steps.
_MOVES = {
    ("new", "in_progress"): "_take",
    ("waiting", "in_progress"): "action_resume",
    ("resolved", "in_progress"): "action_reopen",
    ("closed", "in_progress"): "action_reopen",
    ("resolved", "closed"): "action_confirm",
}


class HelpdeskTicket(models.Model):
    """A request goes from step to step by its buttons, which check what each step needs.

    The stage is the name a team gives to a step. Writing it by hand, as a drag does, runs the
    same checks and does the same as the button; where the button asks a question, it is refused.
    """

    _inherit = "helpdesk.ticket"

    _guarded_fields = frozenset({"maintenance_step"})

    maintenance_step = fields.Selection(related="stage_id.maintenance_step", store=True, index=True)

    @api.depends("team_id")
    def _compute_stage_id(self):
        # EXTENDS 'helpdesk_mgmt': with another team, the request goes on at the same step.
        steps = {ticket: ticket.stage_id.maintenance_step for ticket in self}
        result = super()._compute_stage_id()
        for ticket in self:
            step = steps[ticket]
            if step and ticket.stage_id.maintenance_step != step:
                ticket.stage_id = ticket._get_stages(step)[:1] or ticket.stage_id
        return result

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        if not self.env.su:
            for ticket in tickets:
                ticket._check_step("new", "in_progress")
        return tickets

    def write(self, vals):
        if "stage_id" not in vals:
            return super().write(vals)
        if not self.env.su:
            return self._write_by_hand(vals)
        steps = {ticket: ticket.maintenance_step for ticket in self}
        result = super().write(vals)
        for ticket, step in steps.items():
            if ticket.maintenance_step != step:
                ticket._enter_step(step)
        return result

    def _write_by_hand(self, vals):
        vals = dict(vals)
        stage = self.env["helpdesk.ticket.stage"].browse(vals.pop("stage_id"))
        result = self.write(vals)
        for ticket in self.filtered(lambda ticket: ticket.stage_id != stage):
            ticket._move_by_hand(stage)
        return result

    def _enter_step(self, old_step):
        """The request has just gone to another step: do what follows, whoever moved it.

        Most of it is done already when a button moved it; a program may write the stage, too.

        :param str old_step: where it comes from
        """
        self.ensure_one()

    def _move_by_hand(self, stage):
        """Do what the button between the two steps does; the stage chosen is kept.

        :raises UserError: naming the button to use
        """
        self.ensure_one()
        self.check_access("write")
        steps = (self.maintenance_step, stage.maintenance_step)
        if stage not in self._get_stages(steps[1]):
            raise UserError(self.env._("Stage: choose one of the stages of the team."))
        if steps[0] != steps[1]:
            if steps not in _MOVES:
                raise UserError(self._explain_refusal(stage))
            getattr(self, _MOVES[steps])()
        if self.maintenance_step == stage.maintenance_step:
            self.sudo().stage_id = stage

    def _explain_refusal(self, stage):
        # The buttons that ask for something that a drag cannot tell.
        button = {
            "waiting": self.env._("Wait for Customer"),
            "resolved": self.env._("Resolve"),
            "closed": self.env._("Resolve"),
            "cancelled": self.env._("Cancel"),
        }.get(stage.maintenance_step)
        if button and self.maintenance_step not in FINAL_STEPS:
            return self.env._(
                "%(request)s: use the button “%(button)s” to go from “%(old)s” to “%(new)s”.",
                request=self.number,
                button=button,
                old=self.stage_id.name,
                new=stage.name,
            )
        return self.env._(
            "%(request)s does not go from “%(old)s” to “%(new)s”.",
            request=self.number,
            old=self.stage_id.name,
            new=stage.name,
        )

    def _check_step(self, *steps):
        """Refuse a button from another step, a double click included.

        :raises UserError: naming the request and its stage
        """
        for ticket in self:
            if ticket.maintenance_step not in steps:
                raise UserError(
                    self.env._(
                        "%(request)s is “%(stage)s”: this step does not apply.",
                        request=ticket.number,
                        stage=ticket.stage_id.name,
                    )
                )

    def _move_to_step(self, step, **values):
        """Write the stage of this step; the caller checked rights and conditions.

        A stage that stands for the step already is kept.

        :raises UserError: when the team has no such stage
        """
        for ticket in self:
            moved = {}
            if ticket.maintenance_step != step:
                moved["stage_id"] = ticket._get_stage(step).id
            ticket.sudo().write({**values, **moved})

    def _get_stage(self, step):
        if stage := self._get_stages(step)[:1]:
            return stage
        raise UserError(
            self.env._(
                "Stage: the team of %(request)s has none for the step “%(step)s”.",
                request=self.number,
                step=dict(self._fields["maintenance_step"]._description_selection(self.env))[step],
            )
        )

    def _get_stages(self, step):
        """The stages of the team that stand for this step, in order."""
        self.ensure_one()
        team = self.sudo().with_company(self.company_id).team_id
        return team._get_applicable_stages().filtered(lambda s: s.maintenance_step == step)
