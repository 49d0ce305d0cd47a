"""Photos as they are found on phones: whether they are pictures, and small enough for a page."""

import io

from PIL import Image, ImageOps

# What browsers and the printer of reports can show, of the formats that Odoo lets PIL decode.
FORMATS = ("JPEG", "PNG", "GIF")
MAX_PIXELS = 50_000_000


def is_picture(raw):
    """Whether these bytes are a whole picture that can be shown and printed.

    :param bytes raw: content of a file
    :rtype: bool
    """
    return _open(raw) is not None


def shrink(raw, width, height):
    """Turn a picture upright and make it fit, as a JPEG small enough to print dozens of them.

    :param bytes raw: content of a file
    :param int width: most pixels of it
    :param int height: most pixels of it
    :return: the JPEG; None where there is no picture to show
    :rtype: bytes | None
    """
    picture = _open(raw, (width, height))
    if picture is None:
        return None
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((width, height))
    if picture.mode != "RGB":
        # JPEG knows no transparency: what is behind a drawing is the paper.
        picture = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture)
        picture = paper
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=75)
    return file.getvalue()


def _open(raw, size=None):
    """Decode a picture, all of it: its first bytes alone say little.

    :param tuple size: no more pixels than for this are needed: a JPEG is then decoded faster
    """
    try:
        picture = Image.open(io.BytesIO(raw or b""), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            return None
        if size:
            picture.draft("RGB", size)
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return picture
