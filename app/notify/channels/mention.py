"""Being named in the WeCom work group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Mention(Recorded):
    """The second rung of a ladder: named in front of the others."""

    name = "mention"
    label: ClassVar[Mapping[str, str]] = {"zh": "群内@提醒", "en": "Group mention"}
    reaches = ("person",)
