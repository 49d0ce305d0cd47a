from collections import defaultdict
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.billing_amounts import Price
from ...tools.billing_ledger import coverage_rows
from ...tools.dates import ONE_DAY
from ..core.bulk_insert import insert_records
from ..core.bulk_update import update_records
from .const import PRICE_GROUPS

# Of those that were validated, whatever became of them.
SERVED_STATES = ("validated", "ended")


class MaintenanceCoverage(models.Model):
    """A validated coverage has a history of prices, and rows in the billing schedule."""

    _inherit = "maintenance.coverage"

    price_ids = fields.One2many("maintenance.coverage.price", "coverage_id", groups=PRICE_GROUPS)
    billing_period_ids = fields.One2many(
        "maintenance.billing.period", "coverage_id", groups=PRICE_GROUPS
    )

    # === CRUD === #

    def write(self, vals):
        if "price" in vals and not self.env.su:
            self._check_price_is_free()
        result = super().write(vals)
        if "date_end" in vals:
            contracts = self.sudo().contract_id.filtered("billing_until")
            contracts.billing_until = False
            if not self.env.su:
                contracts._plan_billing_schedule()
        return result

    def _check_price_is_free(self):
        if agreed := self.filtered(lambda coverage: coverage.state != "draft"):
            raise UserError(
                self.env._(
                    "Yearly Price: that of %s is agreed. It changes by an amendment or a price "
                    "revision.",
                    ", ".join(agreed.mapped("display_name")),
                )
            )

    # === LIFE CYCLE === #

    def _after_validate(self):
        # EXTENDS coverage
        result = super()._after_validate()
        self.sudo().contract_id._plan_billing_schedule()
        return result

    def _after_end(self):
        # EXTENDS coverage
        result = super()._after_end()
        self.sudo().contract_id._plan_billing_schedule()
        return result

    # === PRICE === #

    def _keep_first_prices(self):
        """Have the price typed begin the history of those that have none, in superuser mode."""
        known = self.env["maintenance.coverage.price"]._read_group(
            [("coverage_id", "in", self.ids)], ["coverage_id"]
        )
        insert_records(
            self.env["maintenance.coverage.price"],
            [
                coverage._prepare_price_vals(coverage.date_start, coverage.price, "initial")
                for coverage in self - self.browse(coverage.id for (coverage,) in known)
            ],
        )

    def _set_price(self, day, yearly, origin):
        """Have these coverages cost ``yearly`` from ``day`` on, until their next price."""
        self._set_prices(day, dict.fromkeys(self.ids, yearly), origin)

    def _set_prices(self, day, yearly, origin):
        """Have each of these coverages cost its yearly price from ``day`` on, until its next one.

        The schedule follows: rows to invoice take the new amount, what was invoiced already is
        corrected. Setting the same prices twice changes nothing. The caller checked the rights.

        :param date day: first day of the prices; the start of a coverage when that is later
        :param dict[int, float] yearly: by coverage, in the currency of its contract
        :param str origin: one of those of `maintenance.coverage.price`
        """
        coverages = self.sudo()
        coverages._keep_first_prices()
        heirs = coverages._get_heirs()
        coverages._write_prices(day, yearly, origin)
        for heir in heirs:
            first = heir.date_start
            heir._set_price(first, heir.predecessor_id._get_price_on(first), "correction")
        coverages._refresh_price()
        coverages.contract_id._plan_billing_schedule()

    def _write_prices(self, day, yearly, origin):
        prices = self.env["maintenance.coverage.price"]
        first_days = {coverage: max(day, coverage.date_start) for coverage in self}
        known = {
            (row.coverage_id, row.date_start): row
            for row in prices.search(
                [
                    ("coverage_id", "in", self.ids),
                    ("date_start", "in", list(set(first_days.values()))),
                ]
            )
        }
        changed = {
            row.id: {"yearly": yearly[coverage.id], "origin": origin}
            for (coverage, first), row in known.items()
            if first == first_days[coverage] and row.yearly != yearly[coverage.id]
        }
        update_records(prices.browse(changed), changed)
        insert_records(
            prices,
            [
                coverage._prepare_price_vals(first, yearly[coverage.id], origin)
                for coverage, first in first_days.items()
                if (coverage, first) not in known
            ],
        )

    def _prepare_price_vals(self, day, yearly, origin):
        return {
            "coverage_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "date_start": day,
            "yearly": yearly,
            "origin": origin,
        }

    def _refresh_price(self):
        """Have the price shown be the one in force today at the company."""
        for company, coverages in self.grouped("company_id").items():
            today = company._get_today()
            coverages.flush_recordset(["price"])
            self.env["maintenance.coverage.price"].flush_model()
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT coverage.id, price.yearly
                      FROM maintenance_coverage coverage
                      JOIN LATERAL (
                           SELECT yearly
                             FROM maintenance_coverage_price
                            WHERE coverage_id = coverage.id
                              AND date_start <= GREATEST(coverage.date_start, %(today)s)
                            ORDER BY date_start DESC
                            LIMIT 1
                           ) price ON TRUE
                     WHERE coverage.id IN %(ids)s
                       AND coverage.price IS DISTINCT FROM price.yearly
                    """,
                    today=today,
                    ids=coverages._ids,
                )
            )
            in_force = {id_: {"price": yearly} for id_, yearly in rows}
            update_records(self.browse(in_force), in_force)

    # === BILLING SCHEDULE === #

    def _get_dated_prices(self):
        """The history of the prices, as the rules want it, in one query.

        :rtype: dict[maintenance.coverage, list[Price]]
        """
        prices = defaultdict(list)
        for price in self.env["maintenance.coverage.price"].search(
            [("coverage_id", "in", self.ids)], order="date_start"
        ):
            prices[price.coverage_id].append(Price(price.date_start, Decimal(str(price.yearly))))
        return prices

    def _decide_billing_rows(self, terms, rows, prices, until):
        """What the schedule of this coverage has to say.

        :rtype: tools.billing_ledger.Decision
        """
        self.ensure_one()
        first = max(self.date_start, self.contract_id.billing_from or self.date_start)
        is_served = self.state in SERVED_STATES
        last = self.date_end if is_served else first - ONE_DAY
        return coverage_rows(terms, rows, prices, first, last or None, until)

    def _prepare_billing_vals(self):
        """What the rows of this coverage share."""
        return {**self.contract_id._prepare_billing_vals(), "coverage_id": self.id, "fee_id": False}
