from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core.windows import open_form, open_window
from .sale_order import OPEN_STATES, QUOTE_GROUPS


class MaintenanceQuotableMixin(models.AbstractModel):
    """Something to do for a customer, that may be out of contract: a request, an intervention."""

    _name = "maintenance.quotable.mixin"
    _description = "Work That May Be Quoted"

    quote_count = fields.Integer(
        "Number of Quotes", compute="_compute_quote_count", groups=QUOTE_GROUPS
    )
    has_open_quote = fields.Boolean(compute="_compute_quote_count", groups=QUOTE_GROUPS)

    def _compute_quote_count(self):
        for record in self:
            record.quote_count = len(record._get_quotes())
            record.has_open_quote = bool(record._get_open_quote())

    # === ACTIONS === #

    def action_make_quote(self):
        """Make a quote at the public tariff, or open the one that waits for the customer."""
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order"].check_access("create")
        quote = self._get_open_quote()
        if not quote:
            self._check_quotable()
            # What a quote is for, and what is covered, is written by the program only.
            vals = self.sudo()._prepare_quotation()
            # The database holds one open quote: it has to know of those just given up.
            self.env["sale.order"].flush_model(["state"])
            quote = self.env["sale.order"].sudo().create(vals).sudo(False)
            self.sudo()._after_quote()
        return open_form(quote)

    def action_view_quotes(self):
        quotes = self._get_quotes()
        if len(quotes) == 1:
            return open_form(quotes)
        return open_window(self, "sale_order_action_quotes", domain=[("id", "in", quotes.ids)])

    # === BUSINESS METHODS === #

    def _get_quotes(self):
        """Those that were made for it, as far as the user may read them."""
        raise NotImplementedError

    def _get_open_quote(self):
        """The one that is written or waits for the customer."""
        return self._get_quotes().filtered(lambda quote: quote.state in OPEN_STATES)[:1]

    def _check_quotable(self):
        """Refuse a quote of what is covered, refused, or not studied yet.

        :raises UserError: saying what to do first
        """
        raise NotImplementedError

    def _after_quote(self):
        """The quote was made: settle what asked for it. The rights were checked."""

    def _prepare_quote_vals(self, customer, contact, site, tasks):
        """What all quotes out of contract share.

        :param res.partner customer: who pays
        :param res.partner contact: who asked; he gets the quote when he is the customer's
        :param res.partner site: where the parts go
        :param project.task tasks: planned for it
        :rtype: dict
        """
        labour, travel, tariff = self.company_id._get_quote_settings()
        if contact.commercial_partner_id != customer.commercial_partner_id:
            contact = customer
        return {
            "company_id": self.company_id.id,
            "partner_id": contact.id,
            "partner_invoice_id": customer.address_get(["invoice"])["invoice"],
            "partner_shipping_id": (site or customer).id,
            "user_id": self._get_quote_user().id,
            "pricelist_id": tariff.id,
            "require_signature": True,
            "require_payment": False,
            "maintenance_role": "quote",
            "maintenance_contract_id": self.contract_id.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": labour.id,
                        "product_uom_qty": self._get_quoted_labour(labour, tasks),
                    }
                ),
                Command.create({"product_id": travel.id, "product_uom_qty": 1}),
            ],
        }

    def _get_quote_user(self):
        """The salesperson: that of the contract, unless who makes the quote sells himself."""
        user = self.env.user
        if user.has_group("sales_team.group_sale_salesman"):
            return user
        return self.contract_id.user_id or user

    def _get_quoted_labour(self, product, tasks):
        """The time planned or spent already, one hour where there is none, in the product's unit.

        :rtype: float
        """
        hours = sum(max(task.allocated_hours, task.effective_hours) for task in tasks) or 1
        hour = self.env.ref("uom.product_uom_hour")
        return hour._compute_quantity(hours, product.uom_id, raise_if_failure=False)

    def _refuse_quote(self, reason):
        raise UserError(
            self.env._(
                "%(record)s cannot be quoted: %(reason)s", record=self.display_name, reason=reason
            )
        )
