"""Photographs; the answer is a list of attachment ids. Also what every field of attachments shares."""
from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.errors import Problem
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted, names, ui
from app.forms.files import MB, Accepted, Bytes, accept_image, check_size
from app.forms.keys import Flag, Int, Keys, Num, Sub
from app.forms.text import brief


class Attachments(FieldType):
    """Base of the types that list attachments. Settings need `max_files` and `max_mb`; may have `min_files`."""

    group = "media"
    value_type = "list"
    operators = ("empty", "not_empty")
    in_rows = False

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        if settings["min_files"] > settings["max_files"]:
            raise Problem("form_min_above_max", where="min_files", min=settings["min_files"], max=settings["max_files"])
        return settings

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if not isinstance(raw, list) or not all(isinstance(item, str) and 0 < len(item) <= 64 for item in raw):
            raise Problem("answer_not_list")
        ids = list(dict.fromkeys(raw))
        settings = field.settings
        if len(ids) > settings["max_files"]:
            raise Problem("answer_many_files", max=settings["max_files"], count=len(ids))
        if len(ids) < settings["min_files"]:
            raise Problem("answer_few_files", min=settings["min_files"])
        kept = set(asking.current) if isinstance(asking.current, list) else set()
        fresh = [item for item in ids if item not in kept]
        known = asking.ports.attachments(fresh) if fresh else {}
        for item in fresh:
            found = known.get(item)
            if found is None:
                raise Problem("answer_no_attachment")
            if found["kind"] != self.uploads:
                raise Problem("answer_wrong_file", name=brief(found["name"]))
            check_size(found["size"], settings["max_mb"] * MB)
            if not self.fits(field, found):
                raise Problem("answer_wrong_file", name=brief(found["name"]))
        return ids

    def admit(self, field: Field, head: bytes, name: str, size: int) -> None:
        check_size(size, field.settings["max_mb"] * MB)

    def fits(self, field: Field, found: Mapping[str, Any]) -> bool:
        """Whether a file of the right kind and size, sent for any field, would have been taken by this one too."""
        return True

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        known = ports.attachments(value)
        return ", ".join(str(known[item].get("name", item)) if item in known else item for item in value)

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return "\n".join(value)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        return cell.split()

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return f"**** × {len(value)}"

    def sample(self, field: Field) -> Any:
        return [f"sample{n}_{self.uploads}" for n in range(max(1, field.settings["min_files"]))]

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        # New files (`<name>.files`) are stored first; the receiver adds their ids to those already there.
        return [value for value in posted.getlist(name) if value] or None


class Compress(Keys):
    max_edge = Int(min=320, max=8000, load_default=1920,
                   metadata=ui("最长边（像素）", "Longest edge (pixels)", "number"))
    quality = Num(load_default=Decimal("0.8"), metadata=ui("压缩质量", "Quality", "number"))


class Settings(base.Settings):
    min_files = Int(min=0, max=50, load_default=0, metadata=ui("最少张数", "Fewest files", "number"))
    max_files = Int(min=1, max=50, load_default=9, metadata=ui("最多张数", "Most files", "number"))
    max_mb = Int(min=1, max=50, load_default=10, metadata=ui("每张最大 MB", "MB each, at most", "number"))
    compress = Sub(Compress, load_default=None, metadata=ui("上传前压缩", "Compress before sending", "compress"))
    camera_only = Flag(load_default=False, metadata=ui("只能现场拍照", "Camera only", "switch"))


class Images(Attachments):
    type = "images"
    label = names("图片", "Photos")
    icon = "image"
    Settings = Settings
    uploads = "image"

    def accept(self, field: Field, data: Bytes, name: str) -> Accepted:
        edge = (field.settings["compress"] or {}).get("max_edge")
        return accept_image(data, name, max_bytes=field.settings["max_mb"] * MB, max_edge=edge)
