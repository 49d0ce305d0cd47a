from odoo import api, fields, models


class ResCompany(models.Model):
    """A company that maintains: its numbering, and the project its technicians are planned in."""

    _inherit = "res.company"

    planning_project_id = fields.Many2one(
        "project.project",
        string="Field Planning Project",
        copy=False,
        help="The project of the tasks of interventions and of the one-off tasks of technicians.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # Who creates a company may not create projects and sequences, nor see the new company yet.
        companies.sudo()._set_up_maintenance()
        return companies

    def _set_up_maintenance(self):
        """Give each company what it needs to number and to plan; what is there stays."""
        for company in self:
            if not company.planning_project_id:
                company.planning_project_id = (
                    self.env["project.project"]
                    .with_company(company)
                    .create(company._prepare_planning_project_vals())
                )
            for vals in company._prepare_maintenance_sequence_vals():
                sequence = self.env["ir.sequence"].search(
                    [("code", "=", vals["code"]), ("company_id", "=", company.id)], limit=1
                )
                if not sequence:
                    sequence.create(vals)

    def _get_today(self):
        """What day it is at this company, by the time zone of its calendar.

        A cron's user has no time zone, and midnight is not the same instant everywhere.

        :rtype: date
        """
        self.ensure_one()
        zone = self.sudo().resource_calendar_id.tz or "UTC"
        return fields.Date.context_today(self.with_context(tz=zone))

    @api.model
    def _get_local_days(self):
        """What day it is at each company.

        :rtype: dict[res.company, date]
        """
        companies = self.sudo().search([("active", "=", True)])
        return {company: company._get_today() for company in companies}

    def _at_work(self, records):
        """These records as a program of this company sees them: its defaults, its language."""
        self.ensure_one()
        return records.with_company(self).with_context(lang=self.sudo().partner_id.lang)

    def _get_next_number(self, code):
        """The next number of this company's sequence, in its own year.

        :param str code: of the sequence, the name of the model that is numbered
        :rtype: str
        """
        self.ensure_one()
        sequence = self.env["ir.sequence"].with_company(self)
        return sequence.next_by_code(code, sequence_date=self._get_today())

    def _prepare_planning_project_vals(self):
        self.ensure_one()
        return {
            "name": self.env._("Field Service"),
            "company_id": self.id,
            "allow_timesheets": True,
            "privacy_visibility": "employees",
        }

    def _prepare_maintenance_sequence_vals(self):
        self.ensure_one()
        return [
            {
                "name": f"{name} ({self.name})",
                "code": code,
                "prefix": f"{prefix}/%(range_year)s/",
                "padding": 4,
                "use_date_range": True,
                "company_id": self.id,
            }
            for name, code, prefix in (
                (self.env._("Maintenance contract"), "maintenance.contract", "MC"),
                (self.env._("Intervention"), "maintenance.intervention", "INT"),
                (self.env._("Inventory"), "maintenance.inventory", "IVT"),
            )
        ]
