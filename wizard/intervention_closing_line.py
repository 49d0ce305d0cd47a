from odoo import fields, models
from odoo.exceptions import ValidationError


class MaintenanceInterventionClosingLine(models.TransientModel):
    """The result of one equipment."""

    _name = "maintenance.intervention.closing.line"
    _description = "Result of an Equipment"

    closing_id = fields.Many2one(
        "maintenance.intervention.closing", required=True, ondelete="cascade"
    )
    line_id = fields.Many2one("maintenance.intervention.line", required=True, ondelete="cascade")
    equipment_id = fields.Many2one(related="line_id.equipment_id")
    visit_id = fields.Many2one(related="line_id.visit_id")
    result = fields.Selection(
        [
            ("done", "Done"),
            ("not_done", "Not done: plan again"),
            ("skipped", "Not done: give up"),
        ],
        required=True,
        default="done",
    )
    done_date = fields.Date("Done On")
    reason_id = fields.Many2one("maintenance.skip.reason", ondelete="cascade")
    remark = fields.Char()

    def _prepare_result_vals(self):
        """Values for the line of the intervention.

        :raises ValidationError: when an equipment not done has no reason
        """
        self.ensure_one()
        if self.result != "done" and not self.reason_id:
            raise ValidationError(
                self.env._("Reason: say why %s was not done.", self.equipment_id.display_name)
            )
        return {
            "result": self.result,
            "done_date": self.done_date if self.result == "done" else False,
            "reason_id": self.reason_id.id if self.result != "done" else False,
            "remark": self.remark,
        }
