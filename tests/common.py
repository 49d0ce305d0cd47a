from datetime import date

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon


class MaintenanceCommon(BaseCommon):
    """Two companies that maintain, in Geneva and in Paris, and a customer with two sites.

    Everybody has one role only. Dates of the world are in 2027, where 1 January is a Friday.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.geneva = cls._create_company("Atelier Genève", "base.ch", "Europe/Zurich")
        cls.paris = cls._create_company("Atelier Paris", "base.fr", "Europe/Paris")
        cls.env.user.company_ids |= cls.geneva | cls.paris
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.geneva.ids,
                "tz": "Europe/Zurich",
            }
        )
        cls.company = cls.geneva = cls.geneva.with_env(cls.env)
        cls.calendar = cls.geneva.resource_calendar_id
        cls._create_users()
        cls._create_customers()
        cls._create_catalogue()

    @classmethod
    def _create_company(cls, name, country, tz):
        company = cls.env["res.company"].create(
            {"name": name, "country_id": cls.env.ref(country).id}
        )
        calendar = cls.env["resource.calendar"].create(
            {
                "name": f"{name}, Mon–Fri 9–17",
                "company_id": company.id,
                "tz": tz,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": str(day),
                                "dayofweek": str(day),
                                "hour_from": 9,
                                "hour_to": 17,
                                "day_period": "morning",
                            }
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        company.resource_calendar_id = calendar
        return company

    @classmethod
    def _create_user(cls, login, groups, company=None, **values):
        company = company or cls.geneva
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            tz="Europe/Zurich",
            **values,
        )

    @classmethod
    def _create_users(cls):
        module = "maintenance_contract"
        cls.technician = cls._create_user("mc_technician", f"{module}.group_technician")
        cls.technician_2 = cls._create_user("mc_technician_2", f"{module}.group_technician")
        cls.dispatcher = cls._create_user("mc_dispatcher", f"{module}.group_dispatcher")
        cls.manager = cls._create_user("mc_manager", f"{module}.group_contract_manager")
        cls.administrator = cls._create_user("mc_admin", f"{module}.group_administrator")
        cls.accountant = cls._create_user("mc_accountant", "account.group_account_invoice")
        cls.paris_manager = cls._create_user(
            "mc_paris_manager", f"{module}.group_administrator", cls.paris
        )

    @classmethod
    def _create_customers(cls):
        partners = cls.env["res.partner"]
        cls.customer = partners.create({"name": "Horloger SA", "is_company": True})
        cls.site, cls.site_2 = partners.create(
            [
                {"name": "Usine Meyrin", "parent_id": cls.customer.id, "type": "delivery"},
                {"name": "Usine Nyon", "parent_id": cls.customer.id, "type": "delivery"},
            ]
        )
        cls.other_customer = partners.create({"name": "Autre SA", "is_company": True})

    @classmethod
    def _create_catalogue(cls):
        cls.family = cls.env["maintenance.service.family"].create({"name": "Curative"})
        cls.service = cls.env["maintenance.service"].create(
            {"name": "Spare parts", "family_id": cls.family.id}
        )
        cls.tier = cls.env["maintenance.tier"].create({"name": "Test tier"})
        cls.checklist = cls.env["maintenance.checklist"].create(
            {
                "name": "Annual",
                "line_ids": [
                    Command.create({"name": "Back up", "sequence": 1}),
                    Command.create({"name": "Clean", "sequence": 2}),
                ],
            }
        )
        cls.warranty_type = cls._create_warranty_type()
        cls.plan = cls.warranty_type.plan_ids

    @classmethod
    def _create_warranty_type(cls, *plans, **values):
        """A warranty type with the plans given, or one yearly plan."""
        yearly = {
            "name": "Annual visit",
            "interval_count": 12,
            "interval_unit": "month",
            "window_before": 15,
            "window_after": 30,
            "horizon_days": 60,
            "closed_day_rule": "keep",
            "duration": 3.0,
            "checklist_id": cls.checklist.id,
        }
        return cls.env["maintenance.warranty.type"].create(
            {
                "name": "Preventive",
                "tier_id": cls.tier.id,
                "plan_ids": [Command.create({**yearly, **plan}) for plan in plans or ({},)],
                **values,
            }
        )

    @classmethod
    def _create_equipment(cls, name="Press", **values):
        return cls.env["maintenance.equipment"].create(
            {
                "name": name,
                "company_id": cls.geneva.id,
                "customer_id": cls.customer.id,
                "site_id": cls.site.id,
                **values,
            }
        )

    @classmethod
    def _create_contract(cls, *equipment, state="draft", **values):
        """A contract of two years from 1 March 2027, in the state asked for."""
        contract = cls.env["maintenance.contract"].create(
            {
                "company_id": cls.geneva.id,
                "partner_id": cls.customer.id,
                "site_ids": [Command.set((cls.site | cls.site_2).ids)],
                "user_id": cls.manager.id,
                "warranty_type_id": cls.warranty_type.id,
                "date_start": date(2027, 3, 1),
                "term_months": 24,
                "coverage_ids": [Command.create({"equipment_id": item.id}) for item in equipment],
                **values,
            }
        )
        if state != "draft":
            contract.action_offer()
            contract.action_accept()
        if state == "active":
            contract.action_activate()
        return contract

    def assertRefused(self, field, action, *args, error=ValidationError, **kwargs):
        """The action is refused with the name of the field, as the user reads it."""
        with self.assertRaisesRegex(error, field), self.env.cr.savepoint():
            action(*args, **kwargs)
