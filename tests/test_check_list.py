from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import html2plaintext

from .life_common import LifeCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestCheckList(LifeCommon):
    """What a contract has to say is looked up where the record tells it, ticked where not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls._create_equipment(), state="accepted", term_months=12
        ).with_user(cls.manager)

    def _get_row(self, name, contract=None):
        clause = self.env.ref(f"maintenance_contract.clause_{name}")
        rows = (contract or self.contract).clause_ids
        return rows.filtered(lambda row: row.clause_id == clause)

    def _get_missing(self):
        rows = self.contract.clause_ids.filtered(lambda row: row.state == "missing")
        return rows.mapped("clause_id.name")

    def assertFound(self, name, state, text):
        row = self._get_row(name)
        self.assertEqual(row.state, state, row.finding)
        self.assertIn(text, row.finding)

    def _promise(self, *targets):
        self.contract.sla_policy_id = self.env["maintenance.sla.policy"].create(
            {"name": "By phone", "target_ids": [Command.create(target) for target in targets]}
        )

    def _complete(self):
        """Have nothing be missing."""
        self._promise(
            {"kind": "first_answer", "amount": 4},
            {"kind": "resolution", "amount": 24, "unit": "open_day_24h"},
        )
        self.contract.coverage_ids.price = 1200
        for name in ("duties", "data"):
            self._get_row(name).action_tick()

    # === WHAT THE RECORD TELLS === #

    def test_object(self):
        self.assertFound("object", "met", "1 (Test tier)")
        self.contract.coverage_ids.tier_id = False
        self.assertFound("object", "missing", "Press")
        self.contract.coverage_ids.unlink()
        self.assertFound("object", "missing", "No equipment")

    def test_term_and_end(self):
        self.assertFound("term", "met", "From 03/01/2027 to 02/29/2028, without renewal")
        self.assertFound("end", "met", "without notice")
        self.contract.write({"renewal": "tacit", "notice_months": 0})
        self.assertFound("term", "met", "renewed tacitly for 12 months")
        self.assertFound("end", "missing", "notice")
        self.contract.notice_months = 2
        self.assertFound("end", "met", "Notice of 2 months")

    def test_service_hours(self):
        """Those of the contract, with their time zone and the holidays they leave out."""
        self.assertFound("service_hours", "met", "Mon–Fri 09:00–17:00 (Europe/Zurich)")
        calendar = self.calendar.copy({"name": "Support"})
        calendar.attendance_ids.filtered(lambda line: line.dayofweek == "2").hour_to = 12.5
        calendar.holiday_country_id = self.env.ref("base.ch")
        self.contract.sla_calendar_id = calendar
        self.assertFound(
            "service_hours",
            "met",
            "Mon–Tue 09:00–17:00, Wed 09:00–12:30, Thu–Fri 09:00–17:00 (Europe/Zurich), except "
            "public holidays of Switzerland",
        )

    def test_delays(self):
        """A delay that says “NC” promises nothing."""
        for name in ("reaction", "resolution", "severities"):
            self.assertFound(name, "missing", "No SLA policy")
        self._promise({"kind": "first_answer", "amount": 4}, {"kind": "resolution", "unit": "none"})
        self.assertFound("reaction", "met", "First Answer 4 opening hours")
        self.assertFound("resolution", "missing", "By phone")
        self.assertFound("severities", "not_applicable", "The same delays")

    def test_delays_by_severity(self):
        blocking, major, minor = (
            self.env.ref(f"maintenance_contract.severity_{name}").id
            for name in ("blocking", "major", "minor")
        )
        self._promise(
            {"kind": "workaround", "amount": 8, "severity_id": blocking},
            {"kind": "resolution", "amount": 24, "severity_id": major},
            {"kind": "resolution", "amount": 24, "severity_id": blocking},
            {"kind": "resolution", "amount": 99, "severity_id": minor},
        )
        self.assertFound(
            "resolution",
            "met",
            "Workaround 8 opening hours (Blocking) · Resolution 24 opening hours (Blocking, "
            "Major), 99 opening hours (Minor)",
        )
        self.assertFound("reaction", "missing", "By phone")
        self.assertFound("severities", "met", "Blocking, Major, Minor")

    def test_delays_of_each_tier(self):
        """Two tiers promise by two policies: each is told with its tier."""
        gold = self.env["maintenance.tier"].create(
            {
                "name": "Gold",
                "sla_policy_id": self.env["maintenance.sla.policy"]
                .create(
                    {
                        "name": "Gold",
                        "target_ids": [Command.create({"kind": "first_answer", "amount": 2})],
                    }
                )
                .id,
            }
        )
        self.tier.sla_policy_id = gold.sla_policy_id.copy({"name": "Slow"})
        self.tier.sla_policy_id.target_ids.amount = 8
        self.contract.coverage_ids = [
            Command.create({"equipment_id": self._create_equipment("Lathe").id, "tier_id": gold.id})
        ]
        self.assertFound("reaction", "met", "Test tier: First Answer 8 opening hours")
        self.assertFound("reaction", "met", "Gold: First Answer 2 opening hours")
        self.tier.sla_policy_id.target_ids.unit = "none"
        self.env.invalidate_all()
        self.assertFound("reaction", "missing", "Slow")

    def test_exclusions(self):
        self.assertFound("exclusions", "met", "Force majeure")
        self.env["maintenance.exclusion"].search([]).active = False
        self.env.invalidate_all()
        self.assertFound("exclusions", "missing", "No exclusion")

    def test_price_and_revision(self):
        """No amount is told: who reads the check-list does not always read prices."""
        self.assertFound("price", "missing", "Press")
        self.contract.coverage_ids.price = 1234
        self.assertFound("price", "met", "invoiced per year, in advance")
        self.assertNotIn("1234", self._get_row("price").finding.replace(",", ""))
        self.assertFound("revision", "not_applicable", "a year")
        self.contract.term_months = 24
        self.assertFound("revision", "missing", "No formula")
        index = self.env["maintenance.price.index"].create(
            {
                "name": "Test wages",
                "code": "TESTWAGES",
                "series_ids": [Command.create({"name": "2015 = 100"})],
            }
        )
        self.contract.price_formula_id = self.env["maintenance.price.formula"].create(
            {
                "name": "Test formula",
                "fixed_part": 0.15,
                "term_ids": [Command.create({"index_id": index.id, "weight": 0.85})],
            }
        )
        self.assertFound("revision", "missing", "Test wages")
        self.env["maintenance.price.base"].create(
            {"contract_id": self.contract.id, "series_id": index.series_ids.id, "value": 104.2}
        )
        self.assertFound("revision", "met", "indices")

    def test_told_in_the_language_of_the_reader(self):
        row = self._get_row("service_hours").with_context(lang="fr_FR")
        self.assertIn("lun.–ven. 09:00–17:00", row.finding)

    # === WHAT SOMEBODY SAYS === #

    def test_ticked_by_hand(self):
        row = self._get_row("duties")
        self.assertEqual(row.state, "missing")
        row.action_tick()
        row.write({"place": "Article 7", "note": "Access from 8 to 17"})
        self.assertRecordValues(
            row,
            [
                {
                    "state": "met",
                    "answered_by_id": self.manager.id,
                    "answered_on": date(2027, 1, 4),
                }
            ],
        )
        row.action_not_applicable()
        self.assertEqual(row.state, "not_applicable")
        row.action_clear()
        self.assertEqual(row.state, "missing")
        self.assertFalse(row.answered_by_id or row.answered_on)
        self.assertEqual(row.place, "Article 7")

    def test_an_answer_goes_before_the_record(self):
        """The paper may say what the record does not know."""
        row = self._get_row("price")
        row.action_tick()
        self.assertEqual(row.state, "met")
        self.assertIn("No price", row.finding)

    def test_counts(self):
        self.assertEqual(
            (self.contract.clause_met_count, self.contract.clause_count),
            (
                len(self.contract.clause_ids.filtered(lambda row: row.state == "met")),
                len(self.contract.clause_ids) - 1,
            ),
        )
        contracts = self.env["maintenance.contract"].with_user(self.manager)
        incomplete = [("has_missing_clauses", "=", True), ("id", "=", self.contract.id)]
        self.assertTrue(contracts.search(incomplete))
        self._complete()
        self.assertFalse(contracts.search(incomplete))
        self.assertEqual(self.contract.clause_met_count, self.contract.clause_count)

    def test_only_managers_answer(self):
        row = self._get_row("duties").with_user(self.dispatcher)
        self.assertEqual(row.state, "missing")
        with self.assertRaises(AccessError):
            row.action_tick()
        with self.assertRaises(AccessError):
            row.write({"place": "Article 7"})
        with self.assertRaises(AccessError):
            row.with_user(self.manager).write({"answer": "met"})

    # === ROWS === #

    def test_rows_come_with_the_contract(self):
        clauses = self.env["maintenance.clause"].search([])
        self.assertEqual(self.contract.clause_ids.clause_id, clauses)
        self._get_row("duties").action_tick()
        copied = self.contract.copy()
        self.assertEqual(copied.clause_ids.clause_id, clauses)
        self.assertEqual(self._get_row("duties", copied).state, "missing")

    def test_imported_contracts_have_theirs(self):
        contracts = self.env["maintenance.contract"].with_user(self.manager)
        result = contracts.load(
            ["partner_id", "date_start", "term_months"], [["Horloger SA", "2027-03-01", "24"]]
        )
        self.assertFalse(result["messages"])
        self.assertTrue(contracts.browse(result["ids"]).clause_ids)

    def test_a_new_clause_reaches_contracts_that_are_not_agreed(self):
        active = self._create_active("never", equipment=self._create_equipment("Lathe"))
        clauses = self.env["maintenance.clause"].with_user(self.administrator)
        clause, foreign = clauses.create([{"name": "Insurance"}, {"name": "Paris only"}])
        foreign.sudo().company_id = self.paris
        self.assertIn(clause, self.contract.clause_ids.clause_id)
        self.assertNotIn(foreign, self.contract.clause_ids.clause_id)
        self.assertNotIn(clause, active.clause_ids.clause_id)
        clause.action_archive()
        self.assertNotIn(clause, self.contract.clause_ids.clause_id)
        clause.action_unarchive()
        self.contract.clause_ids.filtered(lambda row: row.clause_id == clause).action_tick()
        clause.action_archive()
        # What somebody answered is kept.
        self.assertIn(clause, self.contract.clause_ids.clause_id)

    # === ACTIVATION === #

    def test_a_complete_contract_is_activated_at_once(self):
        self._complete()
        self.assertEqual(self._get_missing(), [])
        self.contract.action_check_and_activate()
        self.assertEqual(self.contract.state, "active")

    def test_what_is_missing_is_asked_about(self):
        self._complete()
        self._get_row("data").action_clear()
        wizard = self._open(self.contract.action_check_and_activate)
        self.assertEqual(self.contract.state, "accepted")
        self.assertEqual(wizard.missing_ids, self._get_row("data"))
        wizard.action_activate()
        self.assertEqual(self.contract.state, "active")
        message = self.contract.message_ids.filtered(lambda m: "incomplete" in str(m.body))
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertIn("Data and confidentiality", message.body)
        self.assertNotIn("Duties", message.body)

    def test_what_was_completed_meanwhile_is_not_told(self):
        self._complete()
        row = self._get_row("data")
        row.action_clear()
        wizard = self._open(self.contract.action_check_and_activate)
        row.action_tick()
        wizard.action_activate()
        self.assertFalse(self.contract.message_ids.filtered(lambda m: "incomplete" in str(m.body)))

    def test_asked_about_contracts_that_can_be_activated(self):
        draft = self._create_contract(self._create_equipment("Lathe")).with_user(self.manager)
        with self.assertRaises(UserError):
            draft.action_check_and_activate()
        with self.assertRaises(AccessError):
            self.contract.with_user(self.dispatcher)._activate_incomplete()

    # === PRINTED === #

    def test_printed_in_the_language_of_the_customer(self):
        self.customer.lang = "fr_FR"
        self._get_row("duties").action_tick()
        self._get_row("duties").place = "Article 7"
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.manager)
            ._render_qweb_html("maintenance_contract.report_check_list", self.contract.ids)
        )
        text = html2plaintext(html)
        self.assertIn(self.contract.name, text)
        self.assertIn("Article 7", text)
        self.assertIn("lun.–ven. 09:00–17:00", text)
