"""Where flows name a field: found however the flow is made, and no other field that only begins like it."""
from __future__ import annotations

from typing import Any

import pytest

from app.definitions.usage import places


def flow(config: Any, **more: Any) -> dict[str, Any]:
    return {"form": "complaint", "nodes": [{"id": "n_1", "name": "处理", "config": config}], **more}


@pytest.mark.parametrize(("content", "found"), [
    (flow({"fields": {"f_x": "edit"}}), [("处理", "access")]),
    (flow({"fields": {"f_xy": "edit", "*": "read"}}), []),
    (flow({"when": {"any": [{"ref": "form.f_x", "op": "empty"}]}}), [("处理", "setting")]),
    (flow({"text": "您好 {{form.f_x}}，收到"}), [("处理", "setting")]),
    (flow({"text": "{{form.f_xy}}"}), []),
    (flow({"ask": ["f_x"], "fields": {"f_x": "required"}}), [("处理", "access"), ("处理", "setting")]),
    (flow({"set": {"form.f_x": 1}}), [("处理", "setting")]),
    (flow({"sum": "{{form.f_x.f_col}}"}), [("处理", "setting")]),
    (flow({}, edges=[{"when": {"ref": "form.f_x"}}]), [("", "setting")]),
    ({"form": "complaint", "nodes": [3, {"config": "x"}, {"config": {"fields": "f_x"}}]}, []),
    ({"form": "complaint", "nodes": {"x": "f_x"}}, []),
])
def test_places(content: Any, found: list[tuple[str, str]]) -> None:
    assert list(places(content, "f_x")) == found
