from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon

SIGNATURE = "R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs="


class OfferCommon(BillingCommon):
    """A draft contract over two machines in Geneva, and its contract manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale_tax = cls.env["account.tax"].create(
            {"name": "VAT 8.1 %", "amount": 8.1, "company_id": cls.geneva.id}
        )
        cls.product = cls.env.ref("maintenance_contract.product_maintenance")
        cls.product.taxes_id = cls.sale_tax
        cls.press = cls._create_equipment("Press", serial_no="P-77")
        cls.robot = cls._create_equipment("Robot", site_id=cls.site_2.id)
        cls.contract = cls._create_contract(
            date_start=date(2027, 1, 1),
            term_months=12,
            renewal="tacit",
            billing_period="quarter",
            warranty_type_id=cls.quiet_type.id,
            tier_id=cls.tier.id,
            coverage_ids=[
                Command.create({"equipment_id": cls.press.id, "price": 1000.01}),
                Command.create({"equipment_id": cls.robot.id, "price": 2345.67}),
            ],
            fee_ids=[
                Command.create(
                    {
                        "product_id": cls.product.id,
                        "name": "Training",
                        "quantity": 2,
                        "price_unit": 450.5,
                    }
                )
            ],
        )
        cls.salesperson = cls._create_user("mc_sales", "sales_team.group_sale_salesman_all_leads")
        cls.startClassPatcher(freeze_time("2026-11-02 09:00:00"))

    def _make_offer(self, contract=None):
        """The offer that the contract manager makes."""
        contract = (contract or self.contract).with_user(self.manager)
        action = contract.action_make_offer()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _sign(self, offer, name="Anne Rochat"):
        """What the portal does when the customer has signed."""
        offer = offer.sudo()
        offer.write({"signed_by": name, "signature": SIGNATURE, "signed_on": fields.Datetime.now()})
        offer._validate_order()

    def _get_lines(self, offer):
        return offer.order_line.filtered(lambda line: not line.display_type)


@tagged("post_install", "-at_install")
class TestOffer(OfferCommon):
    """An offer is made from its contract, and is what the customer signs."""

    def test_lines(self):
        """One line per equipment at its yearly price, then what is paid once."""
        offer = self._make_offer()
        press, robot = self.contract.coverage_ids.sorted("id")
        self.assertRecordValues(
            offer.order_line,
            [
                {
                    "name": "Maintenance, price per year, invoiced per quarter, in advance",
                    "display_type": "line_section",
                    "maintenance_coverage_id": False,
                    "price_subtotal": 0,
                },
                {
                    "name": "Press/P-77, Usine Meyrin\nTest tier, No visits\nfrom 01/01/2027",
                    "display_type": False,
                    "maintenance_coverage_id": press.id,
                    "price_subtotal": 1000.01,
                },
                {
                    "name": "Robot, Usine Nyon\nTest tier, No visits\nfrom 01/01/2027",
                    "display_type": False,
                    "maintenance_coverage_id": robot.id,
                    "price_subtotal": 2345.67,
                },
                {
                    "name": "Paid once",
                    "display_type": "line_section",
                    "maintenance_coverage_id": False,
                    "price_subtotal": 0,
                },
                {
                    "name": "Training",
                    "display_type": False,
                    "maintenance_coverage_id": False,
                    "price_subtotal": 901,
                },
            ],
        )
        self.assertEqual(offer.order_line.maintenance_fee_id, self.contract.fee_ids)
        self.assertEqual(self._get_lines(offer).tax_ids, self.sale_tax)
        self.assertEqual(self.contract.state, "offered")
        self.assertEqual(self.contract.offer_id, offer)
        self.assertRegex(offer.maintenance_terms, "renewed tacitly for 12 months")

    def test_conditions_are_those_of_the_contract(self):
        """Currency, addresses, terms, fiscal position and salesperson: not the customer's own."""
        abroad = self.env["account.tax"].create(
            {"name": "VAT 0 %", "amount": 0, "company_id": self.geneva.id}
        )
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.geneva.id}
        )
        abroad.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(self.sale_tax.ids)],
            }
        )
        self.env["res.partner"].create(
            {"name": "Accounts", "type": "invoice", "parent_id": self.customer.id}
        )
        terms = self.env.ref("account.account_payment_term_30days")
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.contract.write(
            {
                "currency_id": euro.id,
                "fiscal_position_id": position.id,
                "payment_term_id": terms.id,
                "customer_reference": "PO 12",
            }
        )
        offer = self._make_offer()
        self.assertRecordValues(
            offer,
            [
                {
                    "partner_id": self.customer.id,
                    "partner_invoice_id": self.customer.id,
                    "currency_id": euro.id,
                    "fiscal_position_id": position.id,
                    "payment_term_id": terms.id,
                    "user_id": self.manager.id,
                    "company_id": self.geneva.id,
                    "client_order_ref": "PO 12",
                    "origin": self.contract.name,
                    "require_signature": True,
                    "require_payment": False,
                    "amount_untaxed": 4246.68,
                }
            ],
        )
        self.assertEqual(self._get_lines(offer).tax_ids, abroad)
        self.assertEqual(offer.order_line.currency_id, euro)

    def test_offer_and_invoice_agree_to_the_cent(self):
        self.contract.write({"billing_period": "year"})
        offer = self._make_offer()
        self._sign(offer)
        self.contract.with_user(self.manager).action_activate()
        with freeze_time("2027-01-01 09:00:00"):
            self.contract.with_user(self.accountant).action_create_invoices()
        invoice = self.contract.billing_period_ids.move_id
        self.assertEqual(invoice.amount_untaxed, offer.amount_untaxed)
        self.assertEqual(invoice.amount_total, offer.amount_total)
        self.assertEqual(invoice.invoice_line_ids.tax_ids, self._get_lines(offer).tax_ids)

    def test_language_of_the_customer(self):
        self.customer.lang = "fr_FR"
        offer = self._make_offer()
        self.assertIn("01/01/2027", offer.order_line[1].name)

    def test_nothing_to_offer(self):
        self.contract.coverage_ids.unlink()
        with self.assertRaisesRegex(UserError, "Covered Equipment"):
            self._make_offer()
        self.assertEqual(self.contract.state, "draft")

    def test_double_click_makes_one_offer(self):
        self._make_offer()
        with self.assertRaisesRegex(UserError, "Offered"):
            self._make_offer()
        with self.assertRaisesRegex(UserError, "says what the contract says"):
            self.contract.with_user(self.manager).action_renew_offer()
        self.assertEqual(self.contract.offer_count, 1)

    def test_database_has_one_live_offer(self):
        offer = self._make_offer()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            offer.sudo().create(self.contract.sudo()._prepare_offer())

    # === SIGNATURE === #

    def test_signature_accepts_the_contract(self):
        offer = self._make_offer()
        self._sign(offer)
        self.assertEqual(offer.state, "sale")
        self.assertEqual(self.contract.state, "accepted")
        self.assertRegex(self.contract.message_ids[0].body, "Anne Rochat signed offer")

    def test_staff_confirms(self):
        """By the order or by the contract: the other follows."""
        offer = self._make_offer()
        offer.with_user(self.salesperson).action_confirm()
        self.assertEqual(self.contract.state, "accepted")

    def test_contract_accepted_by_the_staff(self):
        offer = self._make_offer()
        self.contract.with_user(self.manager).action_accept()
        self.assertEqual(self.contract.state, "accepted")
        self.assertEqual(offer.state, "sale")

    def test_changed_contract_is_not_signed(self):
        """The customer signs what the contract says, or nothing."""
        terms = self.env.ref("account.account_payment_term_30days")
        offer = self._make_offer()
        for change, label in (
            (lambda: self.contract.coverage_ids[0].write({"price": 1}), "Robot|Press"),
            (lambda: self.contract.fee_ids.write({"quantity": 3}), "Training"),
            (lambda: self.contract.write({"term_months": 24}), "Term"),
            (lambda: self.customer.write({"property_payment_term_id": terms.id}), "Payment Terms"),
            (lambda: self.contract.coverage_ids[0].unlink(), "an equipment removed"),
            (lambda: self.product.write({"taxes_id": [Command.clear()]}), "Taxes"),
        ):
            with self.subTest(label), self.env.cr.savepoint() as savepoint:
                change()
                self.env.invalidate_all()
                self.assertRegex(offer.with_user(self.manager).maintenance_changes, label)
                self.assertRegex(self.contract.offer_changes, label)
                self.assertFalse(offer._has_to_be_signed())
                with self.assertRaisesRegex(UserError, "out of date"):
                    offer.with_user(self.salesperson).action_confirm()
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertFalse(offer.maintenance_changes)
        self.assertTrue(offer._has_to_be_signed())

    def test_what_does_not_matter_changes_nothing(self):
        offer = self._make_offer()
        self.press.serial_no = "P-78"
        self.contract.write({"user_id": False, "customer_reference": "late"})
        self.env.invalidate_all()
        self.assertFalse(offer.maintenance_changes)

    def test_new_offer_after_a_change(self):
        offer = self._make_offer()
        contract = self.contract.with_user(self.manager)
        contract.coverage_ids[0].price = 1500
        contract.invalidate_recordset()
        contract.action_renew_offer()
        self.assertEqual(offer.state, "cancel")
        self.assertEqual(contract.offer_id.maintenance_revision, 2)
        self.assertEqual(contract.state, "offered")
        self.assertIn(1500, contract.offer_id.order_line.mapped("price_unit"))

    def test_what_was_accepted_is_what_starts(self):
        offer = self._make_offer()
        self._sign(offer)
        contract = self.contract.with_user(self.manager)
        contract.coverage_ids[0].price = 1500
        contract.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "no longer what was accepted"):
            contract.action_activate()
        contract.action_draft()
        self.assertEqual(offer.state, "cancel")
        self._sign(self._make_offer())
        contract.action_activate()
        self.assertEqual(contract.state, "active")

    # === CANCELLED === #

    def test_back_to_draft_withdraws_the_offer(self):
        offer = self._make_offer()
        self.contract.with_user(self.manager).action_draft()
        self.assertEqual(offer.state, "cancel")
        self.assertEqual(self.contract.state, "draft")

    def test_cancelled_offer(self):
        offer = self._make_offer()
        offer.with_user(self.salesperson).action_cancel()
        self.assertEqual(self.contract.state, "draft")
        with self.assertRaisesRegex(UserError, "make a new offer"):
            offer.with_user(self.salesperson).action_draft()
        with self.assertRaisesRegex(UserError, "offers are kept"):
            self.contract.with_user(self.manager).unlink()

    def test_accepted_offer_is_not_cancelled(self):
        offer = self._make_offer()
        self._sign(offer)
        with self.assertRaisesRegex(UserError, "was accepted"):
            offer.with_user(self.salesperson).action_cancel()

    # === THE LINES ARE THE CONTRACT'S === #

    def test_lines_are_not_edited(self):
        offer = self._make_offer().with_user(self.salesperson)
        line = offer.order_line[1]
        for vals in ({"price_unit": 1}, {"product_uom_qty": 2}, {"discount": 10}, {"name": "X"}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "comes from the contract"):
                line.write(vals)
        with self.assertRaisesRegex(UserError, "comes from the contract"):
            line.unlink()
        with self.assertRaisesRegex(UserError, "come from the contract"):
            offer.partner_id = self.other_customer
        with self.assertRaisesRegex(UserError, "come from the contract"):
            offer.action_open_discount_wizard()
        with self.assertRaises(AccessError):
            offer.create({"partner_id": self.customer.id, "maintenance_role": "offer"})
        line.sequence = 7

    def test_no_default_makes_an_offer(self):
        """The context and the user's own defaults are values like those that are sent."""
        orders = self.env["sale.order"].with_user(self.salesperson)
        vals = {"partner_id": self.customer.id, "maintenance_contract_id": self.contract.id}
        content = self.contract._for_customer()._get_offer_content()
        with self.assertRaisesRegex(AccessError, "made by the contract"):
            orders.with_context(default_maintenance_role="offer").create(
                {**vals, "maintenance_content": content}
            )
        defaults = self.env["ir.default"].with_user(self.salesperson)
        defaults.set("sale.order", "maintenance_role", "offer", user_id=True)
        with self.assertRaisesRegex(AccessError, "made by the contract"):
            orders.create(vals)
        self.assertFalse(self.contract.offer_ids)

    def test_no_other_line_escapes_its_invoice(self):
        extra = self._add_extra(self._make_offer()).with_user(self.salesperson)
        for vals in (
            {"is_contract_line": True},
            {"maintenance_coverage_id": self.contract.coverage_ids[0].id},
        ):
            with self.subTest(vals), self.assertRaisesRegex(AccessError, "made by the contract"):
                extra.write(vals)
        with self.assertRaisesRegex(AccessError, "made by the contract"):
            extra.with_context(default_is_contract_line=True).create(
                {"order_id": extra.order_id.id, "product_id": extra.product_id.id}
            )

    def test_nobody_signs_for_the_customer(self):
        offer = self._make_offer().with_user(self.salesperson)
        for vals in ({"signed_by": "Anne Rochat"}, {"signature": SIGNATURE}):
            with self.subTest(vals), self.assertRaisesRegex(AccessError, "use the buttons"):
                offer.write(vals)
        offer.action_cancel()
        offer.copy().signed_by = "Anne Rochat"

    def test_copy_is_no_offer(self):
        offer = self._make_offer()
        extra = self._add_extra(offer)
        copy = offer.with_user(self.salesperson).copy()
        self.assertFalse(copy.maintenance_role)
        self.assertEqual(copy.order_line.product_id, extra.product_id)

    def _add_extra(self, offer):
        """A line of the salesperson's own."""
        product = self.env["product.product"].create(
            {"name": "Camera", "type": "service", "invoice_policy": "order", "list_price": 80}
        )
        offer.with_user(self.salesperson).write(
            {"order_line": [Command.create({"product_id": product.id})]}
        )
        return offer.order_line.filtered(lambda line: line.product_id == product)

    # === INVOICES === #

    def test_sale_flow_leaves_the_lines_to_the_contract(self):
        offer = self._make_offer()
        self._sign(offer)
        self.assertEqual(offer.invoice_status, "no")
        self.assertEqual(offer.order_line.mapped("qty_to_invoice"), [0] * 5)
        self.assertEqual(sum(offer.order_line.mapped("amount_to_invoice")), 0)
        with self.assertRaisesRegex(UserError, "billing schedule"):
            offer.with_user(self.salesperson)._create_invoices()
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=offer.ids, active_model="sale.order")
            .create({"advance_payment_method": "percentage", "amount": 10})
        )
        with self.assertRaisesRegex(UserError, "one-off line"):
            wizard.create_invoices()

    def test_extra_lines_are_invoiced_by_the_order(self):
        offer = self._make_offer()
        extra = self._add_extra(offer)
        self.assertFalse(offer.maintenance_changes)
        self._sign(offer)
        self.assertEqual(offer.invoice_status, "to invoice")
        invoice = offer.with_user(self.salesperson)._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.sale_line_ids, extra)
        self.assertFalse(invoice.maintenance_contract_ids)

    def test_no_project_nor_task(self):
        self.product.service_tracking = "task_in_project"
        offer = self._make_offer()
        self._sign(offer)
        self.assertFalse(offer.project_ids)
        self.assertFalse(offer.tasks_ids)

    # === RIGHTS === #

    def test_contract_manager_sees_the_offers_of_others(self):
        self.contract.user_id = self.administrator
        offer = self._make_offer().with_user(self.manager)
        self.assertTrue(offer.order_line.mapped("name"))
        with Form(offer) as form:
            self.assertEqual(form.maintenance_role, "offer")

    def test_only_who_sells_makes_offers(self):
        for user in (self.dispatcher, self.accountant, self.salesperson):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.contract.with_user(user).action_make_offer()
