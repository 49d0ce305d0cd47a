from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..core.windows import open_form
from .const import PRICE_GROUPS

OPEN_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    """What is sold for a contract: its offer before it starts, or a quote beside it.

    The lines of an offer that come from the contract are the contract's: they change with the next
    offer only, and are invoiced by its billing schedule. What a salesperson adds is Odoo's own.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "maintenance.guarded.mixin"]

    maintenance_contract_id = fields.Many2one(
        "maintenance.contract",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
    )
    maintenance_role = fields.Selection(
        [("offer", "Offer of a contract"), ("quote", "Out of contract")],
        index="btree_not_null",
        copy=False,
        help="What the order is for the maintenance: the offer of a contract, or the quote of work "
        "that no contract pays for.",
    )
    maintenance_revision = fields.Integer(
        "Offer Revision", readonly=True, copy=False, help="1 for the first offer of a contract."
    )
    maintenance_terms = fields.Html(
        "Terms of the Contract",
        readonly=True,
        copy=False,
        help="Term, renewal, invoices and prices, as they are signed.",
    )
    # What the contract said when the offer was made, as plain values.
    maintenance_content = fields.Json(readonly=True, copy=False, groups="base.group_user")
    maintenance_changes = fields.Char(
        "Changed in the Contract",
        compute="_compute_maintenance_changes",
        compute_sudo=True,
        groups="base.group_user",
        help="What of the contract is no longer as this offer says: a new one has to be made.",
    )
    maintenance_invoice_count = fields.Integer(
        compute="_compute_maintenance_invoice_count", compute_sudo=True, groups=PRICE_GROUPS
    )

    _maintenance_offer_uniq = models.UniqueIndex(
        "(maintenance_contract_id) WHERE maintenance_role = 'offer' AND state != 'cancel'",
        "This contract has an offer already.",
    )

    # What an offer has from its contract.
    _offer_fields = frozenset(
        {
            "maintenance_contract_id", "maintenance_role", "maintenance_revision",
            "maintenance_terms", "maintenance_content", "company_id", "partner_id",
            "partner_invoice_id", "pricelist_id", "currency_id", "fiscal_position_id",
            "payment_term_id", "sale_order_template_id", "note", "require_signature",
            "require_payment",
        }
    )  # fmt: skip
    # What the customer gives on his page: nobody gives it for him.
    _signature_fields = frozenset({"signature", "signed_by", "signed_on"})

    # === COMPUTE METHODS === #

    def _compute_maintenance_changes(self):
        for order in self:
            order.maintenance_changes = order._get_open()._describe_changes()

    def _compute_maintenance_invoice_count(self):
        for order in self:
            order.maintenance_invoice_count = order.maintenance_contract_id.invoice_count

    @api.depends("maintenance_role", "maintenance_contract_id")
    def _compute_currency_id(self):
        # EXTENDS 'sale': the contract's when the offer was made, without a price list of it.
        result = super()._compute_currency_id()
        for offer in self._get_offers():
            offer.currency_id = offer.maintenance_contract_id.currency_id
        return result

    @api.depends("maintenance_role")
    def _compute_type_name(self):
        # EXTENDS 'sale'
        result = super()._compute_type_name()
        self._get_offers().type_name = self.env._("Offer")
        return result

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # The context and the user's own defaults name a role, too.
        default = {} if self.env.su else self.default_get(["maintenance_role"])
        for vals in vals_list:
            if not self.env.su and {**default, **vals}.get("maintenance_role") == "offer":
                raise AccessError(self.env._("The offer of a contract is made by the contract."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if vals.get("maintenance_role") == "offer":
                raise AccessError(self.env._("The offer of a contract is made by the contract."))
            if self._offer_fields & vals.keys() and (offers := self._get_offers()):
                offers._refuse_change(self._offer_fields & vals.keys())
            given = {name for name in self._signature_fields if vals.get(name)}
            if given and self.filtered("maintenance_role"):
                self._check_guarded(vals, given)
        return super().write(vals)

    def _refuse_change(self, names):
        raise UserError(
            self.env._(
                "%(offer)s: %(fields)s come from the contract. Change the contract and make a new "
                "offer.",
                offer=", ".join(self.mapped("name")),
                fields=", ".join(
                    sorted(self._fields[name]._description_string(self.env) for name in names)
                ),
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offer(self):
        if offers := self._get_offers():
            raise UserError(
                self.env._("%s: offers are kept. Cancel it.", ", ".join(offers.mapped("name")))
            )

    def _get_copiable_order_lines(self):
        # EXTENDS 'sale': a copy is an ordinary quotation of what was sold beside the contract.
        return super()._get_copiable_order_lines().filtered(lambda line: not line.is_contract_line)

    # === ACTIONS === #

    def action_view_maintenance_contract(self):
        return open_form(self, "maintenance_contract_id")

    def action_view_maintenance_invoices(self):
        self.ensure_one()
        self.check_access("read")
        if not self.maintenance_contract_id:
            return self.action_view_invoice()
        return self.maintenance_contract_id.action_view_invoices()

    def action_draft(self):
        # EXTENDS 'sale'
        if gone := self._get_offers().filtered(lambda offer: offer.state == "cancel"):
            raise UserError(
                self.env._(
                    "%s was cancelled: make a new offer from the contract.",
                    ", ".join(gone.mapped("name")),
                )
            )
        return super().action_draft()

    def action_confirm(self):
        # EXTENDS 'sale': what is signed is not to change meanwhile.
        contracts = self._get_offers().sudo().maintenance_contract_id
        for records in (contracts, contracts.coverage_ids, contracts.fee_ids):
            records.lock_for_update(allow_referencing=True)
        return super().action_confirm()

    def action_open_discount_wizard(self):
        # EXTENDS 'sale'
        self._get_offers()._refuse_change({"order_line"})
        return super().action_open_discount_wizard()

    # === MESSAGES === #

    def _find_mail_template(self):
        # EXTENDS 'sale'
        is_offer = self._get_open() and not self.env.context.get("proforma")
        return (is_offer and self._get_offer_template("offer")) or super()._find_mail_template()

    def _get_confirmation_template(self):
        # EXTENDS 'sale'
        template = self._get_offers() and self._get_offer_template("offer_accepted")
        return template or super()._get_confirmation_template()

    @api.model
    def _get_offer_template(self, name):
        name = f"maintenance_contract.mail_template_{name}"
        return self.env.ref(name, raise_if_not_found=False)

    # === LIFE OF AN OFFER === #

    def _get_offers(self):
        return self.filtered(lambda order: order.maintenance_role == "offer")

    def _get_open(self):
        """Those of these offers that can still be signed."""
        return self._get_offers().filtered(lambda offer: offer.state in OPEN_STATES)

    def _describe_changes(self):
        """What the contract says otherwise than this offer, in words; in superuser mode."""
        if not self._get_offers():
            return ""
        changes = self.maintenance_contract_id._get_offer_changes(self.maintenance_content)
        if self.state not in OPEN_STATES:
            # The catalogue goes on; what was signed is in the chatter.
            changes.pop("annex", None)
        return ", ".join(dict.fromkeys(changes.values()))

    def _confirmation_error_message(self):
        # EXTENDS 'sale'
        if changes := self.sudo()._get_open()._describe_changes():
            return self.env._(
                "%(offer)s is out of date: the contract has changed since (%(changes)s). Make a "
                "new offer from the contract.",
                offer=self.name,
                changes=changes,
            )
        return super()._confirmation_error_message()

    def _action_confirm(self):
        # EXTENDS 'sale'
        result = super()._action_confirm()
        for offer in self._get_offers().sudo():
            offer.maintenance_contract_id._after_offer_accepted(offer)
        return result

    def _action_cancel(self):
        # EXTENDS 'sale'
        offers = self._get_offers().sudo().filtered(lambda offer: offer.state != "cancel")
        for offer in offers.filtered(lambda offer: offer.state == "sale"):
            if offer.maintenance_contract_id.state not in ("draft", "offered"):
                raise UserError(
                    self.env._(
                        "%(offer)s was accepted: its contract, %(contract)s, is agreed. Take the "
                        "contract back to draft, or terminate it.",
                        offer=offer.name,
                        contract=offer.maintenance_contract_id.name,
                    )
                )
        result = super()._action_cancel()
        # Before the next one comes: the database has one at a time.
        offers.flush_recordset(["state"])
        offers.maintenance_contract_id._after_offer_cancelled()
        return result

    # === PORTAL AND PRINT === #

    def _prepare_maintenance_annex(self):
        """The annex of the contract, for who may read its offer."""
        self.ensure_one()
        self.check_access("read")
        return self.sudo().maintenance_contract_id._for_customer()._prepare_annex()

    def _has_to_be_signed(self):
        # EXTENDS 'sale': what is out of date cannot be signed.
        return super()._has_to_be_signed() and not self._is_out_of_date()

    def _is_out_of_date(self):
        """Whether this offer could still be signed, were its contract not another by now."""
        return bool(self.sudo()._get_open()._describe_changes())

    def _refuse_signature(self):
        """What the customer reads who signs an offer that is out of date; tells the salesperson.

        :rtype: str
        """
        contract = self._get_contract_of_staff()
        contract._tell_salesperson(
            contract.env._(
                "The customer wanted to sign offer %s, which is out of date. Make a new one.",
                self._get_html_link(),
            )
        )
        return self.env._(
            "The conditions of this offer have changed since it was made, so it can no longer be "
            "signed. We have been told, and send you a new one."
        )

    def _describe_what_follows(self):
        """What the customer reads once he has signed."""
        self.ensure_one()
        contract = self.sudo().maintenance_contract_id
        return self.env._(
            "Your maintenance contract %(contract)s is agreed. It begins on %(start)s: from then "
            "on we plan the visits with you, and the invoices follow as agreed. The signed offer "
            "is in the communication history below.",
            contract=contract.name,
            start=format_date(self.env, contract.date_start),
        )

    def _tell_declined(self):
        """The customer does not want this offer: somebody has to know."""
        contract = self._get_contract_of_staff()
        contract._tell_salesperson(
            contract.env._("The customer declined offer %s.", self._get_html_link())
        )

    def _get_contract_of_staff(self):
        """The contract, in the language of the company: it is no customer who is written to."""
        self.ensure_one()
        contract = self.sudo().maintenance_contract_id
        return contract.company_id._at_work(contract)

    # === INVOICES === #

    def _get_invoiceable_lines(self, final=False):
        # EXTENDS 'sale'
        lines = super()._get_invoiceable_lines(final)
        return lines.filtered(lambda line: not line.is_contract_line)

    def _nothing_to_invoice_error_message(self):
        # EXTENDS 'sale'
        if self._get_offers():
            return self.env._(
                "There is nothing to invoice here: what the contract says is invoiced by its "
                "billing schedule."
            )
        return super()._nothing_to_invoice_error_message()

    def _create_down_payment_section_line_if_needed(self):
        # EXTENDS 'sale'
        if self._get_offers():
            raise UserError(
                self.env._(
                    "The deposit of a contract is a one-off line of it: add it there and make a "
                    "new offer."
                )
            )
        return super()._create_down_payment_section_line_if_needed()

    def _get_update_prices_lines(self):
        # EXTENDS 'sale': these have the prices of the contract.
        return super()._get_update_prices_lines().filtered(lambda line: not line.is_contract_line)
