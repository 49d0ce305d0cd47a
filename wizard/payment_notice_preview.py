from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class MaintenancePaymentNoticePreview(models.TransientModel):
    """Shows what payment notices will ask for before they are sent."""

    _name = "maintenance.payment.notice.preview"
    _description = "Send Payment Notices"

    contract_ids = fields.Many2many("maintenance.contract", string="Contracts", required=True)
    line_ids = fields.One2many(
        "maintenance.payment.notice.preview.line",
        "preview_id",
        compute="_compute_line_ids",
        store=True,
        readonly=True,
    )
    notice_count = fields.Integer("Notices", compute="_compute_counts")
    obstacle_count = fields.Integer("Left Aside", compute="_compute_counts")

    @api.depends("contract_ids")
    def _compute_line_ids(self):
        for preview in self:
            preview.line_ids = [Command.clear(), *map(Command.create, preview._get_lines())]

    @api.depends("line_ids.obstacle")
    def _compute_counts(self):
        for preview in self:
            failing = preview.line_ids.filtered("obstacle")
            preview.obstacle_count = len(failing)
            preview.notice_count = len(preview.line_ids - failing)

    def _get_lines(self):
        """One line for each contract: those of which nothing is overdue are told, too."""
        contracts = self.contract_ids._origin
        contracts.check_access("read")
        obstacles = contracts.sudo()._get_notice_obstacles()
        for contract in contracts:
            vals = contract.sudo()._prepare_payment_notice([])
            yield {
                "contract_id": contract.id,
                "invoice_count": contract.overdue_count,
                "overdue_since": contract.overdue_since,
                "amount": contract.overdue_amount,
                "due_by": vals["due_by"],
                "stops_on": vals["stops_on"],
                "obstacle": obstacles.get(contract, False),
            }

    def action_send(self):
        """Send what is shown; the others are left aside."""
        self.ensure_one()
        notices = self.env["maintenance.payment.notice"]._make(self.contract_ids)
        if not notices:
            raise UserError(self.env._("Nothing is to send: the last column says why."))
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_payment_notice_action"
        )
        action |= {"domain": [("id", "in", notices.ids)], "context": {}}
        if len(notices) == 1:
            action |= {"views": [(False, "form")], "res_id": notices.id}
        return action
