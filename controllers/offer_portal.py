from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal


class OfferPortal(CustomerPortal):
    """An offer whose contract has changed is not signed, and says so."""

    @route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        # EXTENDS 'sale'
        token = access_token or request.httprequest.args.get("access_token")
        try:
            order = self._document_check_access("sale.order", order_id, access_token=token)
        except (AccessError, MissingError):
            order = request.env["sale.order"]
        if order and order._is_out_of_date():
            return {"error": order._refuse_signature()}
        return super().portal_quote_accept(
            order_id, access_token=access_token, name=name, signature=signature
        )
