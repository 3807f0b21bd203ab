"""Use cases of a flow's branches in the designer: what a merge would bring, in the reader's words."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import Finding
from app.core.principal import Principal
from app.definitions import branches
from app.definitions.branches import Look
from app.designer import flows
from app.extensions import parts
from app.flows.branch_words import Told, Words
from app.flows.diff import Change
from app.flows.directory import Directory
from app.flows.say import Say
from app.forms.describe import OPERATOR_WORDS


@dataclass(frozen=True, slots=True)
class Shown:
    """A merge before it is done. `brought`: what the checks would say of the result and do not say now; `changes`: what
    would become of what is merged into, `stories` of its saved scenarios."""

    look: Look
    conflicts: list[Told]
    brought: list[Finding]
    changes: list[Change]
    stories: bool


def shown(key: str, way: str, choose: Mapping[str, str], *, actor: Principal, people: Directory, locale: str) -> Shown:
    """What merging a branch would do, with what was decided so far. Stores nothing."""
    look = branches.look(key, way, choose, actor=actor)
    names = flows.names(flows.company(people), flows.form_content(flows.form_of(look.after)))
    words = Words(look.ours, look.theirs, parts().catalog, Say(names, locale), OPERATOR_WORDS)
    known = {flows.mark(found) for found in flows.check(look.key, look.before)}
    brought = [found for found in flows.check(look.key, look.after) if flows.mark(found) not in known]
    return Shown(look, [words.told(one) for one in look.conflicts], brought,
                 flows.compare(look.before, look.after, locale), look.stories_change)
