from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tests import freeze_time

from .common import MaintenanceCommon

ZURICH = ZoneInfo("Europe/Zurich")
PARIS = ZoneInfo("Europe/Paris")


def local(text, zone=ZURICH):
    """The naive UTC datetime of a local time, such as ``2027-06-07 09:00``."""
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


class ServiceCommon(MaintenanceCommon):
    """A customer under contract whose tier promises delays, and a team that takes his requests.

    Geneva opens Monday to Friday from 9 to 17. Monday 7 June 2027 is an ordinary day there.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.blocking = cls.env.ref("maintenance_contract.severity_blocking")
        cls.major = cls.env.ref("maintenance_contract.severity_major")
        cls.minor = cls.env.ref("maintenance_contract.severity_minor")
        cls.waiting = cls.env.ref("maintenance_contract.pause_reason_customer")
        cls.policy = cls._create_policy(
            ("acknowledge", 2, "open_hours"),
            ("first_answer", 4, "open_hours"),
            ("workaround", 16, "open_hours"),
            ("resolution", 24, "open_hours"),
        )
        cls.tier.sla_policy_id = cls.policy
        cls.equipment = cls._create_equipment()
        cls.contract = cls._create_contract(cls.equipment, tier_id=cls.tier.id, state="active")
        cls.coverage = cls.contract.coverage_ids
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Anne Rochat",
                "parent_id": cls.customer.id,
                "email": "anne.rochat@horloger.example",
                "lang": "fr_FR",
            }
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Support",
                "company_id": cls.geneva.id,
                "user_id": cls.dispatcher.id,
                "user_ids": [Command.set((cls.technician | cls.dispatcher).ids)],
            }
        )

    @classmethod
    def _create_policy(cls, *targets, **values):
        """A policy with targets (kind, amount, unit) or dicts."""
        return cls.env["maintenance.sla.policy"].create(
            {
                "name": "Test policy",
                "target_ids": [
                    Command.create(
                        target
                        if isinstance(target, dict)
                        else dict(zip(("kind", "amount", "unit"), target, strict=True))
                    )
                    for target in targets
                ],
                **values,
            }
        )

    @classmethod
    def _create_ticket(cls, received=None, user=None, **values):
        """A request of the contact about the covered equipment, entered when it was received."""
        moment = local(received) if received else None
        vals = {
            "name": "The press stops",
            "description": "It stops after a minute.",
            "company_id": cls.geneva.id,
            "team_id": cls.team.id,
            "partner_id": cls.contact.id,
            "equipment_id": cls.equipment.id,
            "severity_id": cls.major.id,
            "severity_reason": "The workshop stands still.",
            **values,
        }
        tickets = cls.env["helpdesk.ticket"].with_user(user or cls.dispatcher)
        if not moment:
            return tickets.create(vals)
        with freeze_time(moment):
            return tickets.create({"received_at": moment, **vals})

    def _clock(self, ticket, kind, cycle=1):
        self.env.invalidate_all()
        clocks = ticket.sudo().sla_clock_ids
        return clocks.filtered(lambda c: c.kind == kind and c.cycle == cycle)

    def _run_cron(self):
        """Run the cron of the clocks as the server does."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("maintenance_contract.ir_cron_refresh_clocks").method_direct_trigger()
        self.env.invalidate_all()
