from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .service_common import local
from .test_verdict import VerdictCommon


@tagged("post_install", "-at_install")
class TestQuantities(VerdictCommon):
    """What a tier gives so many times a contract year, and what is left of it.

    The contract began on 1 March 2027.
    """

    def _limit(self, quantity, quantity_of, request_kind="support"):
        return self._give(
            request_kind,
            kind="quantity",
            quantity=quantity,
            quantity_of=quantity_of,
            quantity_unit=quantity_of,
        )

    def _ask(self, moment="2027-06-07 09:00", **values):
        return self._create_ticket(moment, **{"request_kind": "support", **values})

    def _help(self, ticket, hours):
        start = ticket.received_at
        with freeze_time(start + timedelta(hours=hours)):
            self.env["maintenance.remote.session"].create(
                {
                    "ticket_id": ticket.id,
                    "tool_id": self.env["maintenance.remote.tool"].search([], limit=1).id,
                    "start": start,
                    "end": start + timedelta(hours=hours),
                    "result": "solved",
                    "user_id": self.technician.id,
                }
            )
        self.env.invalidate_all()

    def _get_left(self, ticket):
        self.env.invalidate_all()
        return ticket.quantity_left

    def test_requests_are_counted(self):
        self._limit(2, "tickets")
        first = self._ask()
        self._assert_verdict(first, "covered", "coverage")
        self.assertEqual(self._get_left(first), "1 of 2 tickets left in the contract year")
        self._assert_verdict(self._ask(), "covered", "coverage")
        third = self._ask()
        self._assert_verdict(third, "billable", "quantity_used_up", (0, 0, 0))
        self.assertEqual(self._get_left(third), "0 of 2 tickets left in the contract year")
        self._assert_verdict(self._ask(request_kind="update"), "covered", "coverage")

    def test_requests_entered_at_once_are_counted_one_by_one(self):
        self._limit(2, "tickets")
        vals = {
            "name": "Question",
            "description": "Why?",
            "request_kind": "support",
            "company_id": self.geneva.id,
            "partner_id": self.contact.id,
            "equipment_id": self.equipment.id,
        }
        with freeze_time(local("2027-06-07 09:00")):
            tickets = self.env["helpdesk.ticket"].create([dict(vals) for _ in range(3)])
        self.assertEqual(tickets.mapped("verdict"), ["covered", "covered", "billable"])

    def test_a_new_contract_year_begins_anew(self):
        self._limit(1, "tickets")
        self._ask("2028-02-29 23:30")
        self._assert_verdict(self._ask("2028-02-29 23:40"), "billable", "quantity_used_up")
        self._assert_verdict(self._ask("2028-03-01 00:10"), "covered", "coverage")
        self._assert_verdict(self._ask("2028-03-01 00:20"), "billable", "quantity_used_up")
        self._assert_verdict(self._ask("2028-02-29 23:50"), "billable", "quantity_used_up")

    def test_the_equipment_of_a_contract_shares(self):
        self._limit(1, "tickets")
        self._ask()
        self._assert_verdict(
            self._ask(equipment_id=self.uncovered.id), "billable", "quantity_used_up"
        )

    def test_other_contracts_have_their_own(self):
        self._limit(1, "tickets")
        lathe = self._create_equipment("Second lathe")
        self._create_contract(lathe, tier_id=self.tier.id, state="active")
        self._ask()
        self._assert_verdict(self._ask(equipment_id=lathe.id), "covered", "coverage")

    def test_what_is_billed_uses_nothing(self):
        self._limit(1, "tickets")
        exclusion = self.env.ref("maintenance_contract.exclusion_misuse")
        self._ask(exclusion_id=exclusion.id)
        self._assert_verdict(self._ask(), "covered", "coverage")

    def test_what_was_cancelled_uses_nothing(self):
        self._limit(1, "tickets")
        self._ask()._cancel("wrong")
        self._assert_verdict(self._ask(), "covered", "coverage")

    def test_deciding_again_does_not_count_the_request_itself(self):
        self._limit(1, "tickets")
        ticket = self._ask()
        ticket.action_decide_again()
        self._assert_verdict(ticket, "covered", "coverage")

    def test_hours_of_sessions_and_interventions_are_counted(self):
        self._limit(3, "hours")
        ticket = self._ask()
        self.assertEqual(self._get_left(ticket), "3 of 3 hours left in the contract year")
        self._help(ticket, 1.25)
        self.assertEqual(self._get_left(ticket), "1.75 of 3 hours left in the contract year")
        self._assert_verdict(self._ask(), "covered", "coverage")
        intervention = ticket._escalate_on_site("On site", self.site, self.contact)
        task = self.env["project.task"].create(
            {
                "name": "Repair",
                "intervention_id": intervention.id,
                "project_id": self.geneva.planning_project_id.id,
            }
        )
        employee = self.env["hr.employee"].create(
            {"name": "Technician", "user_id": self.technician.id, "company_id": self.geneva.id}
        )
        self.env["account.analytic.line"].create(
            {
                "name": "Repair",
                "task_id": task.id,
                "project_id": task.project_id.id,
                "employee_id": employee.id,
                "unit_amount": 1.75,
            }
        )
        self.assertEqual(self._get_left(ticket), "0 of 3 hours left in the contract year")
        self._assert_verdict(self._ask(), "billable", "quantity_used_up")

    def test_visits_are_counted_but_not_those_cancelled(self):
        self._limit(1, "visits", "breakdown")
        ticket = self._ask(request_kind="breakdown")
        self._assert_verdict(self._ask(request_kind="breakdown"), "covered", "coverage")
        intervention = ticket._escalate_on_site("On site", self.site, self.contact)
        self._assert_verdict(self._ask(request_kind="breakdown"), "billable", "quantity_used_up")
        intervention.action_cancel()
        self._assert_verdict(self._ask(request_kind="breakdown"), "covered", "coverage")

    def test_a_quantity_that_nothing_counts_has_no_end(self):
        self._limit(1, False)
        for _number in range(2):
            ticket = self._ask()
            self._assert_verdict(ticket, "covered", "coverage")
        self.assertFalse(self._get_left(ticket))

    def test_a_warranty_without_contract_has_its_own(self):
        machine = self._create_equipment("Under warranty", customer_id=self.other_customer.id)
        machine.site_id = self.other_customer
        warranty = self._create_warranty(machine, tier_id=self.tier.id)
        warranty.warranty_type_id.write({"labour_percent": 100, "travel_percent": 100})
        self._limit(1, "tickets")
        values = {"partner_id": self.other_customer.id, "equipment_id": machine.id}
        self._ask()
        self._assert_verdict(self._ask(**values), "covered", "warranty")
        self._assert_verdict(self._ask(**values), "billable", "quantity_used_up")

    def test_the_contract_shows_what_is_left(self):
        self.assertFalse(self.contract.quantity_table)
        self._limit(4, "hours")
        self._help(self._ask(), 1.5)
        with freeze_time(local("2027-06-08 09:00")):
            table = self.contract.with_user(self.manager).quantity_table
        self.assertIn("Support", table)
        self.assertIn("2.50", table)

    def test_contracts_are_read_in_one_query(self):
        self._limit(4, "hours")
        contracts = self.contract + self._create_contract(
            self._create_equipment("Third"), tier_id=self.tier.id, state="active"
        )
        contracts += self._create_contract(
            self._create_equipment("Fourth"), tier_id=self.tier.id, state="active"
        )

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(local("2027-06-08 09:00")):
                some.mapped("quantity_table")
            return self.env.cr.sql_log_count - before

        count(contracts)
        self.assertEqual(count(contracts), count(contracts[0]))
