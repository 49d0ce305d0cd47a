from odoo import fields, models

from ..service_level.const import REQUEST_KINDS

# Asking and proposing cost nothing: nothing has to cover them.
FREE_KINDS = ("information", "idea")


class MaintenanceService(models.Model):
    """A row of the matrix may answer for the requests of a kind: its cells say who pays."""

    _inherit = "maintenance.service"

    request_kind = fields.Selection(
        [kind for kind in REQUEST_KINDS if kind[0] not in FREE_KINDS],
        string="Answers for",
        copy=False,
        help="The requests for which each tier says here whether they are covered.",
    )

    _request_kind_uniq = models.UniqueIndex(
        "(request_kind, COALESCE(company_id, 0)) WHERE request_kind IS NOT NULL AND active",
        "Answers for: another service answers for these requests already.",
    )
