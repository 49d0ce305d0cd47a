from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..models.billing.contract_invoice import CONTRACTS_AT_ONCE, INVOICED_STATES


class MaintenanceBillingPreview(models.TransientModel):
    """Shows what a date will bring before it is invoiced."""

    _name = "maintenance.billing.preview"
    _description = "Invoice Contracts"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    date = fields.Date(
        "Due By",
        required=True,
        default=lambda self: self.env.company._get_today(),
        help="What is to invoice by this day.",
    )
    contract_ids = fields.Many2many(
        "maintenance.contract",
        string="Contracts",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all contracts of the company.",
    )
    line_ids = fields.One2many(
        "maintenance.billing.preview.line",
        "preview_id",
        compute="_compute_line_ids",
        store=True,
        readonly=True,
    )
    invoice_count = fields.Integer("Invoices", compute="_compute_counts")
    obstacle_count = fields.Integer("Left Aside", compute="_compute_counts")

    @api.depends("company_id", "date", "contract_ids")
    def _compute_line_ids(self):
        for preview in self:
            preview.line_ids = [Command.clear(), *map(Command.create, preview._get_lines())]

    @api.depends("line_ids.obstacle")
    def _compute_counts(self):
        for preview in self:
            failing = preview.line_ids.filtered("obstacle")
            preview.obstacle_count = len(failing)
            preview.invoice_count = len(preview.line_ids - failing)

    def _get_contracts(self):
        """The contracts of which something is to invoice by the day chosen."""
        if not self.date:
            return self.env["maintenance.contract"]
        contracts = self.env["maintenance.contract"]
        domain = contracts._get_to_invoice_domain(self.company_id, self.date)
        if self.contract_ids:
            domain &= Domain("id", "in", self.contract_ids.ids)
        return contracts.search(domain, order="id")

    def _get_lines(self):
        """One line for each invoice to come."""
        self.ensure_one()
        contracts = self._get_contracts()
        periods = self.env["maintenance.billing.period"].search(
            [
                ("contract_id", "in", contracts.ids),
                ("contract_id.state", "in", INVOICED_STATES),
                ("state", "=", "to_invoice"),
                ("amount", "!=", 0),
                ("date_invoice", "<=", self.date),
            ]
        )
        obstacles = contracts.sudo().with_company(self.company_id)._get_billing_obstacles()
        # Those that cannot be invoiced keep no other of their customer from it.
        groups = periods.grouped(
            lambda period: (obstacles.get(period.contract_id), period.sudo()._get_invoice_key())
        )
        for (obstacle, _key), group in groups.items():
            yield {
                "partner_id": group.partner_id.id,
                "contract_ids": [Command.set(group.contract_id.ids)],
                "date_invoice": group[0].date_invoice,
                "period_count": len(group),
                "currency_id": group.currency_id.id,
                "amount": sum(group.mapped("amount")),
                "obstacle": obstacle,
            }

    def action_create_invoices(self):
        """Do what is shown; what cannot be invoiced is told on its contract."""
        self.ensure_one()
        self.env["account.move"].check_access("create")
        contracts = self._get_contracts()
        if not contracts:
            raise UserError(
                self.env._("Nothing is to invoice by %s.", format_date(self.env, self.date))
            )
        if len(contracts) > CONTRACTS_AT_ONCE:
            return self._leave_to_cron()
        moves = contracts.sudo()._invoice_by_company({self.company_id: self.date})
        if not moves:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return contracts._get_invoices_action(moves)

    def _leave_to_cron(self):
        if self.date > self.company_id._get_today():
            raise UserError(
                self.env._(
                    "Due By: more than %s contracts would be invoiced ahead of their day. Choose "
                    "some contracts.",
                    CONTRACTS_AT_ONCE,
                )
            )
        self.env.ref("maintenance_contract.ir_cron_invoice_due").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The invoices are being made. This takes some minutes."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
