from odoo import fields, models

from ..core.checks import PERCENTS

GRANTING_KINDS = ("included", "quantity", "delay", "none")


class MaintenanceTierCell(models.Model):
    """What a tier gives of a service covers a share of its cost, and may be counted."""

    _inherit = "maintenance.tier.cell"
    _number_ranges = dict.fromkeys(("parts_percent", "labour_percent", "travel_percent"), PERCENTS)

    service_request_kind = fields.Selection(related="service_id.request_kind")
    parts_percent = fields.Float("Parts Covered (%)", default=100.0, digits=(5, 2))
    labour_percent = fields.Float("Labour Covered (%)", default=100.0, digits=(5, 2))
    travel_percent = fields.Float("Travel Covered (%)", default=100.0, digits=(5, 2))
    quantity_of = fields.Selection(
        [("tickets", "Requests"), ("hours", "Hours of work"), ("visits", "Visits on site")],
        string="Counted",
        help="What uses the quantity up: requests that it covers, the time of their remote "
        "sessions and interventions, or their interventions. All the equipment of a contract "
        "shares it. Empty: it is not counted by requests.",
    )

    _percents_range = models.Constraint(
        "CHECK (parts_percent BETWEEN 0 AND 100 AND labour_percent BETWEEN 0 AND 100 "
        "AND travel_percent BETWEEN 0 AND 100)",
        "Parts, labour and travel covered: give percents from 0 to 100.",
    )

    def _get_shares(self, company):
        """Percents of parts, labour and travel that this cell covers.

        A breakdown takes its parts from the row that answers for spare parts, where there is one.

        :param res.company company: of the request
        :rtype: tuple[float, float, float]
        """
        self.ensure_one()
        if self.kind not in GRANTING_KINDS:
            return 0, 0, 0
        parts = self.parts_percent
        is_breakdown = self.service_id.request_kind == "breakdown"
        if is_breakdown and (spare := self.tier_id._get_cell("part", company)):
            parts = spare._get_shares(company)[0]
        return parts, self.labour_percent, self.travel_percent
