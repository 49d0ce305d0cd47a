from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .billing_common import BillingCommon

FIGURES = ("invoiced", "credited", "extra", "hours", "labour", "travel", "parts", "margin")


class MarginCommon(BillingCommon):
    """Contracts of Geneva, whose technician costs 100 an hour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Technician",
                "user_id": cls.technician.id,
                "company_id": cls.geneva.id,
                "hourly_cost": 100,
            }
        )
        cls.currency = cls.geneva.currency_id

    # === FACTS === #

    def _invoice(self, contract, *days):
        """Post what is due on each of these days."""
        contract.invoice_state = "posted"
        for day in days:
            with freeze_time(f"{day} 08:00:00"):
                contract._create_invoices(date.fromisoformat(day))

    def _refund(self, move, day, **values):
        """Post a credit note; ``values`` change its line."""
        with freeze_time(f"{day} 08:00:00"):
            refund = move._reverse_moves([{"invoice_date": date.fromisoformat(day)}])
            if values:
                refund.invoice_line_ids.write(values)
            refund.action_post()
        return refund

    def _intervene(self, contract, equipment=(), **values):
        """An intervention with one task."""
        return self.env["maintenance.intervention"].create(
            {
                "company_id": contract.company_id.id,
                "partner_id": contract.partner_id.id,
                "site_id": self.site.id,
                "contract_id": contract.id,
                "line_ids": [Command.create({"equipment_id": item.id}) for item in equipment],
                "task_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "project_id": contract.company_id.planning_project_id.id,
                            "user_ids": [Command.set(self.technician.ids)],
                        }
                    )
                ],
                **values,
            }
        )

    def _book(self, task, day, hours, **values):
        return self.env["account.analytic.line"].create(
            {
                "name": "Work",
                "task_id": task.id,
                "project_id": task.project_id.id,
                "employee_id": self.employee.id,
                "date": day,
                "unit_amount": hours,
                **values,
            }
        )

    def _quote(self, contract, *lines, **values):
        """A confirmed quote beside the contract; lines of product and price."""
        order = self.env["sale.order"].create(
            {
                "company_id": contract.company_id.id,
                "partner_id": contract.partner_id.id,
                "maintenance_contract_id": contract.id,
                "maintenance_role": "quote",
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": price, "tax_ids": []})
                    for product, price in lines
                ],
                **values,
            }
        )
        order.action_confirm()
        return order

    def _create_product(self, name, cost, **values):
        product = self.env["product.product"].create(
            {"name": name, "invoice_policy": "order", "taxes_id": [Command.clear()], **values}
        )
        product.with_company(self.geneva).standard_price = cost
        return product

    # === FIGURES === #

    def _read(self, groupby=("year_number",), domain=(), figures=FIGURES, user=None):
        """What the manager reads, rounded to the cent, without the figures that are zero."""
        self.env.invalidate_all()
        rows = (
            self.env["maintenance.margin.report"]
            .with_user(user or self.manager)
            ._read_group(list(domain), list(groupby), [f"{name}:sum" for name in figures])
        )
        size = len(groupby)
        return {
            (row[0] if size == 1 else row[:size]): {
                name: round(value, 2)
                for name, value in zip(figures, row[size:], strict=True)
                if round(value, 2)
            }
            for row in rows
        }

    def _read_rate(self, groupby=(), domain=()):
        report = self.env["maintenance.margin.report"].with_user(self.manager)
        return [row[-1] for row in report._read_group(domain, groupby, ["margin_rate:margin_rate"])]
