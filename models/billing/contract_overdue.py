from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import fields, models

from ...tools.shares import split
from ..core.windows import open_window
from .const import PRICE_GROUPS


class Due(NamedTuple):
    """What is overdue of an invoice, or left of a credit note, for one contract.

    :param since: the first day on which some of it was due
    :param last_due: the last day on which some of it was due
    :param amount: in the currency of the contract; less than 0 of a credit note
    """

    move: models.BaseModel
    since: date
    last_due: date
    amount: float


class MaintenanceContract(models.Model):
    """What a contract is owed and was not paid on its day.

    Odoo knows what is left to pay of each invoice, after partial payments and credit notes; an
    invoice of several contracts counts for each by its share of the lines, taxes included. Credit
    notes that settle nothing yet are deducted.
    """

    _inherit = "maintenance.contract"

    overdue_amount = fields.Monetary(
        "Overdue", compute="_compute_overdue", compute_sudo=True, groups=PRICE_GROUPS
    )
    overdue_since = fields.Date(compute="_compute_overdue", compute_sudo=True, groups=PRICE_GROUPS)
    overdue_count = fields.Integer(
        "Overdue Invoices", compute="_compute_overdue", compute_sudo=True, groups=PRICE_GROUPS
    )
    overdue_invoice = fields.Char(
        "Oldest Overdue Invoice",
        compute="_compute_overdue",
        compute_sudo=True,
        groups=PRICE_GROUPS,
    )
    is_overdue = fields.Boolean(
        compute="_compute_overdue",
        compute_sudo=True,
        search="_search_is_overdue",
        groups=PRICE_GROUPS,
    )

    # === COMPUTE METHODS === #

    def _compute_overdue(self):
        dues_by_contract = self._get_dues()
        for contract in self:
            dues = dues_by_contract[contract]
            owed = [due for due in dues if due.amount > 0]
            amount = contract.currency_id.round(sum(due.amount for due in dues))
            contract.is_overdue = bool(owed) and amount > 0
            if not contract.is_overdue:
                owed, amount = [], 0
            oldest = min(owed, key=lambda due: (due.since, due.move.id), default=None)
            contract.overdue_amount = amount
            contract.overdue_count = len(owed)
            contract.overdue_since = oldest and oldest.since
            contract.overdue_invoice = oldest and oldest.move.name

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Odoo checks the groups of stored fields only; who may not read it does not search by it.
        self._check_field_access(self._fields["is_overdue"], "read")
        # What is owed is found by the database, what is left once credits are deducted, here.
        moves = (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("maintenance_contract_ids", "!=", False),
                    ("maintenance_overdue_since", "!=", False),
                ]
            )
        )
        return [("id", "in", moves.maintenance_contract_ids.filtered("is_overdue").ids)]

    # === ACTIONS === #

    def action_view_overdue(self):
        """The invoices of this contract that are not paid."""
        return open_window(
            self,
            "account_move_action_follow_up",
            domain=[("maintenance_contract_ids", "in", self.ids)],
            context={"search_default_overdue": 1, "create": False},
        )

    # === BUSINESS METHODS === #

    def _get_dues(self):
        """What each of these contracts is owed since before today; runs in superuser mode.

        :rtype: dict[maintenance.contract, list[Due]]
        """
        dues = defaultdict(list)
        for company, contracts in self.grouped("company_id").items():
            today = company._get_today()
            moves = self.env["account.move"].search(
                [
                    ("maintenance_contract_ids", "in", contracts.ids),
                    ("state", "=", "posted"),
                    ("amount_residual", "!=", 0),
                ]
            )
            rests = moves._get_overdue_rests(today)
            weights = self.env["account.move"].union(*rests)._get_contract_weights()
            for move, (rest, since, last_due) in rests.items():
                amounts = split(
                    Decimal(str(rest)),
                    list(weights[move].values()),
                    Decimal(str(move.currency_id.rounding)),
                )
                for contract, amount in zip(weights[move], amounts, strict=True):
                    own = move.currency_id._convert(
                        float(amount), contract.currency_id, company, today
                    )
                    dues[contract].append(Due(move, since, last_due, own))
        return dues
