from odoo import api, models


class MaintenancePortalFieldsMixin(models.AbstractModel):
    """A record of which a customer's user reads no more fields than are meant for him.

    Who may read a record may read all its fields, and search, sort and group by them, whatever the
    pages show. Here a portal user has those of ``_portal_fields`` only: a new field is internal
    until it is named there. What else a page shows, it reads for him in superuser mode.
    """

    _name = "maintenance.portal.fields.mixin"
    _description = "Record With Few Fields for Customers"

    _portal_fields = frozenset()

    @api.model
    def _has_field_access(self, field, operation):
        # EXTENDS 'base'
        return super()._has_field_access(field, operation) and (
            self.env.su or field.name in self._portal_fields or not self.env.user.share
        )
