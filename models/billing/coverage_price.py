from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.checks import check_dates


class MaintenanceCoveragePrice(models.Model):
    """The yearly price of a coverage from one day on, until its next price.

    The history of a price: rows are written by what changes prices (validation, amendment,
    revision), never typed; of one day there is one price.
    """

    _name = "maintenance.coverage.price"
    _description = "Price of a Coverage"
    _inherit = ["maintenance.finite.mixin", "maintenance.guarded.mixin"]
    _order = "coverage_id, date_start desc"
    _rec_name = "yearly"
    _check_company_auto = True
    _number_ranges = {"yearly": (0, 1e12)}
    _guarded_fields = frozenset({"coverage_id", "date_start", "yearly", "origin"})
    _allow_sudo_commands = False

    coverage_id = fields.Many2one(
        "maintenance.coverage", required=True, index=True, ondelete="cascade", check_company=True
    )
    contract_id = fields.Many2one(related="coverage_id.contract_id")
    company_id = fields.Many2one(related="coverage_id.company_id", store=True, index=True)
    # Stored: the graph adds up amounts in SQL.
    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)
    date_start = fields.Date("From", required=True, help="First day of this price.")
    yearly = fields.Monetary("Yearly Price", required=True, readonly=True, aggregator="avg")
    origin = fields.Selection(
        [
            ("initial", "Agreed at the start"),
            ("amendment", "Amendment"),
            ("renewal", "Renewal"),
            ("revision", "Price revision"),
            ("correction", "Correction"),
        ],
        required=True,
        default="initial",
    )

    _day_uniq = models.Constraint(
        "UNIQUE (coverage_id, date_start)", "From: this coverage has a price of this day already."
    )
    _yearly_range = models.Constraint(
        "CHECK (yearly >= 0 AND yearly < 1e12)", "Yearly Price: give 0 or more."
    )

    @api.constrains("date_start")
    def _check_date_start(self):
        check_dates(self, "date_start")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        for price in self:
            coverage = price.coverage_id
            if coverage.state not in ("draft", "cancelled") and not price._is_undone():
                raise UserError(self.env._("The history of a price is kept."))

    def _is_undone(self):
        """Whether the revision that set it is undone: see `_undo` of its line."""
        self.ensure_one()
        applied = self.coverage_id.revision_line_ids.filtered("is_applied")
        return self.origin in ("revision", "correction") and self.date_start not in applied.mapped(
            "date"
        )
