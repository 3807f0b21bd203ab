"""Templates and texts of plugins, for the application that draws them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask
from jinja2 import ChoiceLoader, FunctionLoader

from app import locales
from app.core.errors import localized
from app.plugins.base import Plugin


def words(texts: Mapping[str, str]) -> str:
    """For templates of plugins, whose texts no catalogue of ours holds: `words({"zh": …, "en": …})`."""
    return str(localized(texts, locales.current()))


def init_app(app: Flask, found: Sequence[Plugin]) -> None:
    """Let Jinja find the templates of plugins, behind our own; `flask plugins` tells what was found."""
    app.extensions["plugins"] = found
    files = {name: path for plugin in found for name, path in plugin.templates.items()}

    def source(name: str) -> tuple[str, str, None] | None:
        path = files.get(name)
        return (path.read_text("utf-8"), str(path), None) if path else None

    ours = app.jinja_loader
    assert ours is not None
    app.jinja_loader = ChoiceLoader([ours, FunctionLoader(source)])
    app.jinja_env.globals["words"] = words
