from odoo import api, fields, models

from ..core.windows import open_window


class MaintenanceEquipment(models.Model):
    """Equipment knows by what it is covered; commissioning it starts the warranty that waits."""

    _inherit = "maintenance.equipment"

    coverage_ids = fields.One2many("maintenance.coverage", "equipment_id", copy=False)
    coverage_id = fields.Many2one(
        "maintenance.coverage",
        string="Covered By",
        compute="_compute_coverage_id",
        help="The coverage in force today; a contract comes before a warranty.",
    )
    coverage_count = fields.Integer(compute="_compute_coverage_id")

    @api.depends("coverage_ids.state", "coverage_ids.date_start", "coverage_ids.date_end")
    def _compute_coverage_id(self):
        today = fields.Date.context_today(self)
        for equipment in self:
            in_force = equipment.coverage_ids.filtered(
                lambda c: (
                    c.state == "validated"
                    and c.date_start <= today
                    and (not c.date_end or c.date_end >= today)
                )
            )
            equipment.coverage_id = in_force.sorted(lambda c: c.kind != "contract")[:1]
            equipment.coverage_count = len(equipment.coverage_ids)

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"delivery_date", "commissioning_date", "purchase_date"}:
            self.sudo()._start_waiting_warranties()
        return result

    def _start_waiting_warranties(self):
        """Validate the warranties that waited for the date on which their type starts."""
        for coverage in self.coverage_ids:
            if coverage.kind != "warranty" or coverage.state != "draft":
                continue
            warranty_type = coverage.warranty_type_id
            if start := warranty_type._get_start_date(coverage.equipment_id):
                coverage.write(
                    {"date_start": start, "date_end": warranty_type._get_end_date(start)}
                )
                coverage.action_validate()

    def action_view_coverages(self):
        return open_window(
            self,
            "maintenance_coverage_action",
            domain=[("equipment_id", "=", self.id)],
            context={"default_equipment_id": self.id},
        )
