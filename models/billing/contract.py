from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.checks import check_dates
from ..core.windows import open_window
from .const import PRICE_GROUPS


class MaintenanceContract(models.Model):
    """How a contract is invoiced, and what of it is."""

    _name = "maintenance.contract"
    _inherit = ["maintenance.contract", "analytic.mixin"]
    _guarded_fields = frozenset({"billing_until", "next_invoice_date", "billing_failure"})
    # What the schedule is made from.
    _schedule_fields = frozenset(
        {
            "billing_period", "billing_months", "billing_timing", "billing_alignment",
            "billing_proration", "billing_from", "date_start", "term_months", "renewal",
        }
    )  # fmt: skip

    # When and how much
    billing_timing = fields.Selection(
        [("advance", "In advance"), ("arrears", "In arrears")],
        string="Invoiced",
        default="advance",
        required=True,
        tracking=True,
        help="On the first day of each period, or on its last.",
    )
    billing_alignment = fields.Selection(
        [("contract", "Start of the contract"), ("calendar", "Calendar")],
        string="Periods Counted From",
        default="contract",
        required=True,
        tracking=True,
        help="The calendar: from 1 January. The first period is then short.",
    )
    billing_proration = fields.Selection(
        [("days", "By days"), ("thirtieths", "By thirtieths"), ("none", "None")],
        string="Pro Rata",
        default="days",
        required=True,
        tracking=True,
        help="Of a period that is not covered whole. By days: the days covered, out of those of "
        "the period; six months of a year are 181 days of 365. By thirtieths: each month has 30 "
        "days; six months of a year are half of it. None: a period begun is due whole.",
    )
    billing_from = fields.Date(
        "Invoiced From",
        copy=False,
        tracking=True,
        help="Of a contract taken over: what is before this day was invoiced elsewhere. Empty: "
        "from its start.",
    )

    # How the invoices are made
    invoice_state = fields.Selection(
        [("draft", "Drafts"), ("posted", "Posted")],
        string="Invoices Are Made As",
        default="draft",
        required=True,
        tracking=True,
    )
    invoice_grouping = fields.Selection(
        [("contract", "Contract"), ("customer", "Billed customer")],
        string="One Invoice Per",
        default="contract",
        required=True,
        tracking=True,
        help="By customer, contracts invoiced on the same day with the same conditions share one "
        "invoice.",
    )
    invoice_detail = fields.Selection(
        [("equipment", "Equipment"), ("site", "Site"), ("contract", "Contract")],
        string="One Line Per",
        default="equipment",
        required=True,
        tracking=True,
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Empty: those of the customer.",
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Empty: the one of the customer.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Invoicing Journal",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'sale')]",
        help="Empty: the first sales journal of the company.",
    )

    # What is billed
    fee_ids = fields.One2many(
        "maintenance.fee",
        "contract_id",
        string="One-Off Lines",
        copy=True,
        groups=PRICE_GROUPS,
    )
    billing_period_ids = fields.One2many(
        "maintenance.billing.period", "contract_id", groups=PRICE_GROUPS
    )
    billing_period_count = fields.Integer(
        compute="_compute_billing_counts", groups=PRICE_GROUPS, compute_sudo=True
    )
    invoice_count = fields.Integer(
        compute="_compute_billing_counts", groups=PRICE_GROUPS, compute_sudo=True
    )
    billing_until = fields.Date(
        readonly=True, copy=False, help="The billing schedule exists up to this day."
    )
    next_invoice_date = fields.Date(
        "Next Invoice",
        compute="_compute_next_invoice_date",
        store=True,
        readonly=True,
        copy=False,
        help="The first day on which something is to invoice.",
    )
    billing_failure = fields.Char(
        "Why Not Invoiced", readonly=True, copy=False, help="What the last run could not invoice."
    )

    # What the nightly run looks for.
    _next_invoice_idx = models.Index("(next_invoice_date) WHERE next_invoice_date IS NOT NULL")
    _billing_until_idx = models.Index(
        "(billing_until) WHERE state IN ('accepted', 'active', 'ended', 'terminated')"
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "billing_period_ids.state", "billing_period_ids.date_invoice", "billing_period_ids.amount"
    )
    def _compute_next_invoice_date(self):
        dates = dict(
            self.env["maintenance.billing.period"]._read_group(
                [
                    ("contract_id", "in", self.ids),
                    ("state", "=", "to_invoice"),
                    # Nothing is made of what is free.
                    ("amount", "!=", 0),
                ],
                ["contract_id"],
                ["date_invoice:min"],
            )
        )
        for contract in self:
            contract.next_invoice_date = dates.get(contract, False)

    @api.depends("billing_period_ids.move_id")
    def _compute_billing_counts(self):
        periods, invoices = (
            dict(self.env[model]._read_group([(name, "in", self.ids)], [name], ["__count"]))
            for model, name in (
                ("maintenance.billing.period", "contract_id"),
                ("account.move", "maintenance_contract_ids"),
            )
        )
        for contract in self:
            contract.billing_period_count = periods.get(contract._origin, 0)
            contract.invoice_count = invoices.get(contract._origin, 0)

    # === CONSTRAINTS === #

    @api.constrains("billing_from")
    def _check_billing_from(self):
        check_dates(self, "billing_from")

    # === CRUD === #

    def write(self, vals):
        if "billing_from" in vals:
            self._check_nothing_billed(fields.Date.to_date(vals["billing_from"]))
        if "currency_id" in vals:
            self._check_currency_is_free(vals["currency_id"])
        result = super().write(vals)
        if self._schedule_fields & vals.keys():
            self.sudo()._plan_billing_schedule()
        return result

    def _check_nothing_billed(self, day):
        if billed := self.filtered(
            lambda contract: (
                contract.billing_from != day
                and any(period.move_id for period in contract.sudo().billing_period_ids)
            )
        ):
            raise UserError(
                self.env._(
                    "Invoiced From: %s is invoiced already.", ", ".join(billed.mapped("name"))
                )
            )

    def _check_currency_is_free(self, currency_id):
        if billed := self.filtered(
            lambda contract: (
                contract.currency_id.id != currency_id and contract.sudo().billing_period_ids
            )
        ):
            raise UserError(
                self.env._(
                    "Currency: the billing schedule of %s is in it.",
                    ", ".join(billed.mapped("name")),
                )
            )

    # === ACTIONS === #

    def action_view_billing_periods(self):
        return open_window(
            self,
            "maintenance_billing_period_action",
            domain=[("contract_id", "=", self.id)],
            context={},
        )

    def action_view_invoices(self):
        self.ensure_one()
        moves = self.env["account.move"].search([("maintenance_contract_ids", "in", self.ids)])
        return self._get_invoices_action(moves)

    def _get_invoices_action(self, moves):
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice")
        action |= {
            "domain": [("id", "in", moves.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }
        if len(moves) == 1:
            action |= {"views": [(False, "form")], "res_id": moves.id}
        return action
