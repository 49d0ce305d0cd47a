from datetime import datetime
from typing import NamedTuple

from odoo import fields, models
from odoo.fields import Domain


class ServiceStop(NamedTuple):
    """The instants between which the service of a contract is stopped, and what that means.

    :param start: naive UTC, included
    :param end: naive UTC, excluded; None while it is stopped
    :param requests: what becomes of requests received meanwhile: ``billable`` or ``refused``
    """

    start: datetime
    end: datetime | None
    requests: str


class MaintenanceContract(models.Model):
    """The service of a contract may be stopped: who promises or decides something asks here.

    A suspension is agreed and has its days; a stop is imposed, at an instant, by who has a reason
    to, and lifted when the reason is gone. Visits due meanwhile stay where they are: they are owed
    again once it is lifted, and the dispatcher is told.
    """

    _inherit = "maintenance.contract"

    service_stopped_at = fields.Datetime(
        "Service Stopped Since", compute="_compute_service_stopped_at", compute_sudo=True
    )
    is_service_stopped = fields.Boolean(
        "Service Stopped",
        compute="_compute_service_stopped_at",
        compute_sudo=True,
        search="_search_is_service_stopped",
    )

    def _compute_service_stopped_at(self):
        now = fields.Datetime.now()
        for contract in self:
            stop = contract._get_service_stop(now)
            contract.is_service_stopped = bool(stop)
            contract.service_stopped_at = stop and stop.start

    def _search_is_service_stopped(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_service_stopped_domain()

    def _get_service_stop(self, at):
        """The stop in which an instant falls; None when there is none.

        :param datetime at: naive UTC
        :rtype: ServiceStop | None
        """
        self.ensure_one()
        return next(
            (
                stop
                for stop in self._get_service_stops()
                if stop.start <= at and (not stop.end or at < stop.end)
            ),
            None,
        )

    def _get_service_stops(self):
        """Hook: the stops of the service of this contract, past ones included.

        :rtype: list[ServiceStop]
        """
        self.ensure_one()
        return []

    def _get_service_stop_links(self):
        """Hook: what the reader, a customer, settles to have the service again.

        Nothing of what is not his to pay.

        :return: names and addresses of pages of the portal
        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        return []

    def _get_service_stopped_domain(self):
        """Hook: the contracts whose service is stopped now."""
        return Domain.FALSE
