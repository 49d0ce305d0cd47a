from odoo import api, fields, models


class MaintenanceNumberedMixin(models.AbstractModel):
    """A record numbered by the sequence of its company, whose code is the name of the model.

    The sequences of a company are those of ``res.company._prepare_maintenance_sequence_vals``.
    """

    _name = "maintenance.numbered.mixin"
    _description = "Record With a Number"

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")

    @api.model_create_multi
    def create(self, vals_list):
        # The caller may use its values again: the number is not one of them.
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not vals.get("name"):
                company_id = vals.get("company_id") or self.env.company.id
                company = self.env["res.company"].browse(company_id)
                vals["name"] = company._get_next_number(self._name)
        return super().create(vals_list)
