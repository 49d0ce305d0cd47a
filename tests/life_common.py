from odoo.tests import freeze_time

from .fieldwork_common import FieldworkCommon


class LifeCommon(FieldworkCommon):
    """Helpers for what happens to a contract between its activation and its end."""

    def _run_cron(self, day, name="ir_cron_renew_contracts"):
        with freeze_time(f"{day} 01:00:00"), self.enter_registry_test_mode():
            self.env.ref(f"maintenance_contract.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _open(self, action, **values):
        """The wizard that a button opens, filled in as the user who pressed it.

        :param action: bound method of the button
        """
        window = action()
        return (
            action.__self__.env[window["res_model"]]
            .with_context(**window["context"])
            .create(values)
        )

    def _create_active(self, renewal, **values):
        """An active contract of one year from 1 March 2027, three months' notice, one equipment."""
        equipment = values.pop("equipment", None) or self._create_equipment(renewal)
        return self._create_contract(
            equipment, state="active", **{"term_months": 12, "renewal": renewal, **values}
        ).with_user(self.manager)

    def _get_terms(self, contract):
        return [
            (term.rank, str(term.date_start), str(term.date_end), term.origin)
            for term in contract.term_ids
        ]
