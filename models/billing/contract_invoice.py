from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.batch import process_in_batches
from ..core.bulk_update import update_records
from .billing_document import BillingConditions
from .journal_items import complete_items

# Each is committed: a kill loses the work of one.
CONTRACTS_PER_BATCH = 100
# Above it, the wizard leaves the work to the nightly run.
CONTRACTS_AT_ONCE = 200
# A contract that was accepted is billed once it runs.
INVOICED_STATES = ("active", "ended", "terminated")
FAILURE_ACTIVITY = "maintenance_contract.mail_activity_billing"


class MaintenanceContract(models.Model):
    """Invoices of a contract: made of the rows of its schedule that are due."""

    _inherit = "maintenance.contract"

    # === ACTIONS === #

    def action_create_invoices(self):
        """Invoice what is due today. A second click finds nothing left."""
        self.env["account.move"].check_access("create")
        self.check_access("read")
        contracts = self.sudo()
        contracts._update_billing_schedule()
        if obstacles := contracts._get_billing_obstacles():
            raise UserError("\n".join(obstacles.values()))
        moves = self.env["account.move"]
        for company, own in contracts.grouped("company_id").items():
            moves |= own.with_company(company)._create_invoices(company._get_today())
        if not moves:
            raise UserError(self._explain_nothing_due())
        contracts._clear_billing_failure()
        return self._get_invoices_action(moves)

    def _explain_nothing_due(self):
        days = [day for day in self.mapped("next_invoice_date") if day]
        if not days:
            return self.env._("Nothing is to invoice.")
        return self.env._(
            "Nothing is to invoice today. The next invoice is of %s.",
            format_date(self.env, min(days)),
        )

    # === CRON === #

    @api.model
    def _cron_invoice_due(self):
        """Extend the schedules that need it, then invoice what is due, each company on its day."""
        days = self.env["res.company"]._get_local_days()
        contracts = self.sudo().with_context(tracking_disable=True)
        is_complete = process_in_batches(
            # Archiving a contract hides it; what it owes stays known.
            contracts.with_context(active_test=False),
            Domain.OR(self._get_to_update_domain(*company_day) for company_day in days.items()),
            CONTRACTS_PER_BATCH,
            lambda batch: batch._update_billing_schedule(),
            lambda contract, error: contract._note_billing_failure(error),
        )
        if is_complete:
            # Prices whose day has come.
            contracts.coverage_ids.search([("state", "=", "validated")])._refresh_price()
            process_in_batches(
                contracts,
                Domain.OR(
                    self._get_to_invoice_domain(*company_day) for company_day in days.items()
                ),
                CONTRACTS_PER_BATCH,
                lambda batch: batch._invoice_batch(days),
                lambda contract, error: contract._note_billing_failure(error),
            )

    @api.model
    def _get_to_invoice_domain(self, company, until):
        """Contracts of ``company`` of which something is to invoice by that day."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("active", "=", True)
            & Domain("state", "in", INVOICED_STATES)
            & Domain("next_invoice_date", "<=", until)
        )

    def _invoice_batch(self, days):
        """Invoice a batch of the nightly run, with the contracts that share its invoices.

        One that comes alone failed with its batch: the others of its customer are not to fail
        with it again.
        """
        contracts = self
        if len(self) > 1:
            for company, own in self.grouped("company_id").items():
                contracts |= own._with_siblings(days[company])
        return contracts._invoice_by_company(days)

    def _invoice_by_company(self, days):
        """Invoice these contracts; those that cannot be are told so, and stop no other.

        :param days: by company, the day by which it is due
        :return: the invoices and credit notes
        :rtype: account.move
        """
        moves = self.env["account.move"]
        for company, contracts in self.grouped("company_id").items():
            contracts = company._at_work(contracts)
            obstacles = contracts._get_billing_obstacles()
            for contract, reason in obstacles.items():
                contract._note_billing_failure(reason)
            ready = contracts.filtered(lambda contract, known=obstacles: contract not in known)
            moves |= ready._create_invoices(days[company])
            ready._clear_billing_failure()
        return moves

    def _with_siblings(self, until):
        """These contracts, and those that share their invoices and are due too."""
        shared = self.filtered(lambda contract: contract.invoice_grouping == "customer")
        if not shared:
            return self
        siblings = self.search(
            self._get_to_invoice_domain(self.company_id, until)
            & Domain("invoice_grouping", "=", "customer")
            & Domain("partner_id", "in", shared.partner_id.ids)
            & Domain("id", "not in", self.ids)
        )
        return self | siblings.try_lock_for_update(allow_referencing=True)

    # === WHAT CANNOT BE INVOICED === #

    def _get_billing_obstacles(self):
        """Hook: why contracts cannot be invoiced, for the user; those that can are not there.

        :rtype: dict[maintenance.contract, str]
        """
        obstacles = {}
        for contract, journal in self._get_invoice_journals().items():
            partner = contract.partner_id
            if not partner.active:
                obstacles[contract] = self.env._(
                    "Billed Customer: %s is archived.", partner.display_name
                )
            elif not journal:
                obstacles[contract] = self.env._(
                    "Invoicing Journal: %s has no sales journal.", contract.company_id.name
                )
        abroad = self.filtered(
            lambda contract: contract.currency_id != contract.company_id.currency_id
        )
        for (company, currency), contracts in abroad.grouped(
            lambda contract: (contract.company_id, contract.currency_id)
        ).items():
            if not company._has_rate(currency):
                reason = self.env._("Currency: no rate of %s is known.", currency.name)
                obstacles |= dict.fromkeys(contracts, reason)
        return obstacles

    def _note_billing_failure(self, error):
        """Keep on the contract why it was not invoiced, and tell somebody once."""
        self.ensure_one()
        reason = str(error)
        if self.billing_failure == reason:
            return
        self.billing_failure = reason
        contract = self.company_id._at_work(self)
        contract.message_post(body=contract.env._("This contract was not invoiced: %s", reason))
        contract._schedule_failure_activity(reason)

    def _schedule_failure_activity(self, reason):
        user = self.user_id
        may_look = user and self.with_user(user).has_access("read")
        known = self.activity_search([FAILURE_ACTIVITY])
        if known:
            known.note = reason
        elif may_look:
            self.activity_schedule(FAILURE_ACTIVITY, note=reason, user_id=user.id)

    def _clear_billing_failure(self):
        failed = self.filtered("billing_failure")
        if failed:
            failed.billing_failure = False
            failed.activity_unlink([FAILURE_ACTIVITY])

    # === INVOICES === #

    def _create_invoices(self, until):
        """Invoice what is due on these contracts of one company; runs in superuser mode.

        The contracts are locked by the caller or by this: of two runs at once, one invoices.

        :param date until: rows to invoice by this day
        :return: the invoices and credit notes
        :rtype: account.move
        """
        self.lock_for_update(allow_referencing=True)
        periods = self.env["maintenance.billing.period"].search(
            [
                ("contract_id", "in", self.ids),
                ("contract_id.state", "in", INVOICED_STATES),
                ("state", "=", "to_invoice"),
                ("date_invoice", "<=", until),
                ("amount", "!=", 0),
            ]
        )
        if not periods:
            return self.env["account.move"]
        today = self.company_id._get_today()
        conditions = BillingConditions(self)
        documents = []
        for group in periods.grouped(lambda period: period._get_invoice_key()).values():
            lines = group._group_by_line(conditions)
            documents.append((group._prepare_invoice(lines, today, conditions), lines))
        complete_items(self.env, [vals for vals, _lines in documents])
        moves = (
            self.env["account.move"]
            # Nothing to tell nor to follow yet: a draft made by the program.
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create([vals for vals, _lines in documents])
        )
        vals_by_id = {}
        for move, (_vals, lines) in zip(moves, documents, strict=True):
            move_lines = move.invoice_line_ids.sorted("sequence")
            for move_line, line in zip(move_lines, lines, strict=True):
                settled = {
                    "state": "invoiced", "move_line_id": move_line.id, "move_id": move.id
                }  # fmt: skip
                vals_by_id |= dict.fromkeys(line.ids, settled)
        update_records(periods, vals_by_id)
        posted = periods.filtered(lambda period: period.contract_id.invoice_state == "posted")
        posted.move_id._post(soft=False)
        return moves.with_context(tracking_disable=False)

    def _get_invoice_journals(self):
        """The journal of each contract, or the first sales journal of its company.

        :rtype: dict[maintenance.contract, account.journal]
        """
        journals = {}
        for company, contracts in self.grouped("company_id").items():
            domain = self.env["account.journal"]._check_company_domain(company)
            default = self.env["account.journal"].search([*domain, ("type", "=", "sale")], limit=1)
            journals |= {contract: contract.journal_id or default for contract in contracts}
        return journals

    def _get_fiscal_position(self):
        """The one of the contract, or of its customer."""
        self.ensure_one()
        positions = self.env["account.fiscal.position"]
        return self.fiscal_position_id or positions._get_fiscal_position(self.partner_id)

    def _get_payment_term(self):
        """Those of the contract, or of its customer."""
        self.ensure_one()
        return self.payment_term_id or self.partner_id.property_payment_term_id
