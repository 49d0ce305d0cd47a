from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time

from .billing_common import BillingCommon


class PriceCommon(BillingCommon):
    """An index S of the Geneva company, and a formula of 15 % fixed and 85 % S."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.index = cls._create_index("S")
        cls.series = cls.index.series_ids
        cls.formula = cls._create_formula()

    @classmethod
    def _create_index(cls, code, **values):
        return cls.env["maintenance.price.index"].create(
            {
                "name": f"Index {code}",
                "code": code,
                "company_id": cls.geneva.id,
                "series_ids": [Command.create({"name": "2015 = 100"})],
                **values,
            }
        )

    @classmethod
    def _publish(cls, value, month=date(2027, 1, 1), series=None, **values):
        return cls.env["maintenance.price.index.value"].create(
            {
                "series_id": (series or cls.series).id,
                "month": month,
                "value": value,
                "published_on": month,
                **values,
            }
        )

    @classmethod
    def _create_formula(cls, **values):
        return cls.env["maintenance.price.formula"].create(
            {
                "name": "Wages",
                "company_id": cls.geneva.id,
                "fixed_part": 0.15,
                "term_ids": [Command.create({"index_id": cls.index.id, "weight": 0.85})],
                **values,
            }
        )

    @classmethod
    def _create_typed_formula(cls, text, **values):
        return cls._create_formula(kind="text", text=text, term_ids=[], **values)

    @classmethod
    def _create_indexed_contract(cls, *prices, formula=None, **values):
        contract = cls._create_billed_contract(
            *prices, term_months=36, price_formula_id=(formula or cls.formula).id, **values
        )
        contract.with_user(cls.manager).action_read_price_bases()
        return contract

    def _simulate(self, on=date(2028, 1, 1), contracts=None, **values):
        revision = (
            self.env["maintenance.price.revision"]
            .with_user(self.manager)
            .create(
                {
                    "company_id": self.geneva.id,
                    "date": on,
                    "contract_ids": [Command.set((contracts or self.contract).ids)],
                    **values,
                }
            )
        )
        revision.action_simulate()
        return revision

    def _get_prices(self, coverage=None):
        prices = (coverage or self.coverage).price_ids.sorted("date_start")
        return [(str(price.date_start), price.yearly, price.origin) for price in prices]

    def _publish_later(self, value, month):
        """Publish the value of a month that has not begun yet in the test."""
        with freeze_time("2028-12-31 10:00:00"):
            return self._publish(value, month=month)
