"""One choice of a few, all in sight; also what every choice field shares: options, sets, dependent options."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.errors import Problem, localized
from app.forms import base
from app.forms.base import Asking, Field, FieldType, FormPorts, Option, names, ui
from app.forms.keys import Each, Flag, Keys, Map, Str, Sub, Words, ident
from app.forms.text import brief

MAX_OPTIONS = 500


class OptionKeys(Keys):
    id = ident(required=True)
    label = Words(required=True)
    archived = Flag(load_default=False)


class OptionsFrom(Keys):
    ref = Str(required=True, pattern=r"form\.f_[a-z0-9_]{1,38}", metadata=ui("取决于", "Depends on", "field"))
    map = Map(ident(), ident(), required=True,
              metadata=ui("对应选项集", "Option set for each", "map"))


class Settings(base.Settings):
    options = Each(Sub(OptionKeys), most=MAX_OPTIONS, load_default=None, metadata=ui("选项", "Options", "options"))
    option_set = ident(load_default=None, metadata=ui("选项集", "Option set", "option_set"))
    options_from = Sub(OptionsFrom, load_default=None,
                       metadata=ui("联动选项", "Dependent options", "options_from"))


def make_options(rows: Iterable[Mapping[str, Any]], where: str) -> tuple[Option, ...]:
    """The options of a list; a repeated id is refused at its place."""
    options: dict[str, Option] = {}
    for index, row in enumerate(rows):
        if row["id"] in options:
            raise Problem("form_id_twice", where=f"{where}[{index}].id", id=row["id"])
        options[row["id"]] = Option(row["id"], row["label"], row["archived"])
    return tuple(options.values())


class Choice(FieldType):
    """Base of the types whose answer is one or more option ids. Settings gain choices, active, parent, groups."""

    group = "choice"
    Settings = Settings

    def starter(self) -> dict[str, Any]:
        return {"options": [{"id": f"o_{number}", "label": {"zh-CN": f"选项 {number}", "en": f"Option {number}"}}
                            for number in (1, 2)]}

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        given = [key for key in ("options", "option_set", "options_from") if settings[key] is not None]
        if len(given) != 1:
            raise Problem("form_options_one_source", where=given[-1] if given else "options")
        sets: Mapping[str, tuple[Option, ...]] = parts["option_sets"]
        groups: dict[str, frozenset[str]] | None = None
        parent = None
        if settings["options"] is not None:
            options = make_options(settings["options"], "options")
        elif settings["option_set"]:
            options = _set(sets, settings["option_set"], "option_set")
        else:
            parent = settings["options_from"]["ref"].removeprefix("form.")
            found: dict[str, Option] = {}
            groups = {}
            for option, name in settings["options_from"]["map"].items():
                members = _set(sets, name, f"options_from.map.{option}")
                groups[option] = frozenset(member.id for member in members)
                found.update((member.id, member) for member in members)
            options = tuple(found.values())
        if not options:
            raise Problem("form_options_none", where=given[0])
        return {**settings, "choices": {option.id: option for option in options}, "parent": parent, "groups": groups,
                "active": frozenset(option.id for option in options if not option.archived)}

    def allowed(self, field: Field, current: Any) -> frozenset[str] | None:
        """Active options, and archived ones where they were chosen before."""
        active: frozenset[str] = field.settings["active"]
        if not current:
            return active
        return active.union(item for item in (current if isinstance(current, list) else [current])
                            if isinstance(item, str) and item in field.settings["choices"])

    def check(self, field: Field, raw: Any, asking: Asking) -> str:
        """The option id, if it may be chosen now."""
        choices: Mapping[str, Option] = field.settings["choices"]
        if not isinstance(raw, str) or raw not in choices:
            raise Problem("answer_not_option", value=brief(raw))
        if asking.allowed is None or raw in asking.allowed:
            return raw
        option = choices[raw]
        code = "answer_option_archived" if option.archived else "answer_option_unavailable"
        raise Problem(code, option=option.label)

    def word(self, field: Field, option_id: str, locale: str) -> str:
        """The option's label, or the id of one that no longer exists."""
        option = field.settings["choices"].get(option_id)
        return str(localized(option.label, locale)) if option else str(option_id)

    def find(self, field: Field, words: str) -> str:
        """The id of the option that a spreadsheet's text names, by label in any language; other text stays as it is."""
        words = words.strip()
        for option in field.settings["choices"].values():
            labels = option.label.values() if isinstance(option.label, Mapping) else (option.label,)
            if words in labels:
                return str(option.id)
        return words

    def usable(self, field: Field) -> list[str]:
        """Ids of options for new answers; of dependent ones those under the first parent choice."""
        group = next(iter(field.settings["groups"].values())) if field.settings["groups"] else None
        return [option.id for option in field.settings["choices"].values()
                if not option.archived and (group is None or option.id in group)]


def _set(sets: Mapping[str, tuple[Option, ...]], name: str, where: str) -> tuple[Option, ...]:
    if name not in sets:
        raise Problem("form_option_set_unknown", where=where, name=name)
    return sets[name]


class Radio(Choice):
    type = "radio"
    label = names("单选", "Single choice")
    icon = "radio"
    accepts = frozenset({"select"})
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        return self.check(field, raw, asking)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        return self.word(field, str(value), locale)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        return self.find(field, cell)

    def sample(self, field: Field) -> Any:
        return next(iter(self.usable(field)), None)
