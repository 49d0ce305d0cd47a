from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class MaintenanceInterventionLine(models.Model):
    """One equipment of an intervention: the visit it makes there, if any, and its result.

    A visit is in one intervention at a time: the database refuses a second line for it until the
    first one was cancelled or ended without the visit being made.
    """

    _name = "maintenance.intervention.line"
    _description = "Equipment of an Intervention"
    _inherit = ["maintenance.guarded.mixin", "maintenance.finite.mixin"]
    _order = "intervention_id, sequence, id"
    _check_company_auto = True
    _guarded_fields = frozenset({"result", "done_date", "reason_id", "visit_id"})

    intervention_id = fields.Many2one(
        "maintenance.intervention", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="intervention_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    equipment_id = fields.Many2one(
        "maintenance.equipment", required=True, index=True, ondelete="restrict", check_company=True
    )
    visit_id = fields.Many2one(
        "maintenance.visit",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        readonly=True,
        copy=False,
    )
    nominal_date = fields.Date(related="visit_id.nominal_date")
    result = fields.Selection(
        [
            ("pending", "Pending"),
            ("done", "Done"),
            ("not_done", "Not done"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
        readonly=True,
        copy=False,
    )
    done_date = fields.Date("Done On", readonly=True, copy=False)
    reason_id = fields.Many2one(
        "maintenance.skip.reason", readonly=True, copy=False, ondelete="restrict"
    )
    remark = fields.Char(copy=False)

    _visit_uniq = models.UniqueIndex(
        "(visit_id) WHERE visit_id IS NOT NULL AND result IN ('pending', 'done')",
        "Visit: it has its intervention already.",
    )

    @api.constrains("equipment_id", "intervention_id")
    def _check_equipment(self):
        for line in self:
            site = line.intervention_id.site_id
            standing = line.equipment_id.site_id
            # What was done stays true after the equipment has moved.
            if site and standing and site != standing and line.result == "pending":
                raise ValidationError(
                    self.env._(
                        "Equipment: %(equipment)s stands at %(standing)s, not at %(site)s.",
                        equipment=line.equipment_id.display_name,
                        standing=standing.display_name,
                        site=site.display_name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_intervention_open()
        return lines

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            self._check_intervention_open()
            if {"equipment_id", "intervention_id"} & vals.keys():
                self._check_equipment_is_free()
        return super().write(vals)

    def _check_intervention_open(self):
        """What was found is final once the intervention is closed, and void once cancelled."""
        if final := self.intervention_id.filtered(lambda i: i.state in ("closed", "cancelled")):
            raise UserError(
                self.env._(
                    "%s is closed or cancelled: its equipment is final.",
                    ", ".join(final.mapped("name")),
                )
            )

    def _check_equipment_is_free(self):
        """Refuse to put another equipment in the place of the one a visit goes to.

        Who is given a line sees its equipment: choosing it is for those who open interventions.
        """
        self.check_access("create")
        if kept := self.filtered("visit_id"):
            raise UserError(
                self.env._(
                    "Equipment: a visit is due on %s.",
                    ", ".join(kept.equipment_id.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_visit(self):
        self._check_intervention_open()
        if kept := self.filtered(lambda line: line.visit_id and line.result != "cancelled"):
            raise UserError(
                self.env._(
                    "%s: cancel the intervention to give its visit back to the backlog.",
                    ", ".join(kept.equipment_id.mapped("display_name")),
                )
            )

    def _set_result(self, result):
        self.sudo().write({"result": result})

    def _settle_visits(self):
        """Carry the results over to the visits: done, skipped with the reason, or to plan again."""
        for day, lines in (
            self.filtered(lambda line: line.result == "done").grouped("done_date").items()
        ):
            lines.visit_id._mark_done(day)
        for reason, lines in (
            self.filtered(lambda line: line.result == "skipped").grouped("reason_id").items()
        ):
            visits = lines.visit_id
            visits._back_to_backlog()
            visits._skip(reason, ", ".join(filter(None, lines.mapped("remark"))))
        self.filtered(lambda line: line.result == "not_done").visit_id._back_to_backlog()
