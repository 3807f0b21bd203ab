"""Use cases of the form editor. The acting person and the time are arguments."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.calendar import tz_table
from app.core.errors import Finding, Problem
from app.core.expressions import Env, Formula
from app.definitions import queries
from app.definitions import service as definitions
from app.definitions import usage as usages
from app.definitions.usage import Use
from app.extensions import parts
from app.forms import diff, trial
from app.forms.access import resolve
from app.forms.base import FormPorts
from app.forms.check import check_form
from app.forms.diff import Change
from app.forms.schema import load_form
from app.forms.validate import judge
from app.forms.view import FormView, build
from app.org import choices, masterdata

KIND = "form"
FIELD = re.compile(r"[fs]_[a-z0-9_]{1,38}")


def check(key: str, content: Any) -> list[Finding]:
    """What the publish checks say of a content that need not be stored. Two queries."""
    tables = {table["key"] for table in masterdata.sources()}
    return check_form(content, parts().catalog, definitions.current_content(KIND, key), tables)


def preview(
    content: Any, values: Mapping[str, Any], *, send: bool, locale: str, now: int, ports: FormPorts
) -> FormView:
    """The form as a person with every right sees it on a phone, with these answers. Raises Invalid or TooLarge.

    `send`: with what would be said if they were sent, but for files and rows, which cannot be tried out.
    """
    form = load_form(content, parts().catalog)
    access, env = resolve(form, {"*": "edit"}), _env(now)
    problems = judge(form, values, access=access, current={}, scope={}, env=env, ports=ports).problems if send else []
    tried = [one for one in problems if not (field := form.fields.get(one.where)) or not
             (field.type.uploads or field.columns)]
    view = build(form, values, access=access, env=env, scope={}, locale=locale, problems=tried, ports=ports)
    # What scripts would hide is left out, and with it everything that only scripts need: the page has none.
    sections = (replace(section, fields=tuple(field for field in section.fields if field.visible))
                for section in view.sections)
    return replace(view, live=None, sections=tuple(section for section in sections if section.fields))


def formula(content: Any, src: str, table: str, values: Mapping[str, Any] | None, row: Mapping[str, Any], *,
            zero: bool, now: int) -> tuple[Formula, list[trial.Step] | None]:
    """A formula checked, and with `values` (stored answers) what its parts give. Raises ExprError.

    `table`: the sub-table in whose rows it stands, or "".
    """
    catalog = parts().catalog
    found = trial.read(content, src, table, catalog, nulls_as_zero=zero)
    if values is None:
        return found, None
    return found, trial.steps(content, found, table, catalog, {"form": values, "row": row}, _env(now))


def _env(now: int) -> Env:
    return Env(now, tuple((row[0], row[1]) for row in tz_table(parts().settings.timezone, now)))


def compare(old: Any, new: Any, locale: str) -> list[Change]:
    """What changed between two contents, in words."""
    named = {row["key"]: row["name"] for row in (*choices.roles(), *choices.departments())}
    return diff.compare(old, new, parts().catalog, locale, named)


def usage(key: str, field: str) -> list[Use]:
    """Where flows and ticket types name a field of this form; without a field, who works with the form."""
    if field and not FIELD.fullmatch(field):
        raise Problem("field_unknown", where="field", field=field[:60])
    return usages.usage(key, field)


def standing(key: str) -> queries.Standing:
    """A form's draft and the version in force; raises NotFound."""
    return queries.standing(KIND, key)
