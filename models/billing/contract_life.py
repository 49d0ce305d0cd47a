from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class MaintenanceContract(models.Model):
    """What happens to a contract changes what is billed for it."""

    _inherit = "maintenance.contract"

    def _after_terminate(self):
        # EXTENDS coverage: the end of the coverages is followed there, that of the fees here.
        self.sudo().filtered("fee_ids")._plan_billing_schedule()
        return super()._after_terminate()

    def _after_continue(self):
        # EXTENDS coverage
        self.sudo().billing_until = False
        self.sudo()._plan_billing_schedule()
        return super()._after_continue()

    def _after_suspension(self):
        # EXTENDS coverage
        self.sudo()._plan_billing_schedule()
        return super()._after_suspension()

    def _after_renew(self):
        # EXTENDS coverage: how far the schedule has to go is decided anew.
        self.sudo().billing_until = False
        return super()._after_renew()


class MaintenanceCoverage(models.Model):
    """Ending a coverage in the past takes money back: nobody does it by a typing error."""

    _inherit = "maintenance.coverage"

    def _check_nothing_after(self, on):
        # EXTENDS coverage
        until = self._get_invoiced_until()
        if until and on < min(until, fields.Date.context_today(self)):
            raise UserError(
                self.env._(
                    "Last Day: %(day)s is past, and invoiced until %(until)s. Choose to credit "
                    "what was invoiced beyond it, or a later day.",
                    day=format_date(self.env, on),
                    until=format_date(self.env, until),
                )
            )
        return super()._check_nothing_after(on)

    def _get_invoiced_until(self):
        """Last day of these coverages that is on an invoice; False for none."""
        [(until,)] = (
            self.env["maintenance.billing.period"]
            .sudo()
            ._read_group(
                [
                    ("coverage_id", "in", self.ids),
                    ("state", "=", "invoiced"),
                    ("rank", "=", 0),
                    ("amount", "!=", 0),
                ],
                aggregates=["date_end:max"],
            )
        )
        return until
