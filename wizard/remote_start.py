from odoo import api, fields, models


class MaintenanceRemoteStart(models.TransientModel):
    """Asks with which tool, before a remote session is noted and the tool opened.

    Looking at this dialog starts nothing: the clocks are told once the button is pressed.
    """

    _name = "maintenance.remote.start"
    _inherit = "maintenance.ticket.wizard"
    _description = "Start a Remote Session"
    _ticket_access = "write"

    tool_id = fields.Many2one(
        "maintenance.remote.tool",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["maintenance.remote.tool"].search([], limit=1),
    )
    identifier_help = fields.Char(related="tool_id.identifier_help", string="What to Ask For")
    identifier = fields.Char(
        compute="_compute_identifier",
        store=True,
        readonly=False,
        precompute=True,
        help="Of the customer's computer in this tool. What was last used for this equipment, or "
        "for this contact, is proposed.",
    )
    has_link = fields.Boolean(compute="_compute_has_link")
    tier_warning = fields.Char(compute="_compute_tier_warning")
    start = fields.Datetime(help="When the help began. Empty: now.")

    @api.depends("ticket_id", "tool_id")
    def _compute_identifier(self):
        for wizard in self:
            wizard.identifier = wizard.ticket_id._get_last_identifier(wizard.tool_id)

    @api.depends("tool_id.url_template")
    def _compute_has_link(self):
        for wizard in self:
            wizard.has_link = bool(wizard.tool_id.url_template)

    @api.depends("tool_id", "ticket_id")
    def _compute_tier_warning(self):
        """Say it before the work when the tier of the contract does not include this help."""
        for wizard in self:
            wizard.tier_warning = wizard.tool_id._get_tier_warning(wizard.ticket_id.tier_id)

    def action_start(self):
        """Note the session, and open the tool where it has a link."""
        self.ensure_one()
        session = self.env["maintenance.remote.session"].create(
            {
                "ticket_id": self.ticket_id.id,
                "tool_id": self.tool_id.id,
                "identifier": self.identifier,
                "start": self.start or fields.Datetime.now(),
            }
        )
        return session.action_open()
