from odoo import api, fields, models


class MaintenanceTier(models.Model):
    """A contract tier (Warranty, Standard, GOOD…): a column of the matrix of services."""

    _name = "maintenance.tier"
    _description = "Maintenance Tier"
    _inherit = ["maintenance.finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Empty: shared by all companies."
    )
    cell_ids = fields.One2many("maintenance.tier.cell", "tier_id")
    active = fields.Boolean(default=True)

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        services = self.env["maintenance.service"].search([("active", "in", (True, False))])
        self.env["maintenance.tier.cell"]._create_missing(tiers, services)
        return tiers

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if not (default or {}).get("name"):
            for tier, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", tier.name)
        return vals_list

    def copy(self, default=None):
        """Copy the column with the tier: the copy promises what the original does."""
        copies = super().copy(default)
        for tier, copied in zip(self, copies, strict=True):
            cells = {cell.service_id: cell for cell in tier.cell_ids}
            for cell in copied.cell_ids:
                if model := cells.get(cell.service_id):
                    cell.write(model.copy_data({"tier_id": copied.id})[0])
        return copies

    @api.model
    @api.readonly
    def get_matrix(self):
        """The whole matrix as the reader may see it, in the reader's language.

        :return: ``tiers`` (columns), ``families`` (sections, each with its ``services``, each with
            ``cells`` by tier id: ``id``, ``kind``, ``label``, ``note``) and ``notes``: the distinct
            footnotes in order of appearance, which a cell names by its ``note`` number, from 1.
        :rtype: dict
        """
        # A program that prints for a customer reads all, and shows what is of its company.
        shown = [("active", "=", True), ("company_id", "in", (False, *self.env.companies.ids))]
        tiers = self or self.search(shown)
        services = self.env["maintenance.service"].search(shown)
        cells = {
            (cell.service_id, cell.tier_id): cell
            for cell in self.env["maintenance.tier.cell"].search(
                [("tier_id", "in", tiers.ids), ("service_id", "in", services.ids)]
            )
        }
        numbers = {}
        families = []
        for family, family_services in services.grouped("family_id").items():
            rows = []
            for service in family_services:
                row = {}
                for tier in tiers:
                    if not (cell := cells.get((service, tier))):
                        continue
                    number = numbers.setdefault(cell.note, len(numbers) + 1) if cell.note else False
                    row[tier.id] = {
                        "id": cell.id,
                        "kind": cell.kind,
                        "label": cell.display_name,
                        "note": number,
                    }
                rows.append(
                    {
                        "id": service.id,
                        "name": service.name,
                        "description": service.description or "",
                        "cells": row,
                    }
                )
            families.append(
                {
                    "id": family.id,
                    "name": family.name,
                    "description": family.description or "",
                    "services": rows,
                }
            )
        return {
            "tiers": [{"id": tier.id, "name": tier.name} for tier in tiers],
            "families": families,
            "notes": [{"number": number, "text": text} for text, number in numbers.items()],
        }
