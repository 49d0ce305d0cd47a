"""A random life of contracts and of their invoices, one step after the other, on one day or later.

The walk knows nothing of how the schedule is made. After each step it counts once more, by the day
and the slow way (`billing_oracle`), what is due, and compares: see `TestBillingWalk`.
"""

import random
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import float_round, mute_logger

from .billing_oracle import DailyBill, days_between

ONE_DAY = timedelta(days=1)
START = date(2027, 1, 1)
# No more equipment than that on a contract: the walk is about steps, not about size.
MOST_EQUIPMENT = 4

SETTINGS = {
    "billing_period": ("month", "quarter", "half_year", "year"),
    "billing_timing": ("advance", "arrears"),
    "billing_alignment": ("contract", "calendar"),
    "billing_proration": ("days", "thirtieths", "none"),
    "invoice_grouping": ("contract", "customer"),
    "invoice_detail": ("equipment", "site", "contract"),
}
# Without time going by and invoices, there is nothing to go wrong.
FREQUENT = {"activate": 3, "nights": 5, "wait": 3, "preview": 3, "click": 3, "post": 3}


class BillingWalk:
    """The contracts of a test case, and what random steps do to them.

    :param case: a `BillingCommon`, whose users and companies act
    :param int seed: the same seed walks the same way
    """

    def __init__(self, case, seed):
        self.case = case
        self.env = case.env
        self.random = random.Random(seed)
        self.today = START
        self.done = Counter()
        self.refused = Counter()
        # What was done, to read it when something is wrong.
        self.story = [f"seed {seed}"]
        self.contracts = self.env["maintenance.contract"]
        # What each coverage was agreed to cost, by first day: its first price, then the changes.
        self.prices = {}
        for _contract in range(3):
            self.step("create")

    # === STEPS === #

    steps = property(lambda self: [name[3:] for name in dir(self) if name.startswith("do_")])
    weights = property(lambda self: [FREQUENT.get(name, 1) for name in self.steps])

    def step(self, name=None):
        """Do one thing, chosen at random; what Odoo refuses changes nothing."""
        name = name or self.random.choices(self.steps, self.weights)[0]
        told = len(self.story)
        with freeze_time(f"{self.today} 08:00:00"):
            prices = {coverage: dict(dated) for coverage, dated in self.prices.items()}
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    is_done = getattr(self, f"do_{name}")()
                    self.env.flush_all()
            except (UserError, UniqueViolation) as error:
                self.prices = prices
                self.env.invalidate_all()
                self.refused[name] += 1
                self.story[told:] = [f"{self.today} {name}: refused, {error}"]
                return
        self.done[name] += is_done is not False

    def tell(self, name, *details):
        if any(details):
            self.story.append(f"{self.today} {name}: {', '.join(map(str, details))}")

    def choose(self, records):
        return records[self.random.randrange(len(records))] if records else records

    def choose_contract(self, *states):
        return self.choose(self.contracts.filtered(lambda contract: contract.state in states))

    def choose_coverage(self, *states):
        coverages = self.contracts.coverage_ids
        return self.choose(coverages.filtered(lambda coverage: coverage.state in states))

    def choose_day(self, before, after):
        """A day near today; often a boundary of periods, where mistakes are."""
        day = self.today + timedelta(days=self.random.randint(-before, after))
        return self.random.choice([day, day.replace(day=1), day.replace(day=1) - ONE_DAY])

    def choose_price(self, currency=None):
        """A yearly price; what is kept of it has the digits of its currency."""
        price = self.random.choice([0, 0.05, 99.95, 1000, 1234.55, 3650, 100000])
        return currency.round(price) if currency else price

    # Life

    def do_wait(self):
        self.today += timedelta(days=self.random.choice([1, 3, 14, 31, 45]))

    def do_nights(self):
        """The crons of some nights, in their order."""
        self.today += timedelta(days=self.random.choice([0, 1, 30]))
        with freeze_time(f"{self.today} 08:00:00"):
            days = self.env["res.company"]._get_local_days()
            contracts = self.env["maintenance.contract"].with_context(active_test=False)
            for company in self.contracts.company_id:
                own = contracts.search(contracts._get_to_renew_domain(company, self.today))
                (own & self.contracts)._renew_tacitly(days)
                own = contracts.search(contracts._get_elapsed_domain(company, self.today))
                (own & self.contracts)._close_elapsed()
                own = contracts.search(contracts._get_to_update_domain(company, self.today))
                (own & self.contracts)._update_billing_schedule()
                domain = contracts._get_to_invoice_domain(company, self.today)
                due = self.contracts & contracts.search(domain)
                if due:
                    due._invoice_by_company(days)
        self.tell("nights", *due.mapped("name"))

    def do_create(self):
        if len(self.contracts) >= 8:
            return False
        pick = self.random.choice
        currency = pick(self.case.currencies)
        start = self.choose_day(40, 40)
        prices = [self.choose_price() for _equipment in range(self.random.randint(1, 3))]
        values = {name: pick(options) for name, options in SETTINGS.items()}
        contract = self.case._create_contract(
            **values,
            currency_id=currency.id,
            date_start=start,
            term_months=pick([1, 7, 12, 12, 24]),
            renewal=pick(["never", "tacit", "express"]),
            notice_months=pick([0, 1, 3]),
            invoice_state=pick(["draft", "posted"]),
            warranty_type_id=self.case.quiet_type.id,
            billing_from=start + timedelta(days=pick([0, 0, 0, 45])),
            coverage_ids=[
                Command.create({"equipment_id": self.create_equipment().id, "price": price})
                for price in prices
            ],
            fee_ids=[
                Command.create(
                    {
                        "product_id": self.case.geneva._get_billing_product().id,
                        "price_unit": pick([-20, 80.35, 500]),
                        "kind": pick(["deposit", "one_off"]),
                    }
                )
                for _fee in range(pick([0, 0, 1]))
            ],
        )
        contract.action_offer()
        contract.action_accept()
        self.contracts |= contract
        self.tell("create", contract.name, start, prices, contract.renewal, currency.name, values)
        for coverage in contract.coverage_ids:
            self.prices[coverage] = {coverage.date_start: coverage.price}
        return True

    def create_equipment(self):
        site = self.random.choice([self.case.site, self.case.site_2])
        return self.case._create_equipment(f"Machine {len(self.prices)}", site_id=site.id)

    def do_activate(self):
        contract = self.choose_contract("accepted")
        self.tell("activate", contract.name)
        contract.with_user(self.case.manager).action_activate()
        return bool(contract)

    def do_suspend(self):
        contract = self.choose_contract("active", "accepted")
        if not contract:
            return False
        first = self.choose_day(60, 60)
        last = self.random.choice([False, first + timedelta(days=self.random.randint(0, 100))])
        self.tell("suspend", contract.name, first, last)
        contract.with_user(self.case.manager)._suspend(first, last, "Works")
        return True

    def do_resume(self):
        contract = self.choose_contract("active", "accepted").with_user(self.case.manager)
        suspension = contract and self.choose(contract._get_live_suspensions())
        if not suspension:
            return False
        last = self.choose_day(60, 60)
        self.tell("resume", contract.name, suspension.date_start, last)
        contract._end_suspension(suspension, last)
        return True

    def amend(self, kind, coverage, on, **values):
        contract = coverage.contract_id
        if not contract:
            return False
        self.tell("amend", contract.name, kind, coverage.display_name, on, values.get("price"))
        line = {"kind": kind, "coverage_id": coverage.id, **values}
        amendment = (
            self.env["maintenance.amendment"]
            .with_user(self.case.manager)
            .create(
                {
                    "contract_id": contract.id,
                    "subject": "Change",
                    "date": on,
                    "line_ids": [Command.create(line)],
                }
            )
        )
        amendment.action_apply()
        return amendment.line_ids.new_coverage_id.sudo()

    def do_add(self):
        coverage = self.choose_coverage("validated")
        if len(coverage.contract_id.coverage_ids) >= MOST_EQUIPMENT:
            return False
        on, price = self.choose_day(60, 60), self.choose_price(coverage.currency_id)
        new = self.amend(
            "add", coverage, on, coverage_id=False, equipment_id=self.create_equipment().id,
            price=price, warranty_type_id=self.case.quiet_type.id,
        )  # fmt: skip
        if new:
            self.prices[new] = {on: price}
        return bool(new)

    def do_remove(self):
        coverage = self.choose_coverage("validated")
        self.amend("remove", coverage, self.choose_day(60, 60))
        return bool(coverage)

    def do_replace(self):
        coverage = self.choose_coverage("validated")
        if len(coverage.contract_id.coverage_ids) >= MOST_EQUIPMENT:
            return False
        on, price = self.choose_day(60, 60), self.choose_price(coverage.currency_id)
        equipment = self.create_equipment()
        new = self.amend("replace", coverage, on, equipment_id=equipment.id, price=price)
        if new:
            # What was agreed for a later day is of the equipment that stands there then.
            later = {day: yearly for day, yearly in self.prices[coverage].items() if day > on}
            self.prices[new] = {on: price} | later
        return bool(new)

    def do_amend_price(self):
        coverage = self.choose_coverage("validated")
        on, price = self.choose_day(60, 60), self.choose_price(coverage.currency_id)
        changed = self.amend("change", coverage, on, price=price)
        if changed:
            self.prices[changed][on] = price
        return bool(changed)

    def do_revise_price(self):
        coverage = self.choose_coverage("validated", "ended")
        if not coverage:
            return False
        on, price = self.choose_day(60, 60), self.choose_price(coverage.currency_id)
        self.tell("revise", coverage.display_name, on, price)
        coverage._set_price(on, price, "revision")
        self.prices[coverage][max(on, coverage.date_start)] = price
        return True

    def do_renew(self):
        contract = self.choose_contract("active", "ended").with_user(self.case.manager)
        if not contract or contract.renewal != "express":
            return False
        self.tell("renew", contract.name, contract.agreed_end)
        contract._renew(self.random.choice([1, 12]), contract.agreed_end)
        return True

    def do_notice(self):
        contract = self.choose_contract("active").with_user(self.case.manager)
        if self.random.random() < 0.7 or not contract:
            return False
        self.tell("notice", contract.name)
        contract._give_notice(self.today, "customer")
        return True

    def do_terminate(self):
        contract = self.choose_contract("active").with_user(self.case.manager)
        if self.random.random() < 0.7 or not contract:
            return False
        day = self.choose_day(100, 60)
        self.tell("terminate", contract.name, day)
        contract._terminate(day, "Sold", after_the_fact=self.random.random() < 0.5)
        return True

    def do_continue(self):
        """A notice or a termination is taken back."""
        ending = self.contracts.filtered("date_terminated").with_user(self.case.manager)
        contract = self.choose(ending)
        if not contract:
            return False
        self.tell("continue", contract.name, contract.date_terminated)
        contract._continue("Bought again")
        return True

    def do_set(self):
        """Another setting of billing in the middle of a term."""
        contract = self.choose_contract("accepted", "active").with_user(self.case.manager)
        name = self.random.choice(list(SETTINGS))
        value = self.random.choice(SETTINGS[name])
        self.tell("set", contract.name, name, value)
        contract.write({name: value})
        return bool(contract)

    def do_archive(self):
        contract = self.choose(self.contracts)
        if self.random.random() < 0.7:
            return False
        self.tell("archive", contract.name, contract.active)
        contract.active = not contract.active
        return True

    # Invoices

    def do_click(self):
        contract = self.choose_contract("active", "ended", "terminated")
        self.tell("click", contract.name)
        contract.with_user(self.case.accountant).action_create_invoices()
        return bool(contract)

    def do_preview(self):
        """What the wizard shows is what it does, to the cent."""
        chosen = self.contracts.browse(
            contract.id for contract in self.contracts if self.random.random() < 0.5
        )
        until = self.choose_day(0, 60)
        preview = (
            self.env["maintenance.billing.preview"]
            .with_user(self.case.accountant)
            .create({"date": until, "contract_ids": [Command.set(chosen.ids)]})
        )
        shown = Counter(
            (line.contract_ids._ids, line.currency_id, self.round(line.amount, line.currency_id))
            for line in preview.line_ids
            if not line.obstacle
        )
        known = self.get_moves()
        preview.action_create_invoices()
        made = Counter(
            (
                move.maintenance_contract_ids._ids,
                move.currency_id,
                self.round(
                    move.amount_untaxed * (1 if move.move_type == "out_invoice" else -1),
                    move.currency_id,
                ),
            )
            for move in self.get_moves() - known
        )
        self.tell("preview", until, *chosen.mapped("name"))
        self.case.assertEqual(shown, made, "what is shown is what is made")
        return True

    def round(self, amount, currency):
        return Decimal(str(float_round(amount, precision_rounding=currency.rounding)))

    def get_moves(self):
        """What the schedules made: no credit note that reverses it."""
        return self.env["account.move"].search(
            [
                ("maintenance_contract_ids", "in", self.contracts.ids),
                ("reversed_entry_id", "=", False),
            ],
            order="id",
        )

    def choose_move(self, *states):
        moves = self.get_moves().filtered(lambda move: move.state in states)
        move = self.choose(moves)
        self.tell("invoice", move.id, move.state, *move.maintenance_contract_ids.mapped("name"))
        return move.with_user(self.case.accountant)

    def do_delete_draft(self):
        return bool(self.choose_move("draft").unlink())

    def do_delete_line(self):
        line = self.choose(self.choose_move("draft").invoice_line_ids)
        return bool(line and line.unlink())

    def do_cancel_draft(self):
        move = self.choose_move("draft")
        move.button_cancel()
        return bool(move)

    def do_uncancel(self):
        move = self.choose_move("cancel")
        move.button_draft()
        return bool(move)

    def do_post(self):
        move = self.choose_move("draft")
        if move:
            move.action_post()
        return bool(move)

    def do_reset(self):
        move = self.choose_move("posted")
        move.button_draft()
        return bool(move)

    def do_credit(self):
        move = self.choose_move("posted").filtered(lambda move: not move.reversal_move_ids)
        if not move:
            return False
        move._reverse_moves([{"invoice_date": max(self.today, move.invoice_date)}]).action_post()
        return True

    def do_replace_invoice(self):
        """Odoo's own wizard: credited, and made again as a draft to be corrected."""
        move = self.choose_move("posted").filtered(lambda move: not move.reversal_move_ids)
        if not move:
            return False
        wizard = self.env["account.move.reversal"].with_user(self.case.accountant)
        wizard = wizard.with_context(active_model="account.move", active_ids=move.ids)
        values = {"date": max(self.today, move.invoice_date), "journal_id": move.journal_id.id}
        wizard.create(values).modify_moves()
        return True

    def do_uncredit(self):
        """The credit note is taken back."""
        moves = self.get_moves().reversal_move_ids.filtered(lambda move: move.state == "posted")
        move = self.choose(moves).with_user(self.case.accountant)
        if not move:
            return False
        self.tell("uncredit", move.reversed_entry_id.id)
        move.button_draft()
        move.unlink()
        return True

    def choose_rows(self, *states):
        rows = self.contracts.billing_period_ids.filtered(lambda row: row.state in states)
        row = self.choose(rows)
        self.tell("row", row.contract_id.name, row.display_name, row.rank, row.amount)
        return row.with_user(self.case.accountant)

    def do_waive(self):
        row = self.choose_rows("to_invoice")
        row._waive("Goodwill")
        return bool(row)

    def do_bill_again(self):
        row = self.choose_rows("credited", "waived")
        row.action_bill_again()
        return bool(row)

    # === WHAT HOLDS AFTER EACH STEP === #

    def check(self):
        """All that is true of a billing schedule, whatever happened."""
        with freeze_time(f"{self.today} 08:00:00"), self.explained():
            self.env.flush_all()
            self.env.invalidate_all()
            for contract in self.contracts:
                self.check_contract(contract)
            for move in self.get_moves():
                self.check_move(move)
            self.check_updating_again()

    @contextmanager
    def explained(self):
        try:
            yield
        except AssertionError as error:
            raise AssertionError(
                "\n".join([str(error), *self.story[:1], *self.story[-60:]])
            ) from error

    def check_contract(self, contract):
        rows = contract.billing_period_ids
        open_rows = rows.filtered(lambda row: row.state == "to_invoice")
        self.case.assertEqual(
            contract.next_invoice_date or None,
            min((row.date_invoice for row in open_rows if row.amount), default=None),
            f"next invoice of {contract.name}",
        )
        for coverage in contract.coverage_ids:
            self.check_coverage(coverage, coverage.billing_period_ids)
        # The money is that of the rows: nothing is invoiced that is on none, or on two.
        invoiced = sum(
            self.get_untaxed(
                move.invoice_line_ids.filtered(lambda line: self.is_of(line, contract))
            )
            for move in self.get_moves()
            if self.counts(move)
        )
        settled = rows.filtered(lambda row: row.state == "invoiced")
        self.case.assertEqual(
            self.round(invoiced, contract.currency_id),
            self.round(sum(settled.mapped("amount")), contract.currency_id),
            f"invoiced of {contract.name}",
        )

    def counts(self, move):
        """Whether a document says what is to pay: it is neither cancelled nor credited whole."""
        credited = move.reversal_move_ids.filtered(lambda credit: credit.state == "posted")
        return move.state != "cancel" and not credited

    def is_of(self, line, contract):
        return contract in line.billing_period_ids.contract_id

    def get_untaxed(self, lines):
        return sum(
            line.price_subtotal * (1 if line.move_id.move_type == "out_invoice" else -1)
            for line in lines
        )

    def check_coverage(self, coverage, rows):
        contract = coverage.contract_id
        what = f"{contract.name}, {coverage.display_name}"
        days = rows.filtered(lambda row: not row.rank).sorted("date_start")
        first = max(coverage.date_start, contract.billing_from or coverage.date_start)
        last = coverage.date_end or None
        if coverage.state not in ("validated", "ended"):
            self.case.assertFalse(days.filtered(lambda row: row.state == "to_invoice"), what)
            return
        # The rows of rank 0 part the days, each once, to the end of the coverage.
        expected = first
        for row in days:
            self.case.assertEqual(row.date_start, expected, f"{what}: gap or overlap")
            self.case.assertLessEqual(row.date_start, row.date_end, what)
            if row.state == "to_invoice" and last and row.date_end > last:
                # Given back, it stands before another that is settled: it keeps its place.
                later = days.filtered(lambda other, row=row: other.date_start > row.date_start)
                states = later.mapped("state")
                self.case.assertNotEqual(
                    set(states) - {"to_invoice"}, set(), f"{what}: past the end"
                )
            expected = row.date_end + ONE_DAY
        horizon = last or contract.billing_until
        if first <= horizon:
            self.case.assertGreater(expected, horizon, f"{what}: not to its end")
        for row in days:
            self.check_days(coverage, row, rows, last, what)

    def check_days(self, coverage, row, rows, last, what):
        """What is billed, and left to bill, of the days of a row is what they cost."""
        same = rows.filtered(lambda other: other.date_start == row.date_start)
        sums = Counter()
        for other in same:
            sums[other.state] += self.round(other.amount, row.currency_id)
        forgiven = sums["credited"] + sums["waived"]
        due = self.get_due(coverage, row, last)
        left = due - sums["invoiced"]
        if left > 0:
            left = max(0, left - max(forgiven, 0))
        elif left < 0:
            left = min(0, left - min(forgiven, 0))
        self.case.assertEqual(
            sums["to_invoice"], left, f"{what} {row.date_start}: {due} is due, {dict(sums)}"
        )
        if row.state == "to_invoice" and row.amount:
            on = row.date_end if row.contract_id.billing_timing == "arrears" else row.date_start
            self.case.assertEqual(row.date_invoice, on, what)

    def get_due(self, coverage, row, last):
        """What the days of the row cost, day after day (`billing_oracle`)."""
        contract = coverage.contract_id
        pauses = contract.suspension_ids.filtered(lambda pause: not pause.is_cancelled)
        served = [
            day
            for day in days_between(row.date_start, min(row.date_end, last or row.date_end))
            if not any(
                pause.date_start <= day and (not pause.date_end or day <= pause.date_end)
                for pause in pauses
            )
        ]
        bills = {}
        for day in served:
            yearly = self.get_price(coverage, day)
            if yearly not in bills:
                bills[yearly] = self.get_bill(contract, row, yearly)
        if contract.billing_proration == "none":
            if not served or row.is_continued:
                return Decimal()
            return bills[self.get_price(coverage, served[0])].full()
        costs = {yearly: bill.by_day() for yearly, bill in bills.items()}
        return sum((costs[self.get_price(coverage, day)][day] for day in served), Decimal())

    def get_price(self, coverage, day):
        dated = self.prices[coverage]
        return Decimal(str(dated[max(start for start in dated if start <= day)]))

    def get_bill(self, contract, row, yearly):
        first_month = 1 if contract.billing_alignment == "calendar" else contract.date_start.month
        following = row.full_end + ONE_DAY
        months = (
            12 * (following.year - row.full_start.year) + following.month - row.full_start.month
        )
        return DailyBill(
            row.full_start,
            row.full_end,
            months,
            (row.full_start.month - first_month) % 12,
            yearly,
            contract.billing_proration,
            Decimal(str(contract.currency_id.rounding)),
        )

    def check_move(self, move):
        """A document is whole, has the contract's conditions, and bills each row once."""
        what = f"invoice {move.id} ({move.state})"
        lines = move.invoice_line_ids
        equal = self.case.assertEqual
        contract = move.maintenance_contract_ids[:1]
        equal(move.company_id, contract.company_id, what)
        equal(move.currency_id, contract.currency_id, what)
        equal(move.partner_id, contract.partner_id, what)
        self.case.assertGreaterEqual(move.amount_total, 0, what)
        self.case.assertTrue(move.currency_id.is_zero(sum(move.line_ids.mapped("balance"))), what)
        equal(
            self.round(sum(lines.mapped("price_subtotal")), move.currency_id),
            self.round(move.amount_untaxed, move.currency_id),
            what,
        )
        if move.state == "cancel":
            self.case.assertFalse(lines.billing_period_ids, f"{what}: its periods went back")
            return
        if not self.counts(move):
            states = lines.billing_period_ids.mapped("state")
            equal(set(states) - {"credited"}, set(), f"{what}: it was credited")
            return
        for line in lines:
            equal(
                set(line.billing_period_ids.mapped("state")), {"invoiced"}, f"{what}: {line.name}"
            )
            equal(
                self.round(self.get_untaxed(line), move.currency_id),
                self.round(sum(line.billing_period_ids.mapped("amount")), move.currency_id),
                f"{what}: {line.name}",
            )

    def check_updating_again(self):
        """Deciding the schedule anew, when nothing happened, changes nothing (IV3)."""
        before = self.get_rows()
        for contract in self.contracts.filtered("billing_until"):
            contract._update_billing_schedule(contract.billing_until)
        self.case.assertEqual(before, self.get_rows())

    def get_rows(self):
        return [
            (
                row.id,
                row.date_start,
                row.date_end,
                row.rank,
                row.amount,
                row.state,
                row.date_invoice,
            )
            for row in self.contracts.billing_period_ids.sorted("id")
        ]
