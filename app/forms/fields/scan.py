"""A text that is printed as a QR code or a barcode: photographed, or typed."""
from __future__ import annotations

from app.forms.base import Field, names
from app.forms.codes import read_code
from app.forms.fields.text import Text
from app.forms.text import clean_text


class Scan(Text):
    type = "scan"
    label = names("扫码", "Scanned code")
    icon = "scan"
    accepts = frozenset({"text"})
    photo = True

    def read_photo(self, field: Field, data: bytes) -> str:
        return clean_text(read_code(data), max_length=field.settings["max_length"])
