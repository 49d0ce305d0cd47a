from odoo import fields, models


class StockMove(models.Model):
    """Delivering a serial number under warranty installs it; its return ends the warranty."""

    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        # EXTENDS 'stock'
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # Installed equipment follows from the delivery, whoever validates it.
        done = moves.sudo().filtered(lambda move: move.state == "done")
        done._start_delivered_warranties()
        done._end_returned_warranties()
        return moves

    def _start_delivered_warranties(self):
        """Create the equipment and the warranty of each serial number that reached a customer."""
        for line in self.move_line_ids:
            warranty_type = line.product_id.warranty_type_id
            if (
                warranty_type
                and line.lot_id
                and line.product_id.tracking == "serial"
                and line.location_dest_id.usage == "customer"
                and line.location_id.usage != "customer"
            ):
                line._install_delivered_serial(warranty_type)

    def _end_returned_warranties(self):
        for line in self.move_line_ids:
            if (
                line.lot_id
                and line.location_id.usage == "customer"
                and line.location_dest_id.usage != "customer"
            ):
                coverages = self.env["maintenance.coverage"].search(
                    [("equipment_id.lot_id", "=", line.lot_id.id), ("kind", "=", "warranty")]
                )
                returned_on = fields.Date.context_today(self, line.date)
                coverages._end(
                    returned_on, self.env._("Returned (%s)", line.picking_id.name or line.reference)
                )
