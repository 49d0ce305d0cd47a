from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_datetime


class IrCron(models.Model):
    """Somebody is told of an automatic run of this addon that fails or does not come (FM1)."""

    _inherit = "ir.cron"

    @api.model
    def _cron_watch(self):
        """Leave a to-do on each run in trouble, once, and take it away when it is well again."""
        summary = self.env._("This automatic run needs you")
        user = self.env.ref("base.group_system").all_user_ids.filtered("active")[:1]
        problems = self._get_maintenance_problems()
        for job in self._get_maintenance_jobs():
            known = job.activity_ids.filtered(lambda activity: activity.summary == summary)
            if job not in problems:
                known.unlink()
            elif not known:
                job.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=summary,
                    note=problems[job],
                    user_id=user.id or None,
                )

    @api.model
    def _get_maintenance_jobs(self):
        """The scheduled actions of this addon, those that were switched off included."""
        names = self.env["ir.model.data"].sudo()
        own = names.search([("module", "=", "maintenance_contract"), ("model", "=", self._name)])
        return self.sudo().browse(own.mapped("res_id")).exists()

    @api.model
    def _get_maintenance_problems(self):
        """What is wrong, in the reader's language, by scheduled action.

        :rtype: dict[ir.cron, str]
        """
        return {
            job: problem for job in self._get_maintenance_jobs() if (problem := job._get_problem())
        }

    def _get_problem(self):
        """Why this run is not to be relied on; False when all is well."""
        self.ensure_one()
        if self.failure_count:
            since = self.first_failure_date or fields.Datetime.now()
            text = self.env._("“%(job)s” has been failing since %(moment)s.")
        else:
            since = self.lastcall or self.create_date
            interval = relativedelta(**{self.interval_type: self.interval_number})
            if since + interval * 2 >= fields.Datetime.now():
                return False
            text = self.env._("“%(job)s” has not run since %(moment)s.")
        return text % {"job": self.name, "moment": format_datetime(self.env, since)}
