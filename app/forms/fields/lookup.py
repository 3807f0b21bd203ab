"""What the types share whose answer is a row of something long: chosen from a list, or found by a part of its name."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem, localized
from app.forms.base import Asking, Field, FieldType, FormPorts, Posted
from app.forms.text import brief, clean_text, kind_ascii

MANY = 200  # with more rows than this the page searches instead of listing them
PAGE = 50  # rows of a search that are shown
MAX_FIND = 60

Row = Mapping[str, Any]


def row_label(row: Any, fallback: str, locale: str) -> str:
    """What a row is called."""
    return str(localized(row.get("label") or row.get("name") or fallback, locale)) if row else fallback


class Lookup(FieldType):
    """Stored is a row's id. A raw answer may also be {"find": words}: the one row that they mean."""

    group = "choice"
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    coded = True
    unknown = ""  # code of the refusal of an id that does not exist for the asker

    @abstractmethod
    def rows(self, field: Field, ports: FormPorts) -> Sequence[Row] | None:
        """What the asker may choose from, {"id", "name"|"label"}, in order of display; None: it can only be searched.
        """

    @abstractmethod
    def row(self, field: Field, row_id: str, ports: FormPorts) -> Row | None:
        """A row for its words, chosen long ago perhaps; None: the asker may not see it."""

    @abstractmethod
    def may_choose(self, field: Field, row_id: str, ports: FormPorts) -> bool:
        """Whether the asker may choose it now."""

    def found(self, field: Field, words: str, ports: FormPorts) -> Sequence[Row]:
        """Those of the rows that the words may mean, the best first. Raises Problem where they cannot be asked for."""
        return matching(self.rows(field, ports) or (), words)

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        if isinstance(raw, dict) and raw.keys() == {"find"}:
            return self.only(field, raw["find"], asking)
        if not isinstance(raw, str) or not 0 < len(raw) <= 64:
            raise Problem(self.unknown)
        if not asking.had(raw) and not self.may_choose(field, raw, asking.ports):
            raise Problem(self.unknown)
        return raw

    def only(self, field: Field, words: Any, asking: Asking) -> str:
        """The id of the one row that the words mean; Problem if there is none, or several."""
        words = clean_text(words, max_length=MAX_FIND)
        found = self.found(field, words, asking.ports)
        row = meant(found, words)
        if row is None:
            raise Problem("answer_find_many" if found else "answer_find_none", text=brief(words), count=len(found))
        return str(row["id"])

    def many(self, field: Field, ports: FormPorts) -> bool:
        rows = self.rows(field, ports)
        return rows is None or len(rows) > MANY

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Row]:
        """All rows of a short list with the chosen one; of a long list those found (one more than a page, if more),
        or the chosen one."""
        rows = self.rows(field, ports)
        chosen = value if isinstance(value, str) and value else ""
        if rows is None or len(rows) > MANY:
            words = value.get("find") if isinstance(value, Mapping) else None
            rows = self.found(field, words[:MAX_FIND], ports)[:PAGE + 1] if isinstance(words, str) else []
        if not chosen or any(row["id"] == chosen for row in rows):
            return rows
        kept = self.row(field, chosen, ports)
        return [*rows, kept] if kept else rows

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return row_label(self.row(field, str(value), ports), str(value), locale)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        found = [row["id"] for row in self.found(field, cell.strip(), ports) if cell.strip() in _names(row)]
        return found[0] if len(found) == 1 else cell.strip()  # of two stores of one name, neither was named

    def sample(self, field: Field) -> Any:
        return "sample"

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        """The chosen row; the words that were typed, if it was not found by them (`<name>.was`) or none was chosen."""
        words, was, chosen = ((posted.getlist(key) or [""])[0].strip() for key in (f"{name}.find", f"{name}.was", name))
        return {"find": words} if words and (words != was or not chosen) else chosen or None


def meant(found: Sequence[Row], words: str) -> Row | None:
    """The one of the rows found that the words mean: the only one, or the only one that is called so."""
    exact = [row for row in found if words in _names(row)]
    one = exact if len(exact) == 1 else found
    return one[0] if len(one) == 1 else None


def matching(rows: Sequence[Row], words: str) -> list[Row]:
    """Rows whose id or name holds the words, in any case and width; those that begin with them first."""
    wanted = plain(words)
    if not wanted:
        return []
    first: list[Row] = []
    other: list[Row] = []
    for row in rows:
        at = [place for name in _names(row) if (place := plain(name).find(wanted)) >= 0]
        if at:
            (other if min(at) else first).append(row)
    return first + other


def _names(row: Row) -> list[str]:
    """What a row may be called: its id, its name in every language."""
    label = row.get("label") or row.get("name") or ""
    return [str(row["id"]), *(str(name) for name in (label.values() if isinstance(label, Mapping) else (label,)))]


def plain(words: str) -> str:
    """Words as they are compared: in one case and width."""
    return kind_ascii(words).casefold()
