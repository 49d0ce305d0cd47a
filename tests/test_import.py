from datetime import date

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestImport(MaintenanceCommon):
    """Contracts with their covered equipment come from a file, as the contract manager imports."""

    FIELDS = [
        "partner_id",
        "date_start",
        "term_months",
        "coverage_ids/equipment_id",
        "coverage_ids/warranty_type_id",
        "coverage_ids/price",
    ]

    def _load(self, *rows):
        contracts = self.env["maintenance.contract"].with_user(self.manager)
        return contracts, contracts.load(self.FIELDS, [list(row) for row in rows])

    def test_a_contract_and_its_lines(self):
        """Lines without a start and an end of their own take those of the contract."""
        self._create_equipment("Press")
        self._create_equipment("Lathe")
        contracts, result = self._load(
            ("Horloger SA", "2027-03-01", "24", "Press", "Preventive", "1200.50"),
            ("", "", "", "Lathe", "Preventive", "900"),
        )
        self.assertFalse(result["messages"])
        contract = contracts.browse(result["ids"])
        self.assertEqual(contract.date_end, date(2029, 2, 28))
        self.assertRecordValues(
            contract.coverage_ids.sorted("price"),
            [
                {"date_start": date(2027, 3, 1), "date_end": date(2029, 2, 28), "price": 900.0},
                {"date_start": date(2027, 3, 1), "date_end": date(2029, 2, 28), "price": 1200.5},
            ],
        )

    @mute_logger("odoo.sql_db")
    def test_a_bad_row_names_its_field_and_nothing_is_imported(self):
        self._create_equipment("Press")
        contracts, result = self._load(
            ("Horloger SA", "2027-03-01", "0", "Press", "Preventive", "1200.50"),
        )
        self.assertFalse(result["ids"])
        self.assertIn("Term", str(result["messages"]))
        self.assertFalse(contracts.search_count([("partner_id", "=", self.customer.id)]))
