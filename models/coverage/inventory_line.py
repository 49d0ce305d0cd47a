from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.contract_dates import MAX_DATE
from ..core.checks import check_dates, is_in_range, refuse_number

MIN_YEAR = 1900
# Filled in with what is known already. In the rights of who does it: the identifier of an equipment
# tells nothing of it to others.
OPEN = {"store": True, "readonly": False, "precompute": True, "compute_sudo": False}
KNOWN = {"compute": "_compute_facts", **OPEN}
# What the equipment will know of what was found, by the same names.
EQUIPMENT_FIELDS = (
    "name", "category_id", "product_id", "lot_id", "serial_no", "model", "manufacturer_id",
    "purchase_date", "delivery_date", "commissioning_date", "required_calendar_id",
)  # fmt: skip


class MaintenanceInventoryLine(models.Model):
    """One equipment found: what it is, where, and since when."""

    _name = "maintenance.inventory.line"
    _description = "Equipment of an Inventory"
    _inherit = ["maintenance.guarded.mixin", "maintenance.finite.mixin"]
    _order = "inventory_id, sequence, id"
    _rec_names_search = ["name", "serial_no", "inventory_id.name"]
    _check_company_auto = True
    _number_ranges = {"commissioning_year": (0, MAX_DATE.year)}

    inventory_id = fields.Many2one(
        "maintenance.inventory", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="inventory_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_final = fields.Boolean(compute="_compute_is_final", help="The survey is closed.")
    sequence = fields.Integer(default=10)

    # What it is
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        string="Known Equipment",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Where it is in the installed base already. Otherwise the contract puts it there.",
    )
    match_name = fields.Char(
        compute="_compute_match_name", help="The customer's equipment with this serial number."
    )
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        ondelete="restrict",
        compute="_compute_product_id",
        **OPEN,
    )
    name = fields.Char(
        "Designation",
        required=True,
        compute="_compute_name",
        **OPEN,
        help="What it is, as the customer calls it.",
    )
    category_id = fields.Many2one(
        "maintenance.equipment.category",
        check_company=True,
        ondelete="restrict",
        **KNOWN,
    )
    manufacturer_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        **KNOWN,
    )
    model = fields.Char(
        **KNOWN,
    )
    serial_no = fields.Char(
        "Serial Number",
        compute="_compute_serial_no",
        **OPEN,
    )
    lot_id = fields.Many2one(
        "stock.lot",
        string="Delivered Serial",
        check_company=True,
        ondelete="restrict",
        **KNOWN,
        help="The tracked serial number that was delivered, where Odoo's stock knows it.",
    )

    # Where it is and since when
    site_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        compute="_compute_site_id",
        **OPEN,
        help="The address where the equipment stands.",
    )
    location = fields.Char("Place", help="Where on the site: building, hall, room.")
    purchase_date = fields.Date(**KNOWN)
    delivery_date = fields.Date(**KNOWN)
    commissioning_date = fields.Date(**KNOWN)
    commissioning_year = fields.Integer(
        "In Service Since",
        aggregator=None,
        compute="_compute_commissioning_year",
        store=True,
        readonly=False,
        precompute=True,
        help="The year, where the day is not known. 0: unknown.",
    )
    age = fields.Char(compute="_compute_age", help="On the day of the survey.")
    required_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Required Time",
        check_company=True,
        ondelete="restrict",
        **KNOWN,
        help="The hours in which the customer needs the equipment. Empty: day and night, seven "
        "days a week.",
    )

    # What it looks like
    remark = fields.Text()
    photo_ids = fields.Many2many(
        "ir.attachment",
        "maintenance_inventory_line_photo_rel",
        "line_id",
        "attachment_id",
        string="Photos",
        copy=True,
        bypass_search_access=True,
    )
    photo_count = fields.Integer(compute="_compute_photo_count")

    _equipment_uniq = models.UniqueIndex(
        "(inventory_id, equipment_id) WHERE equipment_id IS NOT NULL",
        "Known Equipment: it is on another line of this inventory.",
    )
    _serial_uniq = models.UniqueIndex(
        "(inventory_id, serial_no, COALESCE(manufacturer_id, 0), COALESCE(product_id, 0)) "
        "WHERE serial_no IS NOT NULL",
        "Serial Number: it is on another line of this inventory.",
    )
    _lot_uniq = models.UniqueIndex(
        "(inventory_id, lot_id) WHERE lot_id IS NOT NULL",
        "Delivered Serial: it is on another line of this inventory.",
    )
    # === COMPUTE METHODS === #

    @api.depends("inventory_id.state")
    def _compute_is_final(self):
        for line in self:
            line.is_final = line.inventory_id.state not in (False, "draft")

    @api.depends("equipment_id")
    def _compute_facts(self):
        for line in self:
            known = line._get_known_equipment()
            for name in EQUIPMENT_FIELDS:
                if self._fields[name].compute == KNOWN["compute"]:
                    line[name] = line[name] or known[name]

    @api.depends("equipment_id", "lot_id")
    def _compute_product_id(self):
        for line in self:
            known = line._get_known_equipment()
            line.product_id = line.product_id or known.product_id or line.lot_id.product_id

    @api.depends("equipment_id", "lot_id")
    def _compute_serial_no(self):
        for line in self:
            known = line._get_known_equipment()
            line.serial_no = line.serial_no or known.serial_no or line.lot_id.name

    @api.depends("equipment_id", "product_id")
    def _compute_name(self):
        for line in self:
            known = line._get_known_equipment()
            line.name = line.name or known.name or line.product_id.name

    def _get_known_equipment(self):
        """The equipment that says what was not found otherwise: none once the survey is closed."""
        self.ensure_one()
        return self.equipment_id.browse() if self.is_final else self.equipment_id

    @api.depends("equipment_id", "inventory_id.site_ids", "inventory_id.partner_id")
    def _compute_site_id(self):
        for line in self:
            inventory = line.inventory_id
            sites = inventory.site_ids or inventory.partner_id
            known = line.site_id or line.equipment_id.site_id
            line.site_id = known or (len(sites) == 1 and sites)

    @api.depends("commissioning_date")
    def _compute_commissioning_year(self):
        for line in self:
            date = line.commissioning_date
            line.commissioning_year = date.year if date else line.commissioning_year

    @api.depends("commissioning_date", "commissioning_year", "inventory_id.surveyed_on")
    @api.depends_context("lang")
    def _compute_age(self):
        for line in self:
            years = line._get_age()
            if years is None:
                line.age = "–"
            elif years < 1:
                line.age = self.env._("less than a year")
            elif years == 1:
                line.age = self.env._("1 year")
            else:
                line.age = self.env._("%s years", years)

    @api.depends("photo_ids")
    def _compute_photo_count(self):
        for line in self:
            line.photo_count = len(line.photo_ids)

    @api.depends("serial_no", "lot_id", "manufacturer_id", "product_id", "equipment_id")
    def _compute_match_name(self):
        for line in self:
            matches = not line.equipment_id and line._find_equipment()
            line.match_name = ", ".join(matches.mapped("display_name")) if matches else False

    # === CONSTRAINTS === #

    @api.constrains(
        "purchase_date", "delivery_date", "commissioning_date", "commissioning_year", "inventory_id"
    )
    def _check_age(self):
        check_dates(self, "purchase_date", "delivery_date", "commissioning_date")
        for line in self:
            date, year = line.commissioning_date, line.commissioning_year
            if year and year < MIN_YEAR:
                refuse_number(line, "commissioning_year", MIN_YEAR, MAX_DATE.year)
            if date and year != date.year:
                raise ValidationError(
                    self.env._("In Service Since: the commissioning date says %s.", date.year)
                )
            surveyed_on = line.inventory_id.surveyed_on
            if (date and date > surveyed_on) or year > surveyed_on.year:
                field = "commissioning_date" if date else "commissioning_year"
                raise ValidationError(
                    self.env._(
                        "%(field)s: “%(equipment)s” would have been put into service after the "
                        "survey.",
                        field=self._fields[field]._description_string(self.env),
                        equipment=line.name,
                    )
                )

    @api.constrains("site_id", "inventory_id")
    def _check_site(self):
        for line in self.filtered("site_id"):
            inventory = line.inventory_id
            if line.site_id not in (inventory.site_ids or line.site_id) or (
                not inventory.site_ids
                and line.site_id.commercial_partner_id != inventory.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "Site: “%(site)s” is none of those of %(inventory)s.",
                        site=line.site_id.display_name,
                        inventory=inventory.display_name,
                    )
                )

    @api.constrains("equipment_id", "inventory_id")
    def _check_equipment_belongs(self):
        """Refuse to survey, at a customer's, the equipment of another customer."""
        for line in self.filtered("equipment_id"):
            equipment, inventory = line.sudo().equipment_id, line.inventory_id
            owners = (equipment.customer_id | equipment.site_id).commercial_partner_id
            parties = inventory.commercial_partner_id | inventory.site_ids.commercial_partner_id
            if owners and not owners & parties:
                raise ValidationError(
                    self.env._(
                        "Known Equipment: %(equipment)s does not belong to %(customer)s.",
                        equipment=equipment.display_name,
                        customer=inventory.partner_id.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_may_link({**self.default_get(["equipment_id"]), **vals})
        lines = super().create(vals_list)
        if not self.env.su:
            lines.inventory_id._check_not_final()
        lines._take_photos()
        return lines

    def write(self, vals):
        vals = self._clean(vals)
        if not self.env.su:
            self._check_may_write(vals)
        self._check_may_link(vals)
        result = super().write(vals)
        if not self.env.su and vals.get("inventory_id"):
            self.inventory_id._check_not_final()
        if "photo_ids" in vals:
            self._take_photos()
        return result

    @api.model
    def _clean(self, vals):
        """A serial number is the same with a space typed after it."""
        if isinstance(vals.get("serial_no"), str):
            return {**vals, "serial_no": vals["serial_no"].strip() or False}
        return vals

    def _check_may_link(self, vals):
        """Who may not read an equipment links nothing to it: the link would let him read it."""
        if equipment_id := vals.get("equipment_id"):
            self.env["maintenance.equipment"].browse(equipment_id).check_access("read")

    def _check_may_write(self, vals):
        if vals.keys() == {"equipment_id"} and not self.inventory_id.filtered(
            lambda inventory: inventory.state == "draft"
        ):
            # Which equipment it is in the installed base is no fact of the report.
            self.inventory_id.check_access("create")
            return
        self.inventory_id._check_not_final()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_final(self):
        self.inventory_id._check_not_final()

    # === BUSINESS METHODS === #

    def _get_age(self):
        """Full years in service on the day of the survey; None where it is not known."""
        self.ensure_one()
        day, start = self.inventory_id.surveyed_on, self.commissioning_date
        if is_in_range(start) and is_in_range(day):
            return max(relativedelta(day, start).years, 0)
        if self.commissioning_year and day:
            return max(day.year - self.commissioning_year, 0)
        return None
