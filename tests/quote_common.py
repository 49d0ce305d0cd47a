from datetime import datetime

from odoo.fields import Command

from .billing_common import BillingCommon
from .conversation_common import ConversationCommon
from .service_common import local


class QuoteCommon(ConversationCommon, BillingCommon):
    """A request of a customer whose contract pays for some of it, and a dated public tariff.

    Until the end of May 2027 an hour is at 100, since then at 120; a trip is at 80, a belt at 40.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for kind in ("breakdown", "support", "update", "part"):
            cls._give(kind, kind="excluded")
        cls.supplier = cls.env["res.partner"].create({"name": "Courroies SARL"})
        cls.belt = cls.env["product.product"].create(
            {
                "name": "Belt",
                "is_storable": True,
                "list_price": 40,
                "invoice_policy": "delivery",
                "sale_delay": 1,
                "seller_ids": [
                    Command.create({"partner_id": cls.supplier.id, "delay": 4, "price": 20})
                ],
            }
        )
        cls.labour = cls.env.ref("maintenance_contract.product_labour")
        cls.travel = cls.env.ref("maintenance_contract.product_travel")
        cls.tariff = cls._create_tariff(
            (cls.labour, 100, False, local("2027-05-31 23:59")),
            (cls.labour, 120, local("2027-06-01 00:00"), False),
            (cls.travel, 80, False, False),
        )
        cls.geneva.quote_tariff_id = cls.tariff
        cls.technician.group_ids |= cls.env.ref("hr_timesheet.group_hr_timesheet_user")
        cls.env["hr.employee"].create(
            {
                "name": "Toni",
                "user_id": cls.technician.id,
                "company_id": cls.geneva.id,
                "hourly_cost": 50,
            }
        )

    @classmethod
    def _give(cls, request_kind, **values):
        """Let the tier answer for the requests of a kind as ``values`` of its cell say."""
        cls.tier._get_cell(request_kind, cls.geneva).write(values)

    @classmethod
    def _create_tariff(cls, *prices):
        """A price list of (product, price, from, until)."""
        return cls.env["product.pricelist"].create(
            {
                "name": "Public tariff",
                "company_id": cls.geneva.id,
                "currency_id": cls.geneva.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": product.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                            "date_start": start,
                            "date_end": end,
                        }
                    )
                    for product, price, start, end in prices
                ],
            }
        )

    def _make_quote(self, record, user=None):
        """The quote of a request or an intervention, as who pressed the button sees it."""
        user = user or self.dispatcher
        action = record.with_user(user).action_make_quote()
        return self.env["sale.order"].with_user(user).browse(action["res_id"])

    def _add_part(self, quote, product=None, quantity=1):
        quote.order_line = [
            Command.create({"product_id": (product or self.belt).id, "product_uom_qty": quantity})
        ]

    def _get_line(self, quote, product):
        return quote.order_line.filtered(lambda line: line.product_id == product)

    def _send(self, quote):
        """Send it by the mail composer, as the button does."""
        action = quote.action_quotation_send()
        composer = self.env["mail.compose.message"].with_user(quote.env.user)
        with self._mail_server():
            composer.with_context(**action["context"]).create({})._action_send_mail()

    def _sign(self, quote):
        """What the portal does once the customer has signed."""
        signed = quote.sudo().with_user(self.portal_user).sudo()
        with self._mail_server():
            signed.write({"signed_by": "Anne Rochat", "signed_on": datetime.now()})
            signed._validate_order()

    def _plan(self, ticket, moment="2027-06-09 09:00"):
        """Escalate on site and plan an hour of the technician."""
        ticket = ticket.with_user(self.dispatcher)
        start = local(moment)
        return ticket._escalate_on_site(
            "Not from afar",
            self.site,
            self.contact,
            {"start": start, "end": start.replace(minute=59), "technicians": self.technician},
        )

    def _book(self, task, hours, day="2027-06-09"):
        """Time of the technician on his task."""
        return (
            self.env["account.analytic.line"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Repair",
                    "task_id": task.id,
                    "project_id": task.project_id.id,
                    "unit_amount": hours,
                    "date": day,
                }
            )
        )
