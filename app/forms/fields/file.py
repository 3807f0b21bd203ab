"""Documents."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.forms import base
from app.forms.base import Field, names, ui
from app.forms.fields.images import Attachments
from app.forms.files import FILE_TYPES, MB, Accepted, Bytes, accept_file, check_extension, file_mimes
from app.forms.keys import Each, Int, Str


class Settings(base.Settings):
    accept = Each(Str(choices=FILE_TYPES), least=1, most=len(FILE_TYPES), load_default=lambda: list(FILE_TYPES),
                 metadata=ui("允许类型", "Accepted kinds", "multiselect",
                             options={name: {"zh": name, "en": name} for name in FILE_TYPES}))
    min_files = Int(min=0, max=20, load_default=0, metadata=ui("最少个数", "Fewest files", "number"))
    max_files = Int(min=1, max=20, load_default=5, metadata=ui("最多个数", "Most files", "number"))
    max_mb = Int(min=1, max=100, load_default=20, metadata=ui("每个最大 MB", "MB each, at most", "number"))


class File(Attachments):
    type = "file"
    label = names("附件", "Files")
    icon = "file"
    Settings = Settings
    uploads = "file"

    def admit(self, field: Field, head: bytes, name: str, size: int) -> None:
        super().admit(field, head, name, size)
        check_extension(name, field.settings["accept"])

    def accept(self, field: Field, data: Bytes, name: str) -> Accepted:
        settings = field.settings
        return accept_file(data, name, allow=settings["accept"], max_bytes=settings["max_mb"] * MB)

    def fits(self, field: Field, found: Mapping[str, Any]) -> bool:
        return not found["mime"] or found["mime"] in file_mimes(field.settings["accept"])
