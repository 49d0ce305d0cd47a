from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merged contacts keep what is theirs, where two rows of them would be one too many."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # EXTENDS base: it would delete all votes of the contacts that go, if one is in the way.
        votes = self.env["maintenance.idea.vote"].sudo()
        found = votes.search([("partner_id", "in", (src_partners | dst_partner).ids)])
        for same in found.grouped("ticket_id").values():
            kept = same.filtered(lambda vote: vote.partner_id == dst_partner) or same
            (same - kept[0]).unlink()
        return super()._update_foreign_keys(src_partners, dst_partner)
