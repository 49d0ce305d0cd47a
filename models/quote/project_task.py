from odoo import api, models


class ProjectTask(models.Model):
    """The time on a task of an intervention counts on its signed quote, and on nothing else."""

    _inherit = "project.task"

    @api.depends("intervention_id")
    def _compute_sale_line(self):
        # EXTENDS 'sale_project'
        result = super()._compute_sale_line()
        for task in self:
            if task.intervention_id and task.allow_billable and not task.sale_line_id:
                quotes = task.intervention_id._get_signed_quotes()
                task.sale_line_id = quotes._get_lines("labour")[:1]
        return result

    @api.depends("intervention_id")
    def _compute_last_sol_of_customer(self):
        # EXTENDS 'sale_timesheet', which would take any order of the customer with hours left.
        of_interventions = self.filtered("intervention_id")
        of_interventions.last_sol_of_customer = False
        return super(ProjectTask, self - of_interventions)._compute_last_sol_of_customer()
