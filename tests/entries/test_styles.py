"""The tokens keep their contrast, and no style needs a browser newer than Chrome 66."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "app" / "static" / "css"
PHONE = ("tokens.css", "fields.css", "phone.css")


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Colours of the light and of the dark theme."""
    light, _, dark = (CSS / "tokens.css").read_text(encoding="utf-8").partition("@media (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return found[0], {**found[0], **found[1]}


def luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


TEXT = [("ink", "card"), ("ink", "bg"), ("sub", "card"), ("sub", "bg"),
        ("brand-strong", "card"), ("brand-strong", "bg"), ("brand-strong", "brand-tint"),
        ("on-brand", "brand"), ("on-brand", "brand-strong"),
        ("red", "card"), ("red", "bg"), ("red", "red-tint"), ("amber", "card"), ("amber", "amber-tint"),
        ("green", "card"), ("green", "green-tint"), ("violet", "card"), ("teal", "card"), ("card", "green")]
SHAPES = [("line-strong", "card"), ("line-strong", "bg"), ("brand", "card"), ("brand", "bg"), ("amber", "card")]
PAIRS = [(*pair, 4.5) for pair in TEXT] + [(*pair, 3.0) for pair in SHAPES]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_contrast(theme: int, front: str, back: str, least: float) -> None:
    colours = tokens()[theme]
    assert contrast(colours[front], colours[back]) >= least


@pytest.mark.parametrize("name", PHONE)
def test_no_style_is_newer_than_chrome_66(name: str) -> None:
    style = re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(encoding="utf-8"), flags=re.S)
    newer = (r"[^-]\binset\s*:|aspect-ratio|:has\(|:is\(|:where\(|:focus-visible|\bmin\(|\bmax\(|clamp\(|accent-color"
             r"|margin-(inline|block)|padding-(inline|block)|@layer|@container|overflow-wrap:\s*anywhere|(?<![-\w])gap\s*:")
    assert not re.findall(newer, style)


@pytest.mark.parametrize("name", ["fields.css", "phone.css"])
def test_colours_are_named_in_the_tokens_only(name: str) -> None:
    style = (CSS / name).read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", style)
    known = set(re.findall(r"(--[a-z0-9-]+):", (CSS / "tokens.css").read_text(encoding="utf-8")))
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", style)) <= known
