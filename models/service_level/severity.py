from odoo import api, fields, models
from odoo.exceptions import ValidationError

LADDER_FIELDS = ("reminder_day_1", "reminder_day_2", "reminder_day_3", "closing_days")


class MaintenanceSeverity(models.Model):
    """How much an incident hinders the customer, in words he can choose by (seed 003 §1.1).

    The severity decides the promised delays, and how soon a customer who does not answer is
    reminded.
    """

    _name = "maintenance.severity"
    _description = "Severity"
    _inherit = ["maintenance.finite.mixin"]
    _number_ranges = dict.fromkeys(LADDER_FIELDS, (1, 365))
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="What imports and mails call it.")
    sequence = fields.Integer(default=20, help="The most serious first.")
    definition = fields.Text(
        required=True, translate=True, help="Shown to whoever chooses, the customer included."
    )
    color = fields.Integer()
    is_default = fields.Boolean(
        "Default", help="Given to requests that arrive without one, such as e-mails."
    )
    is_reason_asked = fields.Boolean(
        "A Reason Is Asked",
        help="Whoever chooses this severity says why: the staff as well as the customer. "
        "E-mails and programs are not asked.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    active = fields.Boolean(default=True)

    # Reminders
    reminder_day_1 = fields.Integer("1st Reminder", default=3, help="Working days of waiting.")
    reminder_day_2 = fields.Integer("2nd Reminder", default=6, help="Working days of waiting.")
    reminder_day_3 = fields.Integer("3rd Reminder", default=9, help="Working days of waiting.")
    closing_days = fields.Integer(
        "Closing After", default=1, help="Working days between the third reminder and the closing."
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Code: another severity has it already."
    )

    @api.depends("name", "definition")
    @api.depends_context("formatted_display_name", "lang")
    def _compute_display_name(self):
        """In drop-down lists the definition stands under the name: one chooses by it."""
        is_choosing = self.env.context.get("formatted_display_name")
        for severity in self:
            name = severity.name
            severity.display_name = f"{name}\n--{severity.definition}--" if is_choosing else name

    @api.constrains("reminder_day_1", "reminder_day_2", "reminder_day_3")
    def _check_ladder(self):
        for severity in self:
            if not severity.reminder_day_1 < severity.reminder_day_2 < severity.reminder_day_3:
                raise ValidationError(
                    self.env._("%s: each reminder comes after the one before it.", severity.name)
                )

    @api.model
    def _get_default(self, company):
        """The severity of a request that comes without one.

        :param res.company company: of the request
        """
        domain = [("company_id", "in", (company.id, False))]
        return self.search([*domain, ("is_default", "=", True)], limit=1) or self.search(
            domain, limit=1
        )

    def _lacks_reason(self, reason):
        """Whether ``reason`` does not say why this severity was chosen, though it has to."""
        self.ensure_one()
        return self.is_reason_asked and not (reason or "").strip()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        for severity, vals in zip(self, vals_list, strict=True):
            vals.setdefault("code", self.env._("%s (copy)", severity.code))
            vals["is_default"] = False
        return vals_list
