from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class OfferPortal(CustomerPortal):
    """What a customer does with the offer of a contract, on Odoo's own page."""

    @route(methods=["POST"])
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        # EXTENDS 'sale': an offer whose contract has changed is not signed, and says so.
        token = access_token or request.httprequest.args.get("access_token")
        order = self._get_open_offer(order_id, token)
        if order and order._is_out_of_date():
            return {"error": order._refuse_signature()}
        return super().portal_quote_accept(
            order_id, access_token=access_token, name=name, signature=signature
        )

    @route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        # EXTENDS 'sale': the salesperson is told.
        offer = self._get_open_offer(order_id, access_token)
        response = super().portal_quote_decline(
            order_id, access_token=access_token, decline_message=decline_message, **kwargs
        )
        if offer and offer.state == "cancel":
            offer._tell_declined()
        return response

    def _get_open_offer(self, order_id, token):
        """The offer, in superuser mode, if the visitor may see it and it can still be signed."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token=token)
        except (AccessError, MissingError):
            return request.env["sale.order"]
        return order._get_open()
