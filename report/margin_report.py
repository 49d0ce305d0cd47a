from odoo import fields, models
from odoo.models import parse_read_group_spec
from odoo.tools import SQL

from ..models.core.windows import open_form

KINDS = [
    ("invoiced", "Invoiced"),
    ("credited", "Credited"),
    ("extra", "Invoiced out of contract"),
    ("labour", "Hours"),
    ("travel", "Travel"),
    ("parts", "Parts"),
    ("quantity", "Quantity used"),
]

# In how many contract years a fact can lie: a period has ten years at most. The last one takes what
# would be left.
MAX_YEARS = 11


def count_contract_years(start, day):
    """How many whole contract years passed before a day, as `term_containing` counts them.

    :param SQL start: first day of the contract; what is before it belongs to the first year
    :param SQL day: a day
    """
    return SQL(
        """
        (SELECT GREATEST(
                    passed - ((%(start)s + passed * INTERVAL '1 year')::date > %(day)s)::int, 0
                )
           FROM (SELECT (EXTRACT(YEAR FROM %(day)s) - EXTRACT(YEAR FROM %(start)s))::int AS passed
                ) passed)
        """,
        start=start,
        day=day,
    )


class MaintenanceMarginReport(models.Model):
    """What each contract brought in and what it cost, by contract year: one row for each fact.

    Contract years are counted from the start of the contract; what is before it belongs to the
    first one. A fact belongs to the year of the service, not to that of its paper: an invoice to
    the days that it bills, and where these lie in two contract years, to each by its days. Work
    belongs to the day on which it was done.

    Amounts are without taxes, in the currency of the company, as the entries were posted. Work on
    several equipment at once belongs to none of them.

    Each fact is looked up by its contract, so that the figures of one contract do not cost those
    of all.
    """

    _name = "maintenance.margin.report"
    _inherit = "maintenance.money.report"
    _description = "Margin"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"
    _depends = {
        "account.analytic.line": [
            "amount", "date", "is_field_travel", "name", "so_line", "task_id", "unit_amount",
        ],
        "account.move": ["invoice_date", "move_type", "state"],
        "account.move.line": [
            "balance", "display_type", "maintenance_contract_id", "maintenance_date_end",
            "maintenance_date_start", "maintenance_origin_id", "move_id", "name", "parent_state",
            "sale_line_ids",
        ],
        "helpdesk.ticket": [
            "company_id", "contract_id", "equipment_id", "maintenance_step", "name", "received_at",
            "verdict", "verdict_cell_id", "verdict_coverage_id",
        ],
        "hr.employee": ["company_id", "hourly_cost", "user_id"],
        "maintenance.billing.period": [
            "amount", "coverage_id", "date_end", "date_start", "move_line_id",
        ],
        "maintenance.contract": [
            "commercial_partner_id", "company_id", "date_start", "tier_id", "user_id",
        ],
        "maintenance.coverage": [
            "contract_id", "date_start", "equipment_id", "state", "tier_id",
        ],
        "maintenance.intervention": ["contract_id", "date_closed", "state", "ticket_id"],
        "maintenance.intervention.line": ["equipment_id", "intervention_id"],
        "maintenance.remote.session": ["duration", "start", "ticket_id", "user_id"],
        "maintenance.tier.cell": ["kind", "quantity_of", "service_id"],
        "project.task": ["intervention_id"],
        "product.product": ["standard_price"],
        "res.company": ["currency_id", "resource_calendar_id"],
        "resource.calendar": ["tz"],
        "sale.order": [
            "date_order", "maintenance_contract_id", "maintenance_intervention_id",
            "maintenance_role", "maintenance_ticket_id",
        ],
        "sale.order.line": [
            "covered_percent", "maintenance_kind", "name", "order_id", "product_id",
            "qty_delivered",
        ],
        "stock.move": [
            "date", "is_dropship", "is_in", "is_out", "picking_id", "product_id", "quantity",
            "sale_line_id", "state", "value",
        ],
    }  # fmt: skip

    # What it is about
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    tier_id = fields.Many2one(
        "maintenance.tier", readonly=True, help="Of the equipment, else of the contract."
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        readonly=True,
        help="Work on several equipment at once belongs to none of them.",
    )
    service_id = fields.Many2one(
        "maintenance.service", readonly=True, help="Of which a quantity was used."
    )
    kind = fields.Selection(KINDS, readonly=True)
    is_extra = fields.Boolean(
        "Out of Contract",
        readonly=True,
        help="Sold beside the contract, by a quote. What a quote lists and the contract covers "
        "whole is of the contract.",
    )
    date = fields.Date(
        readonly=True, help="The first day that is billed, or the day on which it was done."
    )
    year_number = fields.Integer(
        "Contract Year",
        readonly=True,
        aggregator=None,
        help="Counted from the start of the contract. A fact belongs to the year of the service: "
        "an invoice to the days that it bills.",
    )
    year_start = fields.Date("Year From", readonly=True, help="First day of the contract year.")
    year_end = fields.Date("Year To", readonly=True, help="Last day of the contract year.")

    # Where it comes from
    name = fields.Char("Description", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    order_id = fields.Many2one("sale.order", string="Quote", readonly=True)
    picking_id = fields.Many2one("stock.picking", string="Transfer", readonly=True)
    intervention_id = fields.Many2one("maintenance.intervention", readonly=True)
    ticket_id = fields.Many2one("helpdesk.ticket", string="Request", readonly=True)

    # Figures
    invoiced = fields.Monetary(
        readonly=True, help="Posted invoices of the contract, without taxes, by the days billed."
    )
    credited = fields.Monetary(
        readonly=True, help="Posted credit notes of the contract, without taxes."
    )
    extra = fields.Monetary(
        "Invoiced Out of Contract",
        readonly=True,
        help="Invoices less credit notes of the quotes beside the contract, without taxes.",
    )
    hours = fields.Float(
        readonly=True, help="Time of interventions, requests and remote sessions, travel included."
    )
    labour = fields.Monetary(
        "Cost of Hours",
        readonly=True,
        help="Hours × the employee's hourly cost when the time was booked. Of remote sessions: "
        "the hourly cost of today.",
    )
    travel = fields.Monetary(
        "Cost of Travel",
        readonly=True,
        help="Time booked as travel × the employee's hourly cost, and trips of quotes × the cost "
        "of their product.",
    )
    parts = fields.Monetary(
        "Cost of Parts",
        readonly=True,
        help="Parts delivered for the contract less those that came back, as stock values them.",
    )
    cost = fields.Monetary(readonly=True, help="Cost of Hours + Cost of Travel + Cost of Parts.")
    margin = fields.Monetary(
        readonly=True, help="Invoiced − Credited + Invoiced Out of Contract − Cost."
    )
    margin_rate = fields.Float(
        "Margin %",
        readonly=True,
        digits=(16, 1),
        aggregator="margin_rate",
        help="Margin / (Invoiced − Credited + Invoiced Out of Contract). Empty where nothing is "
        "invoiced.",
    )
    used_requests = fields.Float(
        "Requests Used", readonly=True, help="Of those that the tier gives in a contract year."
    )
    used_visits = fields.Float(
        "Visits Used", readonly=True, help="Of those that the tier gives in a contract year."
    )
    used_hours = fields.Float(
        "Hours Used", readonly=True, help="Of those that the tier gives in a contract year."
    )

    @property
    def _table_query(self):
        return self._get_query()

    def _read_group_select(self, aggregate_spec, query):
        # EXTENDS 'base': the rate of a group is that of its sums.
        name, _property, aggregator = parse_read_group_spec(aggregate_spec)
        if aggregator != "margin_rate":
            return super()._read_group_select(aggregate_spec, query)
        margin, *revenue = (
            SQL("SUM(%s)", self._field_to_sql(self._table, field, query))
            for field in ("margin", "invoiced", "credited", "extra")
        )
        # Sums of parts of cents: what is nothing is not exactly so.
        return SQL(
            "%s / NULLIF(ROUND(%s - %s + %s, 4), 0)", margin, revenue[0], revenue[1], revenue[2]
        )

    def action_open_source(self):
        """Open what this row tells of."""
        self.ensure_one()
        sources = ("move_id", "picking_id", "intervention_id", "ticket_id", "order_id")
        return open_form(self, next(name for name in (*sources, "contract_id") if self[name]))

    # === QUERY === #

    def _get_query(self, facts=None, contract=None):
        """The rows of all contracts, or of one.

        :param list[SQL] facts: some of those of `_get_facts`; all when empty
        :param SQL contract: the identifier of the contract, in the query around this one
        """
        only = SQL("contract_id = %s", contract) if contract else SQL("TRUE")
        start = SQL("contract.date_start")
        return SQL(
            """
            SELECT ((fact.source * 16384 + fact.part) * 128 + LEAST(year.number, 127)) * 8
                   + fact.code AS id,
                   contract.company_id, company.currency_id, contract.id AS contract_id,
                   contract.commercial_partner_id AS customer_id, contract.user_id,
                   COALESCE(coverage.tier_id, contract.tier_id) AS tier_id,
                   COALESCE(fact.equipment_id, coverage.equipment_id) AS equipment_id,
                   fact.service_id, fact.kind, fact.is_extra,
                   CASE WHEN year.number > years.first THEN span.first ELSE fact.first END AS date,
                   year.number + 1 AS year_number, span.first AS year_start, span.last AS year_end,
                   fact.name, fact.move_id, fact.order_id, fact.picking_id, fact.intervention_id,
                   fact.ticket_id,
                   CASE WHEN kind = 'invoiced' THEN figure.amount ELSE 0 END AS invoiced,
                   CASE WHEN kind = 'credited' THEN -figure.amount ELSE 0 END AS credited,
                   CASE WHEN kind = 'extra' THEN figure.amount ELSE 0 END AS extra,
                   CASE WHEN kind = 'labour' THEN -figure.amount ELSE 0 END AS labour,
                   CASE WHEN kind = 'travel' THEN -figure.amount ELSE 0 END AS travel,
                   CASE WHEN kind = 'parts' THEN -figure.amount ELSE 0 END AS parts,
                   CASE WHEN kind IN ('labour', 'travel', 'parts') THEN -figure.amount ELSE 0
                    END AS cost,
                   figure.amount AS margin,
                   NULL::float8 AS margin_rate,
                   COALESCE(fact.hours, 0) AS hours,
                   COALESCE(fact.used_requests, 0) AS used_requests,
                   COALESCE(fact.used_visits, 0) AS used_visits,
                   COALESCE(fact.used_hours, 0) AS used_hours
              FROM (SELECT * FROM (%(facts)s) fact WHERE %(only)s) fact
              JOIN maintenance_contract contract ON contract.id = fact.contract_id
              JOIN res_company company ON company.id = contract.company_id
        CROSS JOIN LATERAL (
                SELECT %(first_year)s AS first, %(last_year)s AS last
              ) years
              JOIN (VALUES %(steps)s) AS step (number)
                ON step.number <= years.last - years.first
        CROSS JOIN LATERAL (SELECT years.first + step.number AS number) year
        CROSS JOIN LATERAL (
                SELECT (contract.date_start + year.number * INTERVAL '1 year')::date AS first,
                       (contract.date_start + (year.number + 1) * INTERVAL '1 year')::date - 1
                       AS last
              ) span
        CROSS JOIN LATERAL (
                SELECT CASE WHEN years.first = years.last THEN 1.0
                            ELSE (LEAST(
                                fact.last,
                                CASE WHEN step.number < %(last_step)s THEN span.last
                                     ELSE fact.last END
                            ) - GREATEST(
                                fact.first,
                                CASE WHEN year.number = 0 THEN fact.first ELSE span.first END
                            ) + 1)::numeric / (fact.last - fact.first + 1)
                        END AS part
              ) share
        CROSS JOIN LATERAL (SELECT COALESCE(fact.amount, 0) * share.part AS amount) figure
         LEFT JOIN LATERAL (
                SELECT equipment_id, tier_id
                  FROM maintenance_coverage
                 WHERE contract_id = fact.contract_id
                   AND (id = fact.coverage_id
                        OR fact.coverage_id IS NULL AND equipment_id = fact.equipment_id)
              ORDER BY date_start <= fact.first DESC, date_start DESC
                 LIMIT 1
              ) coverage ON TRUE
            """,
            facts=SQL(" UNION ALL ").join(facts or self._get_facts()),
            only=only,
            # A list of known length, that the planner does not take for a thousand years.
            steps=SQL(", ").join(SQL("(%s)", step) for step in range(MAX_YEARS)),
            last_step=MAX_YEARS - 1,
            first_year=count_contract_years(start, SQL("fact.first")),
            last_year=count_contract_years(start, SQL("fact.last")),
        )
