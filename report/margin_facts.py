from odoo import models
from odoo.tools import SQL

from ..models.helpdesk.quantity import select_uses

# What a row may be about, and the type of its column.
COLUMNS = {
    "kind": "varchar",
    "is_extra": "boolean",
    "contract_id": "integer",
    "coverage_id": "integer",
    "equipment_id": "integer",
    "service_id": "integer",
    "first": "date",
    "last": "date",
    "amount": "numeric",
    "hours": "float8",
    "used_requests": "float8",
    "used_visits": "float8",
    "used_hours": "float8",
    "name": "varchar",
    "move_id": "integer",
    "order_id": "integer",
    "picking_id": "integer",
    "intervention_id": "integer",
    "ticket_id": "integer",
}


# A quote named "order", and what it is about.
QUOTES = SQL(
    """
    sale_order "order"
    JOIN sale_order_line sold ON sold.order_id = "order".id
    LEFT JOIN maintenance_intervention visit ON visit.id = "order".maintenance_intervention_id
    LEFT JOIN helpdesk_ticket ticket
           ON ticket.id = COALESCE("order".maintenance_ticket_id, visit.ticket_id)
    """
)
IS_QUOTE = SQL(
    '"order".maintenance_role = \'quote\' AND "order".maintenance_contract_id IS NOT NULL'
)
# What the contract covers whole is its own cost, though a quote lists it.
IS_SOLD = SQL(
    "COALESCE(\"order\".maintenance_role = 'quote' AND sold.covered_percent < 100, FALSE)"
)


class MaintenanceMarginReport(models.Model):
    """The facts of the margin: each kind is one query, that knows where its records come from."""

    _inherit = "maintenance.margin.report"

    def _get_facts(self):
        """Hook: one query for each kind of fact, with the columns of `_select_facts`.

        :rtype: list[SQL]
        """
        return [*self._get_money_facts(), self._get_quantity_facts()]

    def _get_money_facts(self):
        """Hook: the facts that have an amount.

        :rtype: list[SQL]
        """
        return [
            self._get_invoice_facts(),
            self._get_extra_facts(),
            self._get_intervention_facts(),
            self._get_quote_time_facts(),
            self._get_session_facts(),
            self._get_part_facts(),
            self._get_trip_facts(),
        ]

    def _select_facts(self, code, source, tables, part=None, **columns):
        """One kind of fact.

        :param int code: its own, from 0 to 7
        :param SQL source: the identifier of the record that it comes from
        :param SQL tables: what follows FROM
        :param SQL part: numbers the facts of a record from 0, where it has several
        :param columns: those of `COLUMNS` that it has, as SQL; ``amount`` is what it adds to the
            margin
        """
        columns.setdefault("last", columns["first"])
        columns.setdefault("is_extra", SQL("FALSE"))
        return SQL(
            "SELECT %s AS code, %s::bigint AS source, %s::bigint AS part, %s FROM %s",
            code,
            source,
            part or SQL("0"),
            SQL(", ").join(
                SQL(
                    "(%s)::%s AS %s",
                    columns.get(name, SQL("NULL")),
                    SQL(type_),
                    SQL.identifier(name),
                )
                for name, type_ in COLUMNS.items()
            ),
            tables,
        )

    def _get_invoice_facts(self):
        """Lines of posted invoices and credit notes, parted by the coverages that they bill.

        A credit note is parted as the invoice that it credits. A line without rows of the schedule
        any more, or that somebody added, is one fact: it knows its contract and its days itself.
        """
        return self._select_facts(
            0,
            SQL("line.id"),
            SQL(
                """
                account_move_line line
                JOIN account_move move ON move.id = line.move_id
           LEFT JOIN maintenance_billing_period period
                  ON period.move_line_id IN (line.id, line.maintenance_origin_id)
               WHERE line.maintenance_contract_id IS NOT NULL
                 AND line.parent_state = 'posted' AND line.display_type = 'product'
              WINDOW shares AS (PARTITION BY line.maintenance_contract_id, line.id)
                """
            ),
            part=SQL(
                "ROW_NUMBER() OVER (PARTITION BY line.maintenance_contract_id, line.id "
                "ORDER BY period.id) - 1"
            ),
            kind=SQL("CASE move.move_type WHEN 'out_refund' THEN 'credited' ELSE 'invoiced' END"),
            contract_id=SQL("line.maintenance_contract_id"),
            coverage_id=SQL("period.coverage_id"),
            first=SQL(
                "COALESCE(period.date_start, line.maintenance_date_start, move.invoice_date, "
                "move.date)"
            ),
            last=SQL(
                "COALESCE(period.date_end, line.maintenance_date_end, move.invoice_date, move.date)"
            ),
            # Rows that cancel each other out: as many parts as rows, of nothing.
            amount=SQL(
                "-line.balance * COALESCE(period.amount / NULLIF(SUM(period.amount) OVER shares, "
                "0), 1.0 / COUNT(*) OVER shares)"
            ),
            name=SQL("line.name"),
            move_id=SQL("move.id"),
        )

    def _get_extra_facts(self):
        """Lines of posted invoices and credit notes of the quotes beside the contract."""
        return self._select_facts(
            1,
            SQL("line.id"),
            SQL(
                """
                (SELECT DISTINCT "order".id, "order".maintenance_contract_id AS contract_id,
                        ticket.id AS ticket_id, ticket.equipment_id, visit.id AS visit_id,
                        rel.invoice_line_id
                   FROM %(quotes)s
                   JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                  WHERE %(is_quote)s) billed
                JOIN account_move_line line ON line.id = billed.invoice_line_id
                JOIN account_move move ON move.id = line.move_id
               WHERE line.parent_state = 'posted' AND line.display_type = 'product'
                """,
                quotes=QUOTES,
                is_quote=IS_QUOTE,
            ),
            kind=SQL("'extra'"),
            is_extra=SQL("TRUE"),
            contract_id=SQL("billed.contract_id"),
            equipment_id=SQL("billed.equipment_id"),
            first=SQL("COALESCE(move.invoice_date, move.date)"),
            amount=SQL("-line.balance"),
            name=SQL("line.name"),
            move_id=SQL("move.id"),
            order_id=SQL("billed.id"),
            intervention_id=SQL("billed.visit_id"),
            ticket_id=SQL("billed.ticket_id"),
        )

    def _get_intervention_facts(self):
        """Time booked on the tasks of the contract's interventions."""
        return self._select_facts(
            2,
            SQL("line.id"),
            SQL(
                """
                maintenance_intervention intervention
                JOIN project_task task ON task.intervention_id = intervention.id
                JOIN account_analytic_line line ON line.task_id = task.id
           LEFT JOIN helpdesk_ticket ticket ON ticket.id = intervention.ticket_id
           LEFT JOIN sale_order_line sold ON sold.id = line.so_line
           LEFT JOIN sale_order "order" ON "order".id = sold.order_id
               WHERE intervention.contract_id IS NOT NULL
                """
            ),
            contract_id=SQL("intervention.contract_id"),
            is_extra=IS_SOLD,
            equipment_id=SQL(
                """
                COALESCE(ticket.equipment_id, (
                    SELECT MIN(visited.equipment_id)
                      FROM maintenance_intervention_line visited
                     WHERE visited.intervention_id = intervention.id
                    HAVING COUNT(*) = 1
                ))
                """
            ),
            intervention_id=SQL("intervention.id"),
            ticket_id=SQL("intervention.ticket_id"),
            **self._get_time_columns(),
        )

    def _get_quote_time_facts(self):
        """Time booked on the quotes beside the contract, where no intervention tells it."""
        return self._select_facts(
            3,
            SQL("line.id"),
            SQL(
                """
                %(quotes)s
                JOIN account_analytic_line line ON line.so_line = sold.id
                JOIN project_task task ON task.id = line.task_id
           LEFT JOIN maintenance_intervention intervention
                  ON intervention.id = task.intervention_id
               WHERE %(is_quote)s AND intervention.contract_id IS NULL
                """,
                quotes=QUOTES,
                is_quote=IS_QUOTE,
            ),
            **self._get_quote_columns(),
            **self._get_time_columns(),
        )

    def _get_quote_columns(self):
        return {
            "is_extra": IS_SOLD,
            "contract_id": SQL('"order".maintenance_contract_id'),
            "equipment_id": SQL("ticket.equipment_id"),
            "order_id": SQL('"order".id'),
            "intervention_id": SQL("visit.id"),
            "ticket_id": SQL("ticket.id"),
        }

    def _get_trip_facts(self):
        """Trips delivered on the quotes beside the contract, at the cost of their product."""
        return self._select_facts(
            7,
            SQL("sold.id"),
            SQL(
                """
                %(quotes)s
                JOIN product_product product ON product.id = sold.product_id
                JOIN res_company company ON company.id = "order".company_id
           LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
               WHERE %(is_quote)s AND sold.maintenance_kind = 'travel' AND sold.qty_delivered != 0
                """,
                quotes=QUOTES,
                is_quote=IS_QUOTE,
            ),
            kind=SQL("'travel'"),
            first=SQL(
                """
                COALESCE(visit.date_closed, "order".date_order) AT TIME ZONE 'UTC'
                AT TIME ZONE COALESCE(calendar.tz, 'UTC')
                """
            ),
            amount=SQL(
                "-sold.qty_delivered::numeric "
                "* COALESCE((product.standard_price ->> company.id::text)::numeric, 0)"
            ),
            name=SQL("sold.name"),
            **self._get_quote_columns(),
        )

    def _get_time_columns(self):
        return {
            "kind": SQL("CASE WHEN line.is_field_travel THEN 'travel' ELSE 'labour' END"),
            "first": SQL("line.date"),
            "amount": SQL("line.amount"),
            "hours": SQL("line.unit_amount"),
            "name": SQL("line.name"),
        }

    def _get_session_facts(self):
        """Remote sessions on the contract's requests."""
        return self._select_facts(
            4,
            SQL("session.id"),
            SQL(
                """
                helpdesk_ticket ticket
                JOIN maintenance_remote_session session ON session.ticket_id = ticket.id
                JOIN res_company company ON company.id = ticket.company_id
           LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
           LEFT JOIN hr_employee employee
                  ON employee.user_id = session.user_id AND employee.company_id = company.id
               WHERE ticket.contract_id IS NOT NULL AND session.duration > 0
                """
            ),
            kind=SQL("'labour'"),
            contract_id=SQL("ticket.contract_id"),
            equipment_id=SQL("ticket.equipment_id"),
            first=SQL(
                "(session.start AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC'))"
            ),
            amount=SQL("-session.duration::numeric * COALESCE(employee.hourly_cost, 0)::numeric"),
            hours=SQL("session.duration"),
            name=SQL("ticket.name"),
            ticket_id=SQL("ticket.id"),
        )

    def _get_part_facts(self):
        """Parts delivered on the quotes beside the contract, those at no charge included."""
        return self._select_facts(
            5,
            SQL("move.id"),
            SQL(
                """
                %(quotes)s
                JOIN stock_move move ON move.sale_line_id = sold.id
                JOIN product_product product ON product.id = move.product_id
                JOIN product_template template ON template.id = product.product_tmpl_id
                JOIN stock_location origin ON origin.id = move.location_id
                JOIN stock_location destination ON destination.id = move.location_dest_id
                JOIN res_company company ON company.id = move.company_id
           LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
               WHERE %(is_quote)s AND move.state = 'done'
                 AND (origin.usage = 'customer') != (destination.usage = 'customer')
                """,
                quotes=QUOTES,
                is_quote=IS_QUOTE,
            ),
            kind=SQL("'parts'"),
            first=SQL("(move.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC'))"),
            # Stock values what is stored; of the rest, the cost of the product is known.
            amount=SQL(
                """
                CASE WHEN origin.usage = 'customer' THEN 1 ELSE -1 END
                * CASE WHEN move.is_in OR move.is_out OR move.is_dropship
                       THEN COALESCE(move.value, 0)
                       ELSE COALESCE(
                           move.quantity::numeric
                           * (product.standard_price ->> move.company_id::text)::numeric, 0)
                   END
                """
            ),
            name=SQL("COALESCE(sold.name, template.name ->> 'en_US')"),
            picking_id=SQL("move.picking_id"),
            **self._get_quote_columns(),
        )

    def _get_quantity_facts(self):
        """Uses of the quantities that the tiers give."""
        return self._select_facts(
            6,
            SQL("used.ticket_id"),
            SQL(
                "(%s) used JOIN maintenance_tier_cell cell ON cell.id = used.cell_id "
                "JOIN helpdesk_ticket ticket ON ticket.id = used.ticket_id "
                "WHERE used.contract_id IS NOT NULL",
                select_uses(),
            ),
            kind=SQL("'quantity'"),
            contract_id=SQL("used.contract_id"),
            coverage_id=SQL("used.coverage_id"),
            equipment_id=SQL("ticket.equipment_id"),
            service_id=SQL("cell.service_id"),
            first=SQL("used.day"),
            used_requests=SQL("CASE WHEN used.quantity_of = 'tickets' THEN used.amount END"),
            used_visits=SQL("CASE WHEN used.quantity_of = 'visits' THEN used.amount END"),
            used_hours=SQL(
                "CASE WHEN used.quantity_of NOT IN ('tickets', 'visits') THEN used.amount END"
            ),
            name=SQL("ticket.name"),
            ticket_id=SQL("ticket.id"),
        )
