from odoo import fields, models


class MaintenanceExclusion(models.Model):
    """What no contract covers, in the words of the contract (seed 003 §1.3).

    Excluded work is done after a feasibility study and a quote, or not at all.
    """

    _name = "maintenance.exclusion"
    _description = "Exclusion"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, help="When it applies, in the words shown to the customer."
    )
    outcome = fields.Selection(
        [("billable", "Billed after a study and a quote"), ("refused", "Refused")],
        required=True,
        default="billable",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    active = fields.Boolean(default=True)
