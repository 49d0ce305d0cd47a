from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, formatLang

from ...tools.price_index import Published
from ..core.checks import check_dates


class MaintenancePriceIndexValue(models.Model):
    """What an index was worth in a month, as published.

    Of a month and series there is one value: the definitive one takes the place of the provisional
    one, and prices that were revised keep the number they were revised with.
    """

    _name = "maintenance.price.index.value"
    _description = "Value of a Price Index"
    _inherit = ["maintenance.finite.mixin"]
    _order = "month desc, series_id, id"
    _rec_name = "month"
    _number_ranges = {"value": (0, 10**9)}

    series_id = fields.Many2one(
        "maintenance.price.index.series",
        string="Index and Base",
        required=True,
        index=True,
        ondelete="restrict",
    )
    index_id = fields.Many2one(related="series_id.index_id", store=True, index=True)
    company_id = fields.Many2one(related="series_id.company_id", store=True, index=True)
    month = fields.Date(required=True, help="Any day of the month; its first day is kept.")
    value = fields.Float(required=True, digits=(16, 6), min_display_digits=1, aggregator="avg")
    published_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="A price that follows the last value published by a day does not know it before.",
    )
    is_provisional = fields.Boolean(
        "Provisional", help="The office has announced a definitive value. Replace it then."
    )

    _month_uniq = models.Constraint(
        "UNIQUE (series_id, month)", "Month: this series has a value of this month already."
    )
    _value_range = models.Constraint("CHECK (value > 0)", "Value: give a number above 0.")

    @api.depends("series_id.complete_name", "month")
    def _compute_display_name(self):
        for value in self:
            month = format_date(self.env, value.month, date_format="LLLL y") if value.month else ""
            value.display_name = f"{value.series_id.complete_name or ''} {month}".strip()

    @api.constrains("month", "published_on")
    def _check_month(self):
        check_dates(self, "month", "published_on")
        for value in self:
            company = value.company_id or self.env.company
            if value.month > company._get_today():
                raise ValidationError(
                    self.env._(
                        "Month: %s is in the future.",
                        format_date(self.env, value.month, date_format="LLLL y"),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_first_day(vals) for vals in vals_list])

    def write(self, vals):
        before = {value: value._tell() for value in self}
        result = super().write(self._with_first_day(vals))
        for value, told in before.items():
            if told != value._tell():
                value.index_id._message_log(
                    body=self.env._(
                        "%(before)s became %(after)s.", before=told, after=value._tell()
                    )
                )
        return result

    def unlink(self):
        for value in self:
            value.index_id._message_log(body=self.env._("%s was deleted.", value._tell()))
        return super().unlink()

    def _with_first_day(self, vals):
        month = fields.Date.to_date(vals.get("month"))
        return {**vals, "month": month.replace(day=1)} if month else vals

    def _tell(self):
        """This value in words, for the history of its index."""
        self.ensure_one()
        number = formatLang(self.env, self.value, digits=6).rstrip("0").rstrip(".,")
        told = f"{self.display_name}: {number}"
        return self.env._("%s (provisional)", told) if self.is_provisional else told

    def _get_rule_value(self):
        """This value, as the rules want it."""
        self.ensure_one()
        return Published(
            self.series_id.name,
            self.month,
            Decimal(str(self.value)),
            self.published_on,
            self.is_provisional,
        )

    # === IMPORT === #

    @api.model
    def load(self, fields, data):
        """Import a file, all of it or nothing: each row that is wrong is named (RELIABILITY FM20).

        Of two rows of one month nobody knows which is right: the second one is refused.
        """
        # EXTENDS base
        if messages := self._find_repeated(fields, data):
            return {"ids": False, "messages": messages, "nextrow": 0}
        return super().load(fields, data)

    def _find_repeated(self, names, rows):
        """The errors of the rows whose series and month another row has."""
        messages, seen = [], set()
        for number, row in enumerate(rows):
            values = {name.split("/")[0]: value for name, value in zip(names, row, strict=True)}
            month = self._parse_month(values.get("month"))
            key = (values.get("series_id"), month)
            if month and key in seen:
                messages.append(
                    {
                        "type": "error",
                        "record": number,
                        "rows": {"from": number, "to": number},
                        "field": "month",
                        "message": self.env._(
                            "Month: another row of this file is of %s.",
                            format_date(self.env, month, date_format="LLLL y"),
                        ),
                    }
                )
            seen.add(key)
        return messages

    @api.model
    def _parse_month(self, text):
        """The first day of the month; None for what is no date, which is refused by itself."""
        try:
            return self._with_first_day({"month": text or False}).get("month") or None
        except ValueError:
            return None

    def _load_records(self, data_list, update=False):
        """A file may be imported again: what is there already is brought up to date.

        Offices publish whole tables; the rows of the months that are known are found by their
        series and month.
        """
        # EXTENDS base
        for data in data_list:
            values = data["values"]
            month = self._with_first_day({"month": values.get("month")})["month"]
            if not data.get("xml_id") and not values.get("id") and month:
                known = self.search(
                    [("series_id", "=", values.get("series_id")), ("month", "=", month)]
                )
                if known:
                    data["values"] = {**values, "id": known.id}
        try:
            return super()._load_records(data_list, update=update)
        except UserError as error:
            if len(data_list) == 1:
                raise
            # Odoo would blame the first row; row by row it finds the one that is wrong.
            raise ValueError(str(error)) from error

    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Index Values"),
                "template": "/maintenance_contract/static/csv/price_index_values.csv",
            }
        ]
