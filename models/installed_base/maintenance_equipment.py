from odoo import api, fields, models

from ..core.checks import check_dates


class MaintenanceEquipment(models.Model):
    """A machine or device installed at a customer's: whose it is, where it stands, since when."""

    _inherit = "maintenance.equipment"
    _check_company_auto = True

    # Where it is and whose
    customer_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="restrict",
        help="The company that uses the equipment.",
    )
    site_id = fields.Many2one(
        "res.partner",
        string="Installed Site",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="restrict",
        help="The address where the equipment stands. Visits go there.",
    )

    # What it is
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    lot_id = fields.Many2one(
        "stock.lot",
        string="Delivered Serial",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        copy=False,
        help="The tracked serial number that was delivered, where Odoo's stock knows it.",
    )
    manufacturer_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        help="The maker who gave the serial number: two makers may share one.",
    )

    # Since when
    purchase_date = fields.Date(copy=False)
    delivery_date = fields.Date(copy=False)
    commissioning_date = fields.Date(copy=False, tracking=True)
    required_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Required Time",
        check_company=True,
        ondelete="restrict",
        help="The hours in which the customer needs the equipment. Availability is counted on "
        "them. Empty: day and night, seven days a week.",
    )

    # Odoo wants serial numbers to be unique in the whole database, whoever made the equipment.
    _serial_no = models.Constraint("CHECK (TRUE)")
    _serial_maker_uniq = models.UniqueIndex(
        "(serial_no, COALESCE(manufacturer_id, 0), COALESCE(product_id, 0), "
        "COALESCE(company_id, 0)) WHERE serial_no IS NOT NULL",
        "Serial Number: this maker's equipment with this number exists already.",
    )
    _lot_uniq = models.UniqueIndex(
        "(lot_id) WHERE lot_id IS NOT NULL",
        "Delivered Serial: this serial number has its equipment already.",
    )

    @api.onchange("site_id")
    def _onchange_site_id(self):
        if self.site_id and not self.customer_id:
            self.customer_id = self.site_id.commercial_partner_id

    @api.constrains("purchase_date", "delivery_date", "commissioning_date")
    def _check_dates_in_range(self):
        check_dates(self, "purchase_date", "delivery_date", "commissioning_date")
