"""What is left, in a contract year, of the quantities that a tier gives."""

from collections import defaultdict

from odoo.tools import SQL

from ...tools.contract_dates import term_containing

ONE_YEAR = 12
READ_FIELDS = {
    "helpdesk.ticket": [
        "verdict", "verdict_cell_id", "verdict_coverage_id", "contract_id", "received_at",
        "company_id", "maintenance_step",
    ],
    "maintenance.tier.cell": ["quantity_of"],
    "maintenance.coverage": ["contract_id"],
    "maintenance.remote.session": ["ticket_id", "duration"],
    "maintenance.intervention": ["ticket_id", "state"],
    "project.task": ["intervention_id"],
    "account.analytic.line": ["task_id", "unit_amount"],
    "res.company": ["resource_calendar_id"],
    "resource.calendar": ["tz"],
}  # fmt: skip


def select_uses():
    """What each request used of a quantity: one row for each request covered by one.

    :return: a query with the columns cell_id, quantity_of, contract_id (empty for a warranty
        without a contract), coverage_id, ticket_id, day (local to the company) and amount
    :rtype: SQL
    """
    return SQL(
        """
        SELECT request.cell_id, request.quantity_of, request.contract_id, request.coverage_id,
               request.id AS ticket_id, request.day,
               CASE request.quantity_of
               WHEN 'tickets' THEN 1
               WHEN 'visits' THEN (
                   SELECT COUNT(*) FROM maintenance_intervention intervention
                    WHERE intervention.ticket_id = request.id
                      AND intervention.state != 'cancelled')
               ELSE (
                   SELECT COALESCE(SUM(session.duration), 0)
                     FROM maintenance_remote_session session
                    WHERE session.ticket_id = request.id
               ) + (
                   SELECT COALESCE(SUM(line.unit_amount), 0)
                     FROM maintenance_intervention intervention
                     JOIN project_task task ON task.intervention_id = intervention.id
                     JOIN account_analytic_line line ON line.task_id = task.id
                    WHERE intervention.ticket_id = request.id
               ) END AS amount
          FROM (
            SELECT ticket.id, cell.id AS cell_id, cell.quantity_of,
                   CASE WHEN ticket.verdict_coverage_id IS NULL THEN ticket.contract_id
                        ELSE coverage.contract_id END AS contract_id,
                   ticket.verdict_coverage_id AS coverage_id,
                   (ticket.received_at AT TIME ZONE 'UTC'
                    AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS day
              FROM helpdesk_ticket ticket
              JOIN maintenance_tier_cell cell ON cell.id = ticket.verdict_cell_id
         LEFT JOIN maintenance_coverage coverage
                ON coverage.id = ticket.verdict_coverage_id
              JOIN res_company company ON company.id = ticket.company_id
         LEFT JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
             WHERE cell.kind = 'quantity' AND cell.quantity_of IS NOT NULL
               AND ticket.verdict IN ('covered', 'part')
               AND ticket.maintenance_step != 'cancelled'
          ) request
        """
    )


class Quantities:
    """The uses of some quantities by the requests they cover, read in one query.

    Those of a contract are shared by the equipment it covers; those of a warranty are its own.
    Years are counted from the start of the contract or warranty.
    """

    def __init__(self, cells, owners):
        """
        :param maintenance.tier.cell cells: quantities
        :param owners: contracts, and warranties without a contract
        :type owners: set of maintenance.contract or maintenance.coverage of one record
        """
        self._uses = defaultdict(list)
        counted = cells.filtered("quantity_of")
        if counted and owners:
            for cell_id, owner_model, owner_id, *use in self._read(counted, owners):
                self._uses[cell_id, owner_model, owner_id].append(use)

    def get_left(self, cell, owner, day, apart_from=None):
        """What is left in the contract year that contains a day.

        :param helpdesk.ticket apart_from: a request whose own use is not counted
        :return: 0 or less when it is used up; None when nothing is counted
        :rtype: float | None
        """
        if cell.kind != "quantity" or not cell.quantity_of:
            return None
        _number, first, last = term_containing(owner.date_start, ONE_YEAR, day)
        return round(cell.quantity - self.get_used(cell, owner, first, last, apart_from), 2)

    def get_used(self, cell, owner, first, last, apart_from=None):
        """What was used from one day to another, both included.

        :param helpdesk.ticket apart_from: a request whose own use is not counted
        :rtype: float
        """
        return sum(
            amount
            for ticket_id, used_on, amount in self._uses[cell.id, owner._name, owner.id]
            if first <= used_on <= last and ticket_id != (apart_from and apart_from.id)
        )

    def add_request(self, cell, owner, day, ticket):
        """Count a request just decided, that the database does not know of yet."""
        if cell.quantity_of == "tickets":
            self._uses[cell.id, owner._name, owner.id].append((ticket.id, day, 1))

    @staticmethod
    def _read(cells, owners):
        env = cells.env
        for model, names in READ_FIELDS.items():
            env[model].flush_model(names)
        ids = {
            model: tuple(owner.id for owner in owners if owner._name == model) or (0,)
            for model in ("maintenance.contract", "maintenance.coverage")
        }
        return env.execute_query(
            SQL(
                """
                SELECT cell_id,
                       CASE WHEN contract_id IS NULL THEN 'maintenance.coverage'
                            ELSE 'maintenance.contract' END,
                       COALESCE(contract_id, coverage_id), ticket_id, day, amount
                  FROM (%(uses)s) used
                 WHERE cell_id IN %(cells)s
                   AND (contract_id IN %(contracts)s
                        OR contract_id IS NULL AND coverage_id IN %(coverages)s)
                """,
                uses=select_uses(),
                cells=cells._ids,
                contracts=ids["maintenance.contract"],
                coverages=ids["maintenance.coverage"],
            )
        )
