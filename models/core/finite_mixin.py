import math

from odoo import api, models
from odoo.exceptions import ValidationError


class MaintenanceFiniteMixin(models.AbstractModel):
    """A record whose numbers are numbers.

    JSON lets NaN and Infinity in. They are refused before Odoo rounds them, which raises an error
    that says nothing to the user, or stores them, where the field has no digits.
    """

    _name = "maintenance.finite.mixin"
    _description = "Record With Finite Numbers"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_finite(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_finite(vals)
        return super().write(vals)

    def _check_finite(self, vals):
        for name, value in vals.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValidationError(
                    self.env._(
                        "%s: give a number.", self._fields[name]._description_string(self.env)
                    )
                )
