from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import get_lang

from .teller import Teller


class MaintenanceSlaClock(models.Model):
    """Why this deadline? The clock told line by line, to staff and to the customer."""

    _inherit = "maintenance.sla.clock"

    explanation = fields.Html(
        compute="_compute_explanation", sanitize=False, exportable=False, string="Why This Deadline"
    )

    @api.depends_context("lang", "tz")
    def _compute_explanation(self):
        for clock in self:
            clock.explanation = clock._render_explanation()

    # === ACTIONS === #

    def action_explain(self):
        """Open the explanation in a dialog."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why This Deadline? %s", self._get_kind_name()),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "maintenance_contract.maintenance_sla_clock_view_form_explanation"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }

    def action_print_explanation(self):
        """Print the explanation for the customer."""
        self.check_access("read")
        report = self.env.ref("maintenance_contract.action_report_sla_explanation")
        return report.report_action(self)

    def action_send_explanation(self):
        """Send the explanation to the customer, in his language and without names of staff."""
        self.ensure_one()
        self.check_access("read")
        ticket = self.ticket_id
        ticket.check_access("write")
        if not ticket.partner_id:
            raise UserError(self.env._("Contact: nobody is named on this request."))
        ticket.message_post(
            body=self._with_customer()._render_explanation(
                "maintenance_contract.sla_explanation_message", for_customer=True
            ),
            partner_ids=ticket.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Sent to %s.", ticket.partner_id.display_name),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === THE EXPLANATION === #

    def _with_customer(self):
        """These clocks as the customer reads them: in his language and time zone.

        A customer whose time zone is not known reads that of the working calendar.
        """
        self.ensure_one()
        partner = self.ticket_id.partner_id.sudo()
        calendar = self.term_id.sudo().calendar_version_id.calendar_id
        return self.with_context(
            lang=get_lang(self.env, partner.lang).code,
            tz=partner.tz or calendar.tz or self.company_id.sudo().resource_calendar_id.tz,
        )

    def _render_explanation(
        self, template="maintenance_contract.sla_explanation", for_customer=False
    ):
        self.ensure_one()
        values = {"clock": self.sudo(), "lines": self._get_explanation(for_customer)}
        return self.env["ir.qweb"]._render(template, values)

    def _get_explanation(self, for_customer=False):
        """Tell what led to the deadline, line by line, in the language and zone of the reader.

        Each line has a ``name`` (of `tools.sla_explanation`, or ``promised``, ``pending``,
        ``computed``), a ``text``, a ``note`` (or empty), ``when`` and ``duration`` as texts,
        ``start`` and ``end`` (naive UTC), ``icon``, ``color``, ``is_now`` and ``is_future``.

        :param bool for_customer: without the names and the notes of staff
        :rtype: list[dict]
        """
        self.ensure_one()
        cycle, log = self.ticket_id.sudo()._replay_clocks()[self._get_key()]
        return Teller(self.sudo(), cycle, log, for_customer).tell()
