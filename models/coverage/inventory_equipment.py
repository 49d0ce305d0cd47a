from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from .inventory_line import EQUIPMENT_FIELDS


class MaintenanceInventoryLine(models.Model):
    """An equipment found becomes one of the installed base, unless it is there already."""

    _inherit = "maintenance.inventory.line"

    def _place_equipment(self):
        """Link these lines to the installed base; what is not there yet is put there.

        :raises UserError: listing the lines whose serial number is somebody else's, or of several
        """
        matches = {line: line._find_equipment() for line in self if not line.equipment_id}
        problems = [line._describe_conflict(found) for line, found in matches.items()]
        if any(problems):
            raise UserError("\n".join(filter(None, problems)))
        for line, found in matches.items():
            equipment = found or self.env["maintenance.equipment"].create(
                line._prepare_equipment_vals()
            )
            # The line is signed; which equipment it is, is no fact of it.
            line.sudo().equipment_id = equipment.id
        for line in self:
            line._complete_equipment()

    def _find_equipment(self):
        """The equipment of this customer, or of nobody, that has this serial number.

        A maker or a product that is not known on one side may be the same.

        :return: equipment, in superuser mode; several where they cannot be told apart
        """
        self.ensure_one()
        owner = self.inventory_id.commercial_partner_id
        return self._find_numbered().filtered(
            lambda equipment: (
                _get_owners(equipment) <= owner
                and all(
                    not self[name] or not equipment[name] or self[name] == equipment[name]
                    for name in ("manufacturer_id", "product_id")
                )
            )
        )

    def _find_numbered(self):
        """All equipment with this serial number, whoever has it, archived or not."""
        self.ensure_one()
        equipment = self.env["maintenance.equipment"].sudo().with_context(active_test=False)
        domain = [("company_id", "in", (self.company_id.id, False))]
        if self.lot_id and (found := equipment.search([*domain, ("lot_id", "=", self.lot_id.id)])):
            return found
        if not self.serial_no:
            return equipment
        return equipment.search([*domain, ("serial_no", "=", self.serial_no)])

    def _describe_conflict(self, found):
        """Why this line can be neither linked nor put in the installed base; False when it can.

        :param found: what `_find_equipment` gave
        """
        self.ensure_one()
        if len(found) > 1:
            return self.env._(
                "Known Equipment: choose the one that “%(equipment)s” is: %(candidates)s.",
                equipment=self._get_label(),
                candidates=", ".join(found.mapped("display_name")),
            )
        taken = self._find_numbered().filtered(self._would_clash)
        if found or not taken:
            return False
        return self.env._(
            "Serial Number: that of “%(equipment)s” is known at %(owner)s. If it has changed "
            "hands, give that equipment to %(customer)s first.",
            equipment=self._get_label(),
            owner=_get_owners(taken)[:1].display_name,
            customer=self.inventory_id.partner_id.display_name,
        )

    def _would_clash(self, equipment):
        """Whether the database would refuse this line's equipment beside that one."""
        key = ("manufacturer_id", "product_id", "company_id")
        return (self.lot_id and self.lot_id == equipment.lot_id) or all(
            self[name] == equipment[name] for name in key
        )

    def _complete_equipment(self):
        """Tell the installed base what it did not know; what it knows stays."""
        self.ensure_one()
        equipment = self.equipment_id
        values = {
            name: value
            for name, value in {**self._prepare_facts(), "note": self._describe_rest()}.items()
            if value and not equipment[name]
        }
        if not equipment.active:
            values["active"] = True
        if values:
            equipment.write(values)

    def _prepare_equipment_vals(self):
        self.ensure_one()
        return {
            **self._prepare_facts(),
            "company_id": self.company_id.id,
            "note": self._describe_rest(),
        }

    def _describe_rest(self):
        """What the equipment has no field for; a year alone makes no date."""
        self.ensure_one()
        is_year_only = self.commissioning_year and not self.commissioning_date
        facts = (
            self.location and self.env._("Place: %s", self.location),
            is_year_only and self.env._("In service since %s", self.commissioning_year),
        )
        return Markup("<br/>").join(filter(None, facts))

    def _prepare_facts(self):
        """What was found, as values of the equipment."""
        self.ensure_one()
        return {
            **{
                name: self._fields[name].convert_to_write(self[name], self)
                for name in EQUIPMENT_FIELDS
            },
            "customer_id": self.inventory_id.commercial_partner_id.id,
            "site_id": self.site_id.id,
        }

    def _prepare_coverage_vals(self):
        self.ensure_one()
        return {
            "equipment_id": self.equipment_id.id,
            "warranty_type_id": self.warranty_type_id.id,
            "tier_id": self.tier_id.id,
        }

    def _get_label(self):
        self.ensure_one()
        return " / ".join(filter(None, (self.name, self.serial_no)))


def _get_owners(equipment):
    return (equipment.customer_id | equipment.site_id).commercial_partner_id
