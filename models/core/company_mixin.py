from odoo import api, models
from odoo.exceptions import AccessError


class MaintenanceCompanyMixin(models.AbstractModel):
    """A record names nothing of a company that its user does not work for.

    What follows from a choice is computed in superuser mode: by its identifier alone, the contract
    of another company would tell its name and its tier, in the form while it is filled in, or in
    the error that refuses it. The choices in question are the fields of ``_company_fields``.
    """

    _name = "maintenance.company.mixin"
    _description = "Record of the User's Companies"

    _company_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_companies(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_companies(vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        # EXTENDS 'web'
        defaults = {} if self else self.default_get(list(self._company_fields))
        self._check_companies({**defaults, **values})
        return super().onchange(values, field_names, fields_spec)

    def _check_companies(self, vals):
        """Refuse what is of another company, unless it is there already.

        :raises AccessError: naming the field
        """
        if self.env.su:
            return
        for name in self._company_fields:
            if not vals.get(name):
                continue
            field = self._fields[name]
            named = field.convert_to_record(field.convert_to_cache(vals[name], self), self)
            chosen = named._origin.sudo().exists() - self.sudo().mapped(name)
            companies = chosen if name == "company_id" else chosen.company_id
            if companies - self.env.user.company_ids:
                raise AccessError(
                    self.env._(
                        "%s: choose one within your companies.",
                        field._description_string(self.env),
                    )
                )
