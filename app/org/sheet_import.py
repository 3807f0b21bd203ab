"""Rows from a sheet into a table: first what would happen, line by line, then all of it in one commit."""
from __future__ import annotations

import json
import re
import uuid
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import delete, or_, select

from app.core.errors import Conflict, Invalid, NotFound, Problem
from app.core.principal import Principal
from app.extensions import db
from app.org import columns, tables, words
from app.org.columns import Column
from app.org.epoch import changed
from app.org.models import SheetUpload, Source, SourceRow
from app.org.tables import Edit, Writing
from app.sheets import Sheet

KEPT_MS = 24 * 3_600_000
NEW = "+"  # before a column's type: the sheet's column becomes one of the table's
MOST_BAD = 0.05  # of a column's cells may be mistakes when its type is guessed
CODES = re.compile(r"编号|编码|代码|sku|\bcode\b|\bid\b|\bno\b")
NAMES = re.compile(r"名称|名字|姓名|\bname\b|\btitle\b")
MAX_BAD = 200  # lines that are shown with their reasons


@dataclass(frozen=True)
class Bad:
    """A line that cannot be taken: its number in the file, its first words, why."""

    line: int
    words: str
    problems: tuple[Problem, ...]


@dataclass
class Plan:
    """What an import would do. `lines`: (line, what to do); `same`: lines that change nothing."""

    columns: tuple[Column, ...]
    lines: list[tuple[int, Edit]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0


def keep(source: str, sheet: Sheet, name: str, *, actor: Principal, now: int) -> str:
    """Keep a sheet until it is imported (commits); returns its id. What is a day old goes, and one's last one."""
    _editable(source, actor)
    db.session.execute(delete(SheetUpload).where(or_(
        SheetUpload.at < now - KEPT_MS,
        (SheetUpload.source == source) & (SheetUpload.person_id == actor.id))))
    data = zlib.compress(json.dumps([sheet.header, sheet.lines], ensure_ascii=False).encode(), 6)
    upload = SheetUpload(id=str(uuid.uuid4()), source=source, person_id=actor.id, at=now, name=name, data=data)
    db.session.add(upload)
    db.session.commit()
    return upload.id


def kept(source: str, upload_id: str, *, actor: Principal, now: int) -> tuple[str, Sheet]:
    """(file name, sheet) that this person sent; raises NotFound."""
    found = db.session.get(SheetUpload, upload_id)
    if found is None or found.source != source or found.person_id != actor.id or found.at < now - KEPT_MS:
        raise NotFound("sheet_gone", where="file")
    header, lines = json.loads(zlib.decompress(found.data))
    return found.name, Sheet(header, [(number, cells) for number, cells in lines])


def _editable(key: str, actor: Principal) -> Source:
    source = db.session.get(Source, key)
    if source is None:
        raise NotFound("source_unknown", where=key[:60], source=key[:40])
    if not tables.may_edit(actor, source.scope):
        tables.require(actor, tables.RIGHT)
        raise Problem("table_scoped", where=key)
    return source


def guess(sheet: Sheet, there: Sequence[Column]) -> list[str]:
    """For each column of the sheet: the table's column of that title, "" (leave out), or "+type" in a bare table."""
    by_title = {title.casefold(): column.key for column in there for title in _titles(column)}
    by_title.update({column.key: column.key for column in there})
    out: list[str] = []
    for heading in sheet.header:
        found = by_title.get(heading.casefold(), "")
        out.append(found if found not in out else "")
    for key, telling in (("id", CODES), ("name", NAMES), ("name", re.compile(""))):
        fits = [index for index, heading in enumerate(sheet.header)
                if heading and not out[index] and telling.search(heading.casefold())]
        if fits and key not in out:
            out[fits[0]] = key
    if len(there) == 2:  # nobody has said yet what the table holds
        for index, heading in enumerate(sheet.header):
            if heading and not out[index]:
                out[index] = NEW + _type_of([cells[index] for _, cells in sheet.lines[:500] if cells[index]])
    return out


def _titles(column: Column) -> list[str]:
    """What a column is called, in every language."""
    return [str(title) for title in (column.title.values() if isinstance(column.title, Mapping) else [column.title])]


def _type_of(filled: Sequence[str]) -> str:
    """The narrowest type that takes nearly all of these cells: what does not fit is shown in the preview."""
    codes = sum(cell[0] == "0" and cell[1:2] not in ("", ".") for cell in filled)  # 007 would lose its zeros
    for kind in ("date", "number"):
        bad = sum(not _fits(Column("x", "x", kind), cell) for cell in filled)
        if filled and bad + (codes if kind == "number" else 0) <= len(filled) * MOST_BAD:
            return kind
    return "text"


def _fits(column: Column, cell: str) -> bool:
    try:
        return bool(columns.clean(column, cell))
    except Problem:
        return False


def mapped(sheet: Sheet, there: Sequence[Column], mapping: Sequence[str]) -> tuple[tuple[Column, ...], list[str]]:
    """The table's columns with the new ones, and the column of each of the sheet's ("": left out). Raises Invalid."""
    found: list[Column] = list(there)
    to: list[str] = []
    problems = []
    wanted = [*mapping, *[""] * len(sheet.header)][: len(sheet.header)]
    if len(there) == 2:  # a new table takes the sheet's words
        titles = {want: heading[:words.MAX_NAME]
                  for want, heading in zip(wanted, sheet.header, strict=True) if heading}
        found = [replace(column, title=titles[column.key])
                 if titles.get(column.key, column.title) not in (column.title, *_titles(column)) else column
                 for column in found]
    for index, want in enumerate(wanted):
        where = f"to.{index}"
        if want.startswith(NEW) and want[1:] in columns.TYPES and want != NEW + "choice":
            key = columns.new_key([column.key for column in found])
            found.append(Column(key, sheet.header[index][:words.MAX_NAME] or "?", want[1:]))
            to.append(key)
            continue
        if want and want not in {column.key for column in there}:
            problems.append(Problem("column_unknown", where=where, column=want[:40]))
        elif want and want in to:
            problems.append(Problem("sheet_column_twice", where=where, heading=sheet.header[index][:60]))
        to.append(want)
    if "name" not in to:
        problems.append(Problem("sheet_no_name", where="to.0"))
    if problems:
        raise Invalid(problems, "table_invalid")
    return columns.checked([column.as_json() for column in found]), to


def plan(sheet: Sheet, shown: Sequence[Column], to: Sequence[str], rows: Mapping[str, SourceRow]) -> Plan:
    """What the sheet would do to these rows. Rows are recognised by their code, without one by their name."""
    out = Plan(tuple(shown))
    by_key = {column.key: column for column in shown}
    by_code = "id" in to
    names = Counter(row.label for row in rows.values())
    of_name = {row.label: row.id for row in rows.values()}
    seen: dict[str, int] = {}
    for line, cells in sheet.lines:
        raw = {key: cells[index] for index, key in enumerate(to) if key}
        clean, problems = _cleaned(raw, by_key)
        ident = clean.get("id", "") if by_code else of_name.get(clean.get("name", ""), "")
        mark = ident or clean.get("name", "")
        if mark in seen:
            problems.append(Problem("sheet_line_twice", where="id", line=seen[mark], value=mark))
        elif mark and (ident or not by_code):
            seen[mark] = line
        if not by_code and names[clean.get("name", "")] > 1:
            problems.append(Problem("sheet_name_many", where="name", value=clean["name"]))
        if problems:
            out.bad.append(Bad(line, " · ".join(cell for cell in cells if cell)[:80], tuple(problems)))
            continue
        row = rows.get(ident)
        if row is None:
            out.added += 1
            out.lines.append((line, Edit(None, clean)))
        elif row.active and all(tables.cell_of(row, key) == value for key, value in clean.items()):
            out.same += 1
        else:
            out.changed += 1
            out.lines.append((line, Edit(row.id, clean, row.version, True)))
    if len(rows) + out.added > tables.MAX_ROWS:
        out.bad.append(Bad(0, "", (Problem("table_full", where="", max=tables.MAX_ROWS),)))
    return out


def _cleaned(raw: Mapping[str, str], by_key: Mapping[str, Column]) -> tuple[dict[str, str], list[Problem]]:
    out, problems = {}, []
    for key, text in raw.items():
        try:
            out[key] = columns.clean(by_key[key], text)
        except Problem as problem:
            problems.append(problem)
    return out, problems


def preview(key: str, sheet: Sheet, mapping: Sequence[str], *, actor: Principal) -> Plan:
    """What the import would do now. Stores nothing. Raises Invalid for a mapping that means nothing."""
    source = _editable(key, actor)
    shown, to = mapped(sheet, columns.stored(source.columns), mapping)
    rows = {row.id: row for row in db.session.scalars(select(SourceRow).where(SourceRow.source == key))}
    return plan(sheet, shown, to, rows)


def run(key: str, upload_id: str, mapping: Sequence[str], *, version: int, skip_bad: bool, actor: Principal,
        now: int) -> tables.Done:
    """Import a kept sheet as its preview showed it, all or nothing (commits).

    Raises Conflict if the table (at `version` in the preview) moved since, Problem if there are bad lines and
    `skip_bad` was not said.
    """
    _, sheet = kept(key, upload_id, actor=actor, now=now)
    source = tables.opened(key, actor)
    if source.version != version + 1:
        raise Conflict("table_moved", where=key)
    before = {"title": source.title, "columns": list(source.columns)}
    shown, to = mapped(sheet, columns.stored(source.columns), mapping)
    if shown != columns.stored(source.columns):
        source.columns = [column.as_json() for column in shown]
        tables.note(key, source.version, "", before, {**before, "columns": source.columns}, actor, now)
        changed()
    writing = Writing(source, actor, now)
    found = plan(sheet, shown, to, writing.rows)
    if any(not bad.line for bad in found.bad) or (found.bad and not skip_bad):
        raise Problem("sheet_bad_lines", where="file", count=len(found.bad))
    late = [tables.placed(problem, str(line)) for line, edit in found.lines
            for problem in writing.put(writing.rows.get(edit.id or ""), dict(edit.cells), edit.active)]
    if late:
        raise Invalid(late, "table_invalid")
    done = writing.save()
    db.session.execute(delete(SheetUpload).where(SheetUpload.id == upload_id))
    db.session.commit()
    return done
