from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import MaintenanceCommon


@tagged("post_install", "-at_install")
class TestTierMatrix(MaintenanceCommon):
    """One cell for each tier and service that can meet; the screen and the PDF read them all."""

    def _get_cell(self, tier, service):
        return tier.cell_ids.filtered(lambda cell: cell.service_id == service)

    def _get_row(self, matrix, service):
        """The row of ``service`` as the screen gets it."""
        return next(
            row
            for family in matrix["families"]
            for row in family["services"]
            if row["id"] == service.id
        )

    def test_each_service_meets_each_tier_once(self):
        """Whichever comes first, tier or service, their cell is there, and not included."""
        service = self.env["maintenance.service"].create(
            {"name": "Calibration", "family_id": self.family.id}
        )
        tier = self.env["maintenance.tier"].create({"name": "Later tier"})
        for pair in ((self.tier, service), (tier, service), (tier, self.service)):
            self.assertEqual(self._get_cell(*pair).mapped("kind"), ["excluded"])

    def test_archived_service_meets_a_new_tier(self):
        """A service taken out of the catalogue has its cells when it comes back."""
        self.service.active = False
        tier = self.env["maintenance.tier"].create({"name": "Later tier"})
        self.service.active = True
        self.assertEqual(self._get_cell(tier, self.service).kind, "excluded")

    @mute_logger("odoo.sql_db")
    def test_second_cell_is_refused(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["maintenance.tier.cell"].create(
                {"tier_id": self.tier.id, "service_id": self.service.id}
            )

    def test_copy_of_a_tier_copies_its_column(self):
        """A copy promises what the original does, and is edited apart."""
        cell = self._get_cell(self.tier, self.service)
        cell.write({"kind": "delay", "delay": 48, "delay_unit": "hour", "note": "Open days only."})
        copied = self.tier.copy()
        self.assertEqual(copied.name, "Test tier (copy)")
        twin = self._get_cell(copied, self.service)
        self.assertRecordValues(
            twin, [{"kind": "delay", "delay": 48, "delay_unit": "hour", "note": "Open days only."}]
        )
        twin.write({"kind": "included"})
        self.assertEqual(cell.kind, "delay")

    def test_labels(self):
        """A cell says what it gives in one or two words."""
        cell = self._get_cell(self.tier, self.service)
        for vals, label in (
            ({"kind": "included"}, "Yes"),
            ({"kind": "excluded"}, "No"),
            ({"kind": "on_request"}, "On request"),
            ({"kind": "none"}, "–"),
            ({"kind": "quantity", "quantity": 2, "quantity_unit": "visits"}, "2 visits"),
            ({"kind": "quantity", "quantity": 2.5, "quantity_unit": False}, "2.5"),
            ({"kind": "delay", "delay": 24, "delay_unit": "hour"}, "24 h"),
            ({"kind": "delay", "delay": 30, "delay_unit": "minute"}, "30 min"),
            ({"kind": "delay", "delay": 5, "delay_unit": "day"}, "5 d"),
            ({"kind": "remark", "remark": "In office hours"}, "In office hours"),
        ):
            cell.write(vals)
            self.assertEqual(cell.display_name, label)

    def test_incomplete_cell_is_refused(self):
        """A quantity, a delay or a remark that says nothing names the field that is missing."""
        cell = self._get_cell(self.tier, self.service)
        for vals, field in (
            ({"kind": "quantity", "quantity": 0}, "Quantity"),
            ({"kind": "delay", "delay": 0}, "Delay"),
            ({"kind": "delay", "delay": -1}, "Delay"),
            ({"kind": "remark", "remark": False}, "Remark"),
        ):
            with self.assertRaisesRegex(ValidationError, f"^{field}:"), self.env.cr.savepoint():
                cell.write(vals)
        self.assertEqual(cell.kind, "excluded")

    def test_notes_are_numbered_once_each(self):
        """The same note has the same number wherever it stands, in the order of reading."""
        second, third = self.env["maintenance.service"].create(
            [{"name": name, "family_id": self.family.id} for name in ("Support", "Calibration")]
        )
        self._get_cell(self.tier, self.service).note = "While under warranty."
        self._get_cell(self.tier, second).note = "In office hours."
        self._get_cell(self.tier, third).note = "While under warranty."
        matrix = self.tier.get_matrix()
        self.assertEqual(
            matrix["notes"],
            [
                {"number": 1, "text": "While under warranty."},
                {"number": 2, "text": "In office hours."},
            ],
        )
        numbers = [
            self._get_row(matrix, service)["cells"][self.tier.id]["note"]
            for service in (self.service, second, third)
        ]
        self.assertEqual(numbers, [1, 2, 1])

    def test_matrix_follows_the_order_of_tiers_and_services(self):
        tier = self.env["maintenance.tier"].create({"name": "First", "sequence": 0})
        service = self.env["maintenance.service"].create(
            {"name": "First service", "family_id": self.family.id, "sequence": 0}
        )
        matrix = (self.tier | tier).sorted().get_matrix()
        self.assertEqual([one["id"] for one in matrix["tiers"]], [tier.id, self.tier.id])
        family = next(one for one in matrix["families"] if one["id"] == self.family.id)
        self.assertEqual([one["id"] for one in family["services"]], [service.id, self.service.id])

    def test_matrix_speaks_the_language_of_its_reader(self):
        self.service.with_context(lang="fr_FR").name = "Pièces de rechange"
        matrix = self.tier.with_context(lang="fr_FR").get_matrix()
        self.assertEqual(self._get_row(matrix, self.service)["name"], "Pièces de rechange")

    def test_only_administrators_edit(self):
        """Everybody with a role reads the matrix; administrators alone change what is promised."""
        for user in (self.technician, self.dispatcher, self.manager, self.accountant):
            tier = self.tier.with_user(user)
            cell = self._get_cell(tier, self.service.with_user(user))
            self.assertTrue(self._get_row(tier.get_matrix(), self.service))
            for forbidden in (
                lambda cell=cell: cell.write({"kind": "included"}),
                lambda tier=tier: tier.write({"name": "Mine"}),
                lambda tier=tier: tier.copy(),
                lambda user=user: self.service.with_user(user).write({"name": "Mine"}),
            ):
                with self.assertRaises(AccessError):
                    forbidden()
        cell = self._get_cell(self.tier, self.service).with_user(self.administrator)
        cell.write({"kind": "included"})
        self.assertEqual(cell.display_name, "Yes")
        with self.assertRaises(AccessError):
            cell.unlink()

    def test_tiers_of_another_company_are_not_seen(self):
        """A tier of Paris is no column in Geneva, and meets no service of Geneva."""
        paris_tier = self.env["maintenance.tier"].create(
            {"name": "Paris", "company_id": self.paris.id}
        )
        geneva_service = self.env["maintenance.service"].create(
            {"name": "Lake boat", "family_id": self.family.id, "company_id": self.geneva.id}
        )
        self.assertFalse(self._get_cell(paris_tier, geneva_service))
        self.assertEqual(self._get_cell(paris_tier, self.service).company_id, self.paris)
        matrix = self.env["maintenance.tier"].with_user(self.manager).get_matrix()
        self.assertNotIn(paris_tier.id, [tier["id"] for tier in matrix["tiers"]])
        self.assertNotIn(paris_tier.id, self._get_row(matrix, self.service)["cells"])
        with self.assertRaises(AccessError):
            paris_tier.with_user(self.manager).get_matrix()


@tagged("post_install", "-at_install")
class TestTierMatrixScreen(MaintenanceCommon, HttpCase):
    """The matrix in the browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tours look for English words.
        cls.env["res.lang"]._activate_lang("en_US")
        (cls.administrator | cls.dispatcher).lang = "en_US"
        # The screen shows these two only, whatever the catalogue holds.
        cls.env["maintenance.tier"].search([("id", "!=", cls.tier.id)]).active = False
        cls.env["maintenance.service"].search([("id", "!=", cls.service.id)]).active = False

    def test_administrator_edits_a_cell(self):
        self.start_tour("/odoo/tier-matrix", "tier_matrix_edit", login="mc_admin")
        cell = self.tier.cell_ids.filtered(lambda cell: cell.service_id == self.service)
        self.assertEqual(cell.display_name, "3 visits")
        self.assertEqual(cell.note, "Travel included.")

    def test_dispatcher_reads_only(self):
        self.start_tour("/odoo/tier-matrix", "tier_matrix_read", login="mc_dispatcher")
