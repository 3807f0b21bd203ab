"""The contract of forms: what a field type is, what a loaded form holds, what the caller must answer.

A field type is one class here plus one template `app/templates/fields/<type>.html`; nothing else knows the types.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from app.forms.files import Accepted, Bytes
from app.forms.keys import Keys
from app.forms.text import MASKS

Text = str | Mapping[str, str]  # a text, or {locale: text}

def is_empty(value: Any) -> bool:
    """Missing, null, "", [] and {} are one value; 0 and false are answers."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


class FormPorts(Protocol):
    """What the form asks of its caller, who answers within the asker's rights: what they may not see does not exist."""

    def reference(self, source: str, row_id: str) -> Mapping[str, Any] | None:
        """The row `{"id", "name"|"label", …}` of a source, or None; "archived": true where it is no longer offered."""

    def attachments(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """id → {"kind": "image|media|file", "size": bytes, "mime", "name", "field": that it was sent for, "ms": length
        of a recording or None} for those of `ids` the asker may attach. Of a made-up file "mime" and "field" are ""."""

    def customer(self, customer_id: str) -> Mapping[str, Any] | None:
        """The customer `{"id", "name", "level", …}`, or None."""

    def choices(self, source: str, words: str = "") -> Sequence[Mapping[str, Any]] | None:
        """The rows of a source that the asker may choose from, in order of display; with words those that hold them,
        the best first. A long list may be cut off: behind 200 rows, of those found behind 50. Without words None of a
        source that can only be searched. Raises Problem where it cannot be asked now."""

    def person(self, person_id: str, roles: Sequence[str] = (), department: str = "") -> Mapping[str, Any] | None:
        """The colleague `{"id", "name", "active"}`; None for nobody, and for those outside roles or department."""

    def people(self, roles: Sequence[str], department: str) -> Sequence[Mapping[str, Any]]:
        """The colleagues at work whom the asker may name, by name; none of the roles, and "", narrow nothing."""

    def me(self) -> str | None:
        """The asker's own id, if a colleague asks."""


class Posted(Protocol):
    """The controls of an HTML form, as werkzeug's MultiDict offers them."""

    def getlist(self, key: str) -> list[str]: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. Archived: shown where it was chosen before, refused as a new answer."""

    id: str
    label: Text
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: Text
    page: bool = False  # a new page of the form begins with it


@dataclass(frozen=True, slots=True)
class Active:
    """A campaign window; epoch milliseconds, `until` exclusive, None = open."""

    since: int | None
    until: int | None

    def holds(self, now: int) -> bool:
        return (self.since is None or now >= self.since) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """How a value is hidden: the mask's name, the roles that may reveal it, whether it is sealed when stored."""

    mask: str
    reveal: tuple[str, ...] = ()
    encrypt: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a loaded form; `settings` are those of its type, loaded and prepared."""

    id: str
    type: FieldType
    label: Text
    settings: Mapping[str, Any]
    where: str  # JSON path in the definition
    section: str | None = None
    hint: Text = ""
    required: bool = False
    readonly: bool = False
    default: Any = None  # raw, as the API would send it
    prefill: str | None = None
    active: Active | None = None
    sensitive: Sensitive | None = None
    parent: str | None = None  # the sub-table a column belongs to
    columns: Mapping[str, Field] = field(default_factory=dict)
    formula: Any = None  # compiled, of computed fields

    @property
    def installed(self) -> bool:
        """Whether its type, and those of its columns, are installed; else its answer stays exactly as it is."""
        return self.type.installed and (not self.columns or all(one.type.installed for one in self.columns.values()))

    @property
    def value_type(self) -> str:
        """Type of the value for expressions: text, number, date, time, bool, list, rows…"""
        return self.type.value_type_of(self.settings)

    def shown(self, value: Any, locale: str, ports: FormPorts) -> str:
        """The value in words."""
        return self.type.display(self, value, locale, ports)

    def masked(self, value: Any, locale: str, ports: FormPorts) -> str:
        """What those see who may not read the value: by the field's own mask, else by its type's."""
        if self.sensitive:
            return MASKS[self.sensitive.mask](self.shown(value, locale, ports))
        return self.type.mask(self, value, locale, ports)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a field type may know while it judges one answer."""

    env: Any  # core.expressions Env: `now_ms`, `tz`
    ports: FormPorts
    current: Any = None  # the answer stored before, None if new
    allowed: frozenset[str] | None = None  # option ids allowed now; None = the type has no options
    require: bool = True  # False: what is missing is not refused (a draft, a return)
    known: Sequence[Any] = ()  # in a row, which has no identity: what the column held in any row before

    def had(self, value: Any) -> bool:
        """Whether this was the answer before: what was right when it was given stays so."""
        return value == self.current or value in self.known


class Settings(Keys):
    """Base of a field type's settings schema; every property carries `metadata=ui(zh, en, widget)`."""


def names(zh: str, en: str) -> dict[str, str]:
    """What something is called in both languages."""
    return {"zh": zh, "en": en}


def ui(zh: str, en: str, widget: str = "text", **more: Any) -> dict[str, Any]:
    """Metadata from which the property panel is drawn."""
    return {"label": names(zh, en), "widget": widget, **more}


SettingsClass = type[Settings]


class FieldType:
    """One kind of field. Instances hold no state: one serves every field of every form."""

    type: ClassVar[str] = ""
    label: ClassVar[Mapping[str, str]] = {}
    group: ClassVar[str] = "basic"  # basic | choice | contact | media | layout | advanced
    icon: ClassVar[str] = "text"
    value_type: ClassVar[str] = "text"
    operators: ClassVar[tuple[str, ...]] = ("empty", "not_empty")
    Settings: ClassVar[SettingsClass] = Settings
    in_rows: ClassVar[bool] = True  # may be a column of a sub-table
    stored: ClassVar[bool] = True  # has a value at all (a divider has none)
    asked: ClassVar[bool] = True  # a person can answer it (a computed field cannot be answered)
    outside: ClassVar[bool] = True  # of those who are not signed in too: they may not look up people or customers
    stands: ClassVar[bool] = False  # its template's edit() is drawn in a form though nobody answers: a sum, a notice
    parts: ClassVar[Mapping[str, str]] = {}  # value types of a value's parts that formulas may ask for
    part_names: ClassVar[Mapping[str, Mapping[str, str]]] = {}  # what they are called, in both languages
    default: ClassVar[Any] = None  # what stands before anybody answered, where the definition says nothing else
    sensitive: ClassVar[Sensitive | None] = None  # of every field of this type, where the definition says nothing else
    usual_mask: ClassVar[str] = "all"  # how its values are hidden where a form's author first says that they are
    uploads: ClassVar[str | None] = None  # kind of attachment its value lists: image | media | file
    photo: ClassVar[bool] = False  # instead of typing, a photo may be sent, which `read_photo` reads
    installed: ClassVar[bool] = True  # False of the stand-in for a type that is not (fields/unavailable.py)
    coded: ClassVar[bool] = False  # its value is a code or an id for which `display` has the words
    accepts: ClassVar[frozenset[str]] = frozenset()  # other types whose answers are answers of this one, without loss

    def starter(self) -> dict[str, Any]:
        """Settings that make a newly drawn field complete, as in a definition; ids in it are examples."""
        return {}

    def value_type_of(self, settings: Mapping[str, Any]) -> str:
        """Type for expressions where the settings decide it."""
        return self.value_type

    def prepare(self, settings: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
        """Check settings against each other and add what is computed once; `parts["option_sets"]` are the form's.

        Raises Problem or Invalid with `where` relative to the field.
        """
        return settings

    def record(self, field: Field, value: str, customer: Mapping[str, Any], ports: FormPorts) -> Mapping[str, Any]:
        """What is known of the one that the value names, from which `lookup.fill` fills other fields.

        `customer`: the one the ticket is about, as far as the caller has read them.
        """
        return {}

    def source(self, field: Field) -> str | None:
        """Path ("link.order_no") from which a field that nobody answers takes its value, once."""
        return None

    def settings_now(self, field: Field, env: Any) -> Mapping[str, Any]:
        """The settings as a page needs them, with plain values where a setting is relative to now."""
        return field.settings

    def allowed(self, field: Field, current: Any) -> frozenset[str] | None:
        """Option ids that may be answered where `current` is the answer before; None of a type without options."""
        return None

    def many(self, field: Field, ports: FormPorts) -> bool:
        """Whether there is more to choose from than a list holds: the page searches."""
        return False

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Mapping[str, Any]] | None:
        """What may be chosen where the definition does not list it: {"id", "name"|"label", "parent"?, "chosen"?} in
        order of display. `value` is the answer as it stands on the page, refused or not. None: nothing to choose from.
        Raises Problem where what may be chosen cannot be asked for now.
        """
        return None

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        """The stored value of a non-empty raw answer, or Problem / Invalid saying what to change.

        Idempotent: cleaning a stored value gives the same value.
        """
        raise NotImplementedError

    def is_stored(self, field: Field, value: Any) -> bool:
        """Whether a value has the shape of a stored one: a page draws nothing else in fields that are only read."""
        if isinstance(value, list):
            shapes = {"list": str, "rows": dict}
            return all(isinstance(item, shapes.get(field.value_type, ())) for item in value)
        shape = {"bool": bool, "any": dict, "list": (), "rows": ()}.get(field.value_type, str)
        return isinstance(value, shape)  # type: ignore[arg-type]

    def takes_over(self, field: Field, old: Field) -> bool:
        """Whether answers to `old`, the same field in an earlier version of the form, go on as answers to `field`."""
        return old.type.type == self.type or old.type.type in self.accepts

    def adopt(self, field: Field, value: Any, asking: Asking) -> Any:
        """The stored value that a non-empty stored value of a type in `accepts` becomes. Raises Problem or Invalid."""
        return self.clean(field, value, asking)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two stored values answer alike."""
        return bool(one == other)

    def display(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        """The value in words, one line; never markup."""
        return str(value)

    def mask(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        """What those see who may know that there is an answer but not which."""
        return "****"

    def read_photo(self, field: Field, data: bytes) -> str:
        """What a photo says, of types with `photo`. Raises Problem or TooLarge."""
        raise NotImplementedError

    def admit(self, field: Field, head: bytes, name: str, size: int) -> None:
        """Refuse a file by how it begins (files.HEAD bytes, or all of it), before the rest of its `size` bytes comes.

        Of types with `uploads`. Raises Problem or TooLarge.
        """
        raise NotImplementedError

    def accept(self, field: Field, data: Bytes, name: str) -> Accepted:
        """An uploaded file as it may be kept under the field's settings, of types with `uploads`.

        Raises Problem or TooLarge.
        """
        raise NotImplementedError

    def cell_out(self, field: Field, value: Any, locale: str, ports: FormPorts) -> str:
        """The value as one spreadsheet cell's text."""
        return self.display(field, value, locale, ports)

    def cell_in(self, field: Field, cell: str, ports: FormPorts) -> Any:
        """The raw answer that a cell's text means; `clean` judges it."""
        return cell

    def sample(self, field: Field) -> Any:
        """A raw answer that is valid under the field's settings."""
        raise NotImplementedError

    def from_form(self, field: Field, posted: Posted, name: str) -> Any:
        """The raw answer from HTML controls called `name`…; nothing posted means empty (None)."""
        values = posted.getlist(name)
        return values[0] if values and values[0] != "" else None
