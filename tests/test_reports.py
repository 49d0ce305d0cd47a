from datetime import date, datetime
from io import BytesIO

from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools.pdf import OdooPdfFileReader

from .common import MaintenanceCommon

MODULE = "maintenance_contract"


class ReportCommon(MaintenanceCommon):
    """A customer who reads French, one who reads English, and plans with a French name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.customer.lang = "fr_FR"
        cls.other_customer.lang = "en_US"
        cls.plan.with_context(lang="fr_FR").name = "Visite annuelle"
        cls.press = cls._create_equipment("Press", serial_no="SN-1")
        cls.mill = cls._create_equipment("Mill", serial_no="SN-2")
        cls.env.flush_all()

    def _render(self, report, records, user, companies=None):
        """The HTML of a report, as ``user`` gets it, at work in ``companies``."""
        companies = companies or user.company_id
        content, _type = (
            self.env["ir.actions.report"]
            .with_user(user)
            .with_context(lang="en_US", allowed_company_ids=companies.ids)
            ._render_qweb_html(f"{MODULE}.action_report_{report}", records.ids)
        )
        return content.decode()

    def _get_text(self, report, records, user):
        """What one reads in a report, on one line."""
        page = html.fromstring(self._render(report, records, user))
        return " ".join(" ".join(page.itertext()).split())

    def _get_rows(self, report, records, user):
        """The cells of each table row of a report."""
        page = html.fromstring(self._render(report, records, user))
        return [
            [" ".join(cell.text_content().split()) for cell in row.iterchildren("td", "th")]
            for row in page.iter("tr")
        ]


@tagged("post_install", "-at_install")
@freeze_time("2027-03-01 08:00:00")
class TestInterventionReport(ReportCommon):
    """What was done on site, as the technician prints it for the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls.press, cls.mill, state="active", customer_reference="PO-4711"
        )
        visits = cls.contract.visit_ids.filtered(lambda visit: visit.rank == 0)
        cls.intervention = visits._open_interventions(
            datetime(2027, 3, 1, 7), datetime(2027, 3, 1, 10), cls.technician | cls.technician_2
        )
        cls.task = cls.intervention.task_ids

    def _close(self):
        """Go through the whole job: checklist, times, results."""
        first = self.task.check_ids[0]
        first.write({"result": "not_ok", "remark": "<script>alert('check')</script> disk full"})
        self.task.check_ids[1].result = "not_applicable"
        self.task.action_checks_ok()
        for user, hours in ((self.technician, 6.25), (self.technician_2, 6.25)):
            employee = self.env["hr.employee"].create({"name": user.name, "user_id": user.id})
            self.env["account.analytic.line"].create(
                {
                    "name": "between ourselves",
                    "task_id": self.task.id,
                    "project_id": self.task.project_id.id,
                    "employee_id": employee.id,
                    "unit_amount": hours,
                    "date": date(2027, 3, 1),
                }
            )
        self.task.action_close_task()
        self.intervention.write(
            {
                "remarks": "<p>Left <b>axis</b></p><script>alert('remarks')</script>",
                "internal_note": "<p>Never again</p>",
            }
        )
        for line in self.intervention.line_ids:
            line.remark = "<b>play</b>"
        self.intervention._close(
            {
                line: {"result": "done", "done_date": date(2027, 3, 1)}
                for line in self.intervention.line_ids
            }
        )

    def test_tells_what_was_done(self):
        """Number, equipment, results, checks, times and remarks, for who may see the file."""
        self._close()
        text = self._get_text("intervention", self.intervention, self.technician)
        for words in (
            self.intervention.name,
            self.contract.name,
            "PO-4711",
            "Usine Meyrin",
            self.technician.name,
            self.technician_2.name,
            "Left axis",
            "Pour le client",
            "Pour Atelier Genève",
        ):
            self.assertIn(words, text)
        rows = self._get_rows("intervention", self.intervention, self.technician)
        self.assertIn(
            ["Press", "SN-1", "Visite annuelle", "Réalisée", "01/03/2027", "<b>play</b>"], rows
        )
        mill, press = (
            self.task.check_ids.filtered(lambda check, item=item: check.equipment_id == item)
            for item in (self.mill, self.press)
        )
        self.assertEqual([check.name for check in mill | press], ["Back up", "Clean"] * 2)
        self.assertIn(["Clean", "OK", ""], rows)
        self.assertIn(["Clean", "Sans objet", ""], rows)
        self.assertIn(
            ["Back up", "Non conforme", "<script>alert('check')</script> disk full"], rows
        )
        self.assertIn(["01/03/2027", self.technician_2.name, self.task.name, "06:15"], rows)
        self.assertIn(["Total", "12:30"], rows)
        self.assertNotIn("between ourselves", text)
        self.assertNotIn("Never again", text)

    def test_nothing_written_in_it_is_executed(self):
        """Remarks keep their layout and lose their scripts; a line of text stays text."""
        self._close()
        source = self._render("intervention", self.intervention, self.technician)
        page = html.fromstring(source)
        scripts = [node.text_content() for node in page.iter("script")]
        self.assertFalse([script for script in scripts if "alert" in script])
        self.assertIn("<b>axis</b>", source)
        self.assertIn("&lt;b&gt;play&lt;/b&gt;", source)

    def test_hours_are_those_of_the_contract(self):
        """Eight in Geneva is eight on the report, wherever it is printed."""
        self.dispatcher.tz = "Asia/Tokyo"
        rows = self._get_rows("intervention", self.intervention, self.dispatcher)
        planned = next(row[1] for row in rows if row and row[0] == "Horaire prévu")
        self.assertEqual(planned, "01/03/2027 08:00 – 01/03/2027 11:00")

    def test_language_is_the_customers(self):
        """An English customer reads English, whoever prints and whatever is printed with it."""
        english = self.env["maintenance.intervention"].create(
            {
                "partner_id": self.other_customer.id,
                "line_ids": [
                    Command.create({"equipment_id": self._create_equipment("Lathe").id}),
                ],
                "task_ids": [
                    Command.create(
                        {
                            "name": "Repair",
                            "project_id": self.geneva.planning_project_id.id,
                            "planned_date_begin": datetime(2027, 3, 1, 7),
                            "date_deadline": datetime(2027, 3, 1, 12),
                        }
                    )
                ],
            }
        )
        both = self._get_text("intervention", self.intervention | english, self.dispatcher)
        self.assertIn("Visite annuelle", both)
        self.assertIn("01/03/2027 08:00", both)
        self.assertIn("03/01/2027 08:00 AM", both)
        self.assertIn(english.name, both)

    def test_empty_file_prints(self):
        """A file just opened has neither equipment, site, task nor date."""
        empty = self.env["maintenance.intervention"].create({"partner_id": self.other_customer.id})
        text = self._get_text("intervention", empty, self.dispatcher)
        self.assertIn(empty.name, text)
        self.assertIn("No equipment.", text)
        self.assertNotIn("False", text)

    def test_only_who_may_read_the_file(self):
        """A technician who is not on it, and another company, do not get the report."""
        stranger = self._create_user("mc_stranger", f"{MODULE}.group_technician")
        for user in (stranger, self.paris_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._render("intervention", self.intervention, user)


@tagged("post_install", "-at_install")
@freeze_time("2027-03-20 08:00:00")
class TestVisitScheduleReport(ReportCommon):
    """The visits of the contract year that runs, as the contract manager sends them."""

    def test_visits_of_the_year_by_month(self):
        """Each equipment has a row, each month a column, each visit its day, state and window."""
        contract = self._create_contract(self.press, self.mill, state="active")
        rows = self._get_rows("visit_schedule", contract, self.manager)
        self.assertEqual(rows[0], ["Horloger SA, Usine Meyrin"])
        self.assertEqual(rows[1][1:3], ["mars 2027", "avr. 2027"])
        self.assertEqual((len(rows[1]), rows[1][-1]), (13, "févr. 2028"))
        grid = {row[0]: row[1:] for row in rows[2:4]}
        self.assertEqual(set(grid), {"Press/SN-1", "Mill/SN-2"})
        self.assertEqual(grid["Press/SN-1"], ["1 mars À planifier"] + [""] * 11)
        self.assertIn(
            [
                "01/03/2027",
                "Visite annuelle",
                "Tous les équipements du site",
                "14/02/2027 – 31/03/2027",
                "À planifier",
            ],
            rows,
        )

    def test_agreed_visit_shows_its_day_and_hour(self):
        contract = self._create_contract(self.press, state="active")
        visit = contract.visit_ids.filtered(lambda visit: visit.rank == 0)
        visit._open_interventions(
            datetime(2027, 4, 1, 22, 30), datetime(2027, 4, 1, 23), self.technician
        )
        rows = self._get_rows("visit_schedule", contract, self.manager)
        # Half past midnight in Geneva: another day than in UTC, another month than promised.
        self.assertEqual(rows[2][:3], ["Press/SN-1", "", "2 avr. Planifiée"])
        self.assertIn("02/04/2027 00:30", [row[0] for row in rows])

    def test_contained_provisional_and_renewal(self):
        """What a visit contains, what may still move and what hangs on a renewal are said."""
        warranty_type = self._create_warranty_type(
            {"name": "Quarterly visit", "interval_count": 3, "mode": "floating"},
            {"name": "Annual visit", "package": 2},
        )
        contract = self._create_contract(
            self.press,
            state="active",
            warranty_type_id=warranty_type.id,
            partner_id=self.other_customer.id,
            term_months=6,
            renewal="tacit",
        )
        rows = self._get_rows("visit_schedule", contract, self.manager)
        by_day = {row[0]: row[1:] for row in rows[3:]}
        self.assertEqual(by_day["03/01/2027"][0], "Annual visit with Quarterly visit")
        self.assertIn("06/01/2027", by_day)
        self.assertIn("09/01/2027 * (p)", by_day)
        text = self._get_text("visit_schedule", contract, self.manager)
        self.assertIn("* Subject to renewal of the contract after 08/31/2027", text)

    def test_year_that_starts_within_a_month_has_thirteen_columns(self):
        contract = self._create_contract(
            self.press, state="active", date_start=date(2027, 3, 15), partner_id=self.customer.id
        )
        header = self._get_rows("visit_schedule", contract, self.manager)[1]
        self.assertEqual((len(header), header[1], header[-1]), (14, "mars 2027", "mars 2028"))

    def test_year_is_the_one_that_runs_and_ends_with_the_contract(self):
        contract = self._create_contract(self.press, state="active", term_months=18)
        with freeze_time("2028-03-20 08:00:00"):
            header = self._get_rows("visit_schedule", contract, self.manager)[1]
            text = self._get_text("visit_schedule", contract, self.manager)
        self.assertEqual((len(header), header[1], header[-1]), (7, "mars 2028", "août 2028"))
        self.assertIn("Année de contrat 2 01/03/2028 – 31/08/2028", text)

    def test_contract_without_visits_says_so(self):
        draft = self._create_contract(self.press)
        text = self._get_text("visit_schedule", draft, self.manager)
        self.assertIn("Aucune visite n'est prévue dans cette année de contrat.", text)

    def test_who_reads_the_contract_prints_it(self):
        contract = self._create_contract(self.press, state="active")
        for user in (self.manager, self.dispatcher, self.accountant):
            for report in ("visit_schedule", "contract_matrix"):
                with self.subTest(user=user.login, report=report):
                    self.assertIn(contract.name, self._render(report, contract, user))

    def test_other_company_is_refused(self):
        contract = self._create_contract(self.press, state="active")
        for report in ("visit_schedule", "contract_matrix"):
            with self.subTest(report=report), self.assertRaises(AccessError):
                self._render(report, contract, self.paris_manager)


@tagged("post_install", "-at_install")
class TestTierMatrixReport(ReportCommon):
    """The matrix of services, alone or for the customer of a contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.env.ref(f"{MODULE}.tier_good")
        cls.best = cls.env.ref(f"{MODULE}.tier_best")

    def test_chosen_tiers_stand_side_by_side(self):
        """One table with the tiers chosen, in their order whatever the order of the clicks."""
        rows = self._get_rows("tier_matrix", self.best | self.good, self.manager)
        self.assertEqual(rows[0], ["Service", "GOOD", "BEST"])
        self.assertIn(["Corrective maintenance"], rows)
        self.assertIn(["Time to resolution", "72 h", "48 h"], rows)

    def test_note_is_printed_under_the_table(self):
        warranty = self.env.ref(f"{MODULE}.tier_warranty")
        rows = self._get_rows("tier_matrix", warranty | self.best, self.manager)
        self.assertIn(["Spare parts", "Yes (1)", "Yes"], rows)
        text = self._get_text("tier_matrix", warranty | self.best, self.manager)
        self.assertIn("(1) During the warranty, parts found defective", text)

    def test_contract_marks_its_tier_in_the_customers_language(self):
        self.best.with_context(lang="fr_FR").name = "LE MEILLEUR"
        contract = self._create_contract(self.press, tier_id=self.best.id)
        contract.coverage_ids.tier_id = self.best
        header = self._get_rows("contract_matrix", contract, self.manager)[0]
        marked = [name for name in header if "Votre contrat" in name]
        self.assertEqual(marked, ["LE MEILLEUR Votre contrat"])
        contract.coverage_ids.tier_id = self.good
        header = self._get_rows("contract_matrix", contract, self.manager)[0]
        self.assertIn("Contrat GOOD Votre contrat", header)
        self.assertIn("LE MEILLEUR", header)

    def test_catalogue_is_that_of_the_contracts_company(self):
        """A reader at work in two companies does not send one's tiers to the other's customer."""
        self.env["maintenance.tier"].create({"name": "Paris only", "company_id": self.paris.id})
        self.manager.company_ids |= self.paris
        contract = self._create_contract(self.press)
        companies = self.geneva | self.paris
        source = self._render("contract_matrix", contract, self.manager, companies)
        self.assertNotIn("Paris only", source)
        self.assertIn("BETTER", source)


@tagged("post_install", "-at_install")
@freeze_time("2027-03-20 08:00:00")
class TestPdf(ReportCommon):
    """The documents as the PDF engine lays them out."""

    def _get_pages(self, report, records):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        if reports.get_wkhtmltopdf_state() == "install":
            self.skipTest("no PDF engine")
        # No server answers during a test: the engine must not wait for styles.
        self.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        content, _type = reports._render_qweb_pdf(f"{MODULE}.action_report_{report}", records.ids)
        return OdooPdfFileReader(BytesIO(content)).pages

    def test_several_reports_make_one_file(self):
        interventions = self.env["maintenance.intervention"].create(
            [{"partner_id": self.customer.id}, {"partner_id": self.other_customer.id}]
        )
        self.assertEqual(len(self._get_pages("intervention", interventions)), 2)

    def test_schedule_is_landscape(self):
        contract = self._create_contract(self.press, state="active")
        box = self._get_pages("visit_schedule", contract)[0].mediabox
        self.assertGreater(box.width, box.height)
