from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.checks import check_dates
from ..core.windows import open_dialog, open_form


class MaintenanceInventory(models.Model):
    """What stands at a customer's before a contract, and whether it can be maintained (seed 004).

    The equipment found, its condition and the expertise of it are kept in a report that the
    customer signs. Then nothing of it changes: what is found later is a new version.
    """

    _name = "maintenance.inventory"
    _description = "Inventory"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "maintenance.guarded.mixin",
        "maintenance.numbered.mixin",
    ]
    _order = "surveyed_on desc, id desc"
    _rec_names_search = ["name", "partner_id.name"]
    _check_company_auto = True
    _guarded_fields = frozenset(
        {"state", "version", "previous_id", "closed_on", "signed_by", "signed_at", "signature"}
    )
    # Who goes where is decided by those who order the inventory, not by who is sent.
    _order_fields = frozenset({"name", "company_id", "partner_id", "site_ids", "user_id", "active"})
    # What the report says. The lines see to themselves.
    _final_fields = frozenset(
        {
            "name", "company_id", "partner_id", "site_ids", "contact_id", "surveyed_on", "user_id",
            "needs", "remarks",
        }
    )  # fmt: skip

    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None)
    previous_id = fields.Many2one(
        "maintenance.inventory",
        string="Previous Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_ids = fields.One2many("maintenance.inventory", "previous_id", string="Next Version")
    is_superseded = fields.Boolean(
        "Superseded", compute="_compute_is_superseded", store=True, help="A newer version exists."
    )
    state = fields.Selection(
        [
            ("draft", "Survey"),
            ("done", "To sign"),
            ("signed", "Signed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )

    # Who, where and when
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    site_ids = fields.Many2many(
        "res.partner",
        "maintenance_inventory_site_rel",
        "inventory_id",
        "partner_id",
        string="Sites",
        check_company=True,
        help="The addresses visited. Empty: the customer's own.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Met On Site",
        ondelete="restrict",
        check_company=True,
        help="Who showed the equipment, for the customer.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Surveyor",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self.env.user,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who makes the inventory. A technician sees those given to him.",
    )
    surveyed_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The day on which the equipment was seen. Ages are counted to it.",
    )
    can_order = fields.Boolean(compute="_compute_can_order")

    # What was found
    needs = fields.Text(
        help="What the customer expects of the maintenance: hours, delays, what must not stop."
    )
    tier_id = fields.Many2one(
        "maintenance.tier",
        string="Recommended Tier",
        check_company=True,
        ondelete="restrict",
        help="Proposed for each equipment; its line can say otherwise.",
    )
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        string="Recommended Warranty Type",
        check_company=True,
        ondelete="restrict",
        help="Proposed for each equipment; its line can say otherwise.",
    )
    line_ids = fields.One2many(
        "maintenance.inventory.line", "inventory_id", string="Equipment Found", copy=True
    )
    line_count = fields.Integer("Equipment", compute="_compute_line_count")
    remarks = fields.Text("Conclusions", help="Printed at the end of the report.")

    # Signature. It is kept in the row itself: a stored file could be changed by itself.
    closed_on = fields.Date(readonly=True, copy=False)
    signed_by = fields.Char(readonly=True, copy=False, tracking=True)
    signed_at = fields.Datetime("Signed On", readonly=True, copy=False)
    signature = fields.Image(
        readonly=True, copy=False, attachment=False, max_width=1024, max_height=1024
    )

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name, version) WHERE name IS NOT NULL",
        "Number: this company has this inventory already.",
    )
    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND state != 'cancelled'",
        "Previous Version: it has its next version already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for inventory in self:
            name = inventory.name or self.env._("New")
            if inventory.version > 1:
                name = self.env._(
                    "%(name)s, version %(version)s", name=name, version=inventory.version
                )
            inventory.display_name = name

    @api.depends("next_ids.state")
    def _compute_is_superseded(self):
        for inventory in self:
            inventory.is_superseded = any(
                newer.state != "cancelled" for newer in inventory.next_ids
            )

    @api.depends_context("uid")
    def _compute_can_order(self):
        self.can_order = self.browse().has_access("create")

    @api.depends("line_ids")
    def _compute_line_count(self):
        for inventory in self:
            inventory.line_count = len(inventory.line_ids)

    # === CONSTRAINTS === #

    @api.constrains("surveyed_on")
    def _check_surveyed_on(self):
        check_dates(self, "surveyed_on")
        self.line_ids._check_age()

    @api.constrains("partner_id", "site_ids")
    def _check_lines(self):
        self.line_ids._check_site()
        self.line_ids._check_equipment_belongs()

    # === CRUD === #

    def write(self, vals):
        if not self.env.su:
            if self._order_fields & vals.keys():
                self.check_access("create")
            if self._final_fields & vals.keys():
                self._check_not_final()
        return super().write(vals)

    def _check_not_final(self):
        if final := self.filtered(lambda inventory: inventory.state != "draft"):
            raise UserError(
                self.env._(
                    "%s: what was found is final. Go back to the survey, or make a new version "
                    "once it is signed.",
                    ", ".join(final.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if kept := self.filtered(lambda inventory: inventory.state != "draft"):
            raise UserError(
                self.env._(
                    "%s: an inventory that was closed is kept. Cancel or archive it.",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    # === ACTIONS === #

    def action_close(self):
        """End the survey once the report is complete: it is then ready to be signed."""
        self._check_state("draft")
        for inventory in self:
            inventory._check_complete()
            inventory._move_to("done", closed_on=inventory.company_id._get_today())

    def action_reopen(self):
        """Go back to the survey: nobody has signed yet."""
        self._check_state("done")
        self._move_to("draft", closed_on=False)

    def action_sign(self):
        """Hand the phone to the customer, who signs on it."""
        self.ensure_one()
        self._check_state("done")
        return open_dialog(
            self,
            self.env._("Sign %s", self.display_name),
            "maintenance.inventory.signing",
            default_inventory_id=self.id,
        )

    def action_cancel(self):
        """Give the inventory up. Who may order one may give it up: not the technician sent."""
        self._check_state("draft", "done")
        self.check_access("create")
        self._move_to("cancelled")

    def action_new_version(self):
        """Open the survey again as a new version; the one that was signed stays as it is."""
        self.ensure_one()
        self.check_access("create")
        self._check_state("signed")
        self._check_latest()
        newer = self.sudo().copy(
            {
                "name": self.name,
                "version": self._get_last_version() + 1,
                "previous_id": self.id,
                "surveyed_on": self.company_id._get_today(),
            }
        )
        return open_form(newer.sudo(False))

    def action_print(self):
        """Print the expertise report: a customer has it on his portal."""
        self.check_access("write")
        return self.env.ref("maintenance_contract.action_report_inventory").report_action(self)

    def action_view_previous(self):
        return open_form(self, "previous_id")

    # === BUSINESS METHODS === #

    def _check_latest(self):
        """Refuse what is for the newest version only.

        :raises UserError: naming the inventory
        """
        for inventory in self:
            if inventory.is_superseded:
                raise UserError(
                    self.env._("%s has a newer version: use that one.", inventory.display_name)
                )

    def _get_last_version(self):
        """Of this number; versions that were given up count."""
        self.ensure_one()
        versions = self.sudo().with_context(active_test=False)
        domain = [("name", "=", self.name), ("company_id", "=", self.company_id.id)]
        return max(versions.search(domain).mapped("version"))

    def _check_complete(self):
        """Refuse to close a survey whose report would leave questions open.

        :raises UserError: listing what is missing, equipment by equipment
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Equipment Found: add at least one."))
        if self.surveyed_on > self.company_id._get_today():
            raise UserError(self.env._("Surveyed On: the survey has not taken place yet."))
        gaps = [line._describe_gaps() for line in self.line_ids]
        if any(gaps):
            raise UserError(
                self.env._(
                    "The report of %(inventory)s is not complete:\n%(gaps)s",
                    inventory=self.display_name,
                    gaps="\n".join(filter(None, gaps)),
                )
            )

    def _sign(self, name, signature):
        """Keep who signed, when, and his signature; from now on the facts are final.

        :param str name: who signs for the customer
        :param bytes signature: picture, in base64
        :raises UserError: when the survey is not closed, or is signed already
        """
        self.ensure_one()
        self.check_access("write")
        # Two signatures at once: the second one finds it signed.
        self.lock_for_update(allow_referencing=True)
        self._check_state("done")
        self._move_to(
            "signed",
            signed_by=name.strip(),
            signed_at=fields.Datetime.now(),
            signature=signature,
        )
