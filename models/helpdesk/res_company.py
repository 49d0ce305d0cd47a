from odoo import fields, models


class ResCompany(models.Model):
    """How this company writes to the customers who asked it something."""

    _name = "res.company"
    _inherit = ["res.company", "maintenance.finite.mixin"]
    _number_ranges = {"ticket_reopen_days": (0, 3650)}

    is_automatic_ticket_mail = fields.Boolean(
        string="Automatic Mail to Customers",
        default=True,
        help="Receipts, reminders and notices of closing leave by themselves. "
        "Off: nothing leaves but what people write.",
    )
    ticket_reopen_days = fields.Integer(
        string="Days to Re-open a Request",
        default=30,
        help="A customer's message re-opens a request closed for this many days at most. "
        "Later, it opens a new request, linked to the closed one.",
    )
    request_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Default Team of Requests",
        domain="[('company_id', 'in', (id, False))]",
        check_company=True,
        copy=False,
        ondelete="set null",
        groups="base.group_user",
        help="Takes the requests for which no team is chosen: from the portal, noted by hand, or "
        "by mail to an address that is no team's.",
    )

    def _get_request_team(self):
        """The team of requests for which none is chosen: the default, else the only one shown."""
        self.ensure_one()
        team = self.sudo().request_team_id.filtered("active")
        if not team:
            shown = team.search(
                [("company_id", "in", (self.id, False)), ("show_in_portal", "=", True)], limit=2
            )
            team = shown if len(shown) == 1 else team
        return team.with_env(self.env)
