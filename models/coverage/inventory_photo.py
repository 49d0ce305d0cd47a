from odoo import models


class MaintenanceInventoryLine(models.Model):
    """The photos of an equipment: pictures, each of one line, read by who may read the line."""

    _inherit = "maintenance.inventory.line"

    def _take_photos(self):
        """Make these files the photos of their line, once they are known to be pictures.

        A phone uploads them before the line exists. A file of another record, such as the photo
        of an older version, is copied where the user may read it: naming it here opens it to
        nobody.

        :raises ValidationError: naming the file that is no picture
        :raises AccessError: for a file that the user may not read
        """
        for line in self:
            owner = {"res_model": self._name, "res_id": line.id}
            photos = line.sudo().photo_ids
            others = photos.filtered(
                lambda photo, owner=owner: (photo.res_model, photo.res_id) != (*owner.values(),)
            )
            others.with_env(self.env).check_access("read")
            others._check_pictures()
            uploaded = others.filtered(
                lambda photo: not photo.res_id and photo.create_uid == self.env.user
            )
            uploaded.write(owner)
            if foreign := others - uploaded:
                copies = foreign.browse().union(*(photo.copy(owner) for photo in foreign))
                line.sudo().photo_ids = photos - foreign | copies
