from odoo import models

# Where QR-bills are paid.
QR_COUNTRIES = ("CH", "LI")
QR_CURRENCIES = ("CHF", "EUR")
QR_METHOD = "ch_qr"


class MaintenanceContract(models.Model):
    """A Swiss QR-bill needs two complete addresses: better to know before the invoice is made.

    Odoo's `l10n_ch` prints it; without that module nothing is asked.
    """

    _inherit = "maintenance.contract"

    def _get_billing_obstacles(self):
        # EXTENDS billing
        obstacles = super()._get_billing_obstacles()
        methods = {method[0] for method in self.env["res.partner.bank"]._get_available_qr_methods()}
        if QR_METHOD in methods:
            for contract in self:
                if contract not in obstacles and (reason := contract._get_qr_bill_obstacle()):
                    obstacles[contract] = reason
        return obstacles

    def _get_qr_bill_obstacle(self):
        """What the QR-bill of this contract lacks, for the user; None when it lacks nothing.

        A customer abroad, or another currency, has an invoice without one.
        """
        self.ensure_one()
        company, partner = self.company_id.partner_id, self.partner_id
        if (
            company.country_code not in QR_COUNTRIES
            or (partner.country_code and partner.country_code not in QR_COUNTRIES)
            or self.currency_id.name not in QR_CURRENCIES
        ):
            return None
        for address in (company, partner):
            if missing := address._get_missing_address_fields():
                labels = (address._fields[name]._description_string(self.env) for name in missing)
                return self.env._(
                    "QR-bill: the address of %(partner)s lacks %(fields)s.",
                    partner=address.display_name,
                    fields=", ".join(labels),
                )
        return None
