from datetime import date

from odoo.fields import Command

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
