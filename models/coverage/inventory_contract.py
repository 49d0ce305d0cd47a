from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..core.windows import open_form


class MaintenanceInventory(models.Model):
    """A signed inventory makes a draft contract, once, and puts its equipment in place."""

    _inherit = "maintenance.inventory"

    contract_ids = fields.One2many("maintenance.contract", "inventory_id")
    has_contract = fields.Boolean(
        "Contract Made", compute="_compute_has_contract", store=True, compute_sudo=True
    )

    @api.depends("contract_ids")
    def _compute_has_contract(self):
        for inventory in self.with_context(active_test=False):
            inventory.has_contract = bool(inventory.contract_ids)

    # === ACTIONS === #

    def action_create_contract(self):
        """Make the draft contract of what can be maintained. A second click opens the first one's.

        :raises UserError: when it is not signed, has a newer version, or a serial number is that
            of another customer's equipment: nothing is made then
        """
        self.ensure_one()
        self.check_access("write")
        self.env["maintenance.contract"].check_access("create")
        # Two tabs at once: the second one is told to try again, and finds the contract.
        self.lock_for_update(allow_referencing=True)
        if not self._get_contract():
            self._check_state("signed")
            self._check_latest()
            self._create_contract()
        return self.action_view_contract()

    def action_view_contract(self):
        self.ensure_one()
        return open_form(self._get_contract())

    def _get_contract(self):
        return self.with_context(active_test=False).contract_ids[:1].with_env(self.env)

    def action_new_version(self):
        # What the contract covers is changed by an amendment of the contract.
        if self.sudo().has_contract:
            raise UserError(
                self.env._("%s has made a contract: amend the contract.", self.display_name)
            )
        return super().action_new_version()

    # === BUSINESS METHODS === #

    def _create_contract(self):
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.feasibility != "no")
        if not lines:
            raise UserError(self.env._("%s: nothing of it can be maintained.", self.display_name))
        lines._place_equipment()
        contracts = self.env["maintenance.contract"].with_company(self.company_id)
        contract = contracts.create(self._prepare_contract_vals(lines))
        contract.sudo().inventory_id = self
        contract.message_post(body=self._describe_contract(lines))
        self.message_post(body=self.env._("Contract made: %s", contract._get_html_link()))
        return contract

    def _prepare_contract_vals(self, lines):
        """Values of the draft contract; its own defaults say the rest.

        :param lines: the equipment to cover, in the installed base already
        """
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "currency_id": self.company_id.currency_id.id,
            "partner_id": self.partner_id.id,
            "site_ids": [Command.set((self.site_ids or lines.site_id).ids)],
            "user_id": self.env.uid,
            "tier_id": self.tier_id.id,
            "warranty_type_id": self.warranty_type_id.id,
            "coverage_ids": [Command.create(line._prepare_coverage_vals()) for line in lines],
        }

    def _describe_contract(self, covered):
        """Tell where the contract comes from, what it leaves out and what is to be done first."""
        self.ensure_one()
        left_out = self.line_ids - covered
        to_do = covered.filtered(lambda line: line.feasibility == "after_work")
        paragraphs = (
            self.env._(
                "Made from %(inventory)s, signed by %(name)s on %(day)s.",
                inventory=self._get_html_link(),
                name=self.signed_by,
                day=format_date(self.env, self._get_signature_day()),
            ),
            _list(
                self.env._("Left out, as it cannot be maintained:"),
                [(line._get_label(), line.remark) for line in left_out],
            ),
            _list(
                self.env._("To be done before it can be maintained:"),
                [(line._get_label(), line.work_needed) for line in to_do],
            ),
        )
        return Markup().join(Markup("<p>%s</p>") % text for text in paragraphs if text)

    def _get_signature_day(self):
        """The day of the signature where the company is."""
        self.ensure_one()
        zone = self.sudo().company_id.resource_calendar_id.tz or "UTC"
        return fields.Date.context_today(self.with_context(tz=zone), self.signed_at)


def _list(title, rows):
    """A titled list of what is said of each thing; nothing where there is nothing to say."""
    items = Markup().join(Markup("<li>%s</li>") % ": ".join(filter(None, row)) for row in rows)
    return items and Markup("%s<ul>%s</ul>") % (title, items)
