from odoo import api, models
from odoo.tools.misc import get_lang


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
        # The catalogue of the contract's company, whatever companies the reader works in.
        contract = contract.with_context(
            lang=get_lang(self.env, contract.partner_id.lang).code,
            allowed_company_ids=contract.company_id.ids,
        )
        agreed = contract.coverage_ids.filtered(lambda c: c.state in ("draft", "validated")).tier_id
        return {
            "doc": contract,
            "lang": contract.env.lang,
            "matrix": contract.env["maintenance.tier"].get_matrix(),
            "agreed_ids": (agreed or contract.tier_id).ids,
        }
