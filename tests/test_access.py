import csv
from datetime import date, datetime
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import MaintenanceCommon

MATRIX = Path(__file__).with_name("access_matrix.csv")
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


def read_matrix():
    """The rights that each role is to have.

    Scopes: ``own`` is of the user's company, and of work given to the technician; ``other`` is of
    that company, of work given to somebody else; ``foreign`` belongs to another company. The right
    to create is of the model, told in the scope ``own``.

    :return: by model, scope and role, the letters of the operations allowed
    :rtype: dict[tuple[str, str, str], str]
    """
    with MATRIX.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (row["model"], row["scope"], role): row[role].strip("-")
        for row in rows
        for role in row
        if role not in ("model", "scope")
    }


class AccessCommon(MaintenanceCommon):
    """One record of each model and scope, and one user of each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "technician": cls.technician,
            "dispatcher": cls.dispatcher,
            "manager": cls.manager,
            "administrator": cls.administrator,
            "accountant": cls.accountant,
            "auditor": cls._create_user("mc_auditor", "account.group_account_readonly"),
            "stock": cls._create_user("mc_stock", "stock.group_stock_user"),
            "portal": cls._create_user("mc_portal", "base.group_portal"),
            "public": cls.env.ref("base.public_user"),
        }
        cls.records = {}
        cls._create_world("own", cls.geneva, cls.technician)
        cls._create_world("other", cls.geneva, cls.technician_2)
        cls._create_world("foreign", cls.paris, cls.paris_manager)

    @classmethod
    def _create_world(cls, scope, company, technician):
        """One record of each model, of work planned for ``technician``."""
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        catalogue = cls._create_private_catalogue(env, scope, company)
        customer = env["res.partner"].create({"name": f"Customer {scope}", "is_company": True})
        equipment = env["maintenance.equipment"].create(
            {
                "name": f"Press {scope}",
                "company_id": company.id,
                "customer_id": customer.id,
                "site_id": customer.id,
            }
        )
        group = env["maintenance.visit.group"].create(
            {"name": scope, "company_id": company.id, "site_id": customer.id}
        )
        contract = env["maintenance.contract"].create(
            {
                "company_id": company.id,
                "partner_id": customer.id,
                "user_id": technician.id,
                "warranty_type_id": catalogue["maintenance.warranty.type"].id,
                "date_start": date(2027, 3, 1),
                "coverage_ids": [
                    Command.create({"equipment_id": equipment.id, "visit_group_id": group.id})
                ],
            }
        )
        contract.action_offer()
        contract.action_accept()
        contract.action_activate()
        visit = contract.visit_ids[0]
        amendment = env["maintenance.amendment"].create(
            {
                "contract_id": contract.id,
                "subject": scope,
                "date": date(2027, 4, 1),
                "line_ids": [
                    Command.create({"kind": "remove", "coverage_id": contract.coverage_ids.id})
                ],
            }
        )
        visit._open_interventions(datetime(2027, 3, 1, 8), datetime(2027, 3, 1, 10), technician)
        ticket = cls._create_request(env, scope, company, technician, equipment)
        clock = ticket.sla_clock_ids[0]
        records = (
            *catalogue.values(),
            ticket.severity_id,
            ticket.sla_policy_id,
            ticket.sla_policy_id.target_ids,
            ticket.sla_policy_id.warning_ids,
            clock,
            clock.term_id,
            clock.term_id.calendar_version_id,
            ticket.sla_event_ids,
            env["maintenance.sla.alert"].create(
                {
                    "clock_id": clock.id,
                    "percent": 50,
                    "deadline": clock.deadline,
                    "at": clock.deadline,
                }
            ),
            *cls._create_help(env, ticket, technician),
            env["maintenance.reminder"].create({"ticket_id": ticket.id, "cycle": 1, "rank": 1}),
            env["maintenance.training"].create(
                {"partner_id": customer.id, "company_id": company.id}
            ),
            equipment,
            group,
            contract,
            contract.coverage_ids,
            contract.coverage_ids.price_ids,
            contract.billing_period_ids,
            env["maintenance.fee"].create(
                {
                    "contract_id": contract.id,
                    "product_id": env.ref("maintenance_contract.product_maintenance").id,
                    "price_unit": 100,
                }
            ),
            *cls._create_price_revision(env, contract, catalogue),
            *cls._create_payment_notice(env, scope, contract),
            contract.term_ids,
            contract.clause_ids,
            contract._suspend(date(2028, 2, 1), False, scope),
            amendment,
            amendment.line_ids,
            env["maintenance.termination.reason"].create({"name": scope}),
            *cls._create_inventory(env, company, customer, technician, catalogue),
            visit,
            visit.nested_ids,
            visit.check_ids,
            visit.intervention_id,
            visit.intervention_id.line_ids,
            visit.intervention_id.task_ids,
            env["maintenance.promise"].search([("contract_id", "=", contract.id)]),
            env["maintenance.backlog.report"].search([("ticket_id", "=", ticket.id)]),
            cls._create_margin(env, contract),
            env["maintenance.renewal.report"].search([("contract_id", "=", contract.id)]),
            *cls._resolve_request(ticket),
        )
        cls.records[scope] = {record._name: record[:1] for record in records}

    @classmethod
    def _create_request(cls, env, scope, company, technician, equipment):
        """A request given to ``technician``, with a clock."""
        severity = env["maintenance.severity"].create(
            {"name": scope, "code": scope, "definition": scope, "company_id": company.id}
        )
        company.sla_policy_id = env["maintenance.sla.policy"].create(
            {
                "name": scope,
                "company_id": company.id,
                "target_ids": [Command.create({"kind": "resolution", "amount": 8})],
            }
        )
        return env["helpdesk.ticket"].create(
            {
                "name": scope,
                "description": scope,
                "company_id": company.id,
                "partner_id": equipment.customer_id.id,
                "equipment_id": equipment.id,
                "severity_id": severity.id,
                "user_id": technician.id,
            }
        )

    @classmethod
    def _create_help(cls, env, ticket, technician):
        """A remote session of ``technician`` on his request, and a vote on it as if an idea."""
        tool = env["maintenance.remote.tool"].create({"name": ticket.name})
        session = env["maintenance.remote.session"].create(
            {"ticket_id": ticket.id, "tool_id": tool.id, "user_id": technician.id}
        )
        vote = env["maintenance.idea.vote"].create(
            {"ticket_id": ticket.id, "partner_id": ticket.partner_id.id}
        )
        return tool, session, vote

    @classmethod
    def _resolve_request(cls, ticket):
        """The indicators of another request, resolved."""
        resolved = ticket.copy()
        resolved._reach("resolution")
        return [
            cls.env[f"maintenance.{name}.report"].search([("ticket_id", "=", resolved.id)])
            for name in ("reopening", "response", "sla")
        ]

    @classmethod
    def _create_margin(cls, env, contract):
        """What an hour for a contract costs."""
        company = contract.company_id
        intervention = env["maintenance.intervention"].create(
            {
                "company_id": company.id,
                "partner_id": contract.partner_id.id,
                "contract_id": contract.id,
                "task_ids": [
                    Command.create({"name": "Work", "project_id": company.planning_project_id.id})
                ],
            }
        )
        employee = env["hr.employee"].create({"name": company.name, "company_id": company.id})
        env["account.analytic.line"].create(
            {
                "name": "Work",
                "task_id": intervention.task_ids.id,
                "project_id": company.planning_project_id.id,
                "employee_id": employee.id,
                "unit_amount": 1,
            }
        )
        return env["maintenance.margin.report"].search([("intervention_id", "=", intervention.id)])

    @classmethod
    def _create_inventory(cls, env, company, customer, technician, catalogue):
        """An inventory of other equipment than the press, given to ``technician``."""
        inventory = env["maintenance.inventory"].create(
            {
                "company_id": company.id,
                "partner_id": customer.id,
                "user_id": technician.id,
                "warranty_type_id": catalogue["maintenance.warranty.type"].id,
                "line_ids": [Command.create({"name": "Lathe"})],
            }
        )
        return inventory, inventory.line_ids

    @classmethod
    def _create_private_catalogue(cls, env, scope, company):
        family = env["maintenance.service.family"].create({"name": scope, "company_id": company.id})
        service = env["maintenance.service"].create(
            {"name": scope, "family_id": family.id, "company_id": company.id}
        )
        tier = env["maintenance.tier"].create({"name": scope, "company_id": company.id})
        checklist = env["maintenance.checklist"].create(
            {
                "name": scope,
                "company_id": company.id,
                "line_ids": [Command.create({"name": "Clean"})],
            }
        )
        warranty_type = env["maintenance.warranty.type"].create(
            {
                "name": scope,
                "company_id": company.id,
                "plan_ids": [
                    Command.create({"name": "Annual", "package": 2, "checklist_id": checklist.id}),
                    Command.create(
                        {
                            "name": "By date",
                            "rule_kind": "dates",
                            "date_ids": [Command.create({"date": date(2027, 3, 1)})],
                        }
                    ),
                ],
            }
        )
        plans = warranty_type.plan_ids
        records = (
            family,
            service,
            tier,
            tier.cell_ids.filtered(lambda cell: cell.service_id == service),
            checklist,
            checklist.line_ids,
            warranty_type,
            plans,
            plans.date_ids,
            env["maintenance.skip.reason"].create({"name": scope}),
            env["maintenance.pause.reason"].create({"name": scope}),
            env["maintenance.exclusion"].create({"name": scope, "company_id": company.id}),
            env["maintenance.clause"].create({"name": scope, "company_id": company.id}),
            *cls._create_price_formula(env, scope, company),
        )
        return {record._name: record[:1] for record in records}

    @classmethod
    def _create_price_formula(cls, env, scope, company):
        index = env["maintenance.price.index"].create(
            {
                "name": scope,
                "code": scope,
                "company_id": company.id,
                "series_ids": [Command.create({"name": "2020 = 100"})],
            }
        )
        value = env["maintenance.price.index.value"].create(
            {"series_id": index.series_ids.id, "month": date(2026, 10, 1), "value": 104.2}
        )
        formula = env["maintenance.price.formula"].create(
            {
                "name": scope,
                "company_id": company.id,
                "term_ids": [Command.create({"index_id": index.id, "weight": 0.85})],
            }
        )
        return index, index.series_ids, value, formula, formula.term_ids

    @classmethod
    def _create_price_revision(cls, env, contract, catalogue):
        contract.price_formula_id = catalogue["maintenance.price.formula"]
        series = catalogue["maintenance.price.index.series"]
        base = env["maintenance.price.base"].create(
            {"contract_id": contract.id, "series_id": series.id, "value": 100}
        )
        revision = env["maintenance.price.revision"].create(
            {"company_id": contract.company_id.id, "date": date(2027, 9, 1)}
        )
        revision.action_simulate()
        letter = env["maintenance.price.letter"].create(
            {"revision_id": revision.id, "contract_id": contract.id}
        )
        return base, revision, revision.line_ids, letter

    @classmethod
    def _create_payment_notice(cls, env, scope, contract):
        company = contract.company_id
        journal = env["account.journal"].create(
            {"name": scope, "code": scope[:5], "type": "general", "company_id": company.id}
        )
        move = env["account.move"].create({"journal_id": journal.id, "company_id": company.id})
        notice = env["maintenance.payment.notice"].create(
            {
                "contract_id": contract.id,
                "user_id": cls.accountant.id,
                "sent_on": date(2027, 3, 1),
                "due_by": date(2027, 3, 31),
                "requests": "billable",
                "amount": 100,
                "line_ids": [
                    Command.create(
                        {
                            "move_id": move.id,
                            "due_on": date(2027, 2, 1),
                            "last_due": date(2027, 2, 1),
                            "amount": 100,
                        }
                    )
                ],
            }
        )
        return notice, notice.line_ids

    def _get_rights(self, model_name, scope, role):
        """The letters of what the user of ``role`` may do with the record of ``scope``."""
        model = self.env[model_name].with_user(self.users[role])
        record = model if model._transient else model.browse(self.records[scope][model_name].id)
        rights = ""
        for letter, operation in OPERATIONS.items():
            if operation == "create":
                is_allowed = scope == "own" and model.has_access("create")
            else:
                is_allowed = record.has_access(operation)
            rights += letter if is_allowed else ""
        return rights


@tagged("post_install", "-at_install")
@freeze_time("2027-01-04 08:00:00")
class TestAccess(AccessCommon):
    """The access matrix is data; here it is executed."""

    def test_matrix(self):
        for (model_name, scope, role), expected in read_matrix().items():
            with self.subTest(model=model_name, scope=scope, role=role):
                self.assertEqual(self._get_rights(model_name, scope, role), expected)

    def test_customers_press_no_button(self):
        """A button is a public method: a customer may call it by RPC, on records of his own too."""
        portal_user = self.users["portal"]
        ticket = self.records["own"]["maintenance.sla.clock"].ticket_id
        ticket.write({"equipment_id": False, "coverage_id": False, "contract_id": False})
        ticket.partner_id = portal_user.partner_id
        self.assertTrue(ticket.with_user(portal_user).has_access("read"))
        own = {ticket._name: ticket, "res.partner": portal_user.partner_id}
        records = {**self.records["own"], **own}
        for model_name, record in records.items():
            for name in self._get_buttons(model_name):
                with self.subTest(model=model_name, button=name), self.assertRaises(UserError):
                    getattr(record.with_user(portal_user), name)()

    def _get_buttons(self, model_name):
        """The buttons of a model that this addon has a part in."""
        return {
            name
            for part in self.registry[model_name].mro()
            if part.__module__.startswith("odoo.addons.maintenance_contract.")
            for name in vars(part)
            if name.startswith("action_")
        }

    def test_matrix_is_complete(self):
        """Every model of the addon is there, in each scope it has.

        Its wizards too: OCA/contract#992, one was open to everybody.
        """
        matrix = {(model, scope) for model, scope, _role in read_matrix()}
        missing = [
            (name, scope)
            for name, model in self.registry.items()
            if model._original_module == "maintenance_contract" and not model._abstract
            for scope in (["own"] if model._transient else ["own", "other", "foreign"])
            if (name, scope) not in matrix
        ]
        self.assertFalse(missing)

    def test_who_may_not_read_does_not_find(self):
        """Lists, counts and groups go through the same rules as records."""
        for (model_name, scope, role), expected in read_matrix().items():
            model = self.env[model_name].with_user(self.users[role])
            if model._transient or not model.has_access("read"):
                continue
            with self.subTest(model=model_name, scope=scope, role=role):
                record = self.records[scope][model_name]
                found = model.with_context(active_test=False).search([("id", "=", record.id)])
                self.assertEqual(bool(found), "r" in expected)

    def test_user_of_two_companies_sees_one_at_a_time(self):
        """What is shown follows the companies switched on, not those of the user."""
        self.administrator.company_ids |= self.paris
        for scope, company in (("own", self.paris), ("foreign", self.geneva)):
            for model_name, record in self.records[scope].items():
                if "company_id" not in record._fields:
                    continue
                with self.subTest(model=model_name, scope=scope):
                    elsewhere = record.with_user(self.administrator).with_context(
                        allowed_company_ids=company.ids
                    )
                    self.assertFalse(elsewhere.search([("id", "=", record.id)]))


@tagged("post_install", "-at_install")
class TestPrice(AccessCommon):
    """Prices are not for those who do the work, by whatever door they come."""

    def test_price_is_hidden_from_the_field(self):
        (self.technician | self.dispatcher).group_ids += self.env.ref("base.group_allow_export")
        for role in ("technician", "dispatcher"):
            coverage = self.records["own"]["maintenance.coverage"].with_user(self.users[role])
            coverage.sudo().price = 1200
            for door in (
                lambda c: c.read(["price"]),
                lambda c: c.price,
                lambda c: c.search([("price", ">", 1000)]),
                lambda c: c.search([], order="price"),
                lambda c: c._read_group([], [], ["price:sum"]),
                lambda c: c.formatted_read_group([], ["price"], ["__count"]),
                lambda c: c.export_data(["price"]),
                lambda c: c.mapped("equipment_id").search([("coverage_ids.price", ">", 1000)]),
            ):
                with self.subTest(role=role, door=door.__code__.co_firstlineno):
                    coverage.invalidate_recordset()
                    with self.assertRaises(AccessError):
                        door(coverage)
            self.assertNotIn("price", coverage.fields_get())

    def test_price_is_for_those_who_sell_and_bill(self):
        for role in ("manager", "accountant", "auditor"):
            coverage = self.records["own"]["maintenance.coverage"].with_user(self.users[role])
            coverage.sudo().price = 1200
            self.assertEqual(coverage.read(["price"])[0]["price"], 1200)


@tagged("post_install", "-at_install")
class TestDeletion(AccessCommon):
    """Nothing that is part of a history disappears with something else."""

    # Parts of their parent, which itself is kept once it has left draft.
    CASCADE = {
        ("maintenance.amendment.line", "amendment_id"),
        ("maintenance.check", "visit_id"),
        ("maintenance.check", "task_id"),
        ("maintenance.checklist.line", "checklist_id"),
        ("maintenance.contract.clause", "contract_id"),
        ("maintenance.contract.term", "contract_id"),
        ("maintenance.coverage", "contract_id"),
        ("maintenance.coverage.price", "coverage_id"),
        ("maintenance.fee", "contract_id"),
        ("maintenance.idea.vote", "ticket_id"),
        ("maintenance.idea.vote", "partner_id"),
        ("maintenance.intervention.line", "intervention_id"),
        ("maintenance.payment.notice.line", "notice_id"),
        ("maintenance.inventory.line", "inventory_id"),
        ("maintenance.price.base", "contract_id"),
        ("maintenance.price.formula.term", "formula_id"),
        ("maintenance.price.index.series", "index_id"),
        ("maintenance.price.letter", "revision_id"),
        ("maintenance.price.revision.line", "revision_id"),
        ("maintenance.reminder", "ticket_id"),
        ("maintenance.sla.alert", "clock_id"),
        ("maintenance.sla.clock", "ticket_id"),
        ("maintenance.sla.event", "ticket_id"),
        ("maintenance.sla.target", "policy_id"),
        ("maintenance.sla.warning", "policy_id"),
        ("maintenance.suspension", "contract_id"),
        ("maintenance.tier.cell", "tier_id"),
        ("maintenance.tier.cell", "service_id"),
        ("maintenance.visit.nested", "visit_id"),
        ("maintenance.visit.plan", "warranty_type_id"),
        ("maintenance.visit.plan.date", "plan_id"),
    }
    # Conveniences that history can do without.
    SET_NULL = {
        ("account.move.line", "maintenance_origin_id"),
        ("maintenance.coverage", "visit_group_id"),
        ("maintenance.visit", "group_id"),
        ("helpdesk.ticket", "possible_duplicate_id"),
        ("maintenance.intervention", "contact_id"),
        ("helpdesk.ticket", "last_customer_message_id"),
        ("maintenance.reminder", "mail_message_id"),
        ("maintenance.reminder", "activity_id"),
        ("res.company", "planning_project_id"),
        ("sale.order.line", "maintenance_coverage_id"),
        ("sale.order.line", "maintenance_fee_id"),
        ("res.company", "request_team_id"),
        ("resource.calendar", "holiday_country_id"),
        ("resource.calendar", "holiday_subdivision_id"),
    }

    def test_task_of_an_intervention_keeps_its_checklist(self):
        task = self.records["own"]["project.task"]
        for user in (self.technician, self.dispatcher, self.administrator):
            with self.assertRaisesRegex(UserError, "Cancel it"):
                task.with_user(user).unlink()
        self.assertTrue(task.check_ids)

    def test_policy_of_each_link(self):
        for model_name, model in self.registry.items():
            for name, field in model._fields.items():
                if (
                    field.type != "many2one"
                    or not field.store
                    or field.related
                    or "maintenance_contract" not in field._modules
                    or model._abstract
                    or not model._auto
                    or name in ("create_uid", "write_uid")
                ):
                    continue
                if model._transient or (model_name, name) in self.CASCADE:
                    expected = "cascade"
                elif (model_name, name) in self.SET_NULL:
                    expected = "set null"
                else:
                    expected = "restrict"
                with self.subTest(model=model_name, field=name):
                    self.assertEqual(field.ondelete, expected)
