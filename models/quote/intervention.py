from odoo import fields, models

from .sale_order import QUOTE_GROUPS


class MaintenanceIntervention(models.Model):
    """An intervention is quoted, and what is done there counts on the quote that was signed."""

    _name = "maintenance.intervention"
    _inherit = ["maintenance.intervention", "maintenance.quotable.mixin"]

    quote_ids = fields.One2many(
        "sale.order", "maintenance_intervention_id", string="Quotes", groups=QUOTE_GROUPS
    )

    # === BUSINESS METHODS === #

    def _get_quotes(self):
        # That of the request is for its interventions, too.
        return self.quote_ids | self.ticket_id.quote_ids.filtered(
            lambda quote: not quote.maintenance_intervention_id
        )

    def _check_quotable(self):
        self.ensure_one()
        if self.state == "cancelled":
            self._refuse_quote(self.env._("it is cancelled."))
        if self.ticket_id:
            self.ticket_id._check_quotable()

    def _prepare_quotation(self):
        """What the quote starts from: what was asked for, else what is to be done here.

        Where nobody asked, nobody decided who pays: all is at the public tariff.

        :rtype: dict
        """
        self.ensure_one()
        vals = {
            "requested_at": self.create_date,
            "origin": self.name,
            "client_order_ref": self.contract_id.customer_reference,
        }
        if self.ticket_id:
            vals = self.ticket_id._prepare_quotation()
        return {
            **vals,
            **self._prepare_quote_vals(
                self.partner_id,
                self.ticket_id.partner_id or self.contact_id or self.partner_id,
                self.site_id,
                self.task_ids,
            ),
            "maintenance_intervention_id": self.id,
        }

    def _after_quote(self):
        # EXTENDS: what the study of the request asked for is done.
        self.ticket_id._after_quote()

    def _get_signed_quotes(self):
        """Those signed for this intervention, or for its request, the last one first."""
        quotes = self.sudo().quote_ids | self.sudo().ticket_id.quote_ids.filtered(
            lambda quote: not quote.maintenance_intervention_id
        )
        return quotes.filtered(lambda quote: quote.state == "sale").sorted("id", reverse=True)

    def _close(self, results):
        # EXTENDS fieldwork: the trip is delivered.
        result = super()._close(results)
        self._get_signed_quotes()[:1]._deliver_travel()
        return result
