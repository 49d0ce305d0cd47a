from odoo import api, models


class ReportContractAnnex(models.AbstractModel):
    """What a contract promises: services of its tiers and delays, in the customer's language."""

    _name = "report.maintenance_contract.report_contract_annex"
    _description = "Annex of a Contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["maintenance.contract"].browse(docids)
        return {"docs": contracts, "sheets": [contract._for_customer() for contract in contracts]}
