from datetime import datetime

from odoo import api, fields, models
from odoo.tools.misc import get_lang

from ..tools.contract_dates import term_containing
from ..tools.dates import add_months

# Visits that will not take place and were not refused: nothing to tell the customer.
HIDDEN_STATES = ("superseded", "cancelled")


class ReportVisitSchedule(models.AbstractModel):
    """The visits of the contract year that runs, for the customer, site by site."""

    _name = "report.maintenance_contract.report_visit_schedule"
    _description = "Visit Schedule of the Year"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["maintenance.contract"].browse(docids)
        contracts.check_access("read")
        today = fields.Date.context_today(self)
        return {
            "docs": contracts,
            "sheets": [self._prepare_sheet(contract.sudo(), today) for contract in contracts],
        }

    def _prepare_sheet(self, contract, today):
        calendar = contract.calendar_id or contract.company_id.resource_calendar_id
        contract = contract.with_context(
            lang=get_lang(self.env, contract.partner_id.lang).code, tz=calendar.tz or "UTC"
        )
        index, first, last = self._get_year(contract, today)
        visits = contract.env["maintenance.visit"].search(
            [
                ("contract_id", "=", contract.id),
                ("nominal_date", ">=", first),
                ("nominal_date", "<=", last),
                ("state", "not in", HIDDEN_STATES),
            ]
        )
        months = list(self._get_months(first, last))
        by_site = visits.grouped("site_id")
        return {
            "doc": contract,
            "lang": contract.env.lang,
            "tz": contract.env.context["tz"],
            "year": index + 1,
            "first": first,
            "last": last,
            "months": months,
            "sites": [
                {
                    "site": site,
                    "equipment": self._get_grid(by_site[site], months),
                    "appointments": self._get_appointments(by_site[site]),
                }
                for site in sorted(by_site, key=lambda site: site.display_name or "")
            ],
            "has_renewal": any(visits.mapped("is_subject_to_renewal")),
            "has_provisional": any(visits.mapped("is_provisional")),
        }

    def _get_year(self, contract, today):
        """The contract year that runs today, else the nearest one: number from 0, first, last."""
        last_day = contract._get_last_day()
        on = max(contract.date_start, min(today, last_day or today))
        index, first, last = term_containing(contract.date_start, 12, on)
        return index, first, min(last, last_day or last)

    def _get_months(self, first, last):
        """The first day of each calendar month of a year: thirteen when it starts within one."""
        month = first.replace(day=1)
        while month <= last:
            yield month
            month = add_months(month, 1)

    def _get_grid(self, visits, months):
        """A row per equipment: for each month its visits, each with its day.

        A visit made or planned outside the year stands in the first or the last month.
        """
        rows = []
        for equipment, made in sorted(
            visits.grouped("equipment_id").items(), key=lambda item: item[0].display_name
        ):
            cells = {month: [] for month in months}
            for visit in made:
                day = self._get_day(visit)
                month = min(max(day.replace(day=1), months[0]), months[-1])
                cells[month].append((day, visit))
            rows.append((equipment, [sorted(cells[month]) for month in months]))
        return rows

    def _get_appointments(self, visits):
        """The visits that are the same but for their equipment, together: the day, the visits."""

        def same(visit):
            return (
                self._get_day(visit),
                visit.planned_date or datetime.min,
                tuple(visit.plan_id.ids + visit.nested_ids.plan_id.ids),
                visit.earliest_date,
                visit.latest_date,
                visit.state,
                visit.skip_reason_id.id,
                visit.is_subject_to_renewal,
                visit.is_provisional,
            )

        groups = visits.sorted(lambda visit: visit.equipment_id.display_name).grouped(same)
        return [(key[0], groups[key]) for key in sorted(groups)]

    def _get_day(self, visit):
        """The day to tell the customer: done, agreed, or else proposed."""
        if visit.state == "done":
            return visit.done_date
        if visit.state in ("planned", "in_progress") and visit.planned_date:
            return fields.Datetime.context_timestamp(visit, visit.planned_date).date()
        return visit.proposed_date or visit.nominal_date
