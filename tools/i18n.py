"""Translations: `python -m tools.i18n merge | compile | check`.

The msgid is the English text in the code. Chinese stands in `app/translations/src/*.zh.json`, a file per room;
`merge` brings both together in the .po catalogues (committed), `compile` makes the .mo files that the application
reads (not committed), `check` fails when a text used in code or templates has no Chinese, or a pair is unused.
"""
from __future__ import annotations

import json
import os
import re
import sys
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.principal import RIGHTS

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "app" / "translations"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "_n": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"silent": "false", "trimmed": "true"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

COMMENT = "# Made by `make i18n`: change the texts in code and ../../src/, not here."
# Header lines that name nobody or change with every run.
HEADER = re.compile(r'"(?:POT-Creation|PO-Revision|Generated|Project-Id|Report-Msgid|Last-Trans|Language-Team).*\n')

MsgId = str | tuple[str, ...]


@lru_cache(maxsize=1)
def used() -> dict[MsgId, list[tuple[str, int]]]:
    """Every text in code and templates, with where it stands; (singular, plural) for counted ones."""
    found: dict[MsgId, list[tuple[str, int]]] = {}
    for name, line, message, _comments, _context in extract_from_dir(
        ROOT / "app", method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        key = tuple(message[:2]) if isinstance(message, tuple | list) else message
        found.setdefault(key, []).append((f"app/{name}", line))
    for text in RIGHTS.values():  # data of the pure core, worded where it is shown
        found.setdefault(text, []).append(("app/core/principal.py", 0))
    return found


def pairs() -> dict[str, str]:
    """English → Chinese from all rooms; ValueError where two rooms disagree."""
    merged: dict[str, str] = {}
    for path in sorted((TRANSLATIONS / "src").glob("*.zh.json")):
        for english, chinese in json.loads(path.read_text(encoding="utf-8")).items():
            if merged.setdefault(english, chinese) != chinese:
                raise ValueError(f"{path.name}: {english!r} is {chinese!r} here and {merged[english]!r} elsewhere")
    return merged


def _singular(key: MsgId) -> str:
    return key if isinstance(key, str) else key[0]


def catalogues() -> dict[str, Catalog]:
    """The two catalogues as they should be. Chinese has one plural form, English two."""
    chinese = pairs()
    out = {}
    for locale in ("zh_CN", "en"):
        catalog = Catalog(locale=locale, fuzzy=False, header_comment=COMMENT)
        for key, places in sorted(used().items(), key=lambda item: _singular(item[0])):
            if locale == "en":
                text: MsgId = key
            else:
                one = chinese.get(_singular(key), "")
                text = one if isinstance(key, str) else (one,)
            catalog.add(key, text, locations=[(name, 0) for name in sorted({name for name, _line in places})])
        out[locale] = catalog
    return out


def po_path(locale: str) -> Path:
    """Where a catalogue is kept."""
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def merge() -> None:
    """Write the .po files."""
    for locale, catalog in catalogues().items():
        buffer = BytesIO()
        write_po(buffer, catalog, width=0, omit_header=False, include_lineno=False, sort_output=True)
        text = HEADER.sub("", buffer.getvalue().decode())
        path = po_path(locale)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: {len(catalog)} texts")


def compile_() -> None:
    """Write the .mo files where the .po files are newer."""
    for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        # Babel reads "zh_CN" as zh_Hans_CN, and looks for the catalogue there.
        target = TRANSLATIONS / str(Locale.parse(path.parent.parent.name)) / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        with path.open("rb") as source:
            catalog = read_po(source, locale=path.parent.parent.name)
        aside = target.with_suffix(f".{os.getpid()}")  # several may compile at once, and somebody may be reading
        with aside.open("wb") as file:
            write_mo(file, catalog)
        aside.replace(target)


def findings() -> list[str]:
    """What is wrong with the translations, a line each."""
    chinese = pairs()
    out = []
    singulars = set()
    for key, places in used().items():
        one = _singular(key)
        singulars.add(one)
        where = f"{places[0][0]}:{places[0][1]}"
        counted = one if isinstance(key, str) else key[1]
        if not chinese.get(one):
            out.append(f"{where}: no Chinese for {one!r} (add it to app/translations/src/)")
        elif set(PLACEHOLDER.findall(chinese[one])) != set(PLACEHOLDER.findall(counted)):
            out.append(f"{where}: the placeholders of {one!r} and {chinese[one]!r} differ")
    out += [f"translations/src: {english!r} is used nowhere" for english in sorted(set(chinese) - singulars)]
    for locale in ("zh_CN", "en"):
        out += _stale(locale)
    return out


def _stale(locale: str) -> list[str]:
    path = po_path(locale)
    if not path.exists():
        return [f"{path.relative_to(ROOT)} is missing: run `make i18n`"]
    with path.open("rb") as source:
        kept = {_id(message): message.string for message in read_po(source, locale=locale) if message.id}
    wanted = {_id(message): message.string for message in catalogues()[locale] if message.id}
    if kept != wanted:
        return [f"{path.relative_to(ROOT)} is not what code and translations/src say: run `make i18n`"]
    return []


def _id(message: Message) -> MsgId:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def main(command: str) -> int:
    """Run one command; returns the exit code."""
    if command == "merge":
        merge()
        compile_()
        return 0
    if command == "compile":
        compile_()
        return 0
    if command == "check":
        found = findings()
        for line in found:
            print(line)
        print(f"translations: {len(used())} texts, {len(found)} problems")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
