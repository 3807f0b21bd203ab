"""A subscription message of the WeChat mini program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class MiniProgram(Recorded):
    """Reaches customers who have used the mini program."""

    name = "mini_program"
    label: ClassVar[Mapping[str, str]] = {"zh": "小程序", "en": "Mini program"}
    reaches = ("customer",)
