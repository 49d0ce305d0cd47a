from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.batch import process_in_batches, tell_failure
from ..core.windows import open_form

# Who makes and reads quotes; technicians see no price.
QUOTE_GROUPS = (
    "maintenance_contract.group_dispatcher,maintenance_contract.group_contract_manager,"
    "sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly"
)
OPEN_STATES = ("draft", "sent")
QUOTES_PER_BATCH = 50


class SaleOrder(models.Model):
    """A quote of work that no contract pays for, or not all of it (seed 003 §1.3).

    It is made from a request or an intervention, at the public tariff of the day of the request.
    What is covered stays on it at zero. While it waits for the customer's signature the request
    waits too; signed, it takes the time of the technicians and the parts that leave the stock,
    and Odoo invoices what was delivered.
    """

    _inherit = "sale.order"

    _guarded_fields = frozenset(
        {
            "maintenance_ticket_id", "maintenance_intervention_id", "requested_at",
            "covered_parts", "covered_labour", "covered_travel", "covered_by",
        }
    )  # fmt: skip

    maintenance_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    maintenance_intervention_id = fields.Many2one(
        "maintenance.intervention",
        string="Intervention",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    requested_at = fields.Datetime(
        "Requested On",
        readonly=True,
        copy=False,
        help="The prices are those of the public tariff on this day.",
    )
    covered_parts = fields.Float("Parts Covered (%)", readonly=True, copy=False, digits=(5, 2))
    covered_labour = fields.Float("Labour Covered (%)", readonly=True, copy=False, digits=(5, 2))
    covered_travel = fields.Float("Travel Covered (%)", readonly=True, copy=False, digits=(5, 2))
    covered_by = fields.Char(
        readonly=True, copy=False, help="What pays of it, in the language of the customer."
    )
    is_coverage_outdated = fields.Boolean(
        compute="_compute_is_coverage_outdated",
        compute_sudo=True,
        help="It was decided anew who pays, since the quote was made.",
    )
    longest_lead = fields.Integer("Longest Delivery (Days)", compute="_compute_longest_lead")
    hours_before = fields.Float(
        "Hours Already Spent",
        compute="_compute_hours_before",
        compute_sudo=True,
        help="Booked on the tasks that the quote is for, before the customer has signed.",
    )

    _open_ticket_uniq = models.UniqueIndex(
        "(maintenance_ticket_id) WHERE maintenance_ticket_id IS NOT NULL "
        "AND state IN ('draft', 'sent')",
        "Request: it has a quote already that waits for the customer.",
    )
    _open_intervention_uniq = models.UniqueIndex(
        "(maintenance_intervention_id) WHERE maintenance_intervention_id IS NOT NULL "
        "AND state IN ('draft', 'sent')",
        "Intervention: it has a quote already that waits for the customer.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state", "covered_parts", "covered_labour", "covered_travel",
        "maintenance_ticket_id.parts_percent", "maintenance_ticket_id.labour_percent",
        "maintenance_ticket_id.travel_percent",
    )  # fmt: skip
    def _compute_is_coverage_outdated(self):
        for order in self:
            ticket = order.maintenance_ticket_id
            order.is_coverage_outdated = (
                bool(ticket)
                and order.state in OPEN_STATES
                and (order.covered_parts, order.covered_labour, order.covered_travel)
                != (ticket.parts_percent, ticket.labour_percent, ticket.travel_percent)
            )

    @api.depends("order_line.customer_lead", "order_line.maintenance_kind")
    def _compute_longest_lead(self):
        for order in self:
            parts = order.order_line.filtered(lambda line: line.maintenance_kind == "part")
            order.longest_lead = round(max(parts.mapped("customer_lead"), default=0))

    @api.depends("maintenance_ticket_id", "maintenance_intervention_id")
    def _compute_hours_before(self):
        for order in self:
            order.hours_before = sum(order._get_tasks().mapped("effective_hours"))

    def _get_invoiced(self):
        # EXTENDS 'sale': who may read an order is told how many invoices it has.
        return super(SaleOrder, self.sudo())._get_invoiced()

    def _compute_project_ids(self):
        # EXTENDS 'sale_project', which reads what only salespeople may.
        return super(SaleOrder, self.sudo())._compute_project_ids()

    def _compute_show_hours_recorded_button(self):
        # EXTENDS 'sale_timesheet', likewise
        return super(SaleOrder, self.sudo())._compute_show_hours_recorded_button()

    # === CRUD === #

    def write(self, vals):
        quotes = self.filtered(lambda order: order._is_maintenance_quote())
        states = {order: order.state for order in quotes}
        result = super().write(vals)
        if "state" in vals:
            for order, state in states.items():
                if order.state != state:
                    # Who moved the order had the right to; the request and the tasks follow.
                    order.sudo()._follow_state()
        return result

    # === ACTIONS === #

    def action_view_maintenance_ticket(self):
        return open_form(self, "maintenance_ticket_id")

    def action_view_maintenance_intervention(self):
        return open_form(self, "maintenance_intervention_id")

    def action_update_coverage(self):
        """Follow who pays for the request now; its prices stay those of the day of the request."""
        self.check_access("write")
        for order in self.filtered("is_coverage_outdated").sudo():
            vals = order.maintenance_ticket_id._prepare_coverage_vals(order.partner_id.lang)
            order.write(vals)

    def _action_cancel(self):
        # EXTENDS 'sale_stock': who may give up a quote gives up its delivery, too.
        quotes = self.filtered(lambda order: order._is_maintenance_quote())
        quotes.check_access("write")
        others = super(SaleOrder, self - quotes)._action_cancel() if self - quotes else True
        return super(SaleOrder, quotes.sudo())._action_cancel() and others

    # === BUSINESS METHODS === #

    def _is_maintenance_quote(self):
        self.ensure_one()
        return self.maintenance_role == "quote"

    def _get_covered_shares(self):
        """Percents covered, by kind of line; see `tools.quote`.

        :rtype: dict[str, Decimal]
        """
        self.ensure_one()
        return {
            kind: Decimal(str(self[name]))
            for kind, name in (
                ("part", "covered_parts"),
                ("labour", "covered_labour"),
                ("travel", "covered_travel"),
            )
        }

    def _follow_state(self):
        """Let the request and the tasks follow the step that the quote has just made."""
        self.ensure_one()
        if self.state == "sent":
            self.maintenance_ticket_id._wait_for_quote()
        elif self.state == "sale":
            self._take_tasks()
            self.maintenance_ticket_id._end_quote(self, "accepted")
        elif self.state == "cancel":
            self._leave_tasks()
            self.maintenance_ticket_id._end_quote(self, self._get_ending())

    def _get_ending(self):
        """Why the quote came to nothing: ``declined``, ``expired`` or ``cancelled``."""
        if self.env.context.get("is_declined_by_customer"):
            return "declined"
        is_late = self.validity_date and self.validity_date < self.company_id._get_today()
        return "expired" if is_late else "cancelled"

    # === TIME AND TRAVEL === #

    def _get_tasks(self):
        """The tasks whose time the quote is for.

        Made from an intervention: its own. Made from a request: those of the interventions that
        are still to be done; what was closed before is history, and was not quoted.
        """
        intervention = self.maintenance_intervention_id
        to_do = intervention or self.maintenance_ticket_id.intervention_ids.filtered(
            lambda intervention: intervention.state not in ("closed", "cancelled")
        )
        return to_do.task_ids

    def _get_lines(self, kind):
        return self.order_line.filtered(lambda line: line.maintenance_kind == kind)

    def _take_tasks(self):
        """Count the time of the tasks on the line of labour, as delivered.

        That booked before the signature is part of it: the quote showed it to the customer, and
        the verdict, by the discount of the line, says what it costs.
        """
        tasks = self._get_tasks().filtered(
            lambda task: not task.sale_line_id or task.sale_line_id.order_id.state == "cancel"
        )
        # Projects of companies that were there before quotes were; tasks may come later, too.
        projects = tasks.project_id | self.company_id.planning_project_id
        projects.filtered(lambda project: not project.allow_billable).allow_billable = True
        tasks.sale_line_id = self._get_lines("labour")[:1]

    def _leave_tasks(self):
        """What is not billed yet is on no order any more."""
        tasks = self.env["project.task"].search([("sale_line_id", "in", self.order_line.ids)])
        tasks.sale_line_id = False

    def _deliver_travel(self):
        """Somebody went there: the travel is delivered as quoted.

        More trips than were quoted are counted by hand.
        """
        for line in self._get_lines("travel"):
            line.qty_delivered = line.qty_delivered or line.product_uom_qty

    # === EXPIRY === #

    @api.model
    def _cron_expire_quotes(self):
        """Give up the quotes that the customer did not sign in time."""
        process_in_batches(
            self,
            Domain.OR(
                Domain("company_id", "=", company.id) & Domain("validity_date", "<", today)
                for company, today in self.env["res.company"]._get_local_days().items()
            )
            & Domain("maintenance_role", "=", "quote")
            & Domain("state", "=", "sent"),
            QUOTES_PER_BATCH,
            lambda orders: orders._expire(),
            tell_failure,
        )

    def _expire(self):
        for order in self:
            order = order.company_id._at_work(order)
            order.message_post(
                body=self.env._(
                    "Not signed until %s: the quote is given up.",
                    format_date(order.env, order.validity_date),
                )
            )
            order._action_cancel()

    # === CATALOG: THE PRICES OF THE DAY OF THE REQUEST === #

    def _get_product_catalog_order_data(self, products, **kwargs):
        # EXTENDS 'sale'
        result = super()._get_product_catalog_order_data(products, **kwargs)
        if self.requested_at:
            prices = self._get_tariff_prices(products)
            for product in products:
                result[product.id]["price"] = prices[product.id]
        return result

    def _update_order_line_info(self, product_id, quantity, **kwargs):
        # EXTENDS 'sale'
        price = super()._update_order_line_info(product_id, quantity, **kwargs)
        if self.requested_at and not quantity:
            product = self.env["product.product"].browse(product_id)
            return self._get_tariff_prices(product)[product_id]
        return price

    def _get_tariff_prices(self, products):
        """Prices of a unit on the day of the request.

        :rtype: dict[int, float]
        """
        return self.pricelist_id._get_products_price(
            products, quantity=1.0, currency=self.currency_id, date=self.requested_at
        )
