"""QR codes and barcodes in photos."""
from __future__ import annotations

from zxingcpp import Barcode, BarcodeFormat, BarcodeFormats, TextMode, read_barcodes

from app.core.errors import Problem
from app.forms.files import MB, picture_of

MAX_MB = 10
# Reading takes 0.05 s; a picture made to keep us busy 0.6 s at this size, and ten times that at twice the size.
MAX_EDGE = 1280
_FORMATS = BarcodeFormats([
    BarcodeFormat.QRCode, BarcodeFormat.DataMatrix, BarcodeFormat.EAN13, BarcodeFormat.EAN8, BarcodeFormat.UPCA,
    BarcodeFormat.UPCE, BarcodeFormat.Code128, BarcodeFormat.Code39, BarcodeFormat.Code93, BarcodeFormat.ITF,
    BarcodeFormat.Codabar,
])


def read_code(data: bytes) -> str:
    """The text of the code in a JPEG, PNG or WEBP; of several, the one nearest to the middle.

    Raises TooLarge or Problem: no picture, or no code in it.
    """
    picture = picture_of(data, max_bytes=MAX_MB * MB, max_edge=MAX_EDGE).convert("L")
    found = [code for code in read_barcodes(picture, formats=_FORMATS, text_mode=TextMode.Plain) if code.text]
    if not found:
        raise Problem("scan_nothing")

    def off_centre(code: Barcode) -> float:
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        x, y = sum(corner.x for corner in corners) / 4, sum(corner.y for corner in corners) / 4
        return (x - picture.width / 2) ** 2 + (y - picture.height / 2) ** 2

    return _text(min(found, key=off_centre))


def _text(code: Barcode) -> str:
    try:
        return code.bytes.decode()  # few codes name their encoding; a few Chinese words are easily guessed Japanese
    except UnicodeDecodeError:
        return code.text
