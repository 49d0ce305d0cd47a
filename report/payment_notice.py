from odoo import api, models


class ReportPaymentNotice(models.AbstractModel):
    """The letter of a payment notice, in the language of the customer."""

    _name = "report.maintenance_contract.report_payment_notice"
    _description = "Payment Notice"

    @api.model
    def _get_report_values(self, docids, data=None):
        notices = self.env["maintenance.payment.notice"].browse(docids)
        notices.check_access("read")
        # Contract managers print the letter, and read no invoice.
        return {"docs": notices.sudo()}
