from odoo import api, models


class ReportAmendment(models.AbstractModel):
    """The amendment to sign, in the customer's language, with the prices for who may read them."""

    _name = "report.maintenance_contract.report_amendment"
    _description = "Amendment"

    @api.model
    def _get_report_values(self, docids, data=None):
        amendments = self.env["maintenance.amendment"].browse(docids)
        amendments.check_access("read")
        lines = self.env["maintenance.amendment.line"]
        return {
            "docs": amendments,
            "has_prices": lines._has_field_access(lines._fields["price"], "read"),
        }
