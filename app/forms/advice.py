"""Advice on a form that works: names that say something, few required questions, the quick ones first.

Advice never holds anything up; each comes with a repair where one can be named without guessing.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import Finding
from app.forms.base import Field, Section, Text
from app.forms.diff_words import language
from app.forms.loader import Form
from app.forms.paths import repair

MAX_REQUIRED = 10
MAX_ON_PAGE = 25
#: "BM01", "优先级L1", "BM01 保养类型", "保养类型（BM01）": a code, alone or beside words.
_CODE = r"[A-Z]{1,4}[-_]?[0-9]{1,3}"
_ONLY_CODE = re.compile(_CODE)
_BEFORE = re.compile(rf"{_CODE}(?:\s*[-_:：、.·]\s*|\s+|(?=[\u3400-\u9fff]))(?P<words>[^\W\d_].*)")
_AFTER = re.compile(rf"(?P<words>.*[^\sA-Za-z0-9])\s*(?:[（(]\s*{_CODE}\s*[)）]|{_CODE})")
#: Types whose name says nothing about what is asked ("单行文本"); a phone number may well be called that.
_PLAIN = ("text", "textarea", "number", "radio", "select", "checkbox", "multiselect", "subtable", "computed", "file")
_CONTACT = ("phone", "customer", "email")
_LONG = ("textarea", "images", "media", "file", "subtable", "signature")


def advise(form: Form, content: Mapping[str, Any]) -> list[Finding]:
    """Advice in order of the form. `content` is what `form` was loaded from."""
    return [*_names(form), *_languages(form, content), *_required(form), *_order(form, content), *_sensitive(form),
            *_sections(form), *_pages(form)]


def _names(form: Form) -> Iterator[Finding]:
    """Labels that are codes, that nobody has written, or that two questions share."""
    seen: dict[tuple[str, str], Field] = {}
    for field in _all(form):
        where = f"{field.where}.label"
        for words, place in _words(field.label, where):
            found = _coded(words)
            if found is not None:
                fix = repair(f"改成“{found}”", f"Call it “{found}”", ("replace", place, found)) if found else None
                yield Finding("advice", "form_label_code", field=field.id, where=place, params={"label": words},
                              fix=fix)
                break
        if field.type.type in _PLAIN and set(_texts(field.label)) & set(field.type.label.values()):
            yield Finding("advice", "form_label_unnamed", field=field.id, where=where, params={"label": field.label})
        for words in _texts(field.label):
            first = seen.setdefault((field.parent or "", words.strip()), field)
            if first is not field:
                yield Finding("advice", "form_label_twice", field=field.id, where=where, params={"label": words})
                break
        yield from _options(field)


def _coded(words: str) -> str | None:
    """None: no code; "": nothing but a code; else the words beside it."""
    words = words.strip()
    if _ONLY_CODE.fullmatch(words):
        return ""
    match = _BEFORE.fullmatch(words) or _AFTER.fullmatch(words)
    return match["words"].strip() if match else None


def _options(field: Field) -> Iterator[Finding]:
    """Two active options that read the same."""
    listed = field.settings.get("options")
    seen: set[str] = set()
    for index, option in enumerate(listed or ()):
        if option["archived"]:
            continue
        texts = set(_texts(option["label"]))
        if texts & seen:
            where = f"{field.where}.options[{index}]"
            yield Finding("warning", "form_option_twice", field=field.id, where=where,
                          params={"label": field.label, "option": option["label"]},
                          fix=repair("停用重复的选项", "Archive the second one", ("add", f"{where}.archived", True)))
        seen |= texts


def _languages(form: Form, content: Mapping[str, Any]) -> Iterator[Finding]:
    """Texts that miss one of the form's languages; one finding for each language, at the first place."""
    texts: list[tuple[str, str, Text]] = [("", "title", form.title)]
    texts += [("", f"sections[{index}].title", section.title) for index, section in enumerate(form.sections)]
    for field in _all(form):
        texts.append((field.id, f"{field.where}.label", field.label))
        texts.append((field.id, f"{field.where}.hint", field.hint))
        texts += [(field.id, f"{field.where}.options[{index}].label", option["label"])
                  for index, option in enumerate(field.settings.get("options") or ()) if not option["archived"]]
    texts += [("", f"option_sets.{name}[{index}].label", row["label"])
              for name, rows in (content.get("option_sets") or {}).items() for index, row in enumerate(rows)]
    for locale in form.locales:
        missing = [text for text in texts if _unsaid(text[2], locale, form.locale)]
        if missing and len(form.locales) > 1:
            owner, where, words = missing[0]
            yield Finding("advice", "form_text_language", field=owner, where=where,
                          params={"text": words, "language": language(locale), "count": len(missing)})


def _unsaid(words: Text, locale: str, main: str) -> bool:
    """Whether a text has no words in this language; a plain text is in the main one, numbers and signs are in all."""
    if isinstance(words, str):
        return locale != main and re.search(r"[^\W\d_]{2}|[\u3400-\u9fff]", words) is not None
    return bool(words) and not str(words.get(locale, "")).strip()


def _required(form: Form) -> Iterator[Finding]:
    needed = [field for field in form.fields.values() if field.required and field.type.asked]
    if len(needed) > MAX_REQUIRED:
        yield Finding("advice", "form_many_required", where="fields", field=needed[MAX_REQUIRED].id,
                      params={"count": len(needed), "max": MAX_REQUIRED})


def _order(form: Form, content: Mapping[str, Any]) -> Iterator[Finding]:
    """How to reach somebody is asked of nearly everyone and quickly answered: before the first long answer."""
    shows = form.plan.acts["show"]
    first_long: dict[str, int] = {}
    for index, field in enumerate(form.fields.values()):
        section = field.section or ""
        if field.type.type in _LONG:
            first_long.setdefault(section, index)
        elif field.type.type in _CONTACT and section in first_long and field.id not in shows and not field.readonly:
            before = first_long[section]
            yield Finding("advice", "form_order_contact", field=field.id, where=field.where,
                          params={"label": field.label},
                          fix=repair("移到前面", "Move it up", ("remove", field.where),
                                     ("add", f"fields[{before}]", content["fields"][index])))
            return


def _sensitive(form: Form) -> Iterator[Finding]:
    """Answers of which everybody sees the mask, for good."""
    for field in form.fields.values():
        if field.sensitive and not field.sensitive.reveal:
            yield Finding("advice", "form_sensitive_nobody", field=field.id, where=f"{field.where}.sensitive.reveal",
                          params={"label": field.label})


def _sections(form: Form) -> Iterator[Finding]:
    used = {field.section for field in form.fields.values()} | set(form.plan.acts["show"])
    for index, section in enumerate(form.sections):
        if section.id not in used:
            yield Finding("advice", "form_section_empty", where=f"sections[{index}]", params={"title": section.title},
                          fix=repair("删掉空分组", "Remove the section", ("remove", f"sections[{index}]")))


def _pages(form: Form) -> Iterator[Finding]:
    """The first page that asks too much; where it has several sections, each can begin a page."""
    asked: dict[str, list[Field]] = {section.id: [] for section in (Section("", ""), *form.sections)}
    for field in form.fields.values():
        if field.type.asked:
            asked[field.section or ""].append(field)
    pages: list[list[str]] = [[""]]
    for section in form.sections:
        pages += [[]] if section.page else []
        pages[-1].append(section.id)
    for page in pages:
        fields = [field for section in page for field in asked[section]]
        if len(fields) > MAX_ON_PAGE:
            places = {section.id: f"sections[{index}].page" for index, section in enumerate(form.sections)}
            later = [section for section in page if asked[section]][1:]
            fix = repair("每个分组单独一页", "A page for each section",
                         *(("add", places[section], True) for section in later)) if later else None
            yield Finding("advice", "form_page_long", where="fields", field=fields[MAX_ON_PAGE].id,
                          params={"count": len(fields)}, fix=fix)
            return


def _all(form: Form) -> Iterator[Field]:
    for field in form.fields.values():
        yield field
        yield from field.columns.values()


def _texts(words: Text) -> list[str]:
    return [words] if isinstance(words, str) else list(words.values())


def _words(words: Text, where: str) -> list[tuple[str, str]]:
    """Every text of a label with its JSON path."""
    return [(words, where)] if isinstance(words, str) else [(said, f"{where}.{lang}") for lang, said in words.items()]
