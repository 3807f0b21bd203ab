"""What the tests of upgrading open tickets share: later versions of the complaint form."""
from __future__ import annotations

from typing import Any

from flask import Flask

from app.core.principal import SYSTEM
from app.definitions import service as definitions
from app.definitions.spread import bring_to_types
from app.extensions import clock, db
from app.org import service as org
from tests.designer.conftest import KEY, fresh


def later(*without: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """The complaint form without some fields and the rules about them, with others changed (None: without that setting)
    or, in the section of the handling, added."""
    content = fresh()
    rows = {row["id"]: row for row in content["fields"] if row["id"] not in without}
    for key, more in fields.items():
        row = {**rows.get(key, {"id": key, "section": "s_fix", "label": key}), **more}
        rows[key] = {name: value for name, value in row.items() if value is not None}
    rules = [rule for rule in content["rules"] if not any(key in str(rule) for key in without)]
    return {**content, "fields": list(rows.values()), "rules": rules}


def publish(app: Flask, *contents: dict[str, Any], bring: bool = True) -> None:
    """Publish later versions of the complaint form, one after the other."""
    with app.app_context():
        for content in contents:
            rev = definitions.draft("form", KEY)["rev"]
            definitions.save_draft("form", KEY, content, rev, actor=SYSTEM, now=clock.now_ms())
            definitions.publish("form", KEY, actor=SYSTEM, now=clock.now_ms(), known=org.known())
        if bring:
            bring_to_types("form", KEY, actor=SYSTEM, now=clock.now_ms(), known=org.known())
        db.session.remove()


CHANGED = {
    "f_body": {"label": "经过"}, "f_order": {"type": "textarea"}, "f_cost": {"type": "money", "label": "实际损失"},
    "f_root": {"type": "radio", "label": "责任方", "section": "s_what",
               "options": [{"id": "o_shop", "label": "门店"}, {"id": "o_us", "label": "总部"}]},
}
