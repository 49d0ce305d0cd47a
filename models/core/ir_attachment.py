import logging

from PIL import Image

from odoo import models

_logger = logging.getLogger(__name__)


class IrAttachment(models.Model):
    """A picture that cannot be made smaller is kept as it is (bad input 45).

    Odoo reduces large pictures. One that is damaged, or that says it is huge, would raise an error,
    and the request that it was sent with would be lost.
    """

    _inherit = "ir.attachment"

    def _postprocess_contents(self, values):
        # EXTENDS 'base'
        try:
            return super()._postprocess_contents(values)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            _logger.info("Picture %s is kept as it is: %s", values.get("name"), error)
            return values
