from odoo import api, fields, models
from odoo.tools import SQL

from ..models.core.windows import open_form
from ..models.helpdesk.stage import OPEN_STEPS
from .margin_report import count_contract_years


class MaintenanceRenewalReport(models.Model):
    """Contracts that somebody has to decide on, with what they brought in and how they were kept.

    One row for each active contract that nobody has ended yet. A contract renewed tacitly asks for
    nothing once its notice has passed; it comes back with its next term. The figures are those of
    the contract year that runs, and of the one before it.
    """

    _name = "maintenance.renewal.report"
    _inherit = "maintenance.money.report"
    _description = "Renewal Coming"
    _auto = False
    _order = "date, id"
    _rec_name = "contract_id"
    _depends = {
        "helpdesk.ticket": ["contract_id", "maintenance_step", "request_kind"],
        "maintenance.contract": [
            "active", "agreed_end", "commercial_partner_id", "company_id", "currency_id",
            "date_start", "date_terminated", "notice_date", "renewal", "state", "tier_id",
            "user_id",
        ],
        "maintenance.coverage": ["contract_id", "date_end", "date_start", "price", "state"],
        "maintenance.margin.report": ["margin"],
        "maintenance.sla.report": ["decided", "in_time"],
    }  # fmt: skip

    contract_id = fields.Many2one("maintenance.contract", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    tier_id = fields.Many2one("maintenance.tier", string="Default Tier", readonly=True)
    renewal = fields.Selection(
        lambda self: (
            self.env["maintenance.contract"]._fields["renewal"]._description_selection(self.env)
        ),
        readonly=True,
    )
    date = fields.Date(
        "Decide By",
        readonly=True,
        help="Last day of notice; the end of the contract where there is no notice to give.",
    )
    date_to_act = fields.Date(
        "Act By",
        compute="_compute_date_to_act",
        help="Last working day on or before the day of decision.",
    )
    agreed_end = fields.Date("Agreed Until", readonly=True)
    coverage_count = fields.Integer("Equipment", readonly=True, help="Covered today.")
    yearly_price = fields.Monetary(
        readonly=True, help="Sum of the yearly prices of the equipment covered today."
    )
    open_requests = fields.Integer(readonly=True)

    margin = fields.Monetary(
        "Margin, This Year",
        readonly=True,
        currency_field="company_currency_id",
        help="Of the contract year that runs: invoices less credit notes and costs.",
    )
    margin_rate = fields.Float(
        "Margin %, This Year",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="Margin / Invoiced, of the contract year that runs. A dash where nothing is invoiced.",
    )
    margin_last = fields.Monetary(
        "Margin, Last Year",
        readonly=True,
        currency_field="company_currency_id",
        help="Of the contract year before the one that runs.",
    )
    margin_rate_last = fields.Float(
        "Margin %, Last Year",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="Margin / Invoiced, of the contract year before the one that runs.",
    )
    has_margin = fields.Boolean(readonly=True)
    has_margin_last = fields.Boolean(readonly=True)
    sla_decided = fields.Integer(
        "Delays, This Year", readonly=True, help="Delays reached, or past their deadline."
    )
    sla_rate = fields.Float(
        "SLA Kept, This Year",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="In time / Reached or past their deadline, in the contract year that runs.",
    )
    sla_decided_last = fields.Integer(
        "Delays, Last Year", readonly=True, help="Delays reached, or past their deadline."
    )
    sla_rate_last = fields.Float(
        "SLA Kept, Last Year",
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="In time / Reached or past their deadline, in the contract year before.",
    )

    @property
    def _table_query(self):
        margins = self.env["maintenance.margin.report"]
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT renewing.id, renewing.id AS contract_id, renewing.company_id,
                   company.currency_id AS company_currency_id, renewing.currency_id,
                   renewing.commercial_partner_id AS customer_id, renewing.user_id,
                   renewing.tier_id, renewing.renewal, renewing.agreed_end,
                   COALESCE(renewing.notice_date, renewing.agreed_end) AS date,
                   covered.count AS coverage_count, covered.price AS yearly_price,
                   asked.count AS open_requests,
                   money.margin, money.margin / money.revenue AS margin_rate,
                   money.margin_last, money.margin_last / money.revenue_last AS margin_rate_last,
                   money.revenue IS NOT NULL AS has_margin,
                   money.revenue_last IS NOT NULL AS has_margin_last,
                   sla.decided AS sla_decided, sla.in_time / sla.decided AS sla_rate,
                   sla.decided_last AS sla_decided_last,
                   sla.in_time_last / sla.decided_last AS sla_rate_last
              FROM maintenance_contract renewing
              JOIN res_company company ON company.id = renewing.company_id
         LEFT JOIN resource_calendar calendar ON calendar.id = company.resource_calendar_id
        CROSS JOIN LATERAL (
                SELECT %(passed)s AS passed
              ) age
        CROSS JOIN LATERAL (
                SELECT (renewing.date_start + (passed - 1) * INTERVAL '1 year')::date AS last_start,
                       (renewing.date_start + passed * INTERVAL '1 year')::date AS start
              ) year
        CROSS JOIN LATERAL (
                SELECT COUNT(*), COALESCE(SUM(price), 0) AS price
                  FROM maintenance_coverage
                 WHERE contract_id = renewing.id AND state = 'validated'
                   AND date_start <= %(today)s AND (date_end IS NULL OR date_end >= %(today)s)
              ) covered
        CROSS JOIN LATERAL (
                SELECT COUNT(*)
                  FROM helpdesk_ticket
                 WHERE contract_id = renewing.id AND maintenance_step IN %(open_steps)s
                   AND request_kind != 'idea'
              ) asked
        CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(margin) FILTER (WHERE is_now), 0) AS margin,
                       NULLIF(ROUND(SUM(revenue) FILTER (WHERE is_now), 4), 0) AS revenue,
                       COALESCE(SUM(margin) FILTER (WHERE is_last), 0) AS margin_last,
                       NULLIF(ROUND(SUM(revenue) FILTER (WHERE is_last), 4), 0) AS revenue_last
                  FROM (
                    SELECT margin, invoiced - credited + extra AS revenue,
                           year_start = year.start AS is_now,
                           year_start = year.last_start AS is_last
                      FROM (%(margins)s) margins
                  ) margins
              ) money
        CROSS JOIN LATERAL (
                SELECT NULLIF(SUM(decided) FILTER (WHERE is_now), 0) AS decided,
                       SUM(in_time) FILTER (WHERE is_now)::numeric AS in_time,
                       NULLIF(SUM(decided) FILTER (WHERE is_last), 0) AS decided_last,
                       SUM(in_time) FILTER (WHERE is_last)::numeric AS in_time_last
                  FROM (
                    SELECT decided, in_time, day >= year.start AS is_now,
                           day >= year.last_start AND day < year.start AS is_last
                      FROM (%(delays)s) delays
                CROSS JOIN LATERAL (
                        SELECT (date AT TIME ZONE 'UTC'
                                AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS day
                      ) local
                  ) delays
              ) sla
             WHERE renewing.state = 'active' AND renewing.active
               AND renewing.date_terminated IS NULL
               AND (renewing.renewal != 'tacit' OR renewing.notice_date >= %(today)s)
            """,
            today=today,
            passed=count_contract_years(SQL("renewing.date_start"), SQL("%s::date", today)),
            open_steps=OPEN_STEPS,
            margins=margins._get_query(margins._get_money_facts(), SQL("renewing.id")),
            delays=self.env["maintenance.sla.report"]._get_query(
                SQL("SELECT id FROM helpdesk_ticket WHERE contract_id = renewing.id")
            ),
        )

    @api.depends("contract_id")
    def _compute_date_to_act(self):
        days = self.contract_id._get_days_to_act()
        for row in self:
            row.date_to_act = days.get(row.contract_id, False)

    def action_open_contract(self):
        return open_form(self, "contract_id")
