"""Which plugins this installation has, and why one is left out: for those who look after it."""
from __future__ import annotations

from flask import Blueprint, Response, current_app

from app.core.errors import Problem
from app.desk import frame
from app.extensions import parts
from app.security import staff

bp = Blueprint("plugins", __name__)
bp.register_error_handler(Problem, frame.refused)


@bp.get("/plugins")
@staff("org.manage")
def index() -> Response:
    """Every plugin that was found when this process started, those that are left out first."""
    catalog = parts().catalog
    found = []
    for plugin in current_app.extensions["plugins"]:
        brings = {(item.label["zh"], key[0] if isinstance(key, tuple) else key): item.label
                  for registry in (catalog.fields, catalog.nodes, catalog.channels)
                  for key, item in registry.items() if registry.owner(key) == plugin.name}
        found.append((plugin, [(label, type) for (_, type), label in brings.items()]))
    return frame.page("desk/plugins.html", plugins=sorted(found, key=lambda row: (not row[0].reason, row[0].name)))
