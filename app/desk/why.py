"""「为什么是我」: what an assignment went by, in plain words, out of the record that the flow kept of it."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.errors import localized
from app.desk import words
from app.flows.config.ways import KINDS

Delta = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """`lead`: why it was this person. `tried`: (way, why it found nobody) before that, in order. `others`: (name, why
    not they); `more`: how many candidates there were besides. `someone`: the person's name, where it is told to others.
    """

    lead: str
    tried: Sequence[tuple[str, str]] = ()
    others: Sequence[tuple[str, str]] = ()
    more: int = 0
    someone: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """For one reader: how people are called, their language, and now (ms)."""

    name: Callable[[Any], str]
    locale: str
    now: int

    def explain(self, delta: Delta, someone: str = "") -> Why:
        """All that an `assign.decided` event tells."""
        tried = [(self._way(row.get("strategy")), self._why(row)) for row in delta.get("tried") or ()]
        return Why(self.lead(delta), tried, self._others(delta), int(delta.get("more") or 0), someone)

    def lead(self, delta: Delta) -> str:
        """Why somebody was chosen."""
        parts = []
        if delta.get("reason") == "fallback":
            parts.append(_("None of the usual candidates was there."))
        elif delta.get("reason") == "relay":
            parts.append(_("Nobody who had it before did anything with it in time, so it went on to the next."))
        found = delta.get("found") or {}
        by = _BY.get(str(delta.get("strategy")))
        if by is None:
            parts.append(self._rule(str(delta.get("strategy")), delta))
        else:
            parts.append(by(self, found, delta))
            if delta.get("rule"):
                parts.append(self._rule(str(delta["rule"]), delta))
        if delta.get("avoided"):
            parts.append(_("Not again to %(who)s, who had it last time.", who=self.names(delta["avoided"])))
        return " ".join(parts)

    def names(self, people: Iterable[Any]) -> str:
        """Several colleagues."""
        return _(", ").join(self.name(person) for person in people)

    def _rule(self, rule: str, delta: Delta) -> str:
        if rule != "least_loaded":
            return _("It was their turn.")
        scores = delta.get("scores") or {}
        loads = _(", ").join(_("%(who)s has %(count)s", who=self.name(who), count=scores.get(who, 0))
                             for who in delta.get("candidates") or () if who in scores)
        return _("Fewest open tasks (%(loads)s).", loads=loads)

    # ---- ways ----

    def _way(self, strategy: Any) -> str:
        return str(localized(KINDS.get(strategy, str(strategy)), self.locale))

    def _manager(self, _found: Delta, _delta: Delta) -> str:
        return _("The customer's own manager.")

    def _served(self, found: Delta, delta: Delta) -> str:
        at = (found.get("served") or {}).get(delta.get("chosen"))
        return _("Served this customer before, last %(time)s.", time=words.when(at, self.now)) if at else \
            _("Served this customer before.")

    def _skill(self, found: Delta, _delta: Delta) -> str:
        return _("Has the skills that it needs: %(needs)s.", needs=_needs(found))

    def _table(self, found: Delta, _delta: Delta) -> str:
        values = _values(found)
        if not found.get("row"):
            return _("No row of the decision table fits %(values)s, so its last line decides.", values=values)
        return _("Row %(row)s of the decision table fits: %(values)s.", row=found["row"], values=values)

    def _nearest(self, found: Delta, delta: Delta) -> str:
        away = (found.get("km") or {}).get(delta.get("chosen"))
        return _("The nearest, about %(km)s km away.", km=away)

    def _why(self, row: Delta) -> str:
        """Why a way found nobody."""
        found, why = row.get("found") or {}, str(row.get("why"))
        return {
            "when": _("does not apply to this ticket"),
            "no_manager": _("the customer has no manager who works here"),
            "no_customer": _("nobody knows who the customer is"),
            "not_served": _("no candidate served this customer in the last %(days)s days", days=found.get("days", 0)),
            "no_needs": _("this ticket needs no special skill"),
            "no_skilled": _("no candidate has the skills: %(needs)s", needs=_needs(found)),
            "no_place": _("it is not known where it is"),
            "nobody_near": _("nobody is near enough"),
            "no_row": _("no row fits %(values)s", values=_values(found)),
            "row_empty": _("the row that fits names nobody who works here"),
            "passed": _("those whom it found cannot take it now"),
        }.get(why, _("nobody was found"))

    # ---- the others ----

    def _others(self, delta: Delta) -> list[tuple[str, str]]:
        """Everybody else who came into question, each once, with why not they."""
        chosen = delta.get("chosen")
        why: dict[str, str] = {}
        for row in (*(delta.get("tried") or ()), delta):
            why |= {who: self._against(list(against)) for who, against in (row.get("passed") or {}).items()}
        for who in delta.get("avoided") or ():
            why[who] = self._against(["avoided"])
        for who in delta.get("candidates") or ():
            why[who] = self._behind(who, delta)
        return [(self.name(who), text) for who, text in why.items() if who != chosen]

    def _against(self, against: list[Any]) -> str:
        code, n = str(against[0]) if against else "", against[1] if len(against) > 1 else ""
        return {
            "off_duty": _("is not on duty"),
            "max_open": _("already has %(n)s open tasks, no more are allowed", n=n),
            "max_day": _("already got %(n)s today, no more are allowed", n=n),
            "cool_down": _("has just got one, is free again in %(n)s min", n=n),
            "avoided": _("had it last time"),
            "skill": _("lacks the skill “%(n)s”", n=n),
            "placeless": _("has no place on record"),
            "far": _("is %(n)s km away, too far", n=n),
        }.get(code, _("could not take it"))

    def _behind(self, who: str, delta: Delta) -> str:
        """Why a candidate came behind the one who was chosen."""
        found, strategy, scores = delta.get("found") or {}, delta.get("strategy"), delta.get("scores") or {}
        if strategy == "served_before" and who in (found.get("served") or {}):
            return _("served the customer earlier, %(time)s", time=words.when(found["served"][who], self.now))
        if strategy == "nearest" and who in (found.get("km") or {}) and who not in scores:
            return _("is %(km)s km away", km=found["km"][who])
        if who not in scores:
            return _("was not first by this rule")
        if "round_robin" in (strategy, delta.get("rule")):
            return _("their turn comes later")
        return _("has %(count)s open tasks", count=scores[who])


def _needs(found: Delta) -> str:
    return _(", ").join(_("%(skill)s (level %(level)s)", skill=skill, level=level)
                        for skill, level in (found.get("needs") or {}).items())


def _values(found: Delta) -> str:
    return " × ".join(value or _("(empty)") for value in found.get("values") or ())


_BY: Mapping[str, Callable[[Teller, Delta, Delta], str]] = {
    "vip_manager": Teller._manager, "served_before": Teller._served, "skill": Teller._skill, "table": Teller._table,
    "nearest": Teller._nearest,
}
