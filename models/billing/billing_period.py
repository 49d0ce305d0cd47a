from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..core.bulk_insert import insert_records
from ..core.bulk_update import update_records
from ..core.windows import open_dialog, open_form
from .const import BILLING_GROUP

# More equipment, or more sites, of one line of an invoice are counted and not named.
MOST_NAMED = 5


class MaintenanceBillingPeriod(models.Model):
    """A row of the billing schedule: some days of one coverage, or one fee, billed once.

    The rows of rank 0 of a coverage part its days, without gap or overlap; the database refuses
    the same days twice. The amount of a row to invoice follows what is due; that of a settled row
    never changes: a difference becomes a row of higher rank, a correction, of the same days.
    Rows are written by the schedule and by the actions below only.
    """

    _name = "maintenance.billing.period"
    _description = "Billing Period"
    _inherit = ["maintenance.guarded.mixin"]
    _order = "date_invoice, contract_id, coverage_id, date_start, rank, id"
    _rec_names_search = ["contract_id.name", "coverage_id.equipment_id.name", "fee_id.name"]
    _check_company_auto = True
    _allow_sudo_commands = False
    _guarded_fields = frozenset(
        {
            "company_id", "contract_id", "coverage_id", "fee_id", "date_start", "date_end", "rank",
            "amount", "date_invoice", "state", "waive_reason", "move_line_id", "move_id",
            "full_start", "full_end", "is_continued", "is_deduction",
        }
    )  # fmt: skip

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    contract_id = fields.Many2one(
        "maintenance.contract", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Billed Customer", store=True, index=True
    )
    coverage_id = fields.Many2one(
        "maintenance.coverage", index="btree_not_null", ondelete="restrict", check_company=True
    )
    equipment_id = fields.Many2one(related="coverage_id.equipment_id")
    site_id = fields.Many2one(related="coverage_id.site_id")
    fee_id = fields.Many2one(
        "maintenance.fee",
        string="One-Off Line",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    currency_id = fields.Many2one(related="contract_id.currency_id", store=True)

    date_start = fields.Date("From", required=True)
    date_end = fields.Date("To", required=True, help="Last day, included.")
    full_start = fields.Date(
        "Full Period From", required=True, help="The price is agreed for the full period."
    )
    full_end = fields.Date("Full Period To", required=True)
    is_continued = fields.Boolean(
        help="An earlier row holds days of the same full period, which is due whole there when "
        "nothing is prorated.",
    )
    rank = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        aggregator=False,
        help="0: the days. 1 and more: corrections.",
    )
    is_deduction = fields.Boolean(
        "Deduction of a Deposit",
        required=True,
        default=False,
        help="What was invoiced ahead is deducted here.",
    )
    is_correction = fields.Boolean(
        "Correction", compute="_compute_is_correction", search="_search_is_correction"
    )
    amount = fields.Monetary(
        required=True, readonly=True, help="Without taxes. Negative: to credit."
    )
    date_invoice = fields.Date("To Invoice On", required=True, help="When it becomes invoiceable.")
    state = fields.Selection(
        [
            ("to_invoice", "To invoice"),
            ("invoiced", "Invoiced"),
            ("credited", "Credited"),
            ("waived", "Waived"),
        ],
        default="to_invoice",
        required=True,
        index=True,
    )
    waive_reason = fields.Char("Why Waived")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    move_state = fields.Selection(related="move_id.state", string="Invoice Status")
    billing_failure = fields.Char(related="contract_id.billing_failure")

    _coverage_uniq = models.UniqueIndex(
        "(coverage_id, date_start, rank) WHERE coverage_id IS NOT NULL",
        "This period is in the billing schedule already.",
    )
    _fee_uniq = models.UniqueIndex(
        "(fee_id, is_deduction, rank) WHERE fee_id IS NOT NULL",
        "This line is in the billing schedule already.",
    )
    _overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(coverage_id, coverage_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (rank = 0 AND coverage_id IS NOT NULL)",
        "Some of these days are in the billing schedule already.",
    )
    _period = models.Constraint(
        "CHECK (full_start <= date_start AND date_start <= date_end AND date_end <= full_end "
        "AND rank >= 0)",
        "To: it is before From.",
    )
    _one_subject = models.Constraint(
        "CHECK ((coverage_id IS NULL) != (fee_id IS NULL))",
        "A period is of one coverage or of one fee.",
    )
    _settled_link = models.Constraint(
        "CHECK ((state IN ('invoiced', 'credited')) = (move_line_id IS NOT NULL) "
        "AND (move_id IS NULL) = (move_line_id IS NULL))",
        "What is invoiced has its line of an invoice.",
    )
    # What is due on a day, found for one contract and for all.
    _due_idx = models.Index("(contract_id, date_invoice) WHERE state = 'to_invoice'")

    # === COMPUTE METHODS === #

    @api.depends("coverage_id", "fee_id", "date_start", "date_end", "rank")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = period.sudo()._get_label()

    @api.depends("rank", "is_deduction")
    def _compute_is_correction(self):
        for period in self:
            period.is_correction = period.rank > 0 and not period.is_deduction

    def _search_is_correction(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("rank", ">", 0), ("is_deduction", "=", False)]

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        if self.filtered(lambda period: period.state != "to_invoice"):
            raise UserError(self.env._("What was invoiced or waived stays in the schedule."))

    # === ACTIONS === #

    def action_waive(self):
        """Open the wizard that asks why."""
        self._check_may_bill()
        self._check_state("to_invoice")
        return open_dialog(
            self,
            self.env._("Waive"),
            "maintenance.billing.waiver",
            default_period_ids=self.ids,
        )

    def action_bill_again(self):
        """Have what was credited or waived be invoiced after all, at what is due today."""
        self._check_may_bill()
        self._check_state("credited", "waived")
        self._lock_contracts()
        self._tell_billed_again()
        self.sudo()._leave_invoice()
        self.contract_id.sudo()._update_billing_schedule()

    def action_view_invoice(self):
        return open_form(self, "move_id")

    # === BUSINESS METHODS === #

    def _check_may_bill(self):
        """Refuse those who make no invoices; a right to read prices is none to waive them.

        :raises AccessError:
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(BILLING_GROUP):
            raise AccessError(self.env._("Only those who make invoices decide what is billed."))

    def _lock_contracts(self):
        """Let nobody else invoice or plan these contracts until this transaction ends."""
        self.contract_id.sudo().lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])

    def _waive(self, reason):
        """Never invoice these rows.

        :param str reason: kept on the row and told in the chatter of the contract
        """
        self._check_may_bill()
        if self.filtered("is_deduction"):
            raise UserError(self.env._("A deposit is deducted whole: waive the deposit itself."))
        self._lock_contracts()
        self._check_state("to_invoice")
        self.sudo().write({"state": "waived", "waive_reason": reason})
        for contract, periods in self.grouped("contract_id").items():
            contract.sudo().message_post(
                body=self.env._(
                    "Waived: %(periods)s. %(reason)s",
                    periods=", ".join(periods.mapped("display_name")),
                    reason=reason,
                ),
                author_id=self.env.user.partner_id.id,
            )

    def _tell_billed_again(self):
        for contract, periods in self.grouped("contract_id").items():
            contract.sudo().message_post(
                body=self.env._("To invoice again: %s.", ", ".join(periods.mapped("display_name"))),
                author_id=self.env.user.partner_id.id,
            )

    @api.model
    def _get_open_values(self):
        """The values of a row that is to invoice."""
        return {
            "state": "to_invoice",
            "waive_reason": False,
            "move_line_id": False,
            "move_id": False,
        }

    def _give_back(self):
        """Have rows of an invoice that will not be sent be invoiced another time.

        Runs in superuser mode: who may delete or cancel the invoice may have that done.
        """
        self._leave_invoice()
        self.contract_id._plan_billing_schedule()

    def _leave_invoice(self):
        """Have these rows be to invoice; the invoice that stays without them counts no more."""
        self.move_id.has_periods_gone = True
        self.write(self._get_open_values())

    # === SCHEDULE === #

    @api.model
    def _apply(self, changes, gone):
        """Have the open rows be what was decided; runs in superuser mode.

        :param list changes: pairs of a coverage or fee and the `Target` of one of its rows
        :param list gone: identifiers of the rows that must not be any more
        """
        self.browse(gone).unlink()
        vals = {target.key: _get_vals(target) for _subject, target in changes if target.key}
        known = self.browse(vals)
        update_records(
            known,
            {
                row.id: vals[row.id]
                for row in known
                if vals[row.id] != row._get_current(vals[row.id])
            },
        )
        return insert_records(
            self,
            [
                {**subject._prepare_billing_vals(), **_get_vals(target), "state": "to_invoice"}
                for subject, target in changes
                if not target.key
            ],
        )

    def _get_current(self, names):
        return {name: self[name] for name in names}

    # === LABELS === #

    def _get_label(self):
        """What a line of an invoice says of these rows, in the language of the environment.

        :return: one line on what is billed, one for the days
        :rtype: str
        """
        if fee := self.fee_id[:1]:
            return fee._get_deduction_label() if self[:1].is_deduction else fee.name
        days = self.env._(
            "from %(first)s to %(last)s",
            first=format_date(self.env, min(self.mapped("date_start"))),
            last=format_date(self.env, max(self.mapped("date_end"))),
        )
        subject = self._get_subject()
        if all(self.mapped("is_correction")):
            return self.env._("Correction: %(subject)s, %(days)s", subject=subject, days=days)
        return self.env._("%(subject)s, %(days)s", subject=subject, days=days)

    def _get_subject(self):
        """Equipment and sites of these rows; their number when they are many."""
        equipment = self.coverage_id.equipment_id
        sites = self.coverage_id.site_id
        parts = [
            ", ".join(equipment.mapped("display_name"))
            if len(equipment) <= MOST_NAMED
            else self.env._("%s equipment", len(equipment))
        ]
        if len(sites) <= MOST_NAMED:
            parts += sites.mapped("name")
        return ", ".join(filter(None, parts))


def _get_vals(target):
    """The values of a row, from what the rules decided."""
    return {
        "date_start": target.period.first,
        "date_end": target.period.last,
        "full_start": target.period.full_first,
        "full_end": target.period.full_last,
        "is_continued": target.period.continued,
        "rank": target.rank,
        "amount": float(target.amount),
        "date_invoice": target.on,
        "is_deduction": target.is_deduction,
    }
