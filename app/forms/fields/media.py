"""Sound and video."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.forms import base
from app.forms.base import Field, names, ui
from app.forms.fields.images import Attachments
from app.forms.files import MB, Accepted, Bytes, accept_media, check_length, media_mime
from app.forms.keys import Each, Int, Str


class Settings(base.Settings):
    accept = Each(Str(choices=("audio/*", "video/*")), least=1, most=2, load_default=lambda: ["audio/*", "video/*"],
                  metadata=ui("允许类型", "Accepted kinds", "multiselect", options={
                      "audio/*": {"zh": "语音", "en": "Audio"}, "video/*": {"zh": "视频", "en": "Video"}}))
    min_files = Int(min=0, max=20, load_default=0, metadata=ui("最少个数", "Fewest files", "number"))
    max_files = Int(min=1, max=20, load_default=3, metadata=ui("最多个数", "Most files", "number"))
    max_mb = Int(min=1, max=500, load_default=50, metadata=ui("每个最大 MB", "MB each, at most", "number"))
    max_seconds = Int(min=1, max=3600, load_default=None, allow_none=True,
                      metadata=ui("最长秒数", "Longest, in seconds", "number"))


class Media(Attachments):
    type = "media"
    label = names("语音/视频", "Audio or video")
    icon = "media"
    Settings = Settings
    uploads = "media"

    def admit(self, field: Field, head: bytes, name: str, size: int) -> None:
        super().admit(field, head, name, size)
        media_mime(head, name, accept=field.settings["accept"])

    def accept(self, field: Field, data: Bytes, name: str) -> Accepted:
        settings = field.settings
        return accept_media(data, name, accept=settings["accept"], max_bytes=settings["max_mb"] * MB,
                            max_seconds=settings["max_seconds"])

    def fits(self, field: Field, found: Mapping[str, Any]) -> bool:
        check_length(found["ms"], field.settings["max_seconds"])
        return not found["mime"] or f"{found['mime'].partition('/')[0]}/*" in field.settings["accept"]
