from datetime import datetime, timedelta

from odoo.fields import Command

from .common import MaintenanceCommon


class FieldworkCommon(MaintenanceCommon):
    """Helpers for what happens between the backlog and a closed intervention."""

    @classmethod
    def _plan(cls, visits, technicians, start=None, hours=3, **values):
        """Plan visits as the dispatcher, and return the interventions opened."""
        start = start or datetime(2027, 3, 10, 7)
        wizard = (
            cls.env["maintenance.visit.planning"]
            .with_user(cls.dispatcher)
            .create(
                {
                    "visit_ids": [Command.set(visits.ids)],
                    "technician_ids": [Command.set(technicians.ids)],
                    "start": start,
                    "end": start + timedelta(hours=hours),
                    **values,
                }
            )
        )
        wizard.action_plan()
        return visits.intervention_id

    @classmethod
    def _get_first_visits(cls, contract):
        """The first visit of each equipment of a contract, as the dispatcher sees them."""
        return contract.visit_ids.filtered(lambda visit: not visit.rank).with_user(cls.dispatcher)

    @classmethod
    def _close_tasks(cls, intervention):
        intervention.task_ids.with_user(cls.dispatcher).action_close_task()

    @classmethod
    def _open_closing(cls, intervention, user=None):
        """The closing wizard, opened by its button."""
        action = intervention.with_user(user or cls.dispatcher).action_close()
        return (
            cls.env[action["res_model"]]
            .with_user(user or cls.dispatcher)
            .with_context(**action["context"])
            .create({})
        )
