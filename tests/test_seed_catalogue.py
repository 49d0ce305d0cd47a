from odoo.tests import TransactionCase, tagged

# The table of the offer, row by row, in its order: service, then what each tier says of it.
TIERS = ["Warranty", "Standard", "GOOD", "BETTER", "BEST"]
OFFER = {
    "Collaborative tools": {
        "Remote maintenance": ["Yes", "No", "Yes", "Yes", "Yes"],
        "Personalised customer portal": ["Yes", "No", "No", "Yes", "Yes"],
        "Portal documentation": ["No", "No", "On request", "On request", "On request"],
        "Secure data management and transfers": ["No", "No", "No", "Yes", "Yes"],
    },
    "Maintenance in operational condition": {
        "Preventive maintenance of the equipment": ["No", "No", "No", "No", "Yes"],
        "Calibration": ["No", "No", "No", "No", "Yes"],
        "Support": ["Yes", "No", "No", "Yes", "Yes"],
        "Software updates": ["No", "No", "Yes", "Yes", "Yes"],
        "Disk image management": ["Yes", "No", "No", "No", "Yes"],
        "Obsolescence management and archiving": ["No", "No", "No", "No", "Yes"],
    },
    "Corrective maintenance": {
        "Time to first answer": ["24 h", "48 h", "24 h", "24 h", "24 h"],
        "Time to resolution": ["48 h", "–", "72 h", "72 h", "48 h"],
        "Spare parts": ["Yes (1)", "No", "No", "Yes", "Yes"],
    },
}
TIER_IDS = [f"maintenance_contract.tier_{name.lower()}" for name in TIERS]


@tagged("post_install", "-at_install")
class TestSeedCatalogue(TransactionCase):
    """What the addon brings: the services, tiers and warranty types of the offer (seed 000)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.tiers = cls.env["maintenance.tier"].union(*map(cls.env.ref, TIER_IDS))

    def test_matrix_is_that_of_the_offer(self):
        """Families, services and tiers stand in the offer's order, each cell as it is there."""

        def label(cell):
            return cell["label"] + (f" ({cell['note']})" if cell["note"] else "")

        matrix = self.tiers.get_matrix()
        self.assertEqual([tier["name"] for tier in matrix["tiers"]], TIERS)
        families = {
            family["name"]: {
                service["name"]: [label(service["cells"][tier.id]) for tier in self.tiers]
                for service in family["services"]
            }
            for family in matrix["families"]
        }
        brought = [name for name in families if name in OFFER]
        self.assertEqual(brought, list(OFFER))
        for name, services in OFFER.items():
            self.assertEqual(list(families[name].items()), list(services.items()))
        self.assertEqual([note["number"] for note in matrix["notes"]], [1])
        self.assertIn("free of charge", matrix["notes"][0]["text"])

    def test_each_cell_has_its_external_id(self):
        """Translations and later versions find each of the 65 cells by its name."""
        cells = self.tiers.cell_ids.filtered(lambda cell: cell.family_id.name in OFFER)
        self.assertEqual(len(cells), 65)
        names = cells._get_external_ids()
        self.assertTrue(all(names.values()), "a cell of the offer has no external id")

    def test_file_declares_the_cell_that_is_there(self):
        """Importing a cell fills the one that came with its tier: no second one, no error."""
        tier = self.env["maintenance.tier"].create({"name": "Imported"})
        service = self.env.ref("maintenance_contract.service_calibration")
        there = tier.cell_ids.filtered(lambda cell: cell.service_id == service)
        result = self.env["maintenance.tier.cell"].load(
            ["id", "tier_id/.id", "service_id/.id", "kind", "delay"],
            [["test_import.cell", str(tier.id), str(service.id), "delay", "12"]],
        )
        self.assertEqual((result["ids"], result["messages"]), (there.ids, []))
        self.assertEqual(there.display_name, "12 h")

    def test_annual_visit_has_the_six_actions(self):
        plan = self.env.ref("maintenance_contract.warranty_type_annual").plan_ids
        self.assertEqual((plan.interval_count, plan.interval_unit), (12, "month"))
        self.assertEqual(
            plan.checklist_id.line_ids.mapped("name"),
            [
                "Back up and archive the parameters",
                "Create the disk image",
                "Clean the system",
                "Check the general operation",
                "Calibrate, without certificate",
                "Write the maintenance report",
            ],
        )
        self.assertFalse(self.env.ref("maintenance_contract.warranty_type_warranty").plan_ids)
