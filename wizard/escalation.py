from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.core.checks import check_dates


class MaintenanceEscalation(models.TransientModel):
    """Asks what is to be done on site, and, from those who plan, who goes and when."""

    _name = "maintenance.escalation"
    _inherit = "maintenance.ticket.wizard"
    _description = "Escalate on Site"
    _ticket_access = "write"

    company_id = fields.Many2one(related="ticket_id.company_id")
    equipment_id = fields.Many2one(related="ticket_id.equipment_id")
    customer_id = fields.Many2one(related="ticket_id.commercial_partner_id")
    reason = fields.Html(
        "What Is to Be Done",
        required=True,
        help="What was tried from afar, what to bring. The customer does not see it.",
    )
    site_id = fields.Many2one(
        "res.partner",
        compute="_compute_site_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="cascade",
        domain="[('commercial_partner_id', '=', customer_id)]",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Contact on Site",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
    )
    verdict = fields.Selection(related="ticket_id.verdict")
    verdict_summary = fields.Char(related="ticket_id.verdict_summary")
    open_intervention_count = fields.Integer(related="ticket_id.open_intervention_count")
    arrival_deadline = fields.Datetime("On Site By", compute="_compute_arrival_deadline")
    can_plan = fields.Boolean(compute="_compute_can_plan")
    technician_ids = fields.Many2many(
        "res.users",
        string="Technicians",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    start = fields.Datetime()
    end = fields.Datetime()

    @api.depends("ticket_id")
    def _compute_site_id(self):
        for wizard in self:
            ticket = wizard.ticket_id
            wizard.site_id = ticket.equipment_id.site_id or ticket.commercial_partner_id

    @api.depends("ticket_id")
    def _compute_contact_id(self):
        for wizard in self:
            wizard.contact_id = wizard.ticket_id.partner_id

    @api.depends("ticket_id")
    def _compute_arrival_deadline(self):
        for wizard in self:
            ticket = wizard.ticket_id
            wizard.arrival_deadline = ticket and ticket._get_arrival_deadline()

    @api.depends_context("uid")
    def _compute_can_plan(self):
        self.can_plan = self.env["maintenance.intervention"].has_access("create")

    @api.constrains("technician_ids", "start", "end")
    def _check_planning(self):
        check_dates(self, "start", "end")
        for wizard in self:
            planning = (wizard.technician_ids, wizard.start, wizard.end)
            if any(planning) and not all(planning):
                raise ValidationError(
                    self.env._("To plan at once, give the technicians, the start and the end.")
                )
            if wizard.start and wizard.end <= wizard.start:
                raise ValidationError(self.env._("End: it must be after the start."))
            if strangers := wizard.technician_ids.filtered(
                lambda user, company=wizard.company_id: (
                    user.share or company not in user.company_ids
                )
            ):
                raise ValidationError(
                    self.env._(
                        "Technicians: %s do not work for this company.",
                        ", ".join(strangers.mapped("name")),
                    )
                )

    def action_escalate(self):
        """Open the intervention, and show it to who may go on with it."""
        self.ensure_one()
        planning = self.start and {
            "start": self.start,
            "end": self.end,
            "technicians": self.technician_ids,
        }
        intervention = self.ticket_id._escalate_on_site(
            self.reason, self.site_id, self.contact_id, planning
        )
        if intervention.sudo(False).has_access("write"):
            return {
                "type": "ir.actions.act_window",
                "res_model": "maintenance.intervention",
                "view_mode": "form",
                "res_id": intervention.id,
            }
        return {"type": "ir.actions.act_window_close"}
