from odoo import models


class MaintenanceContract(models.Model):
    """What happens to a contract changes what is billed for it."""

    _inherit = "maintenance.contract"

    def _after_terminate(self):
        # EXTENDS coverage: the end of the coverages is followed there, that of the fees here.
        self.sudo().filtered("fee_ids")._plan_billing_schedule()
        return super()._after_terminate()

    def _after_suspension(self):
        # EXTENDS coverage
        self.sudo()._plan_billing_schedule()
        return super()._after_suspension()

    def _after_renew(self):
        # EXTENDS coverage: how far the schedule has to go is decided anew.
        self.sudo().billing_until = False
        return super()._after_renew()
