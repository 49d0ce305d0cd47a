from lxml import etree

from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import MaintenanceCommon

# The views that read record by record what they name.
RECORD_VIEWS = ("list", "kanban", "form")
# Nothing of theirs is for who is no accountant.
OF_ACCOUNTANTS = {"account.move", "maintenance.payment.notice.preview"}


def _read_specification(node):
    """What the browser reads for the fields under ``node``, the lists of lines included."""
    specification = {}
    for child in node.iterchildren(tag=etree.Element):
        if child.tag == "field":
            fields = _read_specification(child) or {"display_name": {}}
            specification[child.get("name")] = {"fields": fields}
        elif child.tag != "groupby":
            specification |= _read_specification(child)
    return specification


@tagged("post_install", "-at_install")
class TestViewsOpen(MaintenanceCommon):
    """Every window of this addon opens for every role that may read what it shows.

    A field that a role may not read, or a filter on it, is an error in the browser only: here the
    views of each window are loaded, and what they show is read, as that role.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.press = cls._create_equipment()
        cls._create_contract(cls.press, state="active", renewal="tacit")
        cls._create_contract(cls._create_equipment("Lathe"))
        ids = cls.env["ir.model.data"].search_fetch(
            [("module", "=", "maintenance_contract"), ("model", "=", "ir.actions.act_window")],
            ["res_id"],
        )
        cls.windows = cls.env["ir.actions.act_window"].browse(ids.mapped("res_id"))

    def _check_windows(self, user):
        """Open each window as ``user``.

        :return: the models that the user may read
        :rtype: set[str]
        """
        readable = set()
        for window in self.windows:
            model = self.env[window.res_model].with_user(user)
            if not model.has_access("read") or (
                window.group_ids and not window.group_ids & user.all_group_ids
            ):
                continue
            readable.add(model._name)
            with self.subTest(user=user.login, window=window.name):
                self._check_window(window, model)
        return readable

    def _check_window(self, window, model):
        """Load the views, read the first page with all that they show, open a new record."""
        values = {"uid": model.env.uid, "active_id": False, "active_ids": []}
        model = model.with_context(**safe_eval(window.context or "{}", values))
        views = [*window.views, (window.search_view_id.id, "search")]
        arches = {
            kind: etree.fromstring(view["arch"])
            for kind, view in model.get_views(views)["views"].items()
        }
        self.assertEqual(set(arches), {kind for _view_id, kind in views})
        if not model._transient:
            domain = safe_eval(window.domain or "[]", values)
            for kind in arches.keys() & RECORD_VIEWS:
                model.web_search_read(domain, _read_specification(arches[kind]), limit=80)
        form_view = {kind: view_id for view_id, kind in views}.get("form")
        may_create = model.env.context.get("create", True) and model.has_access("create")
        if form_view is not None and may_create:
            Form(model, view=form_view or None)

    def test_technician(self):
        """A technician reads the catalogue and the work given to him, no contract."""
        readable = self._check_windows(self.technician)
        self.assertIn("maintenance.coverage", readable)
        self.assertNotIn("maintenance.contract", readable)

    def test_dispatcher(self):
        readable = self._check_windows(self.dispatcher)
        self.assertLessEqual({"maintenance.contract", "maintenance.tier"}, readable)

    def test_contract_manager(self):
        readable = self._check_windows(self.manager)
        self.assertLessEqual({"maintenance.contract", "maintenance.tier"}, readable)

    def test_administrator(self):
        readable = self._check_windows(self.administrator)
        models = set(self.windows.mapped("res_model")) - {"res.config.settings"} - OF_ACCOUNTANTS
        self.assertLessEqual(models, readable)

    def test_accountant(self):
        readable = self._check_windows(self.accountant)
        self.assertLessEqual(
            {"maintenance.contract", "maintenance.coverage", *OF_ACCOUNTANTS}, readable
        )

    def test_price_is_shown_to_who_may_read_it(self):
        """One form serves all: the price is on it for the manager, not for the dispatcher."""
        for user, is_shown in ((self.manager, True), (self.dispatcher, False)):
            for model in ("maintenance.coverage", "maintenance.contract"):
                arch = self.env[model].with_user(user).get_view(view_type="form")["arch"]
                self.assertEqual('name="price"' in arch, is_shown, (user.login, model))

    def test_plain_maintenance_user(self):
        """Who uses Odoo's maintenance without a role of ours still opens its equipment."""
        user = self._create_user("mc_plain", "maintenance.group_equipment_manager")
        with Form(self.press.with_user(user)) as form:
            form.note = "<p>Oiled.</p>"
        self._check_window(
            self.env.ref("maintenance.hr_equipment_action"), self.press.browse().with_user(user)
        )

    def test_filters(self):
        """Each filter and each grouping of the search views can be used, and there are some."""
        used = 0
        for window in self.windows:
            is_accounting = window.res_model in OF_ACCOUNTANTS
            user = self.accountant if is_accounting else self.administrator
            model = self.env[window.res_model].with_user(user)
            if model._transient or window.target == "new":
                continue
            view = model.get_view(window.search_view_id.id or None, "search")
            for node in etree.fromstring(view["arch"]).iter("filter"):
                with self.subTest(window=window.name, filter=node.get("name")):
                    self._use_filter(model, node)
                used += 1
        self.assertGreater(used, 50)

    def _use_filter(self, model, node):
        if domain := node.get("domain"):
            model.search(safe_eval(domain, {"uid": model.env.uid}), limit=1)
        group_by = safe_eval(node.get("context") or "{}").get("group_by")
        if group_by and model._fields[group_by.partition(":")[0]].type != "properties":
            model.formatted_read_group([], [group_by], ["__count"])
