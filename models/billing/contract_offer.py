from odoo import api, fields, models
from odoo.exceptions import UserError

from .const import OFFER_ACTIVITY, PRICE_GROUPS


class MaintenanceContract(models.Model):
    """The offer of a contract: a sale order that the customer signs.

    What is signed is what the contract says. A contract changed since its offer was made asks for
    the next one; the former ones are cancelled and kept.
    """

    _inherit = "maintenance.contract"

    offer_ids = fields.One2many(
        "sale.order",
        "maintenance_contract_id",
        string="Offers",
        domain=[("maintenance_role", "=", "offer")],
        groups=PRICE_GROUPS,
    )
    offer_count = fields.Integer(compute="_compute_offer_id", compute_sudo=True)
    offer_id = fields.Many2one(
        "sale.order",
        compute="_compute_offer_id",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="The one that is open or accepted.",
    )
    offer_changes = fields.Char(
        "Changed Since the Offer",
        compute="_compute_offer_changes",
        compute_sudo=True,
        groups=PRICE_GROUPS,
        help="What of the contract is no longer as it was offered.",
    )

    # === COMPUTE METHODS === #

    @api.depends("offer_ids.state")
    def _compute_offer_id(self):
        for contract in self:
            contract.offer_count = len(contract.offer_ids)
            contract.offer_id = contract.offer_ids.filtered(lambda o: o.state != "cancel")[:1]

    def _compute_offer_changes(self):
        for contract in self:
            is_open = contract.state in ("offered", "accepted")
            contract.offer_changes = is_open and contract.offer_id._describe_changes()

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        if offered := self.filtered("offer_count"):
            raise UserError(
                self.env._(
                    "%s: its offers are kept. Archive it.", ", ".join(offered.mapped("name"))
                )
            )

    # === ACTIONS === #

    def action_make_offer(self):
        """Make the offer of a draft: a quotation, ready to be sent and signed."""
        self.ensure_one()
        self._check_state("draft")
        return self._make_offer()

    def action_renew_offer(self):
        """Make the next offer; the former one is cancelled and kept.

        :raises UserError: when the former one still says the same
        """
        self.ensure_one()
        self._check_state("offered")
        offer = self.sudo().offer_id
        if offer and not offer.is_expired and not offer._describe_changes():
            raise UserError(
                self.env._("Offer %s says what the contract says: send it.", offer.name)
            )
        return self._make_offer()

    def action_view_offers(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_quotations")
        action |= {"domain": [("id", "in", self.offer_ids.ids)], "context": {"create": False}}
        if len(self.offer_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.offer_ids.id}
        return action

    def action_accept(self):
        # EXTENDS coverage: who accepts a contract confirms its offer, which accepts the contract.
        self.check_access("write")
        offers = self.sudo().offer_id._get_open()
        offers.action_confirm()
        return super(MaintenanceContract, self - self._of_offers(offers)).action_accept()

    def action_activate(self):
        # EXTENDS coverage: what starts is what was signed.
        for contract in self.sudo():
            offer = contract.offer_id
            if contract.state == "accepted" and (changes := offer._describe_changes()):
                raise UserError(
                    self.env._(
                        "%(contract)s is no longer what was accepted with %(offer)s: %(changes)s. "
                        "Change it back, or take the contract back to draft and make a new offer.",
                        contract=contract.name,
                        offer=offer.name,
                        changes=changes,
                    )
                )
        return super().action_activate()

    def action_draft(self):
        # EXTENDS coverage: nobody can sign any more.
        result = super().action_draft()
        self.sudo().offer_id._action_cancel()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _of_offers(self, offers):
        return self.browse(offers.maintenance_contract_id.ids)

    def _make_offer(self):
        """Cancel the offer there is and make the next one; opens it.

        Of two clicks one works: the contract is locked, and the database has one offer of a
        contract that is not cancelled.
        """
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        contract = self.sudo()
        contract.offer_id._action_cancel()
        offer = contract.env["sale.order"].create(contract._prepare_offer())
        if self.state == "draft":
            self.action_offer()
        contract.activity_feedback([OFFER_ACTIVITY])
        self.message_post(body=self.env._("Offer made: %s", offer._get_html_link()))
        return offer.with_env(self.env)._get_records_action()

    def _after_offer_accepted(self, offer):
        """The customer signed, or somebody of the staff confirmed; runs in superuser mode."""
        self.ensure_one()
        self.action_accept()
        values = {"offer": offer._get_html_link(), "name": offer.signed_by}
        self.message_post(
            body=self.env._("%(name)s signed offer %(offer)s.", **values)
            if offer.signed_by
            else self.env._("Offer %(offer)s was accepted.", **values)
        )

    def _after_offer_cancelled(self):
        """Nothing is offered any more; runs in superuser mode."""
        self.filtered(lambda contract: contract.state == "offered")._move_to("draft")

    def _tell_salesperson(self, note):
        """Say what there is to do about the offer, once until it is done."""
        if self.activity_search([OFFER_ACTIVITY]):
            return
        self.message_post(body=note)
        user = self.user_id
        if user and self.with_user(user).has_access("read"):
            self.activity_schedule(OFFER_ACTIVITY, note=note, user_id=user.id)
