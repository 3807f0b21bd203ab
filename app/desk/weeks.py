"""A calendar as a page shows it, hours weekday by weekday, and back into what is stored."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE: Mapping[str, Any] = {"days": "mon-fri", "hours": ["09:00-12:00", "13:00-18:00"], "tz": "Asia/Shanghai",
                             "public": "CN"}
MAX_TEXT = 12_000


@dataclass(frozen=True)
class Typed:
    """What stands in the page's controls: `hours` weekday → text, `holidays` and `workdays` a day a line."""

    hours: Mapping[str, str]
    public: bool
    holidays: str
    workdays: str


def weekdays() -> list[tuple[str, str]]:
    """(key, name) from Monday on."""
    return list(zip(DAYS, (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
                           _("Sunday")), strict=True))


def typed(spec: Mapping[str, Any]) -> Typed:
    """The controls for a stored calendar."""
    hours = dict.fromkeys(_days(spec["days"]), ", ".join(spec["hours"]))
    for row in spec.get("also", []):
        hours |= dict.fromkeys(_days(row["days"]), ", ".join(row["hours"]))
    return Typed(hours, bool(spec.get("public")), "\n".join(spec.get("holidays", [])),
                 "\n".join(spec.get("workdays", [])))


def read(form: Mapping[str, str]) -> Typed:
    """What was typed."""
    return Typed({day: form.get(f"h.{day}", "").strip()[:200] for day in DAYS}, form.get("public") == "1",
                 form.get("holidays", "")[:MAX_TEXT], form.get("workdays", "")[:MAX_TEXT])


def spec(wanted: Typed, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is stored: the hours that most weekdays have are the ordinary ones, which make-up days have too."""
    by_hours: dict[str, list[str]] = {}
    for day in DAYS:
        text = ",".join(_parts(wanted.hours.get(day, "")))
        if text:
            by_hours.setdefault(text, []).append(day)
    most = max(by_hours, key=lambda text: len(by_hours[text]), default="")
    found: dict[str, Any] = {"days": by_hours.get(most, []), "hours": most.split(",") if most else [],
                             "tz": (old or OFFICE)["tz"]}
    also = [{"days": days, "hours": text.split(",")} for text, days in by_hours.items() if text != most]
    parts = {"also": also, "public": "CN" if wanted.public else "", "holidays": _parts(wanted.holidays),
             "workdays": _parts(wanted.workdays)}
    return found | {key: value for key, value in parts.items() if value}


def told(spec: Mapping[str, Any]) -> str:
    """The week in words: 周一–周五 09:00-18:00."""
    names, hours = dict(weekdays()), typed(spec).hours
    groups: list[list[str]] = []
    for day in (day for day in DAYS if hours.get(day)):
        if groups and hours[groups[-1][-1]] == hours[day] and DAYS.index(groups[-1][-1]) + 1 == DAYS.index(day):
            groups[-1].append(day)
        else:
            groups.append([day])
    return _("; ").join(f"{names[days[0]]}{'–' + names[days[-1]] if len(days) > 1 else ''} {hours[days[0]]}"
                        for days in groups)


def _parts(text: str) -> list[str]:
    return [part.replace("：", ":").replace("–", "-").replace("~", "-")
            for part in re.split(r"[,，、;；\s]+", text) if part]


def _days(value: Any) -> list[str]:
    """The weekdays of a stored calendar, which was checked when it was saved."""
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        first, _dash, last = item.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += [DAYS[day % 7] for day in range(start, end + 1 if end >= start else end + 8)]
    return found
