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
        same_customer = equipment.customer_id.id == vals["customer_id"]
        previous = equipment.coverage_ids.filtered(
            lambda c: c.kind == "warranty" and c.state != "cancelled"
        ).sorted("date_start")[:1]
        if equipment:
            equipment.write({**vals, "active": True})
        else:
            equipment = equipment.create(vals)
        if equipment.coverage_ids.filtered(
            lambda c: c.kind == "warranty" and c.state in ("draft", "validated")
        ):
            return
        start = warranty_type._get_start_date(equipment)
        coverage_vals = self._prepare_warranty_vals(
            equipment, warranty_type, start or equipment.delivery_date
        )
        if previous and same_customer:
            coverage_vals["date_end"] = warranty_type._get_end_date(previous.date_start)
            if coverage_vals["date_end"] and coverage_vals["date_end"] < equipment.delivery_date:
                return
        coverage = self.env["maintenance.coverage"].create(coverage_vals)
        if start:
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

    def _prepare_warranty_vals(self, equipment, warranty_type, start):
        return {
            "company_id": self.company_id.id,
            "equipment_id": equipment.id,
            "warranty_type_id": warranty_type.id,
            "tier_id": warranty_type.tier_id.id,
            "date_start": start,
            "date_end": warranty_type._get_end_date(start),
        }
