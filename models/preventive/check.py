from odoo import api, fields, models


class MaintenanceCheck(models.Model):
    """One action of a checklist to go through on a visit, and what was found."""

    _name = "maintenance.check"
    _description = "Maintenance Check"
    _inherit = ["maintenance.finite.mixin"]
    _order = "equipment_id, sequence, id"
    _check_company_auto = True

    visit_id = fields.Many2one("maintenance.visit", index="btree_not_null", ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    equipment_id = fields.Many2one(
        "maintenance.equipment", index="btree_not_null", ondelete="restrict", check_company=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("Action", required=True)
    instructions = fields.Text()
    result = fields.Selection(
        [
            ("todo", "To do"),
            ("ok", "OK"),
            ("not_ok", "Not OK"),
            ("not_applicable", "Not applicable"),
        ],
        default="todo",
        required=True,
        copy=False,
    )
    remark = fields.Char(copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    checked_on = fields.Datetime(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._sign(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._sign(vals))

    def _sign(self, vals):
        """Add who gave a result, and when; taking it back takes the signature back."""
        if "result" not in vals:
            return vals
        done = vals["result"] != "todo"
        return {
            **vals,
            "checked_by_id": self.env.uid if done else False,
            "checked_on": fields.Datetime.now() if done else False,
        }

    def action_ok(self):
        """Tick: the action was done and all is well."""
        self.write({"result": "ok"})
