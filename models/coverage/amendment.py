from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..core.checks import check_dates


class MaintenanceAmendment(models.Model):
    """A dated change of a contract in the middle of a term, numbered, printed and signed.

    Nothing changes until it is applied; then each line ends, begins or replaces a coverage from
    its date on. One that was applied stays as it is: another one changes it again.
    """

    _name = "maintenance.amendment"
    _description = "Amendment"
    _inherit = ["mail.thread", "maintenance.guarded.mixin"]
    _order = "contract_id, rank desc"
    _rec_names_search = ["contract_id.name", "subject"]
    _check_company_auto = True
    _guarded_fields = frozenset({"state", "rank", "applied_on", "applied_by_id"})
    _agreed_fields = frozenset({"contract_id", "date", "subject", "note", "line_ids"})

    state = fields.Selection(
        [("draft", "Draft"), ("applied", "Applied"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    contract_id = fields.Many2one(
        "maintenance.contract",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'active')]",
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    rank = fields.Integer(
        "No.", readonly=True, copy=False, aggregator=None, help="Within the contract, from 1."
    )
    subject = fields.Char(required=True, help="What changes, in a few words.")
    date = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The first day on which the change applies.",
    )
    date_signed = fields.Date(
        "Signed On", copy=False, tracking=True, help="The day on which the customer signed it."
    )
    note = fields.Html("Terms", help="Printed under the changes.")
    line_ids = fields.One2many(
        "maintenance.amendment.line", "amendment_id", string="Changes", copy=True
    )
    applied_on = fields.Date(readonly=True, copy=False)
    applied_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _rank_uniq = models.Constraint(
        "UNIQUE (contract_id, rank)", "This contract has this amendment already."
    )

    # === COMPUTE METHODS === #

    @api.depends("rank", "contract_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for amendment in self:
            amendment.display_name = self.env._(
                "Amendment %(rank)s to %(contract)s",
                rank=amendment.rank or "",
                contract=amendment.contract_id.name or "",
            )

    # === CONSTRAINTS === #

    @api.constrains("date", "date_signed", "contract_id")
    def _check_date(self):
        check_dates(self, "date", "date_signed")
        for amendment in self:
            contract = amendment.contract_id
            last_day = contract._get_last_day()
            if amendment.date < contract.date_start or (last_day and amendment.date > last_day):
                raise ValidationError(
                    self.env._(
                        "From: the contract runs from %(start)s to %(end)s only.",
                        start=format_date(self.env, contract.date_start),
                        end=format_date(self.env, last_day) or "…",
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        amendments = super().create(vals_list)
        for amendment in amendments:
            # Two amendments made at once: the unique number has one of them try again.
            others = self.sudo().search([("contract_id", "=", amendment.contract_id.id)])
            amendment.sudo().rank = max(others.mapped("rank"), default=0) + 1
        return amendments

    def write(self, vals):
        if self._agreed_fields & vals.keys() and not self.env.su:
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        if closed := self.filtered(lambda amendment: amendment.state != "draft"):
            raise UserError(
                self.env._(
                    "%s is applied or cancelled: make another one.",
                    ", ".join(closed.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        if applied := self.filtered(lambda amendment: amendment.state != "draft"):
            raise UserError(self.env._("%s is kept.", ", ".join(applied.mapped("display_name"))))

    # === ACTIONS === #

    def action_apply(self):
        """Do what the lines say, from the date on."""
        for amendment in self:
            # Two tabs at once: the second one finds it applied.
            amendment.contract_id.lock_for_update(allow_referencing=True)
            amendment.lock_for_update(allow_referencing=True)
            amendment._check_state("draft")
            amendment._check_can_apply()
            for line in amendment.line_ids.sorted(lambda line: line.kind == "add"):
                line._apply()
            amendment._move_to(
                "applied",
                applied_on=amendment.company_id._get_today(),
                applied_by_id=self.env.uid,
            )
            amendment._tell()

    def action_cancel(self):
        self._check_state("draft")
        self._move_to("cancelled")

    def action_print(self):
        """Print it for signature."""
        return self.env.ref("maintenance_contract.action_report_amendment").report_action(self)

    # === BUSINESS METHODS === #

    def _check_can_apply(self):
        self.ensure_one()
        self.contract_id._check_state("active")
        if not self.line_ids:
            raise UserError(self.env._("Changes: add at least one."))
        self._check_date()
        self.line_ids._check_can_apply()

    def _tell(self):
        """Say on the contract what changed, without the prices: not all may read them."""
        self.ensure_one()
        self.contract_id.message_post(
            body=Markup("%s<ul>%s</ul>")
            % (
                self.env._(
                    "%(amendment)s applies from %(day)s on: %(subject)s",
                    amendment=self.display_name,
                    day=format_date(self.env, self.date),
                    subject=self.subject,
                ),
                Markup().join(Markup("<li>%s</li>") % line.summary for line in self.line_ids),
            )
        )
