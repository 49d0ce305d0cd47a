from odoo import api, fields, models
from odoo.tools import format_date, format_duration

from .sale_order import OPEN_STATES


class SaleOrder(models.Model):
    """A quote in words, for the customer and for the staff."""

    _inherit = "sale.order"

    quote_terms = fields.Char("Terms", compute="_compute_quote_terms")

    @api.depends(
        "requested_at", "covered_parts", "covered_labour", "covered_travel", "covered_by",
        "longest_lead", "hours_before", "state",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_quote_terms(self):
        for order in self:
            order.quote_terms = " ".join(order._get_quote_terms()) if order.requested_at else False

    def _get_quote_terms(self):
        """What those who make the quote have to see at a glance.

        :rtype: list[str]
        """
        terms = [self._tell_tariff()]
        if self.covered_parts or self.covered_labour or self.covered_travel:
            terms.append(
                self.env._(
                    "%(agreed)s covers: parts %(parts)s %%, labour %(labour)s %%, travel "
                    "%(travel)s %%.",
                    agreed=self.covered_by,
                    parts=f"{self.covered_parts:g}",
                    labour=f"{self.covered_labour:g}",
                    travel=f"{self.covered_travel:g}",
                )
            )
        return [*terms, *filter(None, (self._tell_delivery(), self._tell_hours_before()))]

    def _describe_quote(self):
        """What the customer reads above the lines, on the portal and on paper.

        :rtype: list[str]
        """
        self.ensure_one()
        if not self.requested_at:
            return []
        sentences = [self._tell_origin(), self._tell_tariff(), self._tell_delivery()]
        if self._get_lines("labour") and self.state in OPEN_STATES:
            sentences.append(self._tell_hours_before())
            sentences.append(self.env._("Labour is invoiced by the time really spent."))
        return list(filter(None, sentences))

    def _tell_origin(self):
        if ticket := self.maintenance_ticket_id.sudo():
            return self.env._(
                "For your request %(number)s, “%(title)s”.", number=ticket.number, title=ticket.name
            )
        return self.env._(
            "For our intervention %s.", self.maintenance_intervention_id.sudo().display_name
        )

    def _tell_tariff(self):
        zone = self.company_id.sudo().resource_calendar_id.tz or "UTC"
        day = fields.Datetime.context_timestamp(self.with_context(tz=zone), self.requested_at)
        return self.env._(
            "Prices of our public tariff in force on %s.", format_date(self.env, day.date())
        )

    def _tell_delivery(self):
        if not self.longest_lead:
            return ""
        if self.longest_lead == 1:
            return self.env._(
                "Delivery of the parts: 1 day after the agreement; they are ordered then."
            )
        return self.env._(
            "Delivery of the parts: %s days after the agreement; they are ordered then.",
            self.longest_lead,
        )

    def _tell_hours_before(self):
        if not self.hours_before or self.state not in OPEN_STATES:
            return ""
        return self.env._(
            "The labour includes %s h of work that is done already.",
            format_duration(self.hours_before),
        )
