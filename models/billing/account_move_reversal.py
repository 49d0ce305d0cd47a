from odoo import models


class AccountMoveReversal(models.TransientModel):
    """A credit note is of the contracts of its invoice; what replaces an invoice is for the same.

    *Reverse and Create Invoice* credits an invoice and makes a draft like it, to be corrected: the
    periods that it was for go to that draft, each exactly once.
    """

    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        # EXTENDS 'account'
        action = super().reverse_moves(is_modify=is_modify)
        if is_modify:
            for move, draft in zip(self.move_ids, self.new_move_ids, strict=True):
                move._hand_over_billing_periods(draft)
        return action
