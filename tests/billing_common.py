from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .common import MaintenanceCommon


class BillingCommon(MaintenanceCommon):
    """Two companies with accounts of their own, and contracts that begin on 1 January 2027."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for company in (cls.geneva, cls.paris):
            cls._give_accounts(company)
        cls.quiet_type = cls.env["maintenance.warranty.type"].create({"name": "No visits"})

    @classmethod
    def _give_accounts(cls, company):
        """A chart of accounts, whose income account says whose it is."""
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        company.income_account_id.name = f"Income of {company.name}"

    @classmethod
    def _create_billed_contract(cls, *prices, **values):
        """An active contract of a year over equipment at these yearly prices, billed monthly."""
        equipment = [
            cls._create_equipment(f"Machine {number}") for number in range(1, len(prices) + 1)
        ]
        with freeze_time(values.get("date_start", date(2027, 1, 1))):
            return cls._create_contract(
                state="active",
                **{
                    "date_start": date(2027, 1, 1),
                    "term_months": 12,
                    "billing_period": "month",
                    "warranty_type_id": cls.quiet_type.id,
                    "coverage_ids": [
                        Command.create({"equipment_id": item.id, "price": price})
                        for item, price in zip(equipment, prices, strict=True)
                    ],
                    **values,
                },
            )

    def _run_cron(self, *days):
        """The nightly run of these days, in Geneva."""
        for day in days:
            with freeze_time(f"{day} 08:00:00"), self.enter_registry_test_mode():
                self.env.ref("maintenance_contract.ir_cron_invoice_due").method_direct_trigger()
            self.env.invalidate_all()

    def _get_rows(self, contract, **values):
        """The rows of the schedule of a contract as (from, to, rank, amount, state)."""
        return [
            (str(row.date_start), str(row.date_end), row.rank, row.amount, row.state)
            for row in contract.billing_period_ids.sorted(
                lambda row: (row.coverage_id.id, row.fee_id.id, row.date_start, row.rank)
            )
        ]

    def _get_moves(self, contracts):
        return contracts.billing_period_ids.move_id.sorted("id")
