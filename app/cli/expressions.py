"""`flask expressions …`: hold the two evaluators against each other."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.cli.expression_fuzz import fuzz as run_fuzz
from app.cli.expression_twin import Twin, in_python
from app.cli.expression_vectors import BadVector, Vector, read_vector


@click.group("expressions")
def cli() -> None:
    """Check that conditions and formulas mean the same in the browser and on the server."""


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def vectors(file: Path) -> None:
    """Run a vector FILE (one JSON a line) through both evaluators; exit 1 unless every vector is right on both."""
    twin = Twin()
    total = right = 0
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8 text (byte {error.start}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        total += 1
        try:
            vector = read_vector(json.loads(line))
        except (BadVector, json.JSONDecodeError) as error:
            click.echo(f"line {number}: cannot be read: {error}")
            continue
        except RecursionError:
            click.echo(f"line {number}: cannot be read: nested too deeply")
            continue
        complaints = judge(vector, twin)
        right += not complaints
        for complaint in complaints:
            click.echo(f"line {number} {vector.name}: {complaint}")
    click.echo(f"{right} of {total} agree and are right")
    if not total:
        raise click.ClickException(f"{file.name} holds no vector.")
    if right != total:
        raise SystemExit(1)


def judge(vector: Vector, twin: Twin) -> list[str]:
    """What is wrong with a vector, one text for each way it was written and each side."""
    out = []
    for form, ast in vector.forms.items():
        if isinstance(ast, dict):
            results = {"parser": ast}
        else:
            case = (ast, vector.types, vector.ctx, vector.env)
            results = {"Python": in_python(*case), "JavaScript": twin.run([case])[0]}
        for side, result in results.items():
            if result != vector.expected:
                out.append(f"{form} in {side} gives {_shown(result)}, expected {_shown(vector.expected)}")
    return out


def _shown(result: Any) -> str:
    return json.dumps(result, ensure_ascii=False)[:300].encode("utf-8", "replace").decode()


@cli.command()
@click.option("--cases", default=100_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Append differing cases as vectors.")
def fuzz(cases: int, seed: int, save: Path | None) -> None:
    """Evaluate random expressions on both sides; exit 1 on any difference."""
    differences = 0
    for case, (python, javascript) in run_fuzz(cases, seed, Twin()):
        differences += 1
        click.echo(f"{_shown(case['ast'])}\n  Python {_shown(python)}\n  JavaScript {_shown(javascript)}")
        if save:
            with save.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**case, "expected": python}) + "\n")
    click.echo(f"{differences} differences in {cases} cases (seed {seed})")
    if differences:
        raise SystemExit(1)
