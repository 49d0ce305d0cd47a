from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from .service_common import ServiceCommon, local


class ConversationCommon(ServiceCommon, MockEmail):
    """Members of staff and a customer who write to each other, and the programs that run between.

    The moments are local times of Geneva, such as ``2027-06-07 09:00``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = new_test_user(
            cls.env,
            login="mc_anne",
            groups="base.group_portal",
            partner_id=cls.contact.id,
            company_id=cls.geneva.id,
            company_ids=[(6, 0, cls.geneva.ids)],
        )
        cls.geneva.email = "atelier@geneve.example"
        cls.reminders_cron = cls.env.ref("maintenance_contract.ir_cron_remind_customers")
        cls.mail_cron = cls.env.ref("mail.ir_cron_mail_scheduler_action")

    @contextmanager
    def at(self, moment):
        """The world at a local moment, with a mail server that takes everything."""
        self.env.flush_all()
        with self.mock_datetime_and_now(local(moment)):
            self.env.invalidate_all()
            yield

    def _open(self, moment="2027-06-07 09:00", **values):
        """A request whose receipt has left."""
        with self._mail_server():
            return self._create_ticket(moment, **values)

    def _wait(self, ticket, moment, reason=None, user=None, **values):
        with self.at(moment):
            wizard = self.env["maintenance.ticket.waiting"].with_user(user or self.technician)
            wizard.create(
                {
                    "ticket_id": ticket.id,
                    "reason_id": (reason or self.waiting).id,
                    **values,
                }
            ).action_wait()

    def _customer_writes(self, ticket, moment, **values):
        with self.at(moment), self._mail_server():
            return ticket.with_user(self.portal_user).message_post(
                body="Here is the answer.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                **values,
            )

    def _customer_mails(self, ticket, moment, written):
        """A mail that is fetched later than it was written."""
        with self.at(moment), self._mail_server():
            return ticket.sudo().message_post(
                body="Here is the answer.",
                author_id=self.portal_user.partner_id.id,
                date=local(written),
                message_type="email",
                subtype_xmlid="mail.mt_comment",
            )

    def _staff_writes(self, ticket, moment, user=None, **values):
        with self.at(moment), self._mail_server():
            return ticket.with_user(user or self.technician).message_post(
                body="Which error does it show?",
                **{
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    "partner_ids": ticket.sudo().partner_id.ids,
                    **values,
                },
            )

    def _run(self, moment, is_server_down=False):
        """What the server does at a moment: reminders, the mail queue, and reminders once more.

        :return: the mails that reached the mail server
        """
        with self.at(moment), self._mail_server(is_server_down):
            self._run_cron(self.reminders_cron)
            self._run_cron(self.mail_cron)
            self._run_cron(self.reminders_cron)
            return list(self._mails) if not is_server_down else []

    @contextmanager
    def _mail_server(self, is_down=False):
        with self.mock_mail_gateway(mail_unlink_sent=True):
            if not is_down:
                yield
                return
            mail_server = type(self.env["ir.mail_server"])
            with (
                patch.object(mail_server, "_connect__", side_effect=ConnectionRefusedError("down")),
                mute_logger("odoo.addons.mail.models.mail_mail"),
            ):
                yield

    def _run_cron(self, cron=None):
        if cron is None:
            super()._run_cron()
            return
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def assertStep(self, ticket, step):
        ticket.invalidate_recordset()
        self.assertEqual(ticket.sudo().maintenance_step, step)
