from odoo import api, fields, models
from odoo.exceptions import UserError


class MaintenanceCheck(models.Model):
    """A check is made in a task; once the intervention is closed, it is final."""

    _inherit = "maintenance.check"

    task_id = fields.Many2one("project.task", index="btree_not_null", ondelete="cascade")

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks._check_intervention_open()
        return checks

    def write(self, vals):
        self.check_access("write")
        self._check_intervention_open()
        result = super().write(vals)
        if "task_id" in vals:
            self._check_intervention_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_intervention_open()

    def _check_intervention_open(self):
        closed = self.sudo().task_id.intervention_id.filtered(lambda i: i.state == "closed")
        if closed:
            raise UserError(
                self.env._(
                    "%s is closed: its checklist is final.", ", ".join(closed.mapped("name"))
                )
            )
