from datetime import date

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .price_common import PriceCommon


@tagged("post_install", "-at_install")
@freeze_time("2028-01-10 10:00:00")
class TestPriceLaw(PriceCommon):
    """What French law says against a clause, wherever a contract manager meets the clause."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls._publish(280, month=date(2027, 1, 1))
        cls.consumer = cls._create_index("IPC", company_id=False, is_consumer_price=True)
        cls._publish(100, month=date(2027, 1, 1), series=cls.consumer.series_ids)

    def _follow_consumer_prices(self, **values):
        terms = [Command.create({"index_id": self.consumer.id, "weight": 0.85})]
        return self._create_formula(name="Consumer", term_ids=terms, **values)

    def test_on_the_formula(self):
        self.formula.is_upward_only = True
        self.assertFalse(self.formula.law_warning)
        french = self._follow_consumer_prices(company_id=self.paris.id)
        self.assertIn("L. 112-2", french.law_warning)
        self.consumer.is_consumer_price = False
        self.assertFalse(french.law_warning)
        french.is_upward_only = True
        self.assertIn("L. 112-1", french.law_warning)
        french = french.with_user(self.paris_manager).with_company(self.paris)
        with Form(french.with_context(allowed_company_ids=self.paris.ids)) as form:
            form.is_upward_only = False
            self.assertFalse(form.law_warning)

    def test_on_the_contract(self):
        """It is the law of the contract that counts, not that of the company."""
        contract = self._create_indexed_contract(1000, formula=self._follow_consumer_prices())
        self.assertEqual(contract.law_country_id.code, "CH")
        self.assertFalse(contract.price_law_warning)
        contract.law_country_id = self.france
        self.assertIn("L. 112-2", contract.price_law_warning)

    def test_each_way_to_only_rise(self):
        contract = self._create_indexed_contract(1000, law_country_id=self.france.id)
        for values in (
            {"is_upward_only": True},
            {"is_floored": True, "floor": 0},
            {"is_floored": True, "floor": 1},
            {"kind": "text", "text": "P0 * max(1, S / S0)"},
            {"kind": "text", "text": "max(P0, P0 * S / S0)"},
        ):
            contract.price_formula_id = self._create_formula(name=str(values), **values)
            with self.subTest(values=values):
                self.assertIn("L. 112-1", contract.price_law_warning)
        for values in (
            {},
            {"is_floored": True, "floor": -3},
            {"kind": "text", "text": "P0 * max(0.9, S / S0)"},
            {"kind": "text", "text": "P0 * S0 / S"},
        ):
            contract.price_formula_id = self._create_formula(name=f"not {values}", **values)
            with self.subTest(values=values):
                self.assertFalse(contract.price_law_warning)

    def test_a_contract_without_a_clause_does_not_warn(self):
        contract = self._create_billed_contract(1000, law_country_id=self.france.id)
        self.assertIs(contract.price_law_warning, False)

    def test_before_the_prices_are_approved(self):
        """The simulation says it again, of the French contracts alone."""
        formula = self._follow_consumer_prices()
        swiss = self._create_indexed_contract(1000, formula=formula)
        french = self._create_indexed_contract(1000, formula=formula, law_country_id=self.france.id)
        self._publish(103, month=date(2028, 1, 1), series=self.consumer.series_ids)
        revision = self._simulate(contracts=swiss | french)
        self.assertEqual(set(revision.line_ids.mapped("outcome")), {"revised"})
        self.assertIn("L. 112-2", revision.law_warning)
        self.assertIn(french.name, revision.law_warning)
        self.assertNotIn(swiss.name, revision.law_warning)
        alone = self._simulate(contracts=swiss)
        self.assertFalse(alone.law_warning)
