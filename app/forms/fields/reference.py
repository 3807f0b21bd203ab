"""A row of one of the company's lists: a store, a product, a campus; or of another system, asked while one types."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Problem, text
from app.forms import base
from app.forms.base import Asking, Field, FormPorts, names, ui
from app.forms.fields.customer import fill_from, fill_policy
from app.forms.fields.lookup import MAX_FIND, Lookup, Row
from app.forms.keys import Keys, Str, Sub, ident
from app.forms.text import clean_text

AWAY = "source_away"  # the refusal of ports whose rows live in a system that does not answer now
UNCHECKED = "~"  # begins an answer in words, kept while that system was away; no row's id begins so


class Fill(Keys):
    fill = fill_from("row", "row_map")
    fill_policy = fill_policy("always")  # another row was chosen: what the first one brought is wrong now


class Settings(base.Settings):
    source = ident(required=True, metadata=ui("数据来源", "Source", "source"))
    lookup = Sub(Fill, load_default=lambda: Fill().load({}), metadata=ui("带出内容", "Fill other fields", "lookup"))
    if_away = Str(choices=("refuse", "words"), load_default="refuse",
                  metadata=ui("对方系统没有回应时", "When the other system does not answer", "select", options={
                      "refuse": names("请填写人稍后再试", "Ask to try again later"),
                      "words": names("先收下文字，之后再核对", "Take the words, to be checked later")}))


class Reference(Lookup):
    type = "reference"
    label = names("关联数据", "Lookup")
    icon = "reference"
    Settings = Settings
    unknown = "answer_not_reference"

    def takes_over(self, field: Field, old: Field) -> bool:
        """Ids of rows mean nothing in another table."""
        return super().takes_over(field, old) and field.settings["source"] == old.settings["source"]

    def starter(self) -> dict[str, Any]:
        return {"source": "stores"}

    def rows(self, field: Field, ports: FormPorts) -> Sequence[Row] | None:
        return ports.choices(field.settings["source"])

    def found(self, field: Field, words: str, ports: FormPorts) -> Sequence[Row]:
        return (ports.choices(field.settings["source"], words) if words.strip() else None) or []

    def row(self, field: Field, row_id: str, ports: FormPorts) -> Row | None:
        if row_id.startswith(UNCHECKED):
            return {"id": row_id, "name": {locale: text("form_word_unchecked", locale, {"text": row_id[1:]})
                                           for locale in ("zh", "en")}}
        return ports.reference(field.settings["source"], row_id)

    def record(self, field: Field, value: str, customer: Mapping[str, Any], ports: FormPorts) -> Mapping[str, Any]:
        return {} if value.startswith(UNCHECKED) else self.row(field, value, ports) or {}

    def may_choose(self, field: Field, row_id: str, ports: FormPorts) -> bool:
        found = None if row_id.startswith(UNCHECKED) else ports.reference(field.settings["source"], row_id)
        return found is not None and not found.get("archived")

    def clean(self, field: Field, raw: Any, asking: Asking) -> Any:
        try:
            return super().clean(field, raw, asking)
        except Problem as problem:
            if problem.code != AWAY or field.settings["if_away"] != "words" or asking.had(raw):
                raise  # `had`: a page is drawn, where the words stay as they were typed
            return UNCHECKED + clean_text(raw["find"], max_length=MAX_FIND)

    def offer(self, field: Field, value: Any, ports: FormPorts) -> Sequence[Row]:
        try:
            return super().offer(field, value, ports)
        except Problem as problem:
            if problem.code == AWAY and field.settings["if_away"] == "words":
                raise Problem("source_away_words", **problem.params) from problem
            raise
