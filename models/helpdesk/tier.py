from odoo import fields, models


class MaintenanceTier(models.Model):
    """A tier says who may ask for help, and by its cells who pays."""

    _inherit = "maintenance.tier"

    is_training_required = fields.Boolean(
        "For Trained Contacts",
        help="Only contacts with a valid training may open requests. Anybody may ask for "
        "information, a training for instance, and propose an improvement.",
    )

    def _get_cell(self, request_kind, company):
        """The cell that answers for requests of this kind; a company's own row comes first.

        :param str request_kind: as on the request
        :param res.company company: of the request
        :return: empty where no row of the matrix answers for them
        :rtype: maintenance.tier.cell
        """
        cells = self.cell_ids.filtered(
            lambda cell: (
                cell.service_id.active
                and cell.service_id.request_kind == request_kind
                and cell.service_id.company_id in (company, company.browse())
            )
        )
        return cells.sorted(lambda cell: not cell.service_id.company_id)[:1]
