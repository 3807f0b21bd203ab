"""The robot of a group chat in WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Robot(Recorded):
    """Speaks in a group, whose name is the receiver."""

    name = "robot"
    label: ClassVar[Mapping[str, str]] = {"zh": "群机器人", "en": "Group robot"}
    reaches = ("group",)
