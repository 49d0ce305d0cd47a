from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.tools import format_date, format_duration, formatLang

from ...tools.contract_dates import term_containing
from ...tools.dates import ONE_DAY
from ..billing.const import PRICE_GROUPS
from ..core.checks import is_in_range
from ..core.windows import open_window
from ..helpdesk.quantity import ONE_YEAR, Quantities

# The sums of a contract year, in the order in which they are told.
SUMS = ("invoiced", "credited", "extra", "hours", "labour", "travel", "parts", "margin")
RATE = "margin_rate"


class MaintenanceContract(models.Model):
    """What a contract brings in and what it costs: in its current year, the one before, in all.

    The figures are those of `maintenance.margin.report`.
    """

    _inherit = "maintenance.contract"

    margin_summary = fields.Char(
        "Margin %",
        compute="_compute_margin",
        groups=PRICE_GROUPS,
        help="Of the contract year that runs, or of the last one. A dash: nothing is invoiced.",
    )
    margin_table = fields.Html(
        "Margin by Contract Year", compute="_compute_margin", groups=PRICE_GROUPS, sanitize=False
    )

    # === COMPUTE METHODS === #

    @api.depends("date_start", "agreed_end", "state")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_margin(self):
        sums = self._read_margins()
        counted = {contract: contract._get_counted_cells() for contract in self}
        quantities = Quantities(
            self.env["maintenance.tier.cell"].union(*counted.values()),
            {contract for contract in self if counted[contract]},
        )
        for contract in self:
            years = contract._get_margin_years()
            columns = [sums[contract._origin][number] for number, _first, _last in years]
            columns.append(_add(sums[contract._origin].values()))
            contract.margin_summary = contract._format_figure(RATE, columns[0])
            contract.margin_table = self.env["ir.qweb"]._render(
                "maintenance_contract.contract_margin",
                {
                    "years": [
                        (number, format_date(self.env, first), format_date(self.env, last))
                        for number, first, last in years
                    ],
                    "currency": contract.company_id.currency_id,
                    "rows": contract._tell_figures(columns),
                    "quantities": [
                        (
                            cell,
                            [
                                quantities.get_used(cell, contract, first, last)
                                for _number, first, last in years
                            ],
                        )
                        for cell in counted[contract]
                    ],
                },
            )

    def _read_margins(self):
        """The sums of each contract year, in one query.

        :return: by contract, then by the number of its year
        :rtype: dict[maintenance.contract, dict[int, Counter]]
        """
        sums = defaultdict(lambda: defaultdict(Counter))
        for contract, number, *values in self.env["maintenance.margin.report"]._read_group(
            [("contract_id", "in", self.ids), ("kind", "!=", "quantity")],
            ["contract_id", "year_number"],
            [f"{name}:sum" for name in SUMS],
        ):
            sums[contract][number].update(dict(zip(SUMS, values, strict=True)))
        return sums

    def _get_margin_years(self):
        """The contract year that runs, or the last one, and the one before it.

        :return: number from 1, first and last day of each; nothing while the start is a typing
            error
        :rtype: list[tuple[int, date, date]]
        """
        self.ensure_one()
        if not is_in_range(self.date_start):
            return []
        today = self.company_id._get_today()
        day = max(min(today, self._get_last_day() or today), self.date_start)
        index, first, last = term_containing(self.date_start, ONE_YEAR, day)
        years = [(index + 1, first, last)]
        if index:
            index, first, last = term_containing(self.date_start, ONE_YEAR, first - ONE_DAY)
            years.append((index + 1, first, last))
        return years

    def _tell_figures(self, columns):
        """The rows of the table: the field of a figure, and its text in each column."""
        figures = self.env["maintenance.margin.report"].fields_get(
            [*SUMS, RATE], ["string", "help"]
        )
        return [
            (name, figures[name], [self._format_figure(name, column) for column in columns])
            for name in (*SUMS, RATE)
        ]

    def _format_figure(self, name, sums):
        """A figure as the reader's language writes it; a dash where it is undefined."""
        currency = self.company_id.currency_id
        if name == "hours":
            return format_duration(sums["hours"])
        if name != RATE:
            # Sums of parts of cents: nothing is not less than nothing.
            return formatLang(
                self.env, currency.round(sums[name]) or 0.0, digits=currency.decimal_places
            )
        revenue = currency.round(sums["invoiced"] - sums["credited"] + sums["extra"])
        if not revenue:
            return "–"
        return self.env._("%s %%", formatLang(self.env, 100 * sums["margin"] / revenue, digits=1))

    # === ACTIONS === #

    def action_view_margin(self):
        """Open the margin of this contract by contract year."""
        self.env["maintenance.margin.report"].check_access("read")
        return open_window(
            self,
            "maintenance_margin_report_action",
            domain=[("contract_id", "=", self.id)],
            context={"pivot_row_groupby": ["year_number"]},
        )


def _add(rows):
    total = Counter()
    for row in rows:
        total.update(row)
    return total
