import base64

from odoo import api, models
from odoo.tools.misc import get_lang

from ..models.core.pictures import shrink

# Half the width of a page, at the resolution of an ordinary printer.
PHOTO_SIZE = (600, 450)
ASSESSMENTS = ("condition", "criticality", "feasibility")


class ReportInventory(models.AbstractModel):
    """The expertise report of an inventory, for the customer to sign: in his language."""

    _name = "report.maintenance_contract.report_inventory"
    _description = "Expertise Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        inventories = self.env["maintenance.inventory"].browse(docids)
        # Who may read the inventory may read its whole report, photos included.
        inventories.check_access("read")
        return {
            "docs": inventories,
            "sheets": [self._prepare_sheet(inventory.sudo()) for inventory in inventories],
        }

    def _prepare_sheet(self, inventory):
        lang = get_lang(self.env, inventory.partner_id.lang).code
        inventory = inventory.with_context(lang=lang)
        return {
            "doc": inventory,
            "lang": lang,
            "tz": inventory.company_id.resource_calendar_id.tz or "UTC",
            "summaries": self._prepare_summaries(inventory.line_ids),
            "photos": {line: self._prepare_photo_rows(line) for line in inventory.line_ids},
        }

    def _prepare_summaries(self, lines):
        """How many equipment there are of each word of the assessment, and what it means.

        :return: by field: its label, and the word, its meaning and the number of each row
        :rtype: list[tuple[str, list[tuple[str, str, int]]]]
        """
        meanings = lines._get_meanings()
        return [
            (
                lines._fields[name]._description_string(lines.env),
                [
                    (word, meanings[name][value], len(lines.filtered_domain([(name, "=", value)])))
                    for value, word in lines._fields[name]._description_selection(lines.env)
                ],
            )
            for name in ASSESSMENTS
        ]

    def _prepare_photo_rows(self, line):
        """The photos of an equipment, two in a row, as data: the printer fetches nothing.

        :rtype: list[list[str]]
        """
        pictures = [shrink(photo.raw, *PHOTO_SIZE) for photo in line.photo_ids.sorted("id")]
        uris = [
            f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
            for picture in pictures
            if picture
        ]
        return [uris[start : start + 2] for start in range(0, len(uris), 2)]
