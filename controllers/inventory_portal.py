import binascii

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

NAME_LENGTH = 100
REPORT = "maintenance_contract.report_inventory"


class InventoryPortal(CustomerPortal):
    """The inventories of the customer: he reads the report, and signs it where he is."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        inventories = request.env["maintenance.inventory"]
        if "inventory_count" in counters and inventories.has_access("read"):
            values["inventory_count"] = inventories.search_count(self._get_inventory_domain())
        return values

    @http.route(
        ["/my/inventories", "/my/inventories/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_inventories(self, page=1, **_kw):
        """What is to sign first, then the newest."""
        inventories, domain = request.env["maintenance.inventory"], self._get_inventory_domain()
        pages = pager(
            "/my/inventories",
            inventories.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        shown = inventories.search(
            domain,
            order="state, surveyed_on DESC, id DESC",
            limit=self._items_per_page,
            offset=pages["offset"],
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "inventories",
            "pager": pages,
            "inventories": shown.sudo(),
        }
        return request.render("maintenance_contract.portal_my_inventories", values)

    @http.route(
        "/my/inventories/<int:inventory_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_inventory(self, inventory_id, **_kw):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "inventories",
            "inventory": self._find_inventory(inventory_id).sudo(),
        }
        return request.render("maintenance_contract.portal_my_inventory", values)

    @http.route(
        "/my/inventories/<int:inventory_id>/report",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_inventory_report(self, inventory_id, **_kw):
        inventory = self._find_inventory(inventory_id)
        content, _kind = (
            request.env["ir.actions.report"].sudo()._render_qweb_pdf(REPORT, inventory.ids)
        )
        name = f"{inventory.display_name.replace('/', '-')}.pdf"
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name, "inline")),
            ],
        )

    @http.route(
        "/my/inventories/<int:inventory_id>/sign",
        type="jsonrpc",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_sign_inventory(self, inventory_id, name=None, signature=None, **_kw):
        """Odoo's form of signature sends it, and shows the error or the page again."""
        inventory = self._find_inventory(inventory_id)
        name = str(name or "").strip()[:NAME_LENGTH]
        if not name or not signature:
            return {"error": request.env._("Give your name and your signature.")}
        # Of a signed one the page says more than that it changed.
        is_open = inventory.state == "done"
        if is_open and request.httprequest.args.get("read") != inventory.sudo()._get_fingerprint():
            return {
                "error": request.env._(
                    "The report has changed since you opened this page. Load the page again, read "
                    "the report, then sign it."
                )
            }
        try:
            with request.env.cr.savepoint():
                # He may read it, which says that it is his: he may sign it.
                inventory.sudo()._sign(name, signature)
                inventory.sudo().flush_recordset()
        except (binascii.Error, TypeError, ValueError):
            return {"error": request.env._("Signature: this is no picture.")}
        except UserError as error:
            return {"error": str(error)}
        return {"force_refresh": True, "redirect_url": inventory._get_portal_url()}

    def _find_inventory(self, inventory_id):
        """The inventory that the user may read as himself, of his own company.

        :raises NotFound: for one that does not exist as for one of somebody else
        """
        inventories = request.env["maintenance.inventory"]
        inventory = inventories.search(
            self._get_inventory_domain() & Domain("id", "=", inventory_id)
        )
        if not inventory:
            raise request.not_found()
        return inventory

    def _get_inventory_domain(self):
        """Those of the user's own company: one of the staff sees here no more than a customer."""
        customer = request.env.user.commercial_partner_id
        return Domain("commercial_partner_id", "=", customer.id) & Domain(
            "state", "in", ("done", "signed")
        )
