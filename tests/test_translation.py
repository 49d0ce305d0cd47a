import os
import re
from pathlib import Path
from unittest.mock import patch

import polib

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader, code_translations

from .common import MaintenanceCommon

MODULE = "maintenance_contract"
ADDON = Path(__file__).parents[1]
NOT_TRANSLATED = {"tests", "benchmarks", "docs", "scripts"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]\b|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
ATTRIBUTE_TEXT = re.compile(r'\b(title|aria-label)="[^"]*"')
# French puts a no-break space before these signs, and inside its quotation marks.
BREAKABLE = re.compile(r"(?<=\S) [:;?!»]|« |[“”]")


def walk_addon(top, **_options):
    """Stand for ``os.walk`` in Odoo's export, which follows links: the addon alone, each file once.

    :param str top: a folder of addons
    """
    for root, folders, files in _walk(Path(top) / MODULE):
        folders[:] = [
            name for name in folders if name[0] not in "._" and name not in NOT_TRANSLATED
        ]
        yield root, folders, files


_walk = os.walk


def markup(term):
    """The tags of a term without the words that they show."""
    return TAG.findall(ATTRIBUTE_TEXT.sub(r"\1", term))


@tagged("post_install", "-at_install")
class TestTranslationFile(TransactionCase):
    """The French translation is complete, and follows the terms of the addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.french = polib.pofile(str(ADDON / "i18n" / "fr.po"), check_for_duplicates=True)
        cls.template = polib.pofile(str(ADDON / "i18n" / f"{MODULE}.pot"))

    def test_every_term_is_translated(self):
        self.assertEqual(
            [entry.msgid for entry in self.french if not entry.msgstr or entry.fuzzy], []
        )
        self.assertFalse(self.french.obsolete_entries())
        self.assertEqual(
            {entry.msgid for entry in self.french}, {entry.msgid for entry in self.template}
        )

    def test_placeholders_and_tags_are_kept(self):
        for entry in self.french:
            for parts in (PLACEHOLDER.findall, markup):
                self.assertCountEqual(parts(entry.msgid), parts(entry.msgstr), entry.msgstr)

    def test_french_typography(self):
        wrong = [
            entry.msgstr for entry in self.french if BREAKABLE.search(TAG.sub("", entry.msgstr))
        ]
        self.assertEqual(wrong, [])

    def test_template_has_the_terms_of_the_addon(self):
        """`./dev i18n` was run: each term is in the template, with each place that shows it.

        Odoo translates a view only where the file names that view.
        """
        with patch("os.walk", walk_addon):
            reader = TranslationModuleReader(self.env.cr, modules=[MODULE])
        shown = {
            (source.strip(), name if kind == "code" else f"{name}:{record}")
            for _module, kind, name, record, source, _value, _comments in reader
            if "demo" not in str(record)
        }
        known = {
            (entry.msgid.strip(), place.partition(":")[2])
            for entry in self.template
            for place, _line in entry.occurrences
        }
        self.assertEqual(sorted(shown ^ known), [])


@tagged("post_install", "-at_install")
class TestFrench(MaintenanceCommon):
    """What a French reader meets: views, the offer, messages and screens in JavaScript."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.module.module"]._load_module_terms([MODULE], ["fr_FR"])
        cls.env.flush_all()

    def test_contract_form(self):
        arch = self.env["maintenance.contract"].with_context(lang="fr_FR").get_view()["arch"]
        for words in ("Faire une offre", "Mettre fin à la couverture", "Qui et où", "Préavis"):
            self.assertIn(words, arch)
        for words in ("Make an Offer", "Who and Where", "Covered Equipment"):
            self.assertNotIn(words, arch)

    def test_states_are_those_of_the_reader(self):
        visit = self.env["maintenance.visit"].with_context(lang="fr_FR")
        states = dict(visit.fields_get(["state"])["state"]["selection"])
        self.assertEqual(
            (states["to_plan"], states["planned"], states["done"]),
            ("À planifier", "Planifiée", "Réalisée"),
        )

    def test_catalogue_reads_as_the_offer(self):
        """The offer that the catalogue comes from was written in French: these are its words."""
        env = self.env(context={"lang": "fr_FR"})
        for xmlid, name in {
            "tier_warranty": "Garantie",
            "tier_good": "Contrat GOOD",
            "service_family_operation": "Maintenance en conditions opérationnelles",
            "service_family_corrective": "Maintenance curative",
            "service_remote_maintenance": "Télémaintenance",
            "service_secure_data": "Gestion sécurisée des données et des transferts",
            "service_preventive_maintenance": "Maintenance préventive de l'équipement",
            "service_first_answer": "Délai première réponse",
            "service_spare_parts": "Pièces de rechange",
        }.items():
            self.assertEqual(env.ref(f"{MODULE}.{xmlid}").name, name)
        label = env.ref(f"{MODULE}.tier_cell_warranty_calibration").display_name
        self.assertEqual(label, "Non")

    def test_messages(self):
        contract = self._create_contract(self._create_equipment()).with_user(self.manager)
        contract.coverage_ids.unlink()
        contract = contract.with_context(lang="fr_FR")
        contract.action_offer()
        contract.action_accept()
        with self.assertRaisesRegex(UserError, "Produits couverts\N{NO-BREAK SPACE}: ajoutez"):
            contract.action_activate()

    def test_periodicity_is_a_sentence(self):
        plan = self.plan.with_context(lang="fr_FR")
        for vals, summary in (
            ({"interval_count": 2, "interval_unit": "week"}, "Toutes les 2 semaines"),
            ({"interval_count": 1, "interval_unit": "year"}, "Tous les ans"),
            (
                {"rule_kind": "nth_weekday", "nth": "2", "weekday": "0", "every_months": 3},
                "Deuxième lundi\N{NO-BREAK SPACE}: tous les 3 mois",
            ),
            (
                {"rule_kind": "iso_week", "weekday": "4", "iso_week": 12},
                "Tous les ans\N{NO-BREAK SPACE}: vendredi de la semaine 12",
            ),
        ):
            plan.write(vals)
            self.assertEqual(plan.summary, summary)

    def test_screens_in_javascript(self):
        messages = code_translations.get_web_translations(MODULE, "fr_FR")["messages"]
        french = {message["id"]: message["string"] for message in messages}
        self.assertEqual(french["Add a Service"], "Ajouter une prestation")
        self.assertEqual(french["Unassigned"], "Non assignée")
