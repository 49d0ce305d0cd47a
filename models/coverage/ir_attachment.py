from odoo import api, models
from odoo.exceptions import ValidationError

from ..core.pictures import is_picture

LINE = "maintenance.inventory.line"
CONTENT = frozenset({"raw", "datas", "db_datas", "url", "type", "mimetype", "res_model", "res_id"})


class IrAttachment(models.Model):
    """The photos of an inventory are pictures, and as final as what is written beside them."""

    _inherit = "ir.attachment"

    def write(self, vals):
        is_content = bool(CONTENT & vals.keys())
        if is_content:
            self._check_photos_not_final()
        result = super().write(vals)
        if is_content:
            self._get_photos()._check_pictures()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_final_photos(self):
        self._check_photos_not_final()

    def _get_photos(self):
        """Those among these files that are photos of an inventory."""
        files = self.sudo().filtered(lambda file: file.res_model == LINE and file.res_id)
        lines = self.env[LINE].sudo().browse(files.mapped("res_id")).exists()
        return files & lines.photo_ids

    def _check_photos_not_final(self):
        if not self.env.su:
            lines = self.env[LINE].sudo().search([("photo_ids", "in", self._get_photos().ids)])
            lines.inventory_id._check_not_final()

    def _check_pictures(self):
        """Refuse what a page cannot show.

        :raises ValidationError: naming the file
        """
        for file in self:
            if file.type != "binary" or not is_picture(file.raw):
                raise ValidationError(
                    self.env._(
                        "Photos: “%s” is no picture that can be printed (JPEG, PNG or GIF).",
                        file.name,
                    )
                )
