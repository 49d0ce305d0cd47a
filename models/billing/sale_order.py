from odoo import fields, models


class SaleOrder(models.Model):
    """What is sold for a contract, before it starts or beside it."""

    _inherit = "sale.order"

    maintenance_contract_id = fields.Many2one(
        "maintenance.contract",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
    )
    maintenance_role = fields.Selection(
        [("offer", "Offer of a contract"), ("quote", "Out of contract")],
        index="btree_not_null",
        copy=False,
        help="What the order is for the maintenance: the offer of a contract, or the quote of work "
        "that no contract pays for.",
    )
