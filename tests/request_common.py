from email.message import EmailMessage

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import MaintenanceCommon

GATEWAY = "support@geneva.test"


class RequestCommon(MaintenanceCommon):
    """A support team with its address, and two customers with a contact and a portal user each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={"allowed_company_ids": cls.geneva.ids, "tz": "Europe/Zurich", "lang": "en_US"}
        )
        cls.domain = cls.env["mail.alias.domain"].create(
            {"name": "geneva.test", "company_ids": [Command.set(cls.geneva.ids)]}
        )
        cls.team = cls._create_team("Support", "support")
        cls.contact = cls._create_contact("Anna Acheteur", "anna@horloger.test", cls.customer)
        cls.stranger_contact = cls._create_contact(
            "Bob Autre", "bob@autre.test", cls.other_customer
        )
        cls.portal_user = cls._create_portal_user(cls.contact)
        cls.other_portal_user = cls._create_portal_user(cls.stranger_contact)
        cls.staff = cls._create_user(
            "mc_staff",
            "maintenance_contract.group_dispatcher,helpdesk_mgmt.group_helpdesk_user",
            email="staff@geneva.test",
        )
        cls.threads = cls.env["mail.thread"].with_user(cls.env.ref("base.user_root"))
        cls.tickets = cls.env["helpdesk.ticket"]
        cls.mail_count = 0

    @classmethod
    def _create_team(cls, name, alias, company=None):
        company = company or cls.geneva
        domain = cls.env["mail.alias.domain"].search([("company_ids", "in", company.ids)], limit=1)
        return cls.env["helpdesk.ticket.team"].create(
            {
                "name": name,
                "company_id": company.id,
                "alias_name": alias,
                "alias_domain_id": domain.id or cls.domain.id,
                "alias_contact": "everyone",
            }
        )

    @classmethod
    def _create_contact(cls, name, email, customer):
        return cls.env["res.partner"].create(
            {"name": name, "email": email, "parent_id": customer.id, "type": "contact"}
        )

    @classmethod
    def _create_portal_user(cls, contact):
        login = contact.email
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_portal",
            partner_id=contact.id,
            company_id=cls.geneva.id,
            company_ids=[Command.set(cls.geneva.ids)],
            password=login,
        )

    @classmethod
    def _create_ticket(cls, contact=None, **values):
        contact = contact or cls.contact
        return cls.env["helpdesk.ticket"].create(
            {
                "name": "Pump stopped",
                "description": "<p>It stopped.</p>",
                "company_id": cls.geneva.id,
                "team_id": cls.team.id,
                "partner_id": contact.id,
                "partner_email": contact.email,
                **values,
            }
        )

    @classmethod
    def _build_mail(cls, sender="anna@horloger.test", text="It stopped.", **headers):
        """A mail to the gateway; ``headers`` have underscores for their dashes, None removes."""
        cls.mail_count += 1
        message = EmailMessage()
        values = {
            "From": sender,
            "To": GATEWAY,
            "Subject": "Pump stopped",
            "Message-Id": f"<{cls.mail_count}.{cls.__name__}@outside.test>",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        for name, value in values.items():
            if value is not None:
                message[name] = value
        message.set_content(text)
        return message

    @classmethod
    def _receive(cls, message):
        """Let the gateway process a mail, and return the requests that it opened."""
        before = cls.tickets.sudo().search([])
        source = message if isinstance(message, bytes) else message.as_bytes()
        cls.threads.message_process(None, source)
        return (cls.tickets.sudo().search([]) - before).with_env(cls.env).sudo()

    @classmethod
    def _receive_mail(cls, *args, **headers):
        return cls._receive(cls._build_mail(*args, **headers))

    @classmethod
    def _get_messages(cls, ticket, *types):
        return ticket.message_ids.filtered(lambda message: message.message_type in types)
