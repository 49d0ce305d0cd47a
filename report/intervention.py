from odoo import api, models
from odoo.tools.misc import get_lang


class ReportIntervention(models.AbstractModel):
    """What was done on site, for the customer: in his language, in the contract's time zone."""

    _name = "report.maintenance_contract.report_intervention"
    _description = "Intervention Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        interventions = self.env["maintenance.intervention"].browse(docids)
        # Who may read the file may read its whole report: the checks and times of the other
        # technicians and the number of the contract included.
        interventions.check_access("read")
        return {
            "docs": interventions,
            "sheets": [self._prepare_sheet(intervention.sudo()) for intervention in interventions],
        }

    def _prepare_sheet(self, intervention):
        lang = get_lang(self.env, intervention.partner_id.lang).code
        intervention = intervention.with_context(lang=lang)
        calendar = (
            intervention.contract_id.calendar_id or intervention.company_id.resource_calendar_id
        )
        tasks = intervention.task_ids.filtered(lambda task: task.state != "1_canceled")
        return {
            "doc": intervention,
            "lang": lang,
            "tz": calendar.tz or self.env.user.tz or "UTC",
            "tasks": tasks,
            "checks": tasks.check_ids.sorted().grouped("equipment_id"),
            "times": tasks.timesheet_ids.sorted(lambda time: (time.date, time.id)),
        }
