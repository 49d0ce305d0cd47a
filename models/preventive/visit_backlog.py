from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.schedule import due_state
from ..core.batch import process_in_batches
from ..core.bulk_insert import insert_records
from .visit import BACKLOG_STATES, OPEN_STATES, SILENT

VISITS_PER_BATCH = 1000


class MaintenanceVisit(models.Model):
    """A visit moves through the backlog by the day: upcoming, to plan, missed, superseded."""

    _inherit = "maintenance.visit"

    schedule_error = fields.Char(
        readonly=True, copy=False, help="Why the nightly run left this visit aside."
    )

    def _advance(self, today):
        """Put these open visits in the state of the day: upcoming, to plan or missed.

        :param date today: the local day
        """
        states = {
            visit: due_state(today, visit.to_plan_date, visit.latest_date)
            for visit in self
            if visit.state in OPEN_STATES
        }
        for state in OPEN_STATES:
            moving = self.filtered(
                lambda visit, state=state: (
                    states.get(visit, visit.state) == state and visit.state != state
                )
            )
            entering = moving.filtered(lambda visit: visit.state == "upcoming")
            if moving:
                moving.with_context(**SILENT).write({"state": state})
            entering._take_snapshot()

    def _take_snapshot(self):
        """Copy checklist, duration and skills of the plan, as they are on entering the backlog."""
        visits = self.filtered(lambda visit: visit.plan_id and not visit.check_ids)
        checks = []
        for visit in visits:
            plans = visit.plan_id | visit.nested_ids.plan_id
            # In the language of the technicians, not in that of the nightly run.
            lines = plans.with_context(lang=visit.company_id.partner_id.lang).checklist_id.line_ids
            checks += [
                visit._prepare_check_vals(line, sequence)
                for sequence, line in enumerate(lines, start=1)
            ]
        insert_records(self.env["maintenance.check"], checks)
        for plan, plan_visits in visits.grouped("plan_id").items():
            values = {"duration": plan.duration}
            if plan.skill_ids:
                values["skill_ids"] = [fields.Command.set(plan.skill_ids.ids)]
            if plan.skill_ids or any(v.duration != plan.duration for v in plan_visits):
                plan_visits.with_context(**SILENT).write(values)

    def _prepare_check_vals(self, line, sequence):
        self.ensure_one()
        return {
            "visit_id": self.id,
            "equipment_id": self.equipment_id.id,
            "company_id": self.company_id.id,
            "sequence": sequence,
            "name": line.name,
            "instructions": line.instructions,
        }

    @api.model
    def _cron_advance(self):
        """Move visits through the backlog by the day of their company, in committed batches."""
        days = self.env["res.company"]._get_local_days()
        if not self.env["maintenance.contract"]._end_elapsed(days):
            # The next run, which starts at once, goes on from there.
            return
        process_in_batches(
            self.sudo().with_context(**SILENT),
            Domain.OR(self._get_due_domain(company, today) for company, today in days.items()),
            VISITS_PER_BATCH,
            lambda batch: batch._advance_by_company(days),
            lambda visit, error: visit.write({"schedule_error": str(error)}),
        )

    @api.model
    def _get_due_domain(self, company, today):
        """Visits of ``company`` whose state may have to change today.

        Those of archived equipment wait. A coverage that has ended still owes the visits of its
        days; later ones were cancelled.
        """
        is_owed = Domain("equipment_id.active", "=", True) & (
            Domain("coverage_id", "=", False)
            | Domain("coverage_id.state", "in", ("validated", "ended"))
        )
        enters_backlog = Domain("state", "=", "upcoming") & Domain("to_plan_date", "<=", today)
        is_missed = Domain("state", "=", "to_plan") & Domain("latest_date", "<", today)
        may_be_superseded = (
            Domain("state", "in", BACKLOG_STATES)
            & Domain("plan_id.overlap_rule", "=", "supersede")
            & Domain("nominal_date", "<", today)
        )
        return (
            Domain("company_id", "=", company.id)
            & is_owed
            & (enters_backlog | is_missed | may_be_superseded)
        )

    def _advance_by_company(self, days):
        for company, visits in self.grouped("company_id").items():
            visits = company._at_work(visits)
            visits._filter_ready()._advance(days[company])
            visits._supersede(days[company])

    def _filter_ready(self):
        """Leave out the visits of floating plans that wait for the one before them."""
        return self.filtered(
            lambda visit: not (visit.plan_id.mode == "floating" and visit.is_provisional)
        )

    def _supersede(self, today):
        """Close the visits whose next one is due, where their plan keeps only the newer one."""
        open_visits = self.filtered(
            lambda visit: (
                visit.state in BACKLOG_STATES and visit.plan_id.overlap_rule == "supersede"
            )
        )
        newest = {
            (coverage, plan): rank
            for coverage, plan, rank in self._read_group(
                [
                    ("coverage_id", "in", open_visits.coverage_id.ids),
                    ("plan_id", "in", open_visits.plan_id.ids),
                    ("nominal_date", "<=", today),
                ],
                ["coverage_id", "plan_id"],
                ["rank:max"],
            )
        }
        open_visits.filtered(
            lambda visit: visit.rank < newest.get((visit.coverage_id, visit.plan_id), 0)
        )._move_to("superseded")
