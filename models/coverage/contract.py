from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.contract_dates import end_of_term, last_notice, last_working_day, term_containing
from ..core.batch import process_in_batches, tell_failure
from ..core.checks import check_dates, check_numbers, is_in_range

DRAFT_STATES = ("draft", "offered")
LIVE_STATES = ("accepted", "active")
CONTRACTS_PER_BATCH = 100
# What is agreed may still change: the visits are not promised yet.
CHANGING_STATES = (*DRAFT_STATES, "accepted")
# How long before its end, or before the last day of notice, a contract asks for a decision.
DECISION_AHEAD = relativedelta(months=3)


class MaintenanceContract(models.Model):
    """What a customer was promised: for which equipment, at which sites, how long, at what rhythm.

    The contract gives defaults; what is covered, by what and until when is decided by its
    coverages. Its end is its start and its term (SEMANTICS §6); a contract tacitly renewed lasts
    until somebody ends it.
    """

    _name = "maintenance.contract"
    _description = "Maintenance Contract"
    _inherit = ["mail.thread", "mail.activity.mixin", "maintenance.guarded.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "partner_id.name", "customer_reference"]
    _check_company_auto = True
    _guarded_fields = frozenset(
        {"state", "commercial_partner_id", "date_end", "date_terminated", "termination_reason"}
    )
    _agreed_fields = frozenset(
        {"name", "partner_id", "company_id", "date_start", "term_months", "renewal"}
    )

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("active", "Active"),
            ("ended", "Ended"),
            ("terminated", "Terminated"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.currency_id,
    )

    # Who and where
    partner_id = fields.Many2one(
        "res.partner",
        string="Billed Customer",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    customer_reference = fields.Char(copy=False, help="The customer's own number for the contract.")
    site_ids = fields.Many2many(
        "res.partner",
        "maintenance_contract_site_rel",
        "contract_id",
        "partner_id",
        string="Sites",
        check_company=True,
        help="The addresses where the equipment stands.",
    )
    source_id = fields.Many2one(
        "utm.source", string="Origin", ondelete="restrict", help="Where the contract came from."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        index="btree_not_null",
        tracking=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    # Defaults of its coverages
    tier_id = fields.Many2one(
        "maintenance.tier",
        string="Default Tier",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    warranty_type_id = fields.Many2one(
        "maintenance.warranty.type",
        string="Default Warranty Type",
        check_company=True,
        ondelete="restrict",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Calendar",
        check_company=True,
        ondelete="restrict",
        compute="_compute_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The open days and public holidays that visits and delays are counted on.",
    )

    # Term
    date_start = fields.Date(
        "Start", required=True, default=fields.Date.context_today, tracking=True
    )
    term_months = fields.Integer("Term (Months)", default=12, required=True, tracking=True)
    date_end = fields.Date(
        "End",
        compute="_compute_date_end",
        store=True,
        index=True,
        help="Last day of the first term.",
    )
    renewal = fields.Selection(
        [
            ("never", "Ends at its term"),
            ("tacit", "Renewed tacitly"),
            ("express", "Renewed by agreement"),
        ],
        default="never",
        required=True,
        tracking=True,
    )
    notice_months = fields.Integer("Notice (Months)", default=3)
    current_term_end = fields.Date(
        compute="_compute_current_term", help="Last day of the term that runs today."
    )
    notice_date = fields.Date(
        "Last Notice",
        compute="_compute_current_term",
        help="Last day on which notice can be given.",
    )
    notice_working_date = fields.Date(
        "Act By",
        compute="_compute_current_term",
        help="Last working day on or before the last day of notice.",
    )
    is_to_renew = fields.Boolean(
        "To Renew",
        compute="_compute_current_term",
        search="_search_is_to_renew",
        help="Within three months the contract ends, or the time to give notice does.",
    )
    date_terminated = fields.Date("Terminated On", readonly=True, copy=False, tracking=True)
    termination_reason = fields.Char(readonly=True, copy=False, tracking=True)

    # Billing
    billing_period = fields.Selection(
        [
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("half_year", "Half-year"),
            ("year", "Year"),
            ("months", "Several months"),
        ],
        string="Billing Periodicity",
        default="year",
        required=True,
        tracking=True,
    )
    billing_months = fields.Integer(
        string="Months Per Invoice",
        compute="_compute_billing_months",
        store=True,
        readonly=False,
        precompute=True,
    )

    # What is covered
    coverage_ids = fields.One2many("maintenance.coverage", "contract_id", copy=True)
    coverage_count = fields.Integer(compute="_compute_coverage_count")
    note = fields.Html("Terms")

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "Number: this company has this contract already.",
    )
    _term_positive = models.Constraint(
        "CHECK (term_months BETWEEN 1 AND 1200)", "Term: give from 1 to 1200 months."
    )
    _notice_positive = models.Constraint(
        "CHECK (notice_months BETWEEN 0 AND 120)", "Notice: give from 0 to 120 months."
    )

    # === COMPUTE METHODS === #

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = contract.name or self.env._("New")

    @api.depends("company_id")
    def _compute_calendar_id(self):
        for contract in self:
            calendar = contract.calendar_id
            if not calendar or calendar.company_id not in (False, contract.company_id):
                contract.calendar_id = contract.company_id.resource_calendar_id

    @api.depends("date_start", "term_months")
    def _compute_date_end(self):
        for contract in self:
            if is_in_range(contract.date_start) and 1 <= contract.term_months <= 1200:
                contract.date_end = end_of_term(contract.date_start, contract.term_months)
            else:
                contract.date_end = False

    @api.depends(
        "state", "date_start", "term_months", "renewal", "notice_months", "calendar_id",
        "date_terminated",
    )  # fmt: skip
    def _compute_current_term(self):
        today = fields.Date.context_today(self)
        self.current_term_end = self.notice_date = self.notice_working_date = False
        self.is_to_renew = False
        for contract in self.filtered("date_end"):
            end = contract._get_term_end(today)
            contract.current_term_end = end
            contract.is_to_renew = contract._is_to_renew(today)
            if contract.renewal == "never":
                continue
            notice = contract._get_last_notice(end)
            contract.notice_date = notice
            calendar = contract.calendar_id
            if calendar:
                open_days = calendar._get_open_days(notice, notice)[calendar]
                contract.notice_working_date = last_working_day(notice, open_days)

    def _search_is_to_renew(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        active = self.with_context(active_test=False).search([("state", "=", "active")])
        return Domain("id", "in", active.filtered(lambda c: c._is_to_renew(today)).ids)

    @api.depends("billing_period")
    def _compute_billing_months(self):
        months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
        for contract in self:
            contract.billing_months = months.get(
                contract.billing_period, contract.billing_months or 1
            )

    @api.depends("coverage_ids")
    def _compute_coverage_count(self):
        counts = dict(
            self.env["maintenance.coverage"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.coverage_count = counts.get(contract, 0)

    # === CONSTRAINTS === #

    @api.constrains("date_start", "date_end", "term_months", "notice_months", "billing_months")
    def _check_term(self):
        check_dates(self, "date_start", "date_end")
        check_numbers(self, "term_months", minimum=1, maximum=1200)
        check_numbers(self, "notice_months", maximum=120)
        check_numbers(self, "billing_months", minimum=1, maximum=120)

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for contract in self:
            if contract.calendar_id and not contract.calendar_id._has_opening_hours():
                raise ValidationError(
                    self.env._(
                        "Working Calendar: “%s” has no opening hours.", contract.calendar_id.name
                    )
                )

    @api.constrains("partner_id", "site_ids", "date_start", "term_months", "renewal", "company_id")
    def _check_coverages(self):
        self.coverage_ids._check_equipment_belongs()
        self.coverage_ids._check_within_contract()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        # The caller may use its values again: the number is not one of them.
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not vals.get("name"):
                company_id = vals.get("company_id") or self.env.company.id
                company = self.env["res.company"].browse(company_id)
                vals["name"] = company._get_next_number(self._name)
        return super().create(vals_list)

    def write(self, vals):
        if self._agreed_fields & vals.keys() and not self.env.su:
            self._check_not_agreed()
        return super().write(vals)

    def _check_not_agreed(self):
        if agreed := self.filtered(lambda contract: contract.state not in CHANGING_STATES):
            raise UserError(
                self.env._(
                    "%s: number, customer, company, term and renewal are agreed once it is active.",
                    ", ".join(agreed.mapped("name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        if agreed := self.filtered(lambda contract: contract.state not in DRAFT_STATES):
            raise UserError(
                self.env._(
                    "%s: a contract that was accepted is kept. Terminate or archive it.",
                    ", ".join(agreed.mapped("name")),
                )
            )

    # === ACTIONS === #

    def action_offer(self):
        self._check_state("draft")
        self._move_to("offered")

    def action_accept(self):
        self._check_state(*DRAFT_STATES)
        self._move_to("accepted")

    def action_activate(self):
        """Start the contract: its coverages are validated, which creates their visits."""
        self._check_state("accepted")
        for contract in self:
            if not contract.coverage_ids.filtered(lambda c: c.state in ("draft", "validated")):
                raise UserError(
                    self.env._(
                        "Covered Equipment: add at least one to “%s” before activating it.",
                        contract.name,
                    )
                )
        self._move_to("active")
        drafts = self.coverage_ids.filtered(lambda coverage: coverage.state == "draft")
        # The message of the contract says it for all its equipment.
        drafts.with_context(tracking_disable=True).action_validate()

    def action_draft(self):
        """Take an offer back. What was accepted with validated coverages stays agreed."""
        self._check_state("offered", "accepted")
        if self.coverage_ids.filtered(lambda coverage: coverage.state != "draft"):
            raise UserError(self.env._("Equipment is covered already: terminate the contract."))
        self._move_to("draft")

    def action_terminate(self):
        """Open the wizard that asks for the date and the reason."""
        self.ensure_one()
        self._check_state(*LIVE_STATES)
        return {
            "name": self.env._("Terminate the Contract"),
            "type": "ir.actions.act_window",
            "res_model": "maintenance.termination",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def action_view_coverages(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "maintenance_contract.maintenance_coverage_action"
        )
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _get_term_end(self, on):
        """Last day of the term that contains ``on``, or of the last term there will be.

        :param date on: a local day
        """
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        if self.renewal != "tacit" or on <= self.date_end:
            return self.date_end
        return term_containing(self.date_start, self.term_months, on)[2]

    def _get_last_notice(self, end):
        """Last day on which notice can be given for a term that ends on ``end``."""
        self.ensure_one()
        return last_notice(end, max(0, min(self.notice_months, 120)))

    def _is_to_renew(self, today):
        """Whether somebody has to decide soon what comes after the running term.

        A contract renewed tacitly asks for nothing once its notice has passed: it goes on.

        :param date today: a local day
        """
        self.ensure_one()
        if self.state != "active" or self.date_terminated:
            return False
        end = self._get_term_end(today)
        decision = end if self.renewal == "never" else self._get_last_notice(end)
        if self.renewal == "tacit" and decision < today:
            return False
        return decision <= today + DECISION_AHEAD

    def _get_last_day(self):
        """Last day on which the contract can promise anything; False for one without an end."""
        self.ensure_one()
        if self.date_terminated:
            return self.date_terminated
        return False if self.renewal == "tacit" else self.date_end

    def _is_in_force(self, day):
        """Whether the contract ran on a day, whatever its state is today (SEMANTICS §6).

        :param date day: a local day
        """
        self.ensure_one()
        last_day = self._get_last_day()
        return (
            self.state in ("active", "ended", "terminated")
            and self.date_start <= day
            and (not last_day or day <= last_day)
        )

    def _terminate(self, on, reason):
        """End the contract and its coverages on ``on``, its last day; it stays active until then.

        :param date on: last day of the contract
        :param str reason: shown in the chatter
        """
        self._check_state(*LIVE_STATES)
        for contract in self:
            if on < contract.date_start:
                raise UserError(
                    self.env._(
                        "Last Day: %s is before the start of the contract.",
                        format_date(self.env, on),
                    )
                )
            last_day = contract._get_last_day()
            if last_day and on > last_day:
                raise UserError(
                    self.env._(
                        "Last Day: %(day)s is after the end of the contract, %(end)s.",
                        day=format_date(self.env, on),
                        end=format_date(self.env, last_day),
                    )
                )
        values = {"date_terminated": on, "termination_reason": reason}
        today = fields.Date.context_today(self)
        # Nothing runs until the last day of a contract that never started.
        over = self.filtered(lambda contract: contract.state == "accepted" or on < today)
        over._move_to("terminated", **values)
        for contract in self - over:
            contract._move_to(contract.state, **values)
        self.coverage_ids.with_context(tracking_disable=True)._end(on, reason)

    @api.model
    def _end_elapsed(self, days):
        """Close the contracts whose last day has passed, and the coverages that have run out.

        :param days: the local day of each company, as given by `_get_local_days`
        :return: whether all were closed in the time of the run
        :rtype: bool
        """
        is_complete = process_in_batches(
            # Archiving a contract hides it; it ends on its day all the same.
            self.with_context(active_test=False),
            Domain.OR(self._get_elapsed_domain(company, today) for company, today in days.items()),
            CONTRACTS_PER_BATCH,
            lambda contracts: contracts._close_elapsed(),
            tell_failure,
        )
        return is_complete and self.env["maintenance.coverage"]._end_elapsed(days)

    @api.model
    def _get_elapsed_domain(self, company, today):
        has_run_out = Domain("renewal", "!=", "tacit") & Domain("date_end", "<", today)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", LIVE_STATES)
            & (
                Domain("date_terminated", "<", today)
                | (Domain("state", "=", "active") & has_run_out)
            )
        )

    def _close_elapsed(self):
        terminated = self.filtered("date_terminated")
        terminated._move_to("terminated")
        (self - terminated)._move_to("ended")
