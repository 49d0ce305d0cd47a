from datetime import timedelta

from odoo import fields, models


class StockMoveLine(models.Model):
    """A delivered serial number becomes installed equipment."""

    _inherit = "stock.move.line"

    def _install_delivered_serial(self, warranty_type):
        """Create or move the equipment of this serial number, and start its warranty.

        A serial number delivered again to the customer who returned it, as after a repair, keeps
        the end of its first warranty.

        :param warranty_type: record of `maintenance.warranty.type`
        """
        self.ensure_one()
        equipment = (
            self.env["maintenance.equipment"]
            .with_context(active_test=False)
            .search([("lot_id", "=", self.lot_id.id)])
        )
        vals = self._prepare_equipment_vals()
        is_back = equipment.customer_id.id == vals["customer_id"]
        if not equipment:
            equipment = equipment.create(vals)
        else:
            if not is_back:
                # Somebody else will put it into service.
                vals["commissioning_date"] = False
            equipment.write({**vals, "active": True})
        self._start_warranty(equipment, warranty_type, is_back)

    def _start_warranty(self, equipment, warranty_type, is_back):
        """Cover the equipment delivered, unless its warranty runs or waits.

        :param equipment: record of `maintenance.equipment`, as it is now installed
        :param warranty_type: record of `maintenance.warranty.type`
        :param bool is_back: the same customer had it before
        """
        delivered = equipment.delivery_date
        warranties = equipment.coverage_ids.filtered(
            lambda c: c.kind == "warranty" and c.state != "cancelled"
        ).sorted("date_start")
        if any(c.state == "draft" or not c.date_end or c.date_end > delivered for c in warranties):
            return
        is_resumed = is_back and warranties
        event = delivered if is_resumed else warranty_type._get_start_date(equipment)
        start = event or delivered
        end = warranty_type._get_end_date(warranties[0].date_start if is_resumed else start)
        if warranties:
            # The day of the return is covered already.
            start = max(start, warranties[-1].date_end + timedelta(days=1))
        if end and end < start:
            return
        coverage = self.env["maintenance.coverage"].create(
            self._prepare_warranty_vals(equipment, warranty_type, start, end)
        )
        if event:
            coverage.action_validate()

    def _prepare_equipment_vals(self):
        self.ensure_one()
        site = self.picking_id.partner_id or self.move_id.partner_id
        order = self.move_id.sale_line_id.order_id
        return {
            "name": self.product_id.name,
            "serial_no": self.lot_id.name,
            "lot_id": self.lot_id.id,
            "product_id": self.product_id.id,
            "model": self.product_id.default_code,
            "company_id": self.company_id.id,
            "customer_id": site.commercial_partner_id.id,
            "site_id": site.id,
            "delivery_date": fields.Date.context_today(self, self.date),
            "purchase_date": order.date_order and fields.Date.context_today(self, order.date_order),
        }

    def _prepare_warranty_vals(self, equipment, warranty_type, start, end):
        return {
            "company_id": self.company_id.id,
            "equipment_id": equipment.id,
            "warranty_type_id": warranty_type.id,
            "tier_id": warranty_type.tier_id.id,
            "date_start": start,
            "date_end": end,
        }
