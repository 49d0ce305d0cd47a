from odoo import fields, models


class MaintenanceChecklist(models.Model):
    """What a technician goes through on a visit.

    Visits take a copy: editing a checklist rewrites no history.
    """

    _name = "maintenance.checklist"
    _description = "Maintenance Checklist"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    line_ids = fields.One2many("maintenance.checklist.line", "checklist_id", copy=True)
