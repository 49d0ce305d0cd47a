from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang


class ReportPriceLetter(models.AbstractModel):
    """The letters that announce new prices: one per contract, in the language of the customer."""

    _name = "report.maintenance_contract.report_price_letter"
    _description = "Price Revision Letters"

    @api.model
    def _get_report_values(self, docids, data=None):
        revisions = self.env["maintenance.price.revision"].browse(docids)
        revisions.check_access("read")
        lines = revisions.sudo().line_ids.filtered(lambda line: line.outcome == "revised")
        if not lines:
            raise UserError(self.env._("No price is revised: there is no letter."))
        return {
            "docs": revisions,
            "letters": [
                self._prepare_letter(contract, own)
                for (_revision, contract), own in lines.grouped(
                    lambda line: (line.revision_id, line.contract_id)
                ).items()
            ],
        }

    def _prepare_letter(self, contract, lines):
        lang = get_lang(self.env, contract.partner_id.lang).code
        lines = lines.with_context(lang=lang)
        terms = {
            (term["index"], term["base"], term["now"]): term
            for line in lines
            for term in line._get_terms()
        }
        return {
            "doc": contract.with_context(lang=lang),
            "lang": lang,
            "date": lines[0].date,
            "lines": lines,
            "terms": list(terms.values()),
            "is_provisional": any(lines.mapped("is_provisional")),
            "is_draft": not all(lines.mapped("is_applied")),
        }
