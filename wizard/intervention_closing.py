from odoo import api, fields, models


class MaintenanceInterventionClosing(models.TransientModel):
    """Asks for the result of each equipment before an intervention is closed."""

    _name = "maintenance.intervention.closing"
    _description = "Close an Intervention"

    intervention_id = fields.Many2one("maintenance.intervention", required=True, ondelete="cascade")
    line_ids = fields.One2many(
        "maintenance.intervention.closing.line",
        "closing_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        precompute=True,
    )

    @api.depends("intervention_id")
    def _compute_line_ids(self):
        for closing in self:
            done_on = closing.intervention_id and closing.intervention_id._get_last_work_day()
            closing.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "line_id": line.id,
                            "result": "done",
                            "done_date": done_on,
                            "remark": line.remark,
                        }
                    )
                    for line in closing.intervention_id.line_ids
                    if line.result == "pending"
                ),
            ]

    def action_close(self):
        self.ensure_one()
        self.intervention_id._close(
            {line.line_id: line._prepare_result_vals() for line in self.line_ids}
        )
        return {"type": "ir.actions.act_window_close"}
