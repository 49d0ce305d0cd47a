from odoo import api, fields, models

from ...tools.contract_dates import end_of_term
from ..core.checks import check_numbers, check_percents


class MaintenanceWarrantyType(models.Model):
    """What covers an equipment: how long, what share of parts, labour and travel, which visits."""

    _name = "maintenance.warranty.type"
    _description = "Warranty Type"
    _inherit = ["mail.thread", "maintenance.finite.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    tier_id = fields.Many2one(
        "maintenance.tier",
        check_company=True,
        ondelete="restrict",
        help="The tier of an equipment covered by this type, unless its coverage says otherwise.",
    )
    description = fields.Html(translate=True)

    # Duration
    duration_months = fields.Integer(
        string="Duration (Months)",
        default=12,
        tracking=True,
        help="How long a warranty of this type lasts. A coverage under contract lasts as long as "
        "the contract. 0: until it is ended.",
    )
    start_event = fields.Selection(
        [
            ("delivery", "Delivery"),
            ("commissioning", "Commissioning"),
            ("purchase", "Purchase"),
        ],
        string="Starts On",
        default="delivery",
        required=True,
    )

    # Share and duration covered, by nature of cost
    parts_percent = fields.Float(string="Parts Covered (%)", default=100.0, digits=(5, 2))
    parts_months = fields.Integer(help="0: as long as the coverage.")
    labour_percent = fields.Float(string="Labour Covered (%)", default=100.0, digits=(5, 2))
    labour_months = fields.Integer(help="0: as long as the coverage.")
    travel_percent = fields.Float(string="Travel Covered (%)", default=100.0, digits=(5, 2))
    travel_months = fields.Integer(help="0: as long as the coverage.")

    _percents_range = models.Constraint(
        "CHECK (parts_percent BETWEEN 0 AND 100 AND labour_percent BETWEEN 0 AND 100 "
        "AND travel_percent BETWEEN 0 AND 100)",
        "Parts, labour and travel covered: give percents from 0 to 100.",
    )

    @api.constrains("parts_percent", "labour_percent", "travel_percent")
    def _check_percents(self):
        check_percents(self, "parts_percent", "labour_percent", "travel_percent")

    @api.constrains("duration_months", "parts_months", "labour_months", "travel_months")
    def _check_months(self):
        check_numbers(
            self, "duration_months", "parts_months", "labour_months", "travel_months", maximum=1200
        )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if not (default or {}).get("name"):
            for warranty_type, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", warranty_type.name)
        return vals_list

    def _get_start_date(self, equipment):
        """The date on which a warranty of this type starts for ``equipment``, if it is known."""
        self.ensure_one()
        return equipment[f"{self.start_event}_date"]

    def _get_end_date(self, start):
        """Last day of a warranty that starts on ``start``; False when it lasts until ended."""
        self.ensure_one()
        if not self.duration_months:
            return False
        return end_of_term(start, self.duration_months)

    def _get_shares(self, start, day):
        """Percents of parts, labour and travel covered on a day.

        :param date start: first day of the coverage: each share may end before the coverage does
        :param date day: a day of the coverage
        :rtype: tuple[float, float, float]
        """
        self.ensure_one()

        def share(nature):
            months = self[f"{nature}_months"]
            if months and day > end_of_term(start, months):
                return 0
            return self[f"{nature}_percent"]

        return share("parts"), share("labour"), share("travel")
