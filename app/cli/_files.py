"""Files that commands read, and how they say that one cannot be read."""
from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import click

from app.core import strictjson
from app.core.errors import Invalid, Problem

MAX_BYTES = 4_000_000
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def read(path: Path) -> Any:
    """A JSON file; raises Problem."""
    return strictjson.loads(path.read_bytes(), max_bytes=MAX_BYTES)


def refuse(place: Path | str | None, problem: Problem, locale: str) -> NoReturn:
    """Say what cannot be read, and where, and end with status 2."""
    click.echo(f"{place}: {problem.message(locale)}", err=True)
    for part in problem.problems if isinstance(problem, Invalid) else ():
        click.echo(f"  {part.where}: {part.message(locale)}", err=True)
    raise SystemExit(2)
