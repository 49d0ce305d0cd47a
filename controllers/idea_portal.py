from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .own_ticket import read_id


class IdeaPortal(CustomerPortal):
    """Ideas of the customer and, where the company shares them, of others: votes, no names."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "idea_count" in counters and request.env["helpdesk.ticket"].has_access("read"):
            values["idea_count"] = self._get_ideas().search_count(self._get_idea_domain())
        return values

    @http.route(
        ["/my/ideas", "/my/ideas/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_ideas(self, page=1, **_kw):
        """The ideas with the most votes first."""
        ideas, domain = self._get_ideas(), self._get_idea_domain()
        pages = pager("/my/ideas", ideas.search_count(domain), page=page, step=self._items_per_page)
        shown = ideas.search(
            domain,
            order="idea_vote_count DESC, id DESC",
            limit=self._items_per_page,
            offset=pages["offset"],
        )
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "ideas",
            "pager": pages,
            "ideas": shown._get_idea_values(request.env.user.partner_id),
            "notice": request.session.pop("ticket_notice", None),
        }
        return request.render("maintenance_contract.portal_my_ideas", values)

    @http.route("/my/idea/vote", type="http", auth="user", methods=["POST"], website=True)
    def portal_vote(self, idea_id=None, **_kw):
        return self._change_vote(idea_id, "_vote")

    @http.route("/my/idea/unvote", type="http", auth="user", methods=["POST"], website=True)
    def portal_unvote(self, idea_id=None, **_kw):
        return self._change_vote(idea_id, "_unvote")

    def _change_vote(self, idea_id, change):
        domain = self._get_idea_domain() & Domain("id", "=", read_id(idea_id))
        idea = self._get_ideas().search(domain)
        if not idea:
            raise request.not_found()
        try:
            with request.env.cr.savepoint():
                getattr(idea, change)(request.env.user.partner_id)
        except UserError as error:
            request.session["ticket_notice"] = str(error)
        return request.redirect("/my/ideas")

    def _get_ideas(self):
        """All ideas, to be searched by `_get_idea_domain`, for who may read requests.

        Of those of others a customer sees what `_get_idea_values` gives, not the records.
        """
        ideas = request.env["helpdesk.ticket"]
        ideas.check_access("read")
        return ideas.sudo()

    def _get_idea_domain(self):
        user = request.env.user
        visible = request.env["helpdesk.ticket"]._get_visible_ideas_domain(user.partner_id)
        return visible & Domain("company_id", "in", user.company_ids.ids)
