from odoo import fields, models


class MaintenanceIdeaVote(models.Model):
    """A customer's contact is for an idea: once, until he takes it back."""

    _name = "maintenance.idea.vote"
    _description = "Vote for an Idea"
    _order = "create_date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Idea",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer", store=True
    )

    _ticket_partner_uniq = models.Constraint(
        "UNIQUE (ticket_id, partner_id)", "Vote: this contact has voted for this idea already."
    )
