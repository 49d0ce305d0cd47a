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
        elif (request := self.sudo()._get_as_request()).verdict == "covered":
            self._refuse_quote(self.env._("it is covered (%s).", request.verdict_terms))

    def _prepare_quotation(self):
        """What the quote starts from: what was asked for, else what is to be done here.

        :rtype: dict
        """
        self.ensure_one()
        if self.ticket_id:
            vals = self.ticket_id._prepare_quotation()
        else:
            contact = self.contact_id or self.partner_id
            vals = {
                "requested_at": self.create_date,
                "origin": self.name,
                "client_order_ref": self.contract_id.customer_reference,
                **self._get_as_request()._prepare_coverage_vals(contact.lang),
            }
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

    def _get_as_request(self):
        """Who would pay, had the customer asked for it: a request that is not kept.

        Of several pieces of equipment, the first decides: the others are quoted by requests.
        """
        return self.env["helpdesk.ticket"].new(
            {
                "request_kind": "breakdown",
                "received_at": self.create_date,
                "company_id": self.company_id.id,
                "partner_id": (self.contact_id or self.partner_id).id,
                "equipment_id": self.line_ids.equipment_id[:1].id,
                "contract_id": self.contract_id.id,
            }
        )

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
