from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .billing_common import BillingCommon

TOUR = "offer to first invoice"


@tagged("post_install", "-at_install")
class TestOfferTour(BillingCommon, HttpCase):
    """A contract is offered, signed on the portal, activated and invoiced, each by its role."""

    @classmethod
    def _create_users(cls):
        cls.env["res.lang"]._activate_lang("en_US")
        result = super()._create_users()
        users = cls.manager | cls.accountant
        users.lang = "en_US"
        for user in users:
            user.password = user.login
        return result

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Anne Rochat",
                "email": "anne.rochat@horloger.example",
                "parent_id": cls.customer.id,
            }
        )
        cls.customer.email = "achats@horloger.example"
        cls.portal_user = cls._create_user("mc_customer", "base.group_portal")
        cls.portal_user.write(
            {"partner_id": cls.contact.id, "lang": "en_US", "password": "mc_customer"}
        )

    def test_offer_to_first_invoice(self):
        today = fields.Date.context_today(self.manager)
        contract = self._create_contract(
            date_start=today.replace(day=1),
            term_months=12,
            billing_period="quarter",
            warranty_type_id=self.quiet_type.id,
            coverage_ids=[
                Command.create({"equipment_id": self._create_equipment().id, "price": 1200})
            ],
        )
        self._start("offer", self.manager)
        offer = contract.offer_id
        self.assertRecordValues(offer, [{"state": "sent", "maintenance_revision": 1}])
        self.start_tour("/my/quotes", f"{TOUR}: signature", login=self.portal_user.login)
        self.env.invalidate_all()
        self.assertRecordValues(offer, [{"state": "sale", "signed_by": "Anne Rochat"}])
        self.assertEqual(contract.state, "accepted")
        signed = offer.message_ids.filtered(lambda m: "signed by Anne Rochat" in (m.body or ""))
        self.assertEqual(signed.attachment_ids.mapped("name"), [f"{offer.name}.pdf"])
        self._start("activation", self.manager)
        self.env.invalidate_all()
        self.assertEqual(len(contract.billing_period_ids), 4, "a quarter each")
        self._start("invoice", self.accountant)
        self.env.invalidate_all()
        invoice = contract.billing_period_ids.move_id
        self.assertRecordValues(
            invoice,
            [{"state": "posted", "amount_untaxed": 300, "partner_id": self.customer.id}],
        )
        self.assertFalse(offer.invoice_ids)

    def _start(self, role, user):
        self.start_tour(
            "/odoo/action-maintenance_contract.maintenance_contract_action",
            f"{TOUR}: {role}",
            login=user.login,
        )
