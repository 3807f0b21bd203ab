"""An application message in WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.notify.channels.recorded import Recorded


class Wecom(Recorded):
    """Reaches a colleague's WeCom, on phone and desktop."""

    name = "wecom"
    label: ClassVar[Mapping[str, str]] = {"zh": "企业微信", "en": "WeCom"}
    reaches = ("person",)
