from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .service_common import ServiceCommon

# What is computed from a choice, as a form asks for it.
SHOWN = {"fields": {"display_name": {}}}


@tagged("post_install", "-at_install")
class TestCompanies(ServiceCommon):
    """Who knows the identifier of a record of another company is told nothing of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paris_dispatcher = cls._create_user(
            "mc_paris_dispatcher", "maintenance_contract.group_dispatcher", cls.paris
        )
        cls.tier.company_id = cls.policy.company_id = cls.geneva
        cls.foreign = {
            "contract_id": cls.contract,
            "equipment_id": cls.equipment,
            "coverage_id": cls.coverage,
            "tier_id": cls.tier,
            "policy_id": cls.policy,
            "company_id": cls.geneva,
            "team_id": cls.team,
        }
        cls.env = cls.env(user=cls.paris_dispatcher, context={})

    def _assert_refused(self, model_name, name):
        """Neither by the form, whatever shape the choice has, nor by saving, nor by an error."""
        models, record = self.env[model_name], self.foreign[name]
        spec = {name: SHOWN, "contract_id": SHOWN, "tier_id": SHOWN}
        for value in (record.id, (record.id, "x"), {"id": record.id}):
            with self.subTest(field=name, value=value), self.assertRaises(AccessError) as caught:
                models.onchange({name: value}, [name], spec)
            self.assertNotIn(record.sudo().display_name, str(caught.exception))
        in_context = models.with_context(**{f"default_{name}": record.id})
        for values, names in (({}, []), ({"name": "x"}, ["name"])):
            with self.subTest(field=name, by="context"), self.assertRaises(AccessError):
                in_context.onchange(values, names, spec)
        values = {name: record.id, "name": "x", "description": "x"}
        values = {key: value for key, value in values.items() if key in models._fields}
        with self.subTest(field=name, by="saving"), self.assertRaises(AccessError) as caught:
            models.create(values)
        self.assertNotIn(record.sudo().display_name, str(caught.exception))

    def test_form_of_requests_tells_nothing_of_other_companies(self):
        for name in ("company_id", "team_id", "contract_id", "equipment_id", "coverage_id"):
            self._assert_refused("helpdesk.ticket", name)

    def test_simulator_tells_nothing_of_other_companies(self):
        for name in ("contract_id", "tier_id", "policy_id", "company_id"):
            self._assert_refused("maintenance.sla.simulation", name)

    def test_written_request_tells_nothing_of_other_companies(self):
        ticket = self.env["helpdesk.ticket"].create({"name": "x", "description": "x"})
        with self.assertRaises(AccessError):
            ticket.write({"equipment_id": self.equipment.id})
        with self.assertRaises(AccessError):
            ticket.onchange(
                {"equipment_id": self.equipment.id}, ["equipment_id"], {"tier_id": SHOWN}
            )

    def test_what_is_named_already_may_stay(self):
        """Somebody who may read both has put it there."""
        ticket = self.env["helpdesk.ticket"].create({"name": "x", "description": "x"})
        stranger = self.tier.sudo().copy({"company_id": self.geneva.id})
        ticket.sudo().tier_id = stranger
        values = {"tier_id": stranger.id, "name": "y"}
        ticket.onchange(values, ["name"], {"name": {}})
        with Form(ticket) as form:
            form.name = "y"
        self.assertEqual(ticket.name, "y")
