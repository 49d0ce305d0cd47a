from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MaintenanceTierCell(models.Model):
    """What one tier says of one service: a cell of the matrix.

    There is exactly one cell per tier and service that can meet; a service newly added is
    excluded everywhere until somebody says otherwise.
    """

    _name = "maintenance.tier.cell"
    _description = "Maintenance Tier Cell"
    _inherit = ["maintenance.finite.mixin"]
    _number_ranges = {"quantity": (0, 10**9), "delay": (0, 10**6)}
    _order = "service_id, tier_id"
    _check_company_auto = True

    tier_id = fields.Many2one(
        "maintenance.tier", required=True, index=True, ondelete="cascade", readonly=True
    )
    service_id = fields.Many2one(
        "maintenance.service", required=True, index=True, ondelete="cascade", readonly=True
    )
    family_id = fields.Many2one(related="service_id.family_id", store=True)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        precompute=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        [
            ("included", "Included"),
            ("excluded", "Not included"),
            ("on_request", "On request"),
            ("quantity", "Quantity per contract year"),
            ("delay", "Delay"),
            ("none", "No commitment"),
            ("remark", "Remark"),
        ],
        required=True,
        default="excluded",
    )
    quantity = fields.Float(digits="Product Unit")
    quantity_unit = fields.Char(translate=True, help="What is counted: visits, hours, tickets…")
    delay = fields.Integer()
    delay_unit = fields.Selection(
        [("minute", "Minutes"), ("hour", "Hours"), ("day", "Days")], default="hour"
    )
    remark = fields.Char(translate=True, help="The text shown in the cell.")
    note = fields.Text(
        translate=True, help="Footnote: the matrix numbers it and prints it under the table."
    )

    _tier_service_uniq = models.Constraint(
        "UNIQUE (tier_id, service_id)", "This tier has its cell for this service already."
    )
    _quantity_finite = models.Constraint(
        "CHECK (quantity >= 0 AND quantity < 'Infinity')", "Quantity: give a number, 0 or more."
    )
    _delay_positive = models.Constraint("CHECK (delay >= 0)", "Delay: give a number, 0 or more.")

    @api.depends("tier_id.company_id", "service_id.company_id")
    def _compute_company_id(self):
        for cell in self:
            cell.company_id = cell.tier_id.company_id or cell.service_id.company_id

    @api.depends("kind", "quantity", "quantity_unit", "delay", "delay_unit", "remark")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for cell in self:
            cell.display_name = cell._get_label()

    def _get_label(self):
        """What a reader sees in the cell."""
        self.ensure_one()
        match self.kind:
            case "included":
                return self.env._("Yes")
            case "excluded":
                return self.env._("No")
            case "on_request":
                return self.env._("On request")
            case "none":
                return "–"
            case "quantity":
                return f"{self.quantity:g} {self.quantity_unit or ''}".strip()
            case "delay":
                return self._get_delay_label()
        return self.remark or ""

    def _get_delay_label(self):
        match self.delay_unit:
            case "minute":
                return self.env._("%s min", self.delay)
            case "day":
                return self.env._("%s d", self.delay)
        return self.env._("%s h", self.delay)

    @api.constrains("kind", "quantity", "delay", "remark")
    def _check_value(self):
        for cell in self:
            if cell.kind == "quantity" and not cell.quantity:
                raise ValidationError(self.env._("Quantity: say how many per contract year."))
            if cell.kind == "delay" and cell.delay <= 0:
                raise ValidationError(self.env._("Delay: give more than 0."))
            if cell.kind == "remark" and not cell.remark:
                raise ValidationError(self.env._("Remark: write what the cell says."))

    def _load_records_create(self, vals_list):
        """Create the cells that a data or import file declares.

        A cell came with its tier and its service already: the file then says what it holds.
        """
        # EXTENDS base
        existing = {
            (cell.tier_id.id, cell.service_id.id): cell
            for cell in self.search(
                [
                    ("tier_id", "in", [vals.get("tier_id") for vals in vals_list]),
                    ("service_id", "in", [vals.get("service_id") for vals in vals_list]),
                ]
            )
        }
        cells = self.browse()
        for vals in vals_list:
            if cell := existing.get((vals.get("tier_id"), vals.get("service_id"))):
                cell.write(vals)
                cells += cell
            else:
                cells += super()._load_records_create([vals])
        return cells

    @api.model
    def _create_missing(self, tiers, services):
        """Create the cells that do not exist yet between tiers and services that can meet."""
        existing = {
            (tier.id, service.id)
            for tier, service in self._read_group(
                [("tier_id", "in", tiers.ids), ("service_id", "in", services.ids)],
                ["tier_id", "service_id"],
            )
        }
        return self.create(
            [
                {"tier_id": tier.id, "service_id": service.id}
                for tier in tiers
                for service in services
                if (tier.id, service.id) not in existing
                and (
                    not tier.company_id
                    or not service.company_id
                    or tier.company_id == service.company_id
                )
            ]
        )
