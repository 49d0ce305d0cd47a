import math
from collections import ChainMap

from odoo import api, models
from odoo.exceptions import ValidationError

from .checks import refuse_number

# What PostgreSQL holds, and what a float counts without losing units.
RANGES = {
    "integer": (-(2**31), 2**31 - 1),
    "float": (-(10**15), 10**15),
    "monetary": (-(10**15), 10**15),
}


class MaintenanceFiniteMixin(models.AbstractModel):
    """A record whose numbers are numbers, of a size that makes sense.

    JSON lets NaN and Infinity in, and numbers of any size. They are refused by the name of their
    field before Odoo rounds them or PostgreSQL stores or refuses them, which tells the user
    nothing; so is a half where units are counted, which Odoo would cut off. A model names the
    ranges of its own fields in ``_number_ranges`` where the database has a word to say about them:
    on creation it speaks first. They add up.
    """

    _name = "maintenance.finite.mixin"
    _description = "Record With Finite Numbers"

    _number_ranges = {}

    @api.model_create_multi
    def create(self, vals_list):
        self._check_numbers(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_numbers([vals])
        return super().write(vals)

    def _check_numbers(self, vals_list):
        ranges = self._get_number_ranges()
        for vals in vals_list:
            for name, value in vals.items():
                field = self._fields.get(name)
                if field and field.type in RANGES:
                    self._check_number(field, value, *ranges.get(name, RANGES[field.type]))

    def _check_number(self, field, value, minimum, maximum):
        try:
            number = float(value or 0)
        except OverflowError:
            number = math.inf
        except (TypeError, ValueError):
            # Odoo says that it is none.
            return
        if not math.isfinite(number):
            raise ValidationError(
                self.env._("%s: give a number.", field._description_string(self.env))
            )
        if not minimum <= number <= maximum:
            refuse_number(self, field.name, minimum, maximum)
        if field.type == "integer" and not number.is_integer():
            raise ValidationError(
                self.env._("%s: give a whole number.", field._description_string(self.env))
            )

    @classmethod
    def _get_number_ranges(cls):
        """Those of all classes that this model is made of; an attribute would hide the others'."""
        return ChainMap(*(vars(part).get("_number_ranges", {}) for part in cls.mro()))
