from odoo import models
from odoo.tools.misc import get_lang


class MaintenanceContract(models.Model):
    """The annex of a contract: what it promises, in the words of the catalogue."""

    _inherit = "maintenance.contract"

    def _for_customer(self):
        """This contract as its customer reads it: his language, the catalogue of its company."""
        self.ensure_one()
        return self.with_company(self.company_id).with_context(
            lang=get_lang(self.env, self.partner_id.lang).code,
            allowed_company_ids=self.company_id.ids,
        )

    def _get_offered_coverages(self):
        """Those that are agreed or still to be, by site."""
        return self.coverage_ids.filtered(
            lambda coverage: coverage.state in ("draft", "validated")
        ).sorted(lambda coverage: (coverage.site_id.display_name or "", coverage.id))

    def _prepare_annex(self):
        """Hook: what the annex prints, as plain values in the language of the environment.

        :return: ``matrix``, as `maintenance.tier.get_matrix` gives it for the tiers agreed, or None
        :rtype: dict
        """
        self.ensure_one()
        tiers = self._get_offered_coverages().tier_id or self.tier_id
        return {"matrix": tiers.sorted().get_matrix() if tiers else None}
