from odoo import api, fields, models
from odoo.tools import SQL, format_datetime


class MaintenanceSlaAlert(models.Model):
    """A warning that was given: once for each threshold of each deadline."""

    _name = "maintenance.sla.alert"
    _description = "SLA Alert"
    _order = "id desc"

    clock_id = fields.Many2one(
        "maintenance.sla.clock", required=True, readonly=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one(related="clock_id.ticket_id", store=True, index=True)
    company_id = fields.Many2one(related="clock_id.company_id", store=True, index=True)
    percent = fields.Integer(required=True, readonly=True)
    deadline = fields.Datetime(required=True, readonly=True)
    at = fields.Datetime("Due", readonly=True, help="When this much of the delay had gone.")

    _once = models.Constraint(
        "UNIQUE (clock_id, percent, deadline)", "This warning was given already."
    )

    _allow_sudo_commands = False

    @api.model
    def _keep_new(self, vals_list):
        """Keep the warnings that were not given yet.

        :return: the new ones
        """
        if not vals_list:
            return self
        names = list(vals_list[0])
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO maintenance_sla_alert (%s) VALUES %s ON CONFLICT DO NOTHING "
                "RETURNING id",
                SQL(", ").join(map(SQL.identifier, names)),
                SQL(", ").join(tuple(vals.values()) for vals in vals_list),
            )
        )
        return self.browse(id_ for (id_,) in rows)

    def _tell(self):
        """Tell each recipient once for each request, of the most that has gone.

        After hours of silence one message says where the request stands, not one for each
        threshold that was passed meanwhile.
        """
        for ticket, alerts in self.grouped("ticket_id").items():
            for recipient, told in alerts._get_by_recipient().items():
                last = told.sorted(lambda alert: (alert.percent, alert.id))[-1]
                last._tell_recipient(ticket, recipient)

    def _get_by_recipient(self):
        """Who has to know of which of these warnings.

        :rtype: dict[str, maintenance.sla.alert]
        """
        result = {}
        for alert in self:
            for percent, recipient in alert.clock_id.term_id.content["warnings"]:
                if percent == alert.percent:
                    result[recipient] = result.get(recipient, self.browse()) | alert
        return result

    def _tell_recipient(self, ticket, recipient):
        text = self.env._(
            "%(clock)s: %(percent)s %% of the delay have gone. Deadline: %(deadline)s.",
            clock=self.clock_id._get_kind_name(),
            percent=self.percent,
            deadline=format_datetime(
                self.env, self.deadline, tz=ticket.company_id.resource_calendar_id.tz
            ),
        )
        if recipient == "customer":
            ticket._tell_customer_of_alert(text)
            return
        if user := ticket._get_alert_user(recipient):
            ticket.activity_schedule(
                "mail.mail_activity_data_warning", summary=text, user_id=user.id
            )
            ticket.message_notify(
                partner_ids=user.partner_id.ids, subject=ticket.display_name, body=text
            )
