from odoo import api, models
from odoo.exceptions import AccessError, UserError


class MaintenanceGuardedMixin(models.AbstractModel):
    """A record whose state is moved by its actions only, never by a plain write.

    The right to write on a record is not the right to jump to any of its states: the fields named
    in ``_guarded_fields`` are written by the model's own methods, which check the rights and the
    conditions first and then write in superuser mode. Each concern that extends a model names its
    own: they add up.
    """

    _name = "maintenance.guarded.mixin"
    _description = "Record With Guarded State"

    _guarded_fields = frozenset()

    @classmethod
    def _get_guarded_fields(cls):
        """Those of all classes that this model is made of; an attribute would hide the others'."""
        return frozenset().union(*(vars(part).get("_guarded_fields", ()) for part in cls.mro()))

    @api.model
    def default_get(self, fields):
        """Give guarded fields their own default only, whatever the context or the user's say."""
        values = super().default_get(fields)
        for name in self._get_guarded_fields().intersection(values):
            if default := self._fields[name].default:
                values[name] = default(self)
            else:
                del values[name]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_guarded(vals)
        return super().write(vals)

    def _check_guarded(self, vals, guarded=None):
        """Refuse what only superuser mode writes.

        :param guarded: names of fields; None: those of ``_guarded_fields``
        :raises AccessError: naming the fields
        """
        if self.env.su:
            return
        guarded = self._get_guarded_fields() if guarded is None else guarded
        if names := guarded & vals.keys():
            labels = [self._fields[name]._description_string(self.env) for name in sorted(names)]
            raise AccessError(
                self.env._("%s: use the buttons of the form to change it.", ", ".join(labels))
            )

    def _check_state(self, *states):
        """Refuse a step from another state, a double click included.

        :raises UserError: naming the record and its state
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            if record.state not in states:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: this step does not apply.",
                        record=record.display_name,
                        state=labels[record.state],
                    )
                )

    def _move_to(self, state, **values):
        """Write ``state`` once the rights were checked; the caller checked the conditions."""
        self.check_access("write")
        self.sudo().write({"state": state, **values})
