"""`flask catalog`: what a definition may name in this installation."""
from __future__ import annotations

import json
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.catalog import Catalog
from app.extensions import parts
from app.forms.describe import describe as describe_forms


def describe(catalog: Catalog) -> dict[str, Any]:
    """Field types as the form designer draws them, node types with their ports, channels, message templates, effects.

    Each with its owner: "core", or the plugin's name. `forms` is what else the form designer is told.
    """
    forms = describe_forms(catalog)
    return {
        "fields": forms.pop("types"),
        "forms": forms,
        "nodes": [
            {
                "type": kind.type, "version": kind.version, "label": dict(kind.label), "group": kind.group,
                "ports": [port.id for port in kind.outputs],
                **({"ports_from": kind.ports_from} if kind.ports_from else {}),
                "owner": catalog.nodes.owner(key),
            }
            for key, kind in catalog.nodes.items()
        ],
        "channels": [{"name": key, "owner": catalog.channels.owner(key)} for key in catalog.channels],
        "templates": [{"name": key, "owner": catalog.templates.owner(key)} for key in catalog.templates],
        "effects": [{"name": key, "owner": catalog.effects.owner(key)} for key in catalog.effects],
    }


@click.command("catalog")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a list to read.")
@with_appcontext
def catalog(as_json: bool) -> None:
    """Print the registered field types, node types (type, version, ports), channels, templates and effects."""
    found = describe(parts().catalog)
    found["plugins"] = [{"name": plugin.name, "state": plugin.state, "reason": plugin.reason}
                        for plugin in current_app.extensions["plugins"]]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    del found["forms"], found["plugins"]
    for kind, items in found.items():
        click.echo(f"{kind}:")
        for item in items:
            ports = f" -> {', '.join(item['ports'])}" if item.get("ports") else ""
            version = f" {item['version']}" if "version" in item else ""
            owner = f" (plugin {item['owner']})" if item["owner"] != "core" else ""
            click.echo(f"  {item.get('type') or item['name']}{version}{ports}{owner}")
