"""A content of a flow, loaded with its form: what the sandbox plays and a rehearsal runs on."""
from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.core.catalog import Catalog
from app.core.errors import Problem
from app.definitions import service as definitions
from app.definitions.bundle import Bundle
from app.extensions import parts


def bundle_of(content: Any) -> Bundle:
    """The flow with its form: the one in force, or its draft before it was ever published."""
    form = content.get("form") if isinstance(content, Mapping) else None
    if not isinstance(form, str):
        raise Problem("sandbox_no_form", where="form")
    found = definitions.current_content("form", form) or definitions.draft("form", form)["content"]
    return _loaded(json.dumps(found), json.dumps(content), parts().catalog)


@lru_cache(maxsize=8)
def _loaded(form: str, flow: str, catalog: Catalog) -> Bundle:
    """Somebody who records a scenario plays the same flow again and again."""
    return Bundle.load(json.loads(form), json.loads(flow), catalog)
