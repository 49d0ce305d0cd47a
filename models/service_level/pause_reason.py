from odoo import fields, models

from .const import KINDS


class MaintenancePauseReason(models.Model):
    """Why the clocks of a request may stop, and which of them do.

    Acknowledging and answering first depend on nobody else: by default nothing stops them.
    """

    _name = "maintenance.pause.reason"
    _description = "Pause Reason"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_waiting_for_customer = fields.Boolean(
        "Reminds the Customer",
        help="The customer has something to do: reminders go out, and without an answer the "
        "request is closed.",
    )
    is_on_contract = fields.Boolean(
        "Only by Contract",
        help="Stops the clocks only where the contract says that suppliers' delays suspend them.",
    )
    stops_acknowledge = fields.Boolean()
    stops_first_answer = fields.Boolean()
    stops_remote_start = fields.Boolean()
    stops_workaround = fields.Boolean(default=True)
    stops_on_site = fields.Boolean("Stops On-site Arrival", default=True)
    stops_resolution = fields.Boolean(default=True)
    stops_part_delivery = fields.Boolean()
    stops_report = fields.Boolean("Stops Report Delivery")

    def _get_stopping(self, kind):
        """Those of these reasons that stop the clocks of this kind.

        :param str kind: one of `KINDS`
        """
        assert kind in dict(KINDS)
        return self.filtered(f"stops_{kind}")
