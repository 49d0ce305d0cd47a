from odoo import api, fields, models


class MaintenanceInventoryLine(models.Model):
    """How the equipment found is, and whether and how it can be maintained (seed 004)."""

    _inherit = "maintenance.inventory.line"
    _number_ranges = {"work_price": (0, 1e12)}

    # How it is
    condition = fields.Selection(
        [("new", "As new"), ("good", "Good"), ("fair", "Fair"), ("poor", "Poor")]
    )
    condition_meaning = fields.Char(compute="_compute_meanings")
    criticality = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High")],
        help="What it means for the customer when it stops.",
    )
    criticality_meaning = fields.Char(compute="_compute_meanings")

    # Whether and how it can be maintained
    feasibility = fields.Selection(
        [("yes", "Yes"), ("after_work", "After work"), ("no", "No")],
        help="Whether it can be maintained, technically and at a reasonable cost.",
    )
    feasibility_meaning = fields.Char(compute="_compute_meanings")
    work_needed = fields.Text(help="What has to be done before it can be maintained.")
    work_price = fields.Monetary(
        "Estimated Price of the Work", help="What that work would cost the customer, about."
    )
    tier_id = fields.Many2one(
        "maintenance.tier",
        string="Recommended Tier",
        check_company=True,
        ondelete="restrict",
        compute="_compute_recommendation",
        store=True,
        readonly=False,
        precompute=True,
    )
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        string="Recommended Warranty Type",
        check_company=True,
        ondelete="restrict",
        compute="_compute_recommendation",
        store=True,
        readonly=False,
        precompute=True,
    )

    _work_price_range = models.Constraint(
        "CHECK (work_price IS NULL OR (work_price >= 0 AND work_price < 1e12))",
        "Estimated Price of the Work: give 0 or more.",
    )

    # === COMPUTE METHODS === #

    @api.depends("condition", "criticality", "feasibility")
    @api.depends_context("lang")
    def _compute_meanings(self):
        meanings = self._get_meanings()
        for line in self:
            for name, texts in meanings.items():
                line[f"{name}_meaning"] = texts.get(line[name], "")

    @api.depends("inventory_id.tier_id", "inventory_id.warranty_type_id", "warranty_type_id")
    def _compute_recommendation(self):
        for line in self:
            inventory = line.inventory_id
            line.warranty_type_id = line.warranty_type_id or inventory.warranty_type_id
            line.tier_id = line.tier_id or inventory.tier_id or line.warranty_type_id.tier_id

    # === BUSINESS METHODS === #

    @api.model
    def _get_meanings(self):
        """What each word of the assessment means, for the form and for the report's legend.

        :rtype: dict[str, dict[str, str]]
        """
        return {
            "condition": {
                "new": self.env._("As delivered: no wear, no known fault."),
                "good": self.env._("Works as it should; its wear is normal for its age."),
                "fair": self.env._("Works with restrictions, or will soon need repair."),
                "poor": self.env._("Often fails, is out of order or not safe."),
            },
            "criticality": {
                "low": self.env._("Without it, work goes on."),
                "medium": self.env._("Without it, work slows down or something else takes over."),
                "high": self.env._("Without it, work stops or safety is at stake."),
            },
            "feasibility": {
                "yes": self.env._("It can be maintained as it is."),
                "after_work": self.env._("It can be maintained once the work needed is done."),
                "no": self.env._("It cannot be maintained, technically or at a reasonable cost."),
            },
        }

    def _describe_gaps(self):
        """What the report would not say of this equipment, in words; empty when it says all."""
        self.ensure_one()
        required = ["condition", "criticality", "feasibility", "site_id"]
        if self.feasibility == "after_work":
            required.append("work_needed")
        if self.feasibility in ("yes", "after_work"):
            required.append("warranty_type_id")
        gaps = [
            self._fields[name]._description_string(self.env) for name in required if not self[name]
        ]
        if not gaps:
            return ""
        return self.env._(
            "– %(equipment)s: %(fields)s", equipment=self.name, fields=", ".join(gaps)
        )
