from odoo import api, models


class ReportTierMatrix(models.AbstractModel):
    """The tiers chosen, side by side in one table, in the reader's language."""

    _name = "report.maintenance_contract.report_tier_matrix"
    _description = "Matrix of Services"

    @api.model
    def _get_report_values(self, docids, data=None):
        tiers = self.env["maintenance.tier"].browse(docids).sorted()
        return {"docs": tiers, "matrix": tiers.get_matrix()}


class ReportContractMatrix(models.AbstractModel):
    """What the tiers offer, for the customer of a contract: in his language, his own marked."""

    _name = "report.maintenance_contract.report_contract_matrix"
    _description = "Services of the Tiers"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["maintenance.contract"].browse(docids)
        return {
            "docs": contracts,
            "sheets": [self._prepare_sheet(contract) for contract in contracts],
        }

    def _prepare_sheet(self, contract):
        contract = contract._for_customer()
        agreed = contract._get_offered_coverages().tier_id
        return {
            "doc": contract,
            "lang": contract.env.lang,
            "matrix": contract.env["maintenance.tier"].get_matrix(),
            "agreed_ids": (agreed or contract.tier_id).ids,
        }
