from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from .instants import to_instant


class MaintenanceSlaAlert(models.Model):
    """A warning that was given, once for each threshold.

    A deadline that moves takes the thresholds after the change along: they are due anew.
    """

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
    at = fields.Datetime(
        "Due", required=True, readonly=True, help="When this much of the delay had gone."
    )

    _once = models.Constraint("UNIQUE (clock_id, percent, at)", "This warning was given already.")

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

    @api.model
    def _get_given(self, tickets):
        """Percents and instants of the warnings that were given, by key of the clock.

        :param helpdesk.ticket tickets: whose clocks
        :rtype: dict[tuple[int, str, int], set[tuple[int, int]]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT clock.ticket_id, clock.kind, clock.cycle, alert.percent, alert.at
                  FROM maintenance_sla_alert alert
                  JOIN maintenance_sla_clock clock ON clock.id = alert.clock_id
                 WHERE alert.ticket_id IN %s
                """,
                tickets._ids or (0,),
            )
        )
        result = defaultdict(set)
        for ticket_id, kind, cycle, percent, at in rows:
            result[ticket_id, kind, cycle].add((percent, to_instant(at)))
        return result

    def _tell(self):
        """Tell each recipient once for each request, of the most that has gone.

        After hours of silence one message says where the request stands, not one for each
        threshold that was passed meanwhile. An activity is its own message: Odoo sends it to whom
        it is given.
        """
        activities = []
        for ticket, alerts in self.grouped("ticket_id").items():
            for recipient, told in alerts._get_by_recipient().items():
                last = told.sorted(lambda alert: (alert.percent, alert.id))[-1]
                if recipient == "customer":
                    ticket._tell_customer(last._get_text(ticket))
                elif user := ticket._get_alert_user(recipient):
                    activities.append(last._prepare_activity_vals(ticket, user))
        self.env["mail.activity"].create(activities)

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

    def _get_text(self, ticket):
        zone = ticket.company_id.resource_calendar_id.tz
        return self.env._(
            "%(clock)s: %(percent)s %% of the delay have gone. Deadline: %(deadline)s.",
            clock=self.clock_id._get_kind_name(),
            percent=self.percent,
            deadline=format_datetime(self.env, self.deadline, tz=zone),
        )

    def _prepare_activity_vals(self, ticket, user):
        alert = self.with_context(lang=user.lang)
        return {
            "res_model_id": self.env["ir.model"]._get_id(ticket._name),
            "res_id": ticket.id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_warning").id,
            "summary": alert._get_text(ticket),
            "user_id": user.id,
            "date_deadline": fields.Date.context_today(ticket),
        }
