from odoo import api, fields, models
from odoo.fields import Domain

from ..core.checks import check_period


class MaintenanceTraining(models.Model):
    """A contact followed a training: where a tier asks for it, he may open requests (seed 003)."""

    _name = "maintenance.training"
    _description = "Training"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_company', '=', False)]",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer",
        store=True,
        index="btree_not_null",
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="What the training was about. Empty: all products.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    expiry_date = fields.Date("Valid Until", help="Last day. Empty: for ever.")
    certificate = fields.Binary(attachment=True, copy=False)
    certificate_name = fields.Char(copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    is_valid = fields.Boolean(compute="_compute_is_valid", search="_search_is_valid")

    @api.depends("date", "expiry_date")
    def _compute_is_valid(self):
        today = fields.Date.context_today(self)
        for training in self:
            training.is_valid = training._is_valid_on(today)

    def _search_is_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("date", "<=", today) & (
            Domain("expiry_date", "=", False) | Domain("expiry_date", ">=", today)
        )

    @api.constrains("date", "expiry_date")
    def _check_dates(self):
        check_period(self, "date", "expiry_date")

    def _is_valid_on(self, day):
        """Whether the training counted on a day, both its first and its last included.

        :param date day: a local day
        """
        self.ensure_one()
        return bool(self.date) and (
            self.date <= day and (not self.expiry_date or day <= self.expiry_date)
        )
