from odoo import models
from odoo.exceptions import UserError


class MaintenanceContract(models.Model):
    """What the customer is told of the life of his contract, in his language.

    Each message is opened for somebody to read and send: none leaves by itself.
    """

    _inherit = "maintenance.contract"

    def action_announce_renewal(self):
        """Write to the customer what happens at the end of the term."""
        return self._compose("renewal")

    def action_confirm_suspension(self):
        """Write to the customer from when to when the contract is suspended."""
        self.ensure_one()
        if not self.suspension_id:
            raise UserError(self.env._("%s is not suspended.", self.name))
        return self._compose("suspension")

    def action_confirm_termination(self):
        """Write to the customer which day is the last one."""
        self.ensure_one()
        if not self.date_terminated:
            raise UserError(self.env._("%s goes on: it has no last day.", self.name))
        return self._compose("termination")

    def _compose(self, name):
        """Open the message of this template, to be read before it is sent."""
        self.ensure_one()
        self.check_access("write")
        return {
            "name": self.env._("Write to the Customer"),
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": self.env.ref(
                    f"maintenance_contract.mail_template_contract_{name}"
                ).id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": (
                    "mail.mail_notification_layout_with_responsible_signature"
                ),
                "force_email": True,
            },
        }
