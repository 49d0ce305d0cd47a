from odoo import http
from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal


class QuotePortal(CustomerPortal):
    """The customer declines a quote: who follows it up is told that it was he."""

    @http.route()
    def portal_quote_decline(self, *args, **kwargs):
        request.update_context(is_declined_by_customer=True)
        return super().portal_quote_decline(*args, **kwargs)
