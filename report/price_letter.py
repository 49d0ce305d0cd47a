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
        return {"docs": revisions, "letters": self._prepare_letters(lines)}

    @api.model
    def _prepare_letters(self, lines):
        if not lines:
            raise UserError(self.env._("No price is revised: there is no letter."))
        return [
            self._prepare_letter(contract, own)
            for (_revision, contract), own in lines.grouped(
                lambda line: (line.revision_id, line.contract_id)
            ).items()
        ]

    def _prepare_letter(self, contract, lines):
        lang = get_lang(self.env, contract.partner_id.lang).code
        lines = lines.with_context(lang=lang)
        indices = contract.sudo().with_context(lang=lang).price_formula_id.index_ids
        terms = {
            (term["index"], term["base"], term["now"]): term
            for line in lines
            for term in line._get_terms()
        }
        return {
            "doc": contract.with_context(lang=lang),
            "lang": lang,
            "date": lines[0].date,
            "today": contract.company_id._get_today(),
            "lines": lines,
            "terms": list(terms.values()),
            "index_names": {index.code: index.name for index in indices},
            "is_provisional": any(lines.mapped("is_provisional")),
            "is_draft": not all(lines.mapped("is_applied")),
        }


class ReportPriceLetterContract(models.AbstractModel):
    """The same for single letters, as they are mailed."""

    _name = "report.maintenance_contract.report_price_letter_contract"
    _inherit = ["report.maintenance_contract.report_price_letter"]
    _description = "Price Revision Letter of a Contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        letters = self.env["maintenance.price.letter"].browse(docids)
        letters.check_access("read")
        lines = letters.sudo().mapped(lambda letter: letter._get_lines())
        return {"docs": letters, "letters": self._prepare_letters(lines)}
