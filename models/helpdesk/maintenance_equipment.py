from odoo import fields, models


class MaintenanceEquipment(models.Model):
    """The equipment's requests: who works on one sees what it is about."""

    _inherit = "maintenance.equipment"

    ticket_ids = fields.One2many("helpdesk.ticket", "equipment_id", string="Requests", copy=False)
