from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.windows import open_dialog, open_form
from ..preventive.visit import OPEN_STATES


class MaintenanceVisit(models.Model):
    """Planning a visit opens its intervention."""

    _inherit = "maintenance.visit"

    line_ids = fields.One2many("maintenance.intervention.line", "visit_id")
    intervention_id = fields.Many2one(
        "maintenance.intervention",
        compute="_compute_intervention_id",
        search="_search_intervention_id",
    )
    planned_date = fields.Datetime(
        related="intervention_id.planned_start",
        string="Planned On",
    )

    @api.depends("line_ids.result")
    def _compute_intervention_id(self):
        for visit in self:
            visit.intervention_id = visit.line_ids.filtered(
                lambda line: line.result in ("pending", "done")
            ).intervention_id[:1]

    def _search_intervention_id(self, operator, value):
        return [("line_ids.intervention_id", operator, value)]

    # === ACTIONS === #

    def action_plan(self):
        """Open the wizard that plans these visits, alone or with those of their group."""
        self._check_can_plan()
        return open_dialog(
            self,
            self.env._("Plan Visits"),
            "maintenance.visit.planning",
            default_visit_ids=self.ids,
        )

    def action_view_intervention(self):
        return open_form(self, "intervention_id")

    # === BUSINESS METHODS === #

    def _check_can_plan(self):
        """Refuse visits that are planned, made or given up.

        :raises UserError: naming them
        """
        nowhere = self.filtered(
            lambda visit: not (visit.contract_id or visit.customer_id or visit.site_id)
        )
        if nowhere:
            raise UserError(
                self.env._(
                    "Customer: say whose %s is, and where it stands, before planning its visit.",
                    ", ".join(nowhere.equipment_id.mapped("display_name")),
                )
            )
        if closed := self.filtered(lambda visit: visit.state not in OPEN_STATES):
            raise UserError(
                self.env._(
                    "%s: planned, made or given up already.",
                    ", ".join(closed.mapped("display_name")),
                )
            )

    def _group_by_intervention(self):
        """One intervention serves one customer at one site.

        :return: the visits by company, site and customer
        :rtype: dict[tuple, maintenance.visit]
        """
        return self.grouped(lambda visit: (visit.company_id, visit.site_id, visit.customer_id))

    def _open_interventions(self, start, end, technicians, per_equipment=False):
        """Open one intervention per site and customer for these visits, with its tasks.

        :param datetime start: planned start, UTC
        :param datetime end: planned end, UTC
        :param technicians: who goes
        :param bool per_equipment: one task for each equipment instead of one for all
        :return: the interventions
        :rtype: maintenance.intervention
        """
        self.check_access("write")
        # The row lock and the unique index of the line keep a visit out of two interventions.
        self.lock_for_update(allow_referencing=True)
        self._check_can_plan()
        visits = self.sudo()
        # The index must see that an earlier line was given up in this same transaction.
        visits.line_ids.flush_recordset(["result"])
        visits.filtered(lambda visit: visit.state == "upcoming")._take_snapshot()
        interventions = self.env["maintenance.intervention"]
        for (company, site, customer), site_visits in visits._group_by_intervention().items():
            intervention = interventions.sudo().create(
                site_visits._prepare_intervention_vals(company, site, customer, self.env.user)
            )
            site_visits._create_tasks(intervention, start, end, technicians, per_equipment)
            intervention._move_to("planned")
            interventions |= intervention
        visits._move_to("planned")
        return interventions.sudo(self.env.su)

    def _prepare_intervention_vals(self, company, site, customer, user):
        contracts = self.contract_id
        return {
            "kind": "preventive",
            "subject": ", ".join(dict.fromkeys(self.plan_id.mapped("name"))) or False,
            "company_id": company.id,
            "partner_id": (contracts.partner_id[:1] or customer or site).id,
            "site_id": site.id,
            "contract_id": contracts.id if len(contracts) == 1 else False,
            "user_id": user.id,
            "line_ids": [
                fields.Command.create({"equipment_id": visit.equipment_id.id, "visit_id": visit.id})
                for visit in self
            ],
        }

    def _create_tasks(self, intervention, start, end, technicians, per_equipment):
        groups = list(self.grouped("equipment_id").values()) if per_equipment else [self]
        for visits in groups:
            title = visits.equipment_id.display_name if len(visits) == 1 else intervention.subject
            task = self.env["project.task"].create(
                {
                    **intervention._prepare_task_vals(title, start, end, technicians),
                    "allocated_hours": sum(visits.mapped("duration")),
                }
            )
            visits.check_ids.write({"task_id": task.id})

    def _back_to_backlog(self):
        """Give planned visits back: to plan or missed, by the day."""
        visits = self.filtered(lambda visit: visit.state in ("planned", "in_progress"))
        visits.sudo().check_ids.write({"task_id": False})
        visits._move_to("upcoming")
        visits.sudo()._advance(fields.Date.context_today(self))
        visits.sudo()._follow_coverage()
        visits.contract_id.sudo()._suspend_visits()

    def _is_planned_in_suspension(self):
        """Whether the day agreed with the customer is a suspended one."""
        self.ensure_one()
        day = self.nominal_date
        if self.planned_date:
            zone = self.company_id.resource_calendar_id.tz or "UTC"
            local = self.with_context(tz=zone)
            day = fields.Datetime.context_timestamp(local, self.planned_date).date()
        return any(
            suspension._touches(day, day)
            for suspension in self.contract_id.sudo()._get_live_suspensions()
        )
