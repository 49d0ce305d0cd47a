import json

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from .billing_document import BillingConditions

# What a customer agrees to besides the equipment and the one-off lines.
CONTRACT_TERMS = (
    "partner_id", "currency_id", "date_start", "term_months", "renewal", "renewal_months",
    "notice_months", "billing_months", "billing_timing", "billing_alignment", "billing_proration",
    "payment_term_id", "fiscal_position_id", "price_formula_id", "price_base_date", "note",
)  # fmt: skip
COVERAGE_TERMS = (
    "equipment_id", "site_id", "tier_id", "warranty_type_id", "date_start", "date_end", "price",
)  # fmt: skip
FEE_TERMS = ("product_id", "name", "quantity", "price_unit", "date")


class MaintenanceContract(models.Model):
    """From a contract to the values of its offer: the prices and taxes are those of its invoices.

    All of it is in the language of the customer.
    """

    _inherit = "maintenance.contract"

    def _prepare_offer(self):
        """Hook: the values of the offer of this contract, in superuser mode.

        :raises UserError: when nothing is offered
        """
        self.ensure_one()
        contract = self._for_customer()
        if not contract._get_offered_coverages():
            raise UserError(self.env._("Covered Equipment: add at least one to “%s”.", self.name))
        partner, currency = contract.partner_id, contract.currency_id
        pricelist = partner.property_product_pricelist
        return {
            "maintenance_contract_id": contract.id,
            "maintenance_role": "offer",
            "maintenance_revision": contract.offer_count + 1,
            "maintenance_content": contract._get_offer_content(),
            "maintenance_terms": contract._render_offer_terms(),
            "company_id": contract.company_id.id,
            "partner_id": partner.id,
            "partner_invoice_id": partner.id,
            "partner_shipping_id": partner.id,
            "pricelist_id": pricelist.id if pricelist.currency_id == currency else False,
            "fiscal_position_id": contract._get_fiscal_position().id,
            "payment_term_id": contract._get_payment_term().id,
            "journal_id": contract.journal_id.id,
            "user_id": contract.user_id.id,
            "origin": contract.name,
            "client_order_ref": contract.customer_reference,
            "note": contract.note,
            "require_signature": True,
            "require_payment": False,
            "sale_order_template_id": False,
            "order_line": [
                Command.create({"sequence": sequence, "is_contract_line": True, **line})
                for sequence, line in enumerate(contract._prepare_offer_lines(), 1)
            ],
        }

    def _prepare_offer_lines(self):
        """The values of the lines: a section with the yearly prices, one with what is paid once."""
        conditions = BillingConditions(self)
        lines = [
            {"display_type": "line_section", "name": self._describe_billing()},
            *(
                coverage._prepare_offer_line(conditions)
                for coverage in self._get_offered_coverages()
            ),
        ]
        if self.fee_ids:
            lines.append({"display_type": "line_section", "name": self.env._("Paid once")})
            lines += [fee._prepare_offer_line(conditions) for fee in self.fee_ids]
        return lines

    def _prepare_offer_line(self, product, conditions):
        """What the lines of an offer share with those of the invoices."""
        journal, position = conditions.get_journal(self), self._get_fiscal_position()
        account, taxes = conditions.get_account_and_taxes(product, journal, position)
        return {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": conditions.get_distribution(self, product, account),
        }

    # === WORDS === #

    def _render_offer_terms(self):
        """Term, renewal, invoices and prices, a sentence each, as HTML."""
        sentences = [self._describe_term(), self._describe_renewal(), self._describe_prices()]
        if formula := self.price_formula_id:
            sentences.append(
                self.env._(
                    "The prices are revised by the formula “%(name)s”: %(formula)s.",
                    name=formula.name,
                    formula=formula.expression,
                )
            )
        items = Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences)
        return Markup("<ul>%s</ul>") % items

    def _describe_term(self):
        return self.env._(
            "Maintenance contract %(contract)s, from %(start)s to %(end)s (%(months)s).",
            contract=self.name,
            start=format_date(self.env, self.date_start),
            end=format_date(self.env, self.date_end),
            months=self._count_months(self.term_months),
        )

    def _describe_renewal(self):
        if self.renewal == "never":
            return self.env._("It ends at its term, without notice.")
        values = {
            "months": self._count_months(self.renewal_months),
            "notice": self._count_months(self.notice_months),
        }
        if self.renewal == "tacit":
            return self.env._(
                "It is then renewed tacitly for %(months)s at a time, unless one of us gives "
                "notice at least %(notice)s before the end of the term.",
                **values,
            )
        return self.env._(
            "It is then renewed for %(months)s at a time if we both agree to it, at least "
            "%(notice)s before the end of the term.",
            **values,
        )

    def _describe_prices(self):
        return self.env._(
            "The prices are per year and without taxes. They are invoiced %s. The total is that "
            "of one year, with what is paid once.",
            self._describe_rhythm(),
        )

    def _count_months(self, months):
        return self.env._("1 month") if months == 1 else self.env._("%s months", months)

    def _describe_billing(self):
        return self.env._("Maintenance, price per year, invoiced %s", self._describe_rhythm())

    def _describe_rhythm(self):
        """How often and when it is invoiced: “per quarter, in advance”."""
        rhythms = {
            "month": self.env._("per month"),
            "quarter": self.env._("per quarter"),
            "half_year": self.env._("per half-year"),
            "year": self.env._("per year"),
        }
        rhythm = rhythms.get(self.billing_period) or self.env._(
            "every %s months", self.billing_months
        )
        if self.billing_timing == "advance":
            return self.env._("%s, in advance", rhythm)
        return self.env._("%s, in arrears", rhythm)

    # === WHAT IS SIGNED === #

    def _get_offer_content(self):
        """What an offer of this contract says today, to be compared with what it says later.

        :return: by field of the contract, or by coverage or one-off line, plain values
        :rtype: dict
        """
        self.ensure_one()
        content = self.read(CONTRACT_TERMS, load=False)[0]
        del content["id"]
        if self.renewal == "never":
            del content["renewal_months"]
        # Where the contract names none, those of its customer apply.
        content["payment_term_id"] = self._get_payment_term().id
        content["fiscal_position_id"] = self._get_fiscal_position().id
        lines = self._prepare_offer_lines()
        for coverage in self._get_offered_coverages():
            content[f"{coverage._name},{coverage.id}"] = coverage.read(COVERAGE_TERMS, load=False)
        for fee in self.fee_ids:
            content[f"{fee._name},{fee.id}"] = fee.read(FEE_TERMS, load=False)
        # A product, an account or a fiscal position can be given other taxes.
        content["tax_ids"] = [line["tax_ids"][0][2] for line in lines if "tax_ids" in line]
        # In one language: to translate a word is no other promise.
        annex = self.with_context(lang="en_US")._prepare_annex()
        content["annex"] = self.env["maintenance.snapshot.mixin"]._get_digest(annex)
        # As the database gives it back.
        return json.loads(json.dumps(content, default=str))

    def _get_offer_changes(self, content):
        """What this contract says otherwise than this content.

        :param dict content: as `_get_offer_content` gave it
        :return: by key of the content, what the user knows it by
        :rtype: dict[str, str]
        """
        self.ensure_one()
        today = self._for_customer()._get_offer_content()
        return {
            key: self._get_term_label(key)
            for key in {**today, **content}
            if today.get(key) != content.get(key)
        }

    def _get_term_label(self, key):
        """What the user knows a term by, from its key in the content of an offer."""
        model_name, _comma, id_ = key.partition(",")
        if id_:
            record = self.env[model_name].browse(int(id_)).exists()
            if model_name == "maintenance.coverage":
                return record.equipment_id.display_name or self.env._("an equipment removed")
            return record.name or self.env._("a one-off line removed")
        labels = {"tax_ids": self.env._("Taxes"), "annex": self.env._("Annex")}
        return labels.get(key) or self._fields[key]._description_string(self.env)


class MaintenanceCoverage(models.Model):
    """A coverage is a line of the offer, at its yearly price."""

    _inherit = "maintenance.coverage"

    def _prepare_offer_line(self, conditions):
        """Hook: the values of the line of this coverage."""
        self.ensure_one()
        product = conditions.get_product_of(self)
        return {
            **self.contract_id._prepare_offer_line(product, conditions),
            "maintenance_coverage_id": self.id,
            "name": self._describe_offered(),
            "product_uom_qty": 1,
            "price_unit": self.price,
        }

    def _describe_offered(self):
        """Equipment, serial number and site; what it is covered by; from when to when."""
        equipment = self.equipment_id
        subject = filter(None, (equipment.display_name, self.site_id.name))
        covered_by = dict.fromkeys(filter(None, (self.tier_id.name, self.warranty_type_id.name)))
        first = format_date(self.env, self.date_start)
        days = (
            self.env._(
                "from %(first)s to %(last)s",
                first=first,
                last=format_date(self.env, self.date_end),
            )
            if self.date_end
            else self.env._("from %s", first)
        )
        return "\n".join((", ".join(subject), ", ".join(covered_by), days))


class MaintenanceFee(models.Model):
    """A one-off line or a deposit is a line of the offer."""

    _inherit = "maintenance.fee"

    def _prepare_offer_line(self, conditions):
        """Hook: the values of the line of this fee."""
        self.ensure_one()
        product = conditions.get_product_of(self)
        return {
            **self.contract_id._prepare_offer_line(product, conditions),
            "maintenance_fee_id": self.id,
            "name": self.name,
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
        }
