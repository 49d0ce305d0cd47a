from odoo import api, models


class ReportSlaExplanation(models.AbstractModel):
    """Why this deadline? For the customer: his language, his time zone, no names of staff."""

    _name = "report.maintenance_contract.report_sla_explanation"
    _description = "Explanation of a Deadline"

    @api.model
    def _get_report_values(self, docids, data=None):
        clocks = self.env["maintenance.sla.clock"].browse(docids)
        clocks.check_access("read")
        return {"docs": clocks, "sheets": [self._prepare_sheet(clock) for clock in clocks]}

    def _prepare_sheet(self, clock):
        clock = clock._with_customer()
        return {
            "doc": clock.sudo(),
            "lang": clock.env.lang,
            "lines": clock._get_explanation(for_customer=True),
        }
