from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ResCompany(models.Model):
    """What a company quotes out of contract: its time, its travel, and at which tariff."""

    _inherit = "res.company"

    quote_labour_product_id = fields.Many2one(
        "product.product",
        string="Labour",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service'), ('service_type', '=', 'timesheet'), "
        "('invoice_policy', '=', 'delivery'), ('service_tracking', '=', 'no')]",
        groups="base.group_user",
        help="Invoiced by the timesheets of the technicians.",
    )
    quote_travel_product_id = fields.Many2one(
        "product.product",
        string="Travel",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service'), ('service_type', '=', 'manual'), "
        "('service_tracking', '=', 'no')]",
        groups="base.group_user",
        help="Quoted once for each trip to the site.",
    )
    quote_tariff_id = fields.Many2one(
        "product.pricelist",
        string="Public Tariff",
        check_company=True,
        ondelete="restrict",
        groups="base.group_user",
        help="The price list of what no contract covers. Give its prices dates: a quote is at "
        "those of the day on which the customer asked.",
    )

    @api.constrains("quote_labour_product_id")
    def _check_quote_labour_product(self):
        for company in self.sudo():
            product = company.quote_labour_product_id
            if product and (
                product.service_policy != "delivered_timesheet" or product.service_tracking != "no"
            ):
                raise ValidationError(
                    self.env._(
                        "Labour: %s has to be a service invoiced by timesheets that creates no "
                        "task: interventions have their own.",
                        product.display_name,
                    )
                )

    def _prepare_planning_project_vals(self):
        # EXTENDS core: the time of technicians may be invoiced.
        return {**super()._prepare_planning_project_vals(), "allow_billable": True}

    def _get_quote_settings(self):
        """The product of labour, that of travel, and the public tariff.

        :rtype: tuple[product.product, product.product, product.pricelist]
        :raises UserError: naming the setting that is missing
        """
        self.ensure_one()
        company = self.sudo()
        settings = {
            "quote_labour_product_id": company._get_quote_product("labour"),
            "quote_travel_product_id": company._get_quote_product("travel"),
            "quote_tariff_id": company.quote_tariff_id,
        }
        for name, value in settings.items():
            if not value:
                raise UserError(
                    self.env._(
                        "%(setting)s: choose it first, in the settings of %(company)s, under "
                        "Out of Contract.",
                        setting=self._fields[name]._description_string(self.env),
                        company=self.name,
                    )
                )
        return tuple(settings.values())

    def _get_quote_product(self, kind):
        """The product of this company, or the one that comes with the addon.

        :param str kind: ``labour`` or ``travel``
        :rtype: product.product
        """
        self.ensure_one()
        default = self.env.ref(f"maintenance_contract.product_{kind}", raise_if_not_found=False)
        chosen = self.sudo()[f"quote_{kind}_product_id"]
        return chosen or (default or self.env["product.product"]).filtered("active")
