from odoo import fields, models
from odoo.tools import format_date

from .const import PRICE_GROUPS


class MaintenanceContract(models.Model):
    """Whether invoices wait while a revision of the prices waits for an index (RELIABILITY FM17).

    Those that do not wait go out at the price in force; once the index is known, the revision
    corrects what is invoiced by a row of its own, and never touches what is posted.
    """

    _inherit = "maintenance.contract"

    is_price_awaited = fields.Boolean(
        "Wait for Revised Prices",
        tracking=True,
        groups=PRICE_GROUPS,
        help="Nothing is invoiced from the date of a revision on, as long as it is held or waits "
        "for an index. Otherwise the price in force is invoiced, and the difference afterwards.",
    )

    def _get_billing_obstacles(self):
        # EXTENDS billing
        obstacles = super()._get_billing_obstacles()
        for contract, day in self._get_awaited_prices().items():
            obstacles.setdefault(
                contract,
                self.env._(
                    "Price Clause: the revision from %s is not decided yet.",
                    format_date(self.env, day),
                ),
            )
        return obstacles

    def _get_awaited_prices(self):
        """Since when those wait that have to, in superuser mode.

        :rtype: dict[maintenance.contract, date]
        """
        lines = self.env["maintenance.price.revision.line"].sudo()
        waiting = lines._read_group(
            [
                ("contract_id", "in", self.sudo().filtered("is_price_awaited").ids),
                ("outcome", "in", ("held", "waiting")),
                ("is_applied", "=", False),
            ],
            ["contract_id"],
            ["date:min"],
        )
        return {
            self.browse(contract.id): day
            for contract, day in waiting
            if day <= contract.company_id._get_today()
        }
