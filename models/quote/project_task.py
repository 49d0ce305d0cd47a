from odoo import api, models


class ProjectTask(models.Model):
    """The time on a task of an intervention counts on its signed quote, and on nothing else."""

    _inherit = "project.task"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_bill(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_may_bill(vals)
        return super().write(vals)

    def _check_may_bill(self, vals):
        """Who may not read an order has nobody's time billed on it."""
        if line_id := vals.get("sale_line_id"):
            self.env["sale.order.line"].browse(line_id).check_access("read")

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
