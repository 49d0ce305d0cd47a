from odoo import fields, models

from ..core.windows import open_window

# Who reads requests; the others of Odoo's users open the same forms.
READERS = (
    "helpdesk_mgmt.group_helpdesk_user_own,maintenance_contract.group_contract_manager,"
    "account.group_account_invoice,account.group_account_readonly"
)


class MaintenanceRequestCountMixin(models.AbstractModel):
    """A customer, an equipment or a contract counts its requests, those that are open apart."""

    _name = "maintenance.request.count.mixin"
    _description = "Requests Counted"

    # The field of a request that says whose it is.
    _request_field = None

    request_count = fields.Integer(compute="_compute_request_count", groups=READERS)
    open_request_count = fields.Integer(compute="_compute_request_count", groups=READERS)

    def _compute_request_count(self):
        owners = {record: record._get_request_owner()._origin for record in self}
        totals, opens = {}, {}
        groups = self.env["helpdesk.ticket"]._read_group(
            [(self._request_field, "in", self.browse().union(*owners.values()).ids)],
            [self._request_field, "stage_id"],
            ["__count"],
        )
        for owner, stage, count in groups:
            totals[owner] = totals.get(owner, 0) + count
            if not stage.closed:
                opens[owner] = opens.get(owner, 0) + count
        for record, owner in owners.items():
            record.request_count = totals.get(owner, 0)
            record.open_request_count = opens.get(owner, 0)

    def _get_request_owner(self):
        """The record that requests name for this one."""
        self.ensure_one()
        return self

    def action_view_requests(self):
        """Open the requests of this record, the open ones first."""
        return open_window(
            self,
            "helpdesk_ticket_action_requests",
            domain=[(self._request_field, "=", self._get_request_owner().id)],
            context={
                **self._get_request_defaults(),
                "search_default_open": bool(self.open_request_count),
            },
        )

    def _get_request_defaults(self):
        """What a request entered from here starts with."""
        return {f"default_{self._request_field}": self.id}
