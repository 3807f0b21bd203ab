"""The three files that commands about a flow read: the flow, its form, its scenarios."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from app.cli._catalog import pure_catalog
from app.cli._files import read, refuse
from app.core.errors import Problem
from app.definitions.bundle import Bundle
from app.flows.scenario import load_scenarios


def loaded(flow: Path, form: Path, scenarios: Path, locale: str) -> tuple[Bundle, Any]:
    """The flow with its form, and what `load_scenarios` gives; ends the command where one of them cannot be read."""
    place = scenarios
    try:
        story = load_scenarios(read(scenarios))
        place = form
        content = read(form)
        place = flow
        return Bundle.load(content, read(flow), pure_catalog()), story
    except Problem as problem:
        refuse(place, problem, locale)
