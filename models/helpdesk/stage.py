from odoo import api, fields, models
from odoo.exceptions import ValidationError

STEPS = [
    ("new", "New"),
    ("in_progress", "In Progress"),
    ("waiting", "Waiting"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
OPEN_STEPS = ("new", "in_progress", "waiting")
FINAL_STEPS = ("closed", "cancelled")

_STEPS_OF_STAGES = {
    "helpdesk_ticket_stage_new": "new",
    "helpdesk_ticket_stage_in_progress": "in_progress",
    "helpdesk_ticket_stage_awaiting": "waiting",
    "helpdesk_ticket_stage_done": "closed",
    "helpdesk_ticket_stage_cancelled": "cancelled",
    "helpdesk_ticket_stage_rejected": "cancelled",
}


class HelpdeskTicketStage(models.Model):
    """A stage stands for a step in the life of a request; a team may have several for one step.

    The name of a stage is free. What the program does, it does by the step.
    """

    _inherit = "helpdesk.ticket.stage"

    maintenance_step = fields.Selection(
        STEPS,
        string="Step",
        required=True,
        compute="_compute_maintenance_step",
        store=True,
        readonly=False,
        precompute=True,
        help="What this stage means: which buttons are offered, and what the clocks do.",
    )

    @api.depends("closed", "unattended")
    def _compute_maintenance_step(self):
        for stage in self:
            if not stage._is_step_consistent():
                stage.maintenance_step = stage._get_plain_step()

    @api.constrains("maintenance_step", "closed")
    def _check_maintenance_step(self):
        for stage in self:
            if not stage._is_step_consistent():
                raise ValidationError(
                    self.env._(
                        "Step: “%s” is either closed, for the steps Closed and Cancelled, or open, "
                        "for the others.",
                        stage.name,
                    )
                )

    def _is_step_consistent(self):
        self.ensure_one()
        is_final = self.maintenance_step in FINAL_STEPS
        return bool(self.maintenance_step) and is_final == self.closed

    def _get_plain_step(self):
        """The step of a stage nobody said anything about."""
        self.ensure_one()
        if self.closed:
            return "closed"
        return "new" if self.unattended else "in_progress"

    @api.model
    def _set_up_steps(self):
        """Tell the steps of the stages that come with the helpdesk; done once.

        They send the customer a mail that greets him by the name of the technician: what he needs
        to know, the steps tell him themselves.
        """
        if self.env.ref("maintenance_contract.stage_resolved", raise_if_not_found=False):
            return
        for name, step in _STEPS_OF_STAGES.items():
            stage = self.env.ref(f"helpdesk_mgmt.{name}", raise_if_not_found=False)
            if stage:
                stage.write({"maintenance_step": step, "mail_template_id": False})
